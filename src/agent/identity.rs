//! Who the page is. First hit wins, field by field: options given to the agent, Perspective's own client,
//! the page's URL, the browser's storage.

use super::Host;
use super::host::{Number, Text};
use super::store::{Minted, NOBODY, Store, User, is_nobody};
use super::text::{Id, mint};
use crate::report::KEY_DIGITS;
use crate::session::SessionScope;

/// How long a page of Perspective is waited for to have a session, in milliseconds.
pub const PERSPECTIVE_MS: u64 = 30_000;
/// How long something that names the project is waited for, in milliseconds.
pub const PROJECT_MS: u64 = 3_000;
/// How long the first tab ever waits before it reads again what is stored, in milliseconds. Another tab
/// that opens at the same time has written by then, and what is stored wins.
pub const SETTLE_MS: u64 = 250;

const PAGE_ID_DIGITS: usize = 16;

/// Who the page is, as reports say it.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The project's name.
    pub project: Id,
    /// The session's id.
    pub session_id: Id,
    /// The page's id.
    pub page_id: Id,
    /// The secret that the session's pages share.
    pub key: Minted,
    /// Where the page runs.
    pub scope: SessionScope,
}

impl Identity {
    const NOBODY: Self = Self {
        project: Id::NONE,
        session_id: Id::NONE,
        page_id: Id::NONE,
        key: [0; KEY_DIGITS],
        scope: SessionScope::Browser,
    };

    fn same_session(&self, other: &Self) -> bool {
        self.project == other.project && self.session_id == other.session_id
    }

    /// Whether what is counted under one belongs to the other.
    #[must_use]
    pub fn same_page(&self, other: &Self) -> bool {
        self.same_session(other) && self.page_id == other.page_id
    }
}

/// What is known of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Who it is: [`Finder::identity`].
    Identity,
    /// Not yet who it is.
    Waiting,
    /// Nothing names the project.
    NoProject,
}

/// Finds out who the page is.
#[derive(Debug)]
pub struct Finder {
    started: u64,
    /// Until when a session of Perspective's is waited for, once it is.
    expected_until: u64,
    settled_at: u64,
    /// What was found out last.
    pub identity: Identity,
    /// The page's id where nobody else has one for it.
    pub own_page_id: Id,
    /// The user as of the latest token of this load.
    user: User,
    /// As it was read or written last.
    store: Store,
    /// The project of the store.
    stored_project: Id,
    /// Where storage is refused, or full, the session lives in memory.
    store_refused: bool,
}

impl Finder {
    /// Knows nothing yet.
    pub const NEW: Self = Self {
        started: 0,
        expected_until: 0,
        settled_at: 0,
        identity: Identity::NOBODY,
        own_page_id: Id::NONE,
        user: NOBODY,
        store: Store::EMPTY,
        stored_project: Id::NONE,
        store_refused: false,
    };

    /// Starts, with a new page id.
    pub fn start(&mut self, now: u64, host: &impl Host) {
        *self = Self { started: now, ..Self::NEW };
        let mut id = [0; PAGE_ID_DIGITS];
        mint(&mut id, host);
        self.own_page_id.set(&id);
    }

    /// Finds out who the page is now. `wait` says whether there is time to let storage settle.
    pub fn find(
        &mut self,
        now: u64,
        wait: bool,
        current: Option<&Identity>,
        host: &impl Host,
    ) -> Found {
        let project = [Text::OptionProject, Text::ClientProject, Text::UrlProject];
        if !self.identity.project.show(&project, host) {
            // Perspective's client can be late.
            return if now < self.started + PROJECT_MS { Found::Waiting } else { Found::NoProject };
        }
        if self.stored_project != self.identity.project {
            self.stored_project = self.identity.project;
            self.store = Store::EMPTY;
        }
        self.read_store(host);
        let mut changed = false;
        let session = [Text::OptionSession, Text::ClientSession];
        if !self.identity.session_id.show(&session, host) {
            if host.number(Number::Perspective) == 1 {
                if self.expected_until == 0 {
                    self.expected_until = now + PERSPECTIVE_MS;
                }
                if now < self.expected_until {
                    return Found::Waiting;
                }
            }
            changed = self.look_at_user(host);
            if let Some((_, id)) = self.store.session() {
                self.identity.session_id.set(id);
            }
        }
        let current = current.filter(|current| current.same_session(&self.identity));
        let known = current.map(|current| &current.key);
        if let Some(key) = known.or_else(|| self.store.key(&self.identity.session_id)) {
            self.identity.key = *key;
        } else {
            mint(&mut self.identity.key, host);
            self.store.add_key(&self.identity.session_id, &self.identity.key);
            changed = true;
        }
        if changed {
            self.write_store(host);
            // What is refused, no other tab can write either.
            if !self.store_refused {
                self.settled_at = now + SETTLE_MS;
            }
        }
        if wait && now < self.settled_at {
            return Found::Waiting;
        }
        if !self.identity.page_id.show(&[Text::OptionPage, Text::ClientPage], host) {
            self.identity.page_id = self.own_page_id;
        }
        self.identity.scope = scope(host);
        Found::Identity
    }

    /// Sees to it that there is a minted session, and that it is this user's: when one user follows another, or none
    /// follows a user, another session begins. A user who signs in keeps the session, as Perspective does. Says
    /// whether it has minted one.
    ///
    /// Across loads only another user ends it, because many pages know their user only some time after they
    /// have loaded. Where another tab was first, its session is this user's already.
    fn look_at_user(&mut self, host: &impl Host) -> bool {
        let mut name = Id::NONE;
        let user = if name.show(&[Text::User], host) { name.digest() } else { NOBODY };
        let is_news = user != self.user;
        self.user = user;
        if let Some((stored, _)) = self.store.session() {
            if !is_news || *stored == user {
                return false;
            }
            if is_nobody(stored) {
                self.store.set_user(user);
                self.write_store(host);
                return false;
            }
        }
        self.store.mint_session(user, host);
        true
    }

    /// The stored key of the session, where it is not the one in use: another tab was accepted with it.
    pub fn other_key(&mut self, identity: &Identity, host: &impl Host) -> Option<&Minted> {
        self.read_store(host);
        self.store.key(&identity.session_id).filter(|key| **key != identity.key)
    }

    /// Sees to it that the key which the gateway has accepted is the one that other tabs will find, and the session
    /// with it where storage was cleared.
    pub fn keep_key(&mut self, identity: &Identity, host: &impl Host) {
        let is_there = self.read_store(host);
        let session_id = &identity.session_id;
        if self.store.key(session_id) != Some(&identity.key) {
            self.store.add_key(session_id, &identity.key);
        } else if is_there {
            return;
        }
        self.write_store(host);
    }

    /// What is stored wins. Says whether anything is.
    fn read_store(&mut self, host: &impl Host) -> bool {
        self.store_refused || self.store.read(&self.stored_project, host)
    }

    fn write_store(&mut self, host: &impl Host) {
        if !self.store.write(&self.stored_project, host) {
            self.store_refused = true;
        }
    }
}

/// Scopes are numbered as in www/agent/perspective.js.
fn scope(host: &impl Host) -> SessionScope {
    let option = host.number(Number::OptionScope);
    let scope = if option > 0 { option } else { host.number(Number::ClientScope) };
    match scope {
        2 => SessionScope::Designer,
        3 => SessionScope::Ios,
        4 => SessionScope::Android,
        _ => SessionScope::Browser,
    }
}
