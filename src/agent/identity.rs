//! Who the page is. First hit wins, field by field: options given to the agent, Perspective's own client,
//! the page's URL, the browser's storage.

use super::Host;
use super::host::{Number, Text};
use super::storage::{self, StoredSession, is_id};
use crate::session::SessionScope;

/// How long a page of Perspective is waited for to have a session, in milliseconds.
pub const PERSPECTIVE_MS: u64 = 30_000;
/// How long something that names the project is waited for, in milliseconds.
pub const PROJECT_MS: u64 = 3_000;
/// How long the first tab ever waits before it reads again what is stored, in milliseconds. Another tab
/// that opens at the same time has written by then, and what is stored wins.
pub const SETTLE_MS: u64 = 250;

/// Who the page is, as reports say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The project's name.
    pub project: String,
    /// The session's id.
    pub session_id: String,
    /// The page's id.
    pub page_id: String,
    /// The secret that the session's pages share.
    pub key: String,
    /// Where the page runs.
    pub scope: SessionScope,
    /// Whether the browser has minted the session's id, so that a change of user ends the session.
    pub minted: bool,
}

impl Identity {
    fn same_session(&self, project: &str, session_id: &str) -> bool {
        self.project == project && self.session_id == session_id
    }

    /// Whether what is counted under one belongs to the other.
    #[must_use]
    pub fn same_page(&self, other: &Self) -> bool {
        self.same_session(&other.project, &other.session_id) && self.page_id == other.page_id
    }
}

/// What is known of the page.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Who it is.
    Identity(Identity),
    /// Not yet who it is.
    Waiting,
    /// Nothing names the project.
    NoProject,
}

/// Finds out who the page is.
#[derive(Debug)]
pub struct Finder {
    gateway: String,
    /// The page's id where nobody else has one for it.
    own_page_id: String,
    /// What Perspective's client has shown so far. A field that is missing later, as while it reconnects,
    /// is not another one.
    client: [Option<String>; 3],
    started: u64,
    /// Since when a session of Perspective's is waited for.
    expected_since: Option<u64>,
    /// The project of the minted session and of the key.
    project: String,
    session: Option<StoredSession>,
    /// A session's id and its key.
    key: Option<(String, String)>,
    /// Where storage is refused, or full, the session lives in memory.
    storage_refused: bool,
    settled_at: u64,
    /// The user's digest as of the latest token of this load.
    user: Option<String>,
}

const CLIENT: [Text; 3] = [Text::ClientProject, Text::ClientSession, Text::ClientPage];

impl Finder {
    /// Starts with a new page id.
    #[must_use]
    pub fn new(now: u64, host: &impl Host) -> Self {
        Self {
            gateway: host.text(Text::Gateway).unwrap_or_default(),
            own_page_id: mint(host, 2),
            client: [None, None, None],
            started: now,
            expected_since: None,
            project: String::new(),
            session: None,
            key: None,
            storage_refused: false,
            settled_at: 0,
            user: None,
        }
    }

    /// The gateway's base URL.
    #[must_use]
    pub fn gateway(&self) -> &str {
        &self.gateway
    }

    /// Is the page that the tab has kept the id of.
    pub fn take_page_id(&mut self, kept: Option<String>) {
        if let Some(id) = kept {
            self.own_page_id = id;
        }
    }

    /// The page id that the tab keeps for its next load.
    #[must_use]
    pub fn own_page_id(&self) -> &str {
        &self.own_page_id
    }

    /// Finds out who the page is now. `wait` says whether there is time to let storage settle.
    pub fn find(
        &mut self,
        now: u64,
        wait: bool,
        current: Option<&Identity>,
        host: &impl Host,
    ) -> Found {
        for (seen, what) in self.client.iter_mut().zip(CLIENT) {
            if let Some(shown) = id(host, what) {
                *seen = Some(shown);
            }
        }
        let [client_project, client_session, client_page] = self.client.clone();
        let url_project = id(host, Text::UrlProject);
        let perspective = url_project.is_some() || host.number(Number::Client) == 1;
        let Some(project) = id(host, Text::OptionProject).or(client_project).or(url_project) else {
            // Perspective's client can be late.
            return if now < self.started + PROJECT_MS { Found::Waiting } else { Found::NoProject };
        };
        if self.project != project {
            self.project.clone_from(&project);
            self.session = None;
            self.key = None;
        }
        let given = id(host, Text::OptionSession).or(client_session);
        let minted = given.is_none();
        let session_id = match given {
            Some(id) => id,
            None if perspective && now < self.waits_until(now) => return Found::Waiting,
            None => self.minted_session(now, host),
        };
        let key = match current {
            Some(current) if current.same_session(&project, &session_id) => current.key.clone(),
            _ => self.key(now, &session_id, host),
        };
        if wait && now < self.settled_at {
            return Found::Waiting;
        }
        let page_id = id(host, Text::OptionPage).or(client_page);
        let scope = [Text::OptionScope, Text::ClientScope]
            .into_iter()
            .find_map(|what| SessionScope::from_any_spelling(&host.text(what)?))
            .unwrap_or(SessionScope::Browser);
        Found::Identity(Identity {
            page_id: page_id.unwrap_or_else(|| self.own_page_id.clone()),
            project,
            session_id,
            key,
            scope,
            minted,
        })
    }

