//! What the agent keeps in localStorage for a project: the session that the browser has minted outside
//! Perspective, and the keys of the latest sessions, in entries of one width. What is read can be anything.

use super::Host;
use super::text::{Id, mint};
use crate::report::KEY_DIGITS;

const DIGEST_DIGITS: usize = 16;
const ENTRY: usize = DIGEST_DIGITS + KEY_DIGITS;
/// The session, and the keys of 32 sessions: the page's own storage must not fill up over the years.
const ENTRIES: usize = 1 + 32;

/// The [digest](Id::digest) of a user's name.
pub type User = [u8; DIGEST_DIGITS];
/// A session's id as the browser mints it, or its key.
pub type Minted = [u8; KEY_DIGITS];

/// What an entry is full of that is not in use.
const UNUSED: u8 = b'-';

/// The user of a session that never had one.
pub const NOBODY: User = [UNUSED; DIGEST_DIGITS];

/// Whether it is [`NOBODY`].
#[must_use]
pub const fn is_nobody(user: &User) -> bool {
    matches!(user, [UNUSED, ..])
}

/// The store of a project: first the minted session (its user and its id), then keys (the digest of the session's
/// id and the key), latest first. An entry of dashes is not in use.
#[derive(Clone, Debug)]
pub struct Store([[u8; ENTRY]; ENTRIES]);

impl Store {
    /// A store that nothing was put in yet.
    pub const EMPTY: Self = Self([[UNUSED; ENTRY]; ENTRIES]);

    /// Takes over what is stored, unless no agent has written that; says whether one has.
    pub fn read(&mut self, project: &Id, host: &impl Host) -> bool {
        let mut stored = Self::EMPTY;
        let bytes = stored.0.as_flattened_mut();
        // A text that is too long is cut, and taken as far as it goes.
        let is_there = host.read(project.as_bytes(), bytes) == bytes.len()
            && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if is_there {
            *self = stored;
        }
        is_there
    }

    /// Stores it; `false` where that is refused.
    pub fn write(&self, project: &Id, host: &impl Host) -> bool {
        host.write(project.as_bytes(), self.0.as_flattened())
    }

    /// The minted session: its user and its id.
    #[must_use]
    pub fn session(&self) -> Option<(&User, &Minted)> {
        let [session, ..] = &self.0;
        split(session).filter(|(_, id)| !matches!(id, [UNUSED, ..]))
    }

    /// Mints another session in the place of the present one.
    pub fn mint_session(&mut self, user: User, host: &impl Host) {
        self.set_user(user);
        let [session, ..] = &mut self.0;
        if let Some(id) = session.last_chunk_mut::<KEY_DIGITS>() {
            mint(id, host);
        }
    }

    /// The minted session has a user.
    pub fn set_user(&mut self, user: User) {
        let [session, ..] = &mut self.0;
        if let Some(of_session) = session.first_chunk_mut() {
            *of_session = user;
        }
    }

    /// A session's key.
    #[must_use]
    pub fn key(&self, session_id: &Id) -> Option<&Minted> {
        let session = session_id.digest();
        let [_, keys @ ..] = &self.0;
        for entry in keys {
            if let Some((digest, key)) = split(entry)
                && *digest == session
            {
                return Some(key);
            }
        }
        None
    }

    /// Puts a session's key in, and the oldest out.
    pub fn add_key(&mut self, session_id: &Id, key: &Minted) {
        let mut entry = [UNUSED; ENTRY];
        if let Some(digest) = entry.first_chunk_mut() {
            *digest = session_id.digest();
        }
        if let Some(of_session) = entry.last_chunk_mut() {
            *of_session = *key;
        }
        let [_, keys @ ..] = &mut self.0;
        for next in keys {
            entry = core::mem::replace(next, entry);
        }
    }
}

fn split(entry: &[u8; ENTRY]) -> Option<(&[u8; DIGEST_DIGITS], &Minted)> {
    Some((entry.first_chunk()?, entry.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::tests::browser::page;

    fn id(text: &str) -> Id {
        let mut id = Id::NONE;
        id.set(text.as_bytes());
        id
    }

    #[test]
    fn a_key_is_found_again_whatever_the_session_id_holds() {
        let ids = ["plain", "with\nline break", "", "π \0 𝒳", "a b/c"];
        let mut store = Store::EMPTY;
        for (n, name) in (0..).zip(ids) {
            store.add_key(&id(name), &[b'0' + n; KEY_DIGITS]);
        }
        for (n, name) in (0..).zip(ids) {
            assert_eq!(store.key(&id(name)), Some(&[b'0' + n; KEY_DIGITS]));
        }
        assert_eq!(store.key(&id("another")), None);
    }

    #[test]
    fn a_sessions_latest_key_counts() {
        let mut store = Store::EMPTY;
        store.add_key(&id("s"), &[b'1'; KEY_DIGITS]);
        store.add_key(&id("s"), &[b'2'; KEY_DIGITS]);
        assert_eq!(store.key(&id("s")), Some(&[b'2'; KEY_DIGITS]));
    }

    #[test]
    fn keys_do_not_grow_without_bound_nor_push_out_the_session() {
        let mut store = Store::EMPTY;
        store.mint_session(NOBODY, &page().tab);
        let session = store.session().map(|(user, id)| (*user, *id));
        assert!(session.is_some());
        for n in 0..1000 {
            store.add_key(&id(&n.to_string()), &[b'a'; KEY_DIGITS]);
        }
        assert!(store.key(&id("999")).is_some() && store.key(&id("968")).is_some());
        assert_eq!(store.key(&id("967")), None);
        assert_eq!(store.session().map(|(user, id)| (*user, *id)), session);
    }

    #[test]
    fn an_empty_store_has_no_session_and_no_key() {
        assert_eq!(Store::EMPTY.session(), None);
        assert_eq!(Store::EMPTY.key(&id("")), None);
    }
}
