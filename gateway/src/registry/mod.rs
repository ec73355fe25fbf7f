//! The gateway's live state: which sessions there are, joined from the reports of their pages.
//!
//! Pure: it knows no socket, no file and no clock. What follows from the passing of time alone (a lease
//! that runs out, a session that ends) is worked out when asked, so that no answer depends on when
//! somebody last tidied up; [`Registry::advance`] makes it known to those who follow.
//!
//! | module | what it is |
//! |---|---|
//! | [`arrival`] | a report as it arrives, and what becomes of it |
//! | `sessions` | where the sessions stand, and how one is found |
//! | `session`, `page`, `load` | loads made into pages, pages into sessions, and who may report for them |
//! | [`counters`], [`folded`], [`key`] | what loads count, what is left of old ones, who may report |
//! | `text` | texts that sessions have in common, each kept once |
//! | [`listing`], `info`, `json` | getSessionInfo, and how a session is written |
//! | `index` | sessions by user and by project |
//! | `books` | what follows from a report beyond its own session |
//! | `deadlines`, [`passing`] | what time alone brings about |
//! | `addresses`, `rate` | how much one address and one session may send |
//! | [`feed`] | what has changed, for those who follow |
//! | [`kept`], [`unsaved`], [`restore`] | what is kept outside, and made again after a restart |
//! | [`totals`] | sums over all sessions |
//! | [`number`], [`time`] | which session, and when |

mod addresses;
pub mod arrival;
mod books;
pub mod counters;
mod deadlines;
pub mod feed;
pub mod folded;
mod index;
mod info;
mod json;
pub mod kept;
pub mod key;
pub mod listing;
mod load;
pub mod number;
mod page;
pub mod passing;
mod rate;
pub mod restore;
mod session;
mod sessions;
mod text;
pub mod time;
pub mod totals;
pub mod unsaved;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

pub use self::arrival::{Arrival, Joined, Refusal};
use self::books::Books;
pub use self::feed::{Change, ChangeKind, Version};
pub use self::kept::{EndedSession, KeptSession};
use self::key::KeyHash;
pub use self::listing::Listing;
pub use self::number::Number;
pub use self::restore::RestoreError;
use self::session::Session;
use self::sessions::{Found, Sessions};
pub use self::time::Time;
pub use self::totals::Totals;
pub use self::unsaved::Unsaved;
use crate::limits::Limits;

/// All sessions, open and ended.
#[derive(Debug)]
pub struct Registry {
    sessions: Sessions,
    /// The number of the session that started last.
    last: Number,
    /// The ended ones by the time of their end.
    ends: BTreeSet<(Time, Number)>,
    books: Books,
}

impl Registry {
    /// An empty registry. A session that has no page is kept for `session_timeout`, then ends.
    #[must_use]
    pub fn new(limits: Limits, session_timeout: Duration) -> Self {
        Self {
            sessions: Sessions::with_room_for(limits.sessions),
            last: Number::default(),
            ends: BTreeSet::new(),
            books: Books::new(limits, session_timeout),
        }
    }

    /// Joins a report. An ended session whose page returns is reopened with its id, start and totals.
    ///
    /// A report for an open session with its key counts against the rate of that session and nothing else: no
    /// flood can silence it, not even one from the same address. Every other report counts against the rate
    /// of the address that it comes from.
    ///
    /// # Errors
    /// Why the report is refused; all sessions are unchanged then.
    pub fn join(&mut self, arrival: &Arrival) -> Result<Joined, Refusal> {
        let (report, now) = (arrival.report, arrival.at);
        let key = KeyHash::of(&report.key);
        let found = self.sessions.find(&report.session_id);
        if let Some(found) = found
            && self.is_still_open(found, now)
            && let Some(session) = self.sessions.found_mut(found)
        {
            return self.books.join_open(found.number, session, arrival, key);
        }
        self.charge(arrival.address, now)?;
        match found {
            Some(found) => self.join_ended(found.number, arrival, key),
            None => self.start(arrival, key),
        }
    }

    /// Counts a request against the address that it comes from, one that is no report because of its form.
    ///
    /// # Errors
    /// There were too many.
    pub fn charge(&mut self, address: IpAddr, now: Time) -> Result<(), Refusal> {
        self.books.charge(address, now)
    }

