//! Which session a browser has in a project, and who is signed in to it.

use std::num::NonZeroUsize;

use lru::LruCache;

/// Sessions that are kept. Beyond it the one that was asked for longest ago goes; its browser gets the
/// same id back with its next request, because it remembers the id too ([`Sessions::open`]).
pub const MAX_SESSIONS: NonZeroUsize = NonZeroUsize::new(1024).unwrap();

/// One browser in one project: what a session belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    /// The project's name.
    pub project: String,
    /// The id that the browser has minted for itself and keeps in its localStorage.
    pub id: String,
}

/// A session of the stand-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: String,
    /// Who is signed in.
    pub username: Option<String>,
}

/// The sessions of all browsers, [`MAX_SESSIONS`] at most.
#[derive(Debug)]
pub struct Sessions(LruCache<Device, Session>);

impl Default for Sessions {
    fn default() -> Self {
        Self(LruCache::new(MAX_SESSIONS))
    }
}

impl Sessions {
    /// The session of `device`. Where none is known, since the gateway was started anew, it is the one with
    /// the id that the browser remembers, so that open tabs keep theirs; else one with the id `fresh`.
    pub fn open(
        &mut self,
        device: Device,
        remembered: Option<String>,
        fresh: String,
    ) -> &mut Session {
        // What a browser remembers is a claim: it never opens another browser's session.
        let id = remembered
            .filter(|id| {
                !self.0.iter().any(|(other, session)| *other != device && session.id == *id)
            })
            .unwrap_or(fresh);
        self.0.get_or_insert_mut(device, || Session { id, username: None })
    }

    /// Ends the session of `device` and begins one with the id `fresh`, with nobody signed in.
    pub fn replace(&mut self, device: Device, fresh: String) -> Session {
        let session = Session { id: fresh, username: None };
        self.0.put(device, session.clone());
        session
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str) -> Device {
        Device { project: "MyProject".into(), id: id.into() }
    }

    #[test]
    fn all_tabs_of_a_browser_share_its_session_in_a_project() {
        let mut sessions = Sessions::default();
        sessions.open(device("a"), None, "1".into()).username = Some("billy".into());
        let again = sessions.open(device("a"), Some("other".into()), "2".into()).clone();
        assert_eq!(again, Session { id: "1".into(), username: Some("billy".into()) });
        assert_eq!(sessions.open(device("b"), None, "3".into()).id, "3");
        let elsewhere = Device { project: "OtherProject".into(), id: "a".into() };
        assert_eq!(sessions.open(elsewhere, None, "4".into()).id, "4");
    }

    #[test]
    fn a_browser_gets_its_session_back_from_a_server_that_knows_nothing() {
        let mut sessions = Sessions::default();
        assert_eq!(sessions.open(device("a"), Some("1".into()), "2".into()).id, "1");
    }

    #[test]
    fn a_browser_can_not_take_another_ones_session() {
        let mut sessions = Sessions::default();
        sessions.open(device("a"), None, "1".into());
        assert_eq!(sessions.open(device("b"), Some("1".into()), "2".into()).id, "2");
    }

    #[test]
    fn signing_out_ends_the_session_and_begins_another() {
        let mut sessions = Sessions::default();
        sessions.open(device("a"), None, "1".into()).username = Some("billy".into());
        let fresh = Session { id: "2".into(), username: None };
        assert_eq!(sessions.replace(device("a"), "2".into()), fresh);
        assert_eq!(*sessions.open(device("a"), Some("1".into()), "3".into()), fresh);
    }

    #[test]
    fn the_number_of_sessions_is_bounded() {
        let mut sessions = Sessions::default();
        for n in 0..=MAX_SESSIONS.get() {
            sessions.open(device(&n.to_string()), None, format!("s{n}"));
        }
        assert_eq!(sessions.0.len(), MAX_SESSIONS.get());
        assert!(!sessions.0.contains(&device("0")));
        assert!(sessions.0.contains(&device("1")));
    }
}
