//! One session: its pages, and what the gateway itself knows of it.

use std::net::IpAddr;
use std::time::Duration;

use perspective_session_info::session::{SessionScope, UNAUTHENTICATED};
use smallvec::SmallVec;

use super::arrival::{Arrival, Refusal};
use super::counters::{Counters, Recent};
use super::folded::{Folded, ShortHash};
use super::key::KeyHash;
use super::load::Load;
use super::page::Page;
use super::rate::Drawn;
use super::text::{Text, Texts};
use super::time::Time;
use crate::limits::Limits;

/// One session of the registry, open or ended.
#[derive(Debug)]
pub(super) struct Session {
    pub id: Box<str>,
    pub project: Text,
    pub key: KeyHash,
    pub start: Time,
    pub last_arrival: Time,
    pub address: IpAddr,
    /// The verified user's name, else "Unauthenticated".
    pub user: Text,
    pub authorized: bool,
    pub scope: SessionScope,
    pub user_agent: Text,
    /// In the order in which they first reported.
    pub pages: SmallVec<[Page; 1]>,
    /// Absent until a load is folded or a page left: nearly always.
    pub folded: Option<Box<Folded>>,
    pub drawn: Drawn,
    pub kept: Bookkeeping,
}

/// What the registry notes of a session for itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bookkeeping {
    /// When time alone changes what there is to see of the session; of an ended session, when it ended.
    pub due: Time,
    /// When the session's entry among the deadlines comes up: never after `due`.
    pub queued: Time,
    /// The open pages that the totals count.
    pub open_pages: u32,
    /// Whether it has changed since it was last handed out to be stored.
    pub is_unsaved: bool,
    /// Whether it was ever handed out.
    pub is_stored: bool,
}

/// How a session stands at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outlook {
    pub open_pages: u32,
    /// When time alone will change that; where it has ended, when it did.
    pub due: Time,
    pub has_ended: bool,
}

/// What a report has brought about besides the session's own new state.
#[derive(Debug)]
pub(super) struct Effect {
    /// Whether there is anything to see of it but when it came.
    pub is_visible: bool,
    /// Bytes by which the totals sent and received have grown.
    pub grown: (u64, u64),
    /// The user before, where it is another one now. Its use has to be ended.
    pub former_user: Option<Text>,
}

impl Session {
    /// The session that this arrival is the first report of, before that report is joined.
    pub(super) fn new(arrival: &Arrival, key: KeyHash, texts: &mut Texts) -> Self {
        let report = arrival.report;
        Self {
            id: report.session_id.as_str().into(),
            project: texts.get(&report.project),
            key,
            start: arrival.at,
            last_arrival: arrival.at,
            address: arrival.address,
            user: texts.get(UNAUTHENTICATED),
            authorized: false,
            scope: report.scope,
            user_agent: texts.get(&report.user_agent),
            pages: SmallVec::new(),
            folded: None,
            drawn: Drawn::default(),
            kept: Bookkeeping::default(),
        }
    }

    pub(super) fn loads(&self) -> impl Iterator<Item = &Load> {
        self.pages.iter().flat_map(|page| &page.loads)
    }

    /// Where the load of this id is: the page's position and the load's in it.
    fn position(&self, load: &str) -> Option<(usize, usize)> {
        self.pages
            .iter()
            .enumerate()
            .find_map(|(page, p)| Some((page, p.loads.iter().position(|one| one.id == load)?)))
    }

    /// Whether the report is a late one of a load that is folded already: it changes nothing.
    pub(super) fn has_folded(&self, load: &str) -> bool {
        let Some(folded) = &self.folded else { return false };
        self.position(load).is_none() && folded.loads.contains(&ShortHash::of(load))
    }

    /// Whether this arrival may report for the session; changes nothing.
    pub(super) fn admit(
        &self,
        arrival: &Arrival,
        key: KeyHash,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let open = || self.loads().filter(|load| load.is_open(arrival.at)).count();
        let is_own_user = self.authorized && arrival.user == Some(self.user.as_str());
        if key != self.key && !is_own_user && open() > 0 {
            return Err(Refusal::WrongKey);
        }
        if arrival.report.project != self.project.as_str() {
            return Err(Refusal::OtherProject);
        }
        let is_known = self.position(&arrival.report.load).is_some();
        if !is_known && open() >= limits.pages_per_session {
            return Err(Refusal::TooManyPages);
        }
        Ok(())
    }

    /// Joins a report that was admitted.
    pub(super) fn join(
        &mut self,
        arrival: &Arrival,
        key: KeyHash,
        limits: &Limits,
        texts: &mut Texts,
    ) -> Effect {
        let Arrival { report, at, address, .. } = *arrival;
        let recent = self.recent().bytes;
        let mut is_visible = address != self.address;
        self.key = key;
        self.last_arrival = self.last_arrival.max(at);
        self.address = address;
        let former_user = if report.closing { None } else { self.set_user(arrival.user, texts) };
        is_visible |= former_user.is_some();

        let grown = match self.position(&report.load) {
            Some((page, load)) => {
                let before = self.pages[page].loads[load].counters.bytes();
                let change = self.pages[page].loads[load].join(report, at, texts);
                let after = self.pages[page].loads[load].counters.bytes();
                // Where a reload overlaps, another load may be the one that speaks for the page now.
                is_visible |= change.visible || self.pages[page].loads.len() > 1;
                is_visible |= self.follow(page, load, texts);
                if change.claims && *self.pages[page].id != *report.page_id {
                    let moved = self.pages[page].loads.remove(load);
                    self.drop_if_empty(page);
                    self.page(&report.page_id, at).loads.push(moved);
                    is_visible = true;
                }
                (after.0 - before.0, after.1 - before.1)
            }
            None => {
                let load = Load::new(report, at, texts);
                let grown = load.counters.bytes();
                let page = self.page(&report.page_id, at);
                page.loads.reserve_exact(1);
                page.loads.push(load);
                is_visible = true;
                if let Some((page, load)) = self.position(&report.load) {
                    self.follow(page, load, texts);
                }
                self.fold(at, limits, texts);
                grown
            }
        };
        is_visible |= self.recent().bytes != recent;
        Effect { is_visible, grown, former_user }
    }