    /// Sums over all sessions.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = self.books.totals;
        totals.open_sessions = self.sessions.open_len();
        totals.ended_sessions = self.sessions.ended_len();
        totals.lost_ends = self.books.waiting.lost_ends;
        totals
    }

    /// Whether changes are remembered for [`Self::changes_since`]. At first they are not: it costs time with
    /// every report, and nobody may be there who follows.
    pub fn observe(&mut self, is_observed: bool) {
        self.books.feed.observe(is_observed);
    }

    /// The state of the list, for a later [`Self::changes_since`].
    #[must_use]
    pub fn version(&self) -> Version {
        self.books.feed.version()
    }

    /// What has changed since, in its order. None where that is not remembered any more: take the list anew.
    pub fn changes_since(
        &self,
        version: Version,
    ) -> Option<impl ExactSizeIterator<Item = &Change>> {
        self.books.feed.since(version)
    }

    /// Starts a session with its first report.
    fn start(&mut self, arrival: &Arrival, key: KeyHash) -> Result<Joined, Refusal> {
        self.check_address(arrival)?;
        self.make_room(arrival.at)?;
        self.last = self.last.next();
        let number = self.last;
        let mut session = Box::new(Session::new(arrival, key, &mut self.books.texts));
        self.books.open_up(number, &mut session);
        self.books.apply(number, &mut session, arrival, key);
        self.sessions.add_open(number, session);
        Ok(Joined::First)
    }

    fn join_ended(
        &mut self,
        number: Number,
        arrival: &Arrival,
        key: KeyHash,
    ) -> Result<Joined, Refusal> {
        let Some(session) = self.sessions.get(number) else { return Ok(Joined::Late) };
        // What has ended does not keep its id from another project.
        if session.project.as_str() != arrival.report.project {
            self.check_address(arrival)?;
            self.forget(number);
            return self.start(arrival, key);
        }
        if session.has_folded(&arrival.report.load) {
            return Ok(Joined::Late);
        }
        self.check_address(arrival)?;
        if let Some(session) = self.sessions.reopen(number) {
            self.ends.remove(&(session.kept.due, number));
            self.books.open_up(number, session);
            self.books.apply(number, session, arrival, key);
        }
        // A late report that another has overtaken prolongs nothing.
        self.settle(number, arrival.at);
        Ok(if self.sessions.is_open(number) { Joined::Reopening } else { Joined::Late })
    }

    /// Whether one more session of the arrival's address may be open.
    fn check_address(&mut self, arrival: &Arrival) -> Result<(), Refusal> {
        let is_full = |registry: &Self| {
            let sessions = registry.books.addresses.sessions(arrival.address);
            sessions >= registry.books.limits.sessions_per_address
        };
        if is_full(self) {
            self.advance_fully(arrival.at);
        }
        if is_full(self) { Err(Refusal::TooManySessionsOfAddress) } else { Ok(()) }
    }

    /// Makes room for a new session, at the expense of the one that ended longest ago.
    fn make_room(&mut self, now: Time) -> Result<(), Refusal> {
        if self.sessions.open_len() + self.sessions.ended_len() < self.books.limits.sessions {
            return Ok(());
        }
        self.advance_fully(now);
        let (_, longest_ago) = *self.ends.first().ok_or(Refusal::TooManySessions)?;
        self.forget(longest_ago);
        Ok(())
    }

    /// Drops an ended session.
    fn forget(&mut self, number: Number) {
        let Some(session) = self.sessions.forget(number) else { return };
        self.ends.remove(&(session.kept.due, number));
        self.books.waiting.forget(&session, number);
        session.give_back(&mut self.books.texts);
    }

    /// Whether a session that was found has not ended. What is due later is open: that is nearly always so, and then
    /// there is nothing else to look at.
    fn is_still_open(&mut self, found: Found, now: Time) -> bool {
        if self.sessions.found(found).is_some_and(|session| session.kept.due > now) {
            return true;
        }
        self.settle(found.number, now);
        self.sessions.is_open(found.number)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use perspective_session_info::report::{Count, PageReport, Received, Sent, VERSION};
    use perspective_session_info::session::SessionScope;

    use super::*;

    /// A report all of whose texts are made up.
    fn report(n: u32, closing: bool) -> PageReport {
        PageReport {
            v: VERSION,
            project: format!("project {n}"),
            session_id: format!("session {n}"),
            key: "0".repeat(32),
            token: None,
            page_id: format!("page {n}"),
            load: format!("load {n}"),
            seq: Count::saturating(u64::from(closing)),
            lease_ms: 1_000,
            closing,
            scope: SessionScope::Browser,
            user_agent: format!("agent {n} {closing}"),
            path: format!("/{n}/{closing}"),
            visible: true,
            sent: Sent::default(),
            received: Received::default(),
            recent_sent: Count::default(),
            recent_age_ms: Count::default(),
            unmeasured: Count::default(),
        }
    }

    #[test]
    fn what_a_session_brought_goes_with_it() {
        let limits = Limits { sessions: 2, ..Limits::default() };
        let mut registry = Registry::new(limits, Duration::from_secs(1));
        for n in 0..200 {
            let at = Time::from_millis(u64::from(n) * 100_000);
            let (open, closed) = (report(n, false), report(n, true));
            let user = format!("user {n}");
            for (report, user, host) in
                [(&open, None, 1), (&open, Some(&*user), 2), (&closed, None, 3)]
            {
                let address = Ipv4Addr::from_bits(n * 4 + host).into();
                registry.join(&Arrival { report, address, user, at }).unwrap();
            }
        }
        registry.advance_fully(Time::MAX);
        // Of each of two: project, user, the session's and its load's agent, path.
        assert!(registry.books.texts.len() <= 2 * 5, "{:?}", registry.books.texts);
        assert_eq!((registry.books.by_user.len(), registry.books.by_project.len()), (0, 0));
        assert_eq!(registry.books.addresses.known(), 0);
        assert_eq!((registry.sessions.ended_len(), registry.ends.len()), (2, 2));
    }

    #[test]
    fn reports_that_change_the_lease_again_and_again_pile_nothing_up() {
        let mut registry = Registry::new(Limits::default(), Duration::from_secs(1));
        for n in 0..20_000 {
            let at = Time::from_millis(n * 1_000);
            let lease_ms = if n % 2 == 0 { 600_000 } else { 1_000 };
            let report = PageReport { seq: Count::saturating(n), lease_ms, ..report(1, false) };
            let address = Ipv4Addr::LOCALHOST.into();
            registry.join(&Arrival { report: &report, address, user: None, at }).unwrap();
            registry.advance_fully(at);
        }
        assert!(registry.books.deadlines.len() < 2_000, "{}", registry.books.deadlines.len());
    }
}