    fn waits_until(&mut self, now: u64) -> u64 {
        *self.expected_since.get_or_insert(now) + PERSPECTIVE_MS
    }

    /// The session that the browser has minted for this project. What is stored wins.
    fn minted_session(&mut self, now: u64, host: &impl Host) -> String {
        if let Some(stored) = self.stored_session(host) {
            let id = stored.id.clone();
            self.session = Some(stored);
            return id;
        }
        let session =
            self.session.take().unwrap_or_else(|| new_session(host, StoredSession::NOBODY));
        let id = session.id.clone();
        self.store_session(now, session, host);
        id
    }

    fn stored_session(&self, host: &impl Host) -> Option<StoredSession> {
        if self.storage_refused {
            return None;
        }
        StoredSession::parse(&host.read(&storage::session_name(&self.gateway, &self.project))?)
    }

    fn store_session(&mut self, now: u64, session: StoredSession, host: &impl Host) {
        if !self.storage_refused {
            let name = storage::session_name(&self.gateway, &self.project);
            if host.write(&name, &session.to_text()) {
                self.settled_at = now + SETTLE_MS;
            } else {
                self.storage_refused = true;
            }
        }
        self.session = Some(session);
    }

    /// Takes note of the user (empty for none), and says whether that ended the minted session: when one
    /// user follows another, or none follows a user. A user who signs in keeps the session, as Perspective does.
    ///
    /// Across loads only another user ends it, because many pages know their user only some time after they
    /// have loaded.
    pub fn user_is(&mut self, now: u64, user: &str, current: &Identity, host: &impl Host) -> bool {
        let user =
            if user.is_empty() { StoredSession::NOBODY.to_owned() } else { storage::digest(user) };
        let Some(session) = self.session.clone() else { return false };
        let nobody = |user: &String| user == StoredSession::NOBODY;
        let before = self.user.replace(user.clone()).filter(|before| !nobody(before));
        let before = match before {
            Some(before) => before,
            None if nobody(&user) => return false,
            None => session.user.clone(),
        };
        if before == user {
            return false;
        }
        if nobody(&before) {
            self.store_session(now, StoredSession { user, ..session }, host);
            return false;
        }
        match self.stored_session(host) {
            // Another tab was first.
            Some(stored) if stored.id != current.session_id => self.session = Some(stored),
            _ => self.store_session(now, new_session(host, &user), host),
        }
        true
    }

    /// The key of a session. What is stored wins.
    fn key(&mut self, now: u64, session_id: &str, host: &impl Host) -> String {
        let stored = self.stored_keys(host);
        let key = match storage::find_key(&stored, session_id) {
            Some(key) => key.to_owned(),
            None => {
                let key = match self.key.take() {
                    Some((session, key)) if session == session_id => key,
                    _ => mint(host, 4),
                };
                if self.store_key(&stored, session_id, &key, host) {
                    self.settled_at = now + SETTLE_MS;
                }
                key
            }
        };
        self.key = Some((session_id.to_owned(), key.clone()));
        key
    }

    /// The stored key of the session, where it is not the one in use: another tab was accepted with it.
    #[must_use]
    pub fn other_key(&self, identity: &Identity, host: &impl Host) -> Option<String> {
        let stored = self.stored_keys(host);
        let key = storage::find_key(&stored, &identity.session_id)?;
        (key != identity.key).then(|| key.to_owned())
    }

    /// Sees to it that the key which the gateway has accepted is the one that other tabs will find.
    pub fn keep_key(&self, identity: &Identity, host: &impl Host) {
        let stored = self.stored_keys(host);
        if storage::find_key(&stored, &identity.session_id) != Some(&identity.key) {
            self.store_key(&stored, &identity.session_id, &identity.key, host);
        }
    }

    fn stored_keys(&self, host: &impl Host) -> String {
        host.read(&storage::keys_name(&self.gateway, &self.project)).unwrap_or_default()
    }

    fn store_key(&self, stored: &str, session_id: &str, key: &str, host: &impl Host) -> bool {
        let name = storage::keys_name(&self.gateway, &self.project);
        host.write(&name, &storage::add_key(stored, session_id, key))
    }
}

/// An id that the page shows, if it is one.
fn id(host: &impl Host, what: Text) -> Option<String> {
    host.text(what).filter(|text| is_id(text))
}

fn new_session(host: &impl Host, user: &str) -> StoredSession {
    StoredSession { id: mint(host, 4), user: user.to_owned() }
}

/// Random hexadecimal digits, eight to a word.
#[must_use]
pub fn mint(host: &impl Host, words: u32) -> String {
    let mut digits = String::new();
    for _ in 0..words {
        storage::push_hex(&mut digits, host.random());
    }
    digits
}