    /// Takes over the user that the gateway has verified, if any; the user before, where it was another.
    fn set_user(&mut self, user: Option<&str>, texts: &mut Texts) -> Option<Text> {
        let name = user.unwrap_or(UNAUTHENTICATED);
        if self.user.as_str() == name && self.authorized == user.is_some() {
            return None;
        }
        self.authorized = user.is_some();
        Some(std::mem::replace(&mut self.user, texts.get(name)))
    }

    /// Takes over what the load that reported last says of the browser; whether that is anything new.
    fn follow(&mut self, page: usize, load: usize, texts: &mut Texts) -> bool {
        let load = &self.pages[page].loads[load];
        let changed = self.scope != load.scope;
        self.scope = load.scope;
        if self.user_agent == load.user_agent {
            return changed;
        }
        let former = std::mem::replace(&mut self.user_agent, load.user_agent.clone());
        texts.give_back(former);
        true
    }

    /// The page of this id, a new one where there was none.
    fn page(&mut self, id: &str, at: Time) -> &mut Page {
        let position = self.pages.iter().position(|page| page.id == id).unwrap_or_else(|| {
            if let Some(folded) = &mut self.folded {
                folded.take_page(id);
            }
            self.pages.reserve_exact(1);
            self.pages.push(Page { id: id.into(), since: at, loads: SmallVec::new() });
            self.pages.len() - 1
        });
        &mut self.pages[position]
    }

    /// Drops the page if no load claims it any more.
    fn drop_if_empty(&mut self, page: usize) {
        if self.pages[page].loads.is_empty() {
            let page = self.pages.remove(page);
            self.folded.get_or_insert_default().add_page(&page.id);
        }
    }

    /// Folds the loads that are too many: those that said that they end before those that fell silent,
    /// which may come back; among each the one that ended first.
    fn fold(&mut self, now: Time, limits: &Limits, texts: &mut Texts) {
        while self.loads().count() > limits.loads_per_session {
            let ended = self.pages.iter().enumerate().flat_map(|(page, p)| {
                let loads = p.loads.iter().enumerate().filter(|(_, load)| !load.is_open(now));
                loads.map(move |(load, l)| ((!l.closed, l.end()), (page, load)))
            });
            let Some((_, (page, load))) = ended.min_by_key(|(rank, _)| *rank) else { break };
            let load = self.pages[page].loads.remove(load);
            self.folded.get_or_insert_default().add(&load);
            load.give_back(texts);
            self.drop_if_empty(page);
        }
    }

    /// How the session stands.
    pub(super) fn outlook(&self, now: Time, timeout: Duration) -> Outlook {
        let mut open_pages = 0;
        let mut lapse: Option<Time> = None;
        let mut vacant = self.folded.as_ref().map_or(Time::default(), |folded| folded.end);
        for page in &self.pages {
            let mut is_open = false;
            for load in &page.loads {
                let end = load.end();
                vacant = vacant.max(end);
                if load.is_open(now) {
                    is_open = true;
                    lapse = Some(lapse.map_or(end, |lapse| lapse.min(end)));
                }
            }
            open_pages += u32::from(is_open);
        }
        let end = vacant.plus(timeout);
        Outlook { open_pages, due: lapse.unwrap_or(end), has_ended: end <= now }
    }

    /// When the last page closed, or will unless one reports again.
    pub(super) fn vacant_at(&self) -> Time {
        let folded = self.folded.as_ref().map_or(Time::default(), |folded| folded.end);
        self.loads().map(Load::end).fold(folded, Time::max)
    }

    /// What all its loads have counted, folded ones included.
    pub(super) fn counters(&self) -> Counters {
        let mut sum = self.folded.as_ref().map_or_else(Counters::default, |folded| folded.counters);
        self.loads().for_each(|load| sum.add(&load.counters));
        sum
    }

    /// The latest send of all its loads.
    pub(super) fn recent(&self) -> Recent {
        let folded = self.folded.as_ref().map_or_else(Recent::default, |folded| folded.recent);
        self.loads().map(|load| load.recent).fold(folded, Recent::max)
    }

    /// How many pages the session has had in its life.
    pub(super) fn pages_ever(&self) -> u64 {
        let folded = self.folded.as_ref();
        let before = folded.map_or(0, |folded| folded.more_pages);
        let known = folded.map_or(0, |folded| folded.pages.len()) + self.pages.len();
        before.saturating_add(known as u64)
    }

    /// Ends the use of its texts, before it is dropped.
    pub(super) fn give_back(self, texts: &mut Texts) {
        texts.give_back(self.project);
        texts.give_back(self.user);
        texts.give_back(self.user_agent);
        for load in self.pages.into_iter().flat_map(|page| page.loads) {
            load.give_back(texts);
        }
    }
}
