//! One session: its loads, the pages that they make, and what the gateway itself knows of it.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::Arc;

use perspective_session_info::report::PageReport;
use perspective_session_info::session::{
    PageDetail, SessionDetail, SessionInfo, SessionScope, UNAUTHENTICATED,
};

use super::load::{Counters, Load, Recent};
use super::time::Time;
use super::{Arrival, KeyHash, Refusal};
use crate::limits::Limits;

/// Folded loads of one session that are remembered, so that a late report of theirs changes nothing.
const FOLDED_IDS: usize = 1024;

/// One session of the registry, keyed there by its id.
#[derive(Debug)]
pub(super) struct Session {
    project: Box<str>,
    key: KeyHash,
    start: Time,
    last_arrival: Time,
    address: IpAddr,
    user: Option<Box<str>>,
    scope: SessionScope,
    user_agent: Arc<str>,
    /// In the order in which they first reported.
    pages: Vec<Page>,
    loads: Vec<Load>,
    folded: Folded,
}

/// A page that a load of the session claims to be.
#[derive(Debug)]
struct Page {
    id: Box<str>,
    since: Time,
}

/// What is left of loads that ended long ago.
#[derive(Debug, Default)]
struct Folded {
    counters: Counters,
    recent: Option<Recent>,
    end: Time,
    /// Hashes of the ids, oldest first: enough to know a late report by, at eight bytes a load.
    ids: VecDeque<u64>,
}

impl Session {
    /// The session that this arrival is the first report of.
    pub(super) fn new(arrival: &Arrival, key: KeyHash) -> Self {
        Self {
            project: arrival.report.project.as_str().into(),
            key,
            start: arrival.at,
            last_arrival: arrival.at,
            address: arrival.address,
            user: None,
            scope: arrival.report.scope,
            user_agent: arrival.report.user_agent.as_str().into(),
            pages: Vec::new(),
            loads: Vec::new(),
            folded: Folded::default(),
        }
    }

    /// Whether this arrival may report for the session; changes nothing.
    pub(super) fn admit(
        &self,
        arrival: &Arrival,
        key: KeyHash,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let now = arrival.at;
        let open = self.loads.iter().filter(|load| load.is_open(now)).count();
        let own_user = arrival.user.is_some() && arrival.user == self.user.as_deref();
        if key != self.key && open > 0 && !own_user {
            return Err(Refusal::WrongKey);
        }
        if arrival.report.project != *self.project {
            return Err(Refusal::OtherProject);
        }
        let known = self.loads.iter().any(|load| load.id() == arrival.report.load);
        if !known && open >= limits.pages_per_session {
            return Err(Refusal::TooManyPages);
        }
        Ok(())
    }

    /// Joins a report that was admitted.
    pub(super) fn join(&mut self, arrival: &Arrival, key: KeyHash, limits: &Limits) {
        let Arrival { report, at, .. } = *arrival;
        let hash = hash_of(&report.load);
        let position = self.loads.iter().position(|load| load.id() == report.load);
        if position.is_none() && self.folded.ids.contains(&hash) {
            return;
        }

        self.key = key;
        self.last_arrival = self.last_arrival.max(at);
        self.address = arrival.address;
        if !report.closing {
            self.user = arrival.user.map(Into::into);
        }
        let user_agent = if report.user_agent == *self.user_agent {
            Arc::clone(&self.user_agent)
        } else {
            report.user_agent.as_str().into()
        };
        let index = match position {
            Some(index) => {
                self.loads[index].join(report, &user_agent, at);
                index
            }
            None => {
                self.loads.push(Load::new(report, &user_agent, at));
                self.loads.len() - 1
            }
        };
        let load = &self.loads[index];
        self.user_agent = Arc::clone(load.user_agent());
        self.scope = load.scope();
        self.note_page(report, at);
        if position.is_none() {
            self.fold(at, limits);
        }
    }

    fn note_page(&mut self, report: &PageReport, at: Time) {
        if !self.pages.iter().any(|page| *page.id == *report.page_id) {
            self.pages.push(Page { id: report.page_id.as_str().into(), since: at });
        }
    }

    /// Folds the loads that are too many: those that said that they end before those that fell silent,
    /// which may come back; among each the one that ended first.
    fn fold(&mut self, now: Time, limits: &Limits) {
        let mut folded_any = false;
        while self.loads.len() > limits.loads_per_session {
            let Some((index, _)) = self
                .loads
                .iter()
                .enumerate()
                .filter(|(_, load)| !load.is_open(now))
                .min_by_key(|(_, load)| (!load.closed(), load.end()))
            else {
                break;
            };
            let load = self.loads.remove(index);
            self.folded.counters.add(load.counters());
            self.folded.recent = self.folded.recent.max(load.recent());
            self.folded.end = self.folded.end.max(load.end());
            self.folded.ids.push_back(hash_of(load.id()));
            if self.folded.ids.len() > FOLDED_IDS {
                self.folded.ids.pop_front();
            }
            folded_any = true;
        }
        if folded_any {
            let loads = &self.loads;
            self.pages.retain(|page| loads.iter().any(|load| load.page() == &*page.id));
        }
    }

    /// When the session's last page closed, or will unless one reports again.
    pub(super) fn vacant_at(&self) -> Time {
        self.loads.iter().map(Load::end).max().unwrap_or_default().max(self.folded.end)
    }

    pub(super) fn start(&self) -> Time {
        self.start
    }

    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// The verified user's name, else "Unauthenticated".
    pub(super) fn username(&self) -> &str {
        self.user.as_deref().unwrap_or(UNAUTHENTICATED)
    }

    /// The session as getSessionInfo returns it.
    pub(super) fn info(&self, id: &str, detail: bool, now: Time) -> SessionInfo {
        let mut counters = self.folded.counters;
        let mut recent = self.folded.recent;
        for load in &self.loads {
            counters.add(load.counters());
            recent = recent.max(load.recent());
        }
        let open: Vec<(&Page, &Load)> =
            self.pages.iter().filter_map(|page| Some((page, self.open_load(page, now)?))).collect();
        SessionInfo {
            user_agent: self.user_agent.to_string(),
            id: id.to_owned(),
            username: self.username().to_owned(),
            project: self.project.to_string(),
            uptime: now.millis_since(self.start),
            client_address: self.address.to_string(),
            last_comm: now.millis_since(self.last_arrival),
            session_scope: self.scope,
            active_pages: open.len(),
            recent_bytes_sent: recent.map_or(0, |recent| recent.bytes.get()),
            total_bytes_sent: counters.sent.total().get(),
            page_ids: open.iter().map(|(page, _)| page.id.to_string()).collect(),
            authorized: self.user.is_some(),
            detail: detail.then(|| SessionDetail {
                pages: open.iter().map(|(page, load)| page_detail(page, load, now)).collect(),
                sent: counters.sent,
                received: counters.received,
                unmeasured: counters.unmeasured.get(),
            }),
        }
    }

    /// The load that keeps the page open: the one that reported last, where a reload overlaps.
    fn open_load(&self, page: &Page, now: Time) -> Option<&Load> {
        self.loads
            .iter()
            .filter(|load| load.page() == &*page.id && load.is_open(now))
            .max_by_key(|load| load.reported())
    }
}

fn page_detail(page: &Page, load: &Load, now: Time) -> PageDetail {
    PageDetail {
        id: page.id.to_string(),
        path: load.path().to_owned(),
        visible: load.visible(),
        uptime: now.millis_since(page.since),
        last_report: now.millis_since(load.reported()),
        lease_ms: load.lease_ms(),
    }
}

fn hash_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
