//! Sessions made again from what was kept of them, after a restart.

use std::fmt;

use perspective_session_info::report::MAX_REPORT_BYTES;
use perspective_session_info::session::UNAUTHENTICATED;
use smallvec::SmallVec;

use super::Registry;
use super::feed::ChangeKind;
use super::folded::MAX_FOLDED;
use super::kept::{KeptLoad, KeptPage, KeptSession};
use super::load::Load;
use super::number::Number;
use super::page::Page;
use super::rate::Drawn;
use super::session::{Bookkeeping, Session};
use super::text::Texts;
use super::time::Time;

/// How long a page has to find the gateway again after a restart, in milliseconds, where its lease is not
/// longer anyway: the agent tries at least every minute.
pub const RESTART_GRACE_MS: u64 = 75_000;

/// No gateway lives to number so many sessions, and any store can hold it.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// Why what was kept of a session does not make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// This part of it is what it can not be.
    Wrong(&'static str),
    /// A session of this number or id is there already.
    Twice,
    /// There are as many sessions as there can be.
    TooMany,
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wrong(what) => write!(f, "the session's {what} can not be right"),
            Self::Twice => f.write_str("there is a session of this number or id already"),
            Self::TooMany => f.write_str("there are too many sessions"),
        }
    }
}

impl std::error::Error for RestoreError {}

impl Registry {
    /// Makes a session again from what was kept of it. Those of an earlier number are best restored before.
    ///
    /// `stopped` is when the gateway was last seen to run. Nobody could report from then to `now`: a lease that
    /// had not run out begins anew, and lasts [`RESTART_GRACE_MS`] at least, so that after a long outage the
    /// sessions are there that were there before, until their pages are back or do not come back. A session
    /// that had no page is not kept from ending.
    ///
    /// # Errors
    /// Why it is none; the registry is as it was before.
    pub fn restore(
        &mut self,
        kept: KeptSession,
        stopped: Time,
        now: Time,
    ) -> Result<(), RestoreError> {
        check(&kept)?;
        let KeptSession { number, ended, .. } = kept;
        if self.sessions.get(number).is_some() || self.sessions.find(&kept.id).is_some() {
            return Err(RestoreError::Twice);
        }
        if self.sessions.open_len() + self.sessions.ended_len() >= self.books.limits.sessions {
            return Err(RestoreError::TooMany);
        }
        let (mut session, is_other) = self.remade(kept, stopped.min(now), now);
        session.kept.is_stored = true;
        if is_other {
            self.books.waiting.mark(&mut session, number);
        }
        self.last = self.last.max(number);
        match ended {
            Some(end) => {
                session.kept.due = end.min(now);
                self.ends.insert((session.kept.due, number));
                self.sessions.add_ended(number, Box::new(session));
            }
            None => {
                self.books.open_up(number, &mut session);
                self.books.look(&mut session, now);
                self.books.queue(number, &mut session);
                self.sessions.add_open(number, Box::new(session));
                self.books.feed.push(number, || ChangeKind::Changed);
            }
        }
        Ok(())
    }

    /// Numbers the sessions that start from now on above this one: for whoever has stored some of sessions that
    /// are forgotten.
    pub fn number_above(&mut self, number: Number) {
        self.last = self.last.max(number);
    }

    /// The session, and whether it is not quite as it was kept.
    fn remade(&mut self, kept: KeptSession, stopped: Time, now: Time) -> (Session, bool) {
        let texts = &mut self.books.texts;
        let mut is_other = false;
        let mut pages = SmallVec::with_capacity(kept.pages.len());
        for KeptPage { id, since, loads: kept_loads } in kept.pages {
            let mut loads = SmallVec::with_capacity(kept_loads.len());
            for kept_load in kept_loads {
                let mut load = remade_load(kept_load, now, texts);
                if load.is_open(stopped) {
                    let lease = u64::from(load.lease_ms).max(RESTART_GRACE_MS);
                    let open = now.millis_since(load.arrived).saturating_add(lease);
                    load.open_ms = u32::try_from(open).unwrap_or(u32::MAX);
                    is_other = true;
                }
                loads.push(load);
            }
            pages.push(Page { id: id.into(), since: since.min(now), loads });
        }
        let mut folded = kept.folded;
        if let Some(folded) = &mut folded {
            folded.end = folded.end.min(now);
        }
        let session = Session {
            id: kept.id.into(),
            project: texts.get(&kept.project),
            key: kept.key,
            start: kept.start.min(now),
            last_arrival: kept.last_arrival.min(now),
            address: kept.address,
            authorized: kept.user.is_some(),
            user: texts.get(kept.user.as_deref().unwrap_or(UNAUTHENTICATED)),
            scope: kept.scope,
            user_agent: texts.get(&kept.user_agent),
            pages,
            folded: folded.map(Box::new),
            drawn: Drawn::default(),
            kept: Bookkeeping::default(),
        };
        (session, is_other)
    }
}

/// A time that is still to come would keep the load open, or the last to have sent, for as long.
fn remade_load(kept: KeptLoad, now: Time, texts: &mut Texts) -> Load {
    let mut recent = kept.recent;
    recent.at = recent.at.min(now);
    Load {
        id: kept.id.into(),
        counters: kept.counters,
        seq: kept.seq,
        arrived: kept.arrived.min(now),
        recent,
        path: texts.get(&kept.path),
        user_agent: texts.get(&kept.user_agent),
        lease_ms: kept.lease_ms,
        open_ms: kept.open_ms,
        scope: kept.scope,
        closed: kept.closed,
        visible: kept.visible,
    }
}

fn check(kept: &KeptSession) -> Result<(), RestoreError> {
    let right = |what, is_right: bool| is_right.then_some(()).ok_or(RestoreError::Wrong(what));
    let is_id = |id: &str| (1..=MAX_REPORT_BYTES).contains(&id.len());
    right("number", (1..=MAX_NUMBER).contains(&kept.number.get()))?;
    right("id", is_id(&kept.id))?;
    right("project", is_id(&kept.project))?;
    right("page", kept.pages.iter().all(|page| is_id(&page.id) && !page.loads.is_empty()))?;
    right("page", all_differ(kept.pages.iter().map(|page| &*page.id)))?;
    let loads = || kept.pages.iter().flat_map(|page| &page.loads);
    right("load", loads().all(|load| is_id(&load.id)))?;
    right("load", all_differ(loads().map(|load| &*load.id)))?;
    let is_bounded = |folded: &super::folded::Folded| {
        folded.loads.len() <= MAX_FOLDED && folded.pages.len() <= MAX_FOLDED
    };
    right("folded part", kept.folded.as_ref().is_none_or(is_bounded))
}

fn all_differ<'a>(ids: impl Iterator<Item = &'a str>) -> bool {
    let mut ids: Vec<&str> = ids.collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    ids.len() == count
}
