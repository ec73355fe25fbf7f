//! The gateway's live state: which sessions there are, joined from the reports of their pages.
//!
//! Pure: it knows no socket, no file and no clock. What follows from the passing of time alone (a lease
//! that runs out, a session that ends) is worked out when asked, so that no answer depends on when
//! somebody last tidied up.
//!
//! | module | what it is |
//! |---|---|
//! | `load` | one document's life: the join of its reports |
//! | `session` | loads made into pages and totals, and who may report for them |
//! | [`time`] | points in time, passed in |

mod load;
mod session;
pub mod time;

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use perspective_session_info::report::PageReport;
use perspective_session_info::session::{SessionFilter, SessionInfo};
use sha2::{Digest as _, Sha256};

use self::session::Session;
pub use self::time::Time;
use crate::limits::Limits;

/// A report as it arrives: what the page claims, and what the gateway knows itself.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// What the page claims. Its bounds are checked already ([`PageReport::check`]).
    pub report: &'a PageReport,
    /// Where it came from, as it is to be shown.
    pub address: IpAddr,
    /// The user that the gateway has verified.
    pub user: Option<&'a str>,
    /// When it arrived.
    pub at: Time,
}

/// Why a report is not joined. The registry is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is not the session's, a page of which is open.
    WrongKey,
    /// The session runs another project.
    OtherProject,
    /// The session has as many open pages as it can have ([`Limits::pages_per_session`]).
    TooManyPages,
    /// There are as many sessions as there can be ([`Limits::sessions`]).
    TooManySessions,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::WrongKey => "the key is not the one of this session, which has an open page",
            Self::OtherProject => "this session id belongs to a session of another project",
            Self::TooManyPages => "this session has too many open pages",
            Self::TooManySessions => "the gateway has too many sessions",
        })
    }
}

impl std::error::Error for Refusal {}

/// The hash of a session's key: the key itself is never kept.
type KeyHash = [u8; 32];

/// All sessions, open and ended, by id.
#[derive(Debug)]
pub struct Registry {
    limits: Limits,
    session_timeout: Duration,
    sessions: HashMap<Arc<str>, Entry>,
    /// When each session ends unless a page reports again, soonest first.
    ends: BTreeSet<(Time, Arc<str>)>,
    started: u64,
}

#[derive(Debug)]
struct Entry {
    session: Session,
    end: Time,
    /// How many sessions started before: tells apart those that start in one millisecond.
    order: u64,
}

impl Registry {
    /// An empty registry. A session that has no page is kept for `session_timeout`, then ends.
    #[must_use]
    pub fn new(limits: Limits, session_timeout: Duration) -> Self {
        Self {
            limits,
            session_timeout,
            sessions: HashMap::new(),
            ends: BTreeSet::new(),
            started: 0,
        }
    }

    /// Joins a report. An ended session whose page returns is reopened with its id, start and totals.
    ///
    /// # Errors
    /// Why the report is refused; the registry is unchanged then.
    pub fn join(&mut self, arrival: &Arrival) -> Result<(), Refusal> {
        let id = arrival.report.session_id.as_str();
        let key: KeyHash = Sha256::digest(arrival.report.key.as_bytes()).into();
        match self.sessions.get(id) {
            None => self.make_room(arrival.at)?,
            Some(entry) => match entry.session.admit(arrival, key, &self.limits) {
                // What has ended does not keep its id from another project.
                Err(Refusal::OtherProject) if entry.end <= arrival.at => self.forget(id),
                admitted => admitted?,
            },
        }

        let (id, mut entry) = self.sessions.remove_entry(id).unwrap_or_else(|| {
            self.started += 1;
            let session = Session::new(arrival, key);
            (id.into(), Entry { session, end: Time::default(), order: self.started })
        });
        self.ends.remove(&(entry.end, Arc::clone(&id)));
        entry.session.join(arrival, key, &self.limits);
        entry.end = entry.session.vacant_at().plus(self.session_timeout);
        self.ends.insert((entry.end, Arc::clone(&id)));
        self.sessions.insert(id, entry);
        Ok(())
    }

    /// getSessionInfo: the sessions that pass the filter and have not ended, oldest first.
    #[must_use]
    pub fn list(&self, filter: &SessionFilter, detail: bool, now: Time) -> Vec<SessionInfo> {
        let mut passing: Vec<(&Arc<str>, &Entry)> = self
            .sessions
            .iter()
            .filter(|(_, Entry { session, end, .. })| {
                now < *end && filter.matches(session.username(), session.project())
            })
            .collect();
        passing.sort_unstable_by_key(|(_, entry)| (entry.session.start(), entry.order));
        passing.into_iter().map(|(id, entry)| entry.session.info(id, detail, now)).collect()
    }

    /// Makes room for a new session, at the expense of the one that ended longest ago.
    fn make_room(&mut self, now: Time) -> Result<(), Refusal> {
        if self.sessions.len() < self.limits.sessions {
            return Ok(());
        }
        match self.ends.first() {
            Some((end, id)) if *end <= now => {
                let id = Arc::clone(id);
                self.forget(&id);
                Ok(())
            }
            _ => Err(Refusal::TooManySessions),
        }
    }

    fn forget(&mut self, id: &str) {
        if let Some((id, entry)) = self.sessions.remove_entry(id) {
            self.ends.remove(&(entry.end, id));
        }
    }
}
