//! The registry beside a simple model: browsers that open, reload, close, crash, restore and copy tabs,
//! a network that loses, repeats, reorders and delays, and a gateway that restarts, with what it has stored
//! or with nothing.
//!
//! The model keeps every report that has arrived and works each answer out from all of them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use perspective_session_info::report::{Count, PageReport, Sent};
use perspective_session_info::session::{SessionFilter, SessionInfo};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use session_gateway::limits::Limits;
use session_gateway::registry::restore::RESTART_GRACE_MS;
use session_gateway::registry::{Arrival, KeptSession, Registry, Time, Unsaved};

use crate::listed::json;
use crate::reports::{closing, report};

const TIMEOUT_MS: u64 = 30_000;
/// Ids are opaque: they hold what JSON has to escape, and what UTF-16 needs two units for.
const SESSIONS: [&str; 3] = ["plain", "quoted \"\\/\"", "\0\u{8}\u{c}\n\r\t\u{1f}\u{7f}é😀"];

/// What happens next. An [`Index`] chooses among the tabs, or among the reports that are under way.
#[derive(Clone, Debug)]
enum Step {
    Open {
        session: usize,
    },
    Send {
        tab: Index,
        channel: u8,
        bytes: u64,
    },
    Report {
        tab: Index,
    },
    Reload {
        tab: Index,
    },
    Close {
        tab: Index,
    },
    Reopen {
        tab: Index,
    },
    Crash {
        tab: Index,
    },
    CopyTab {
        tab: Index,
    },
    Arrive {
        report: Index,
    },
    ArriveTwice {
        report: Index,
    },
    Lose {
        report: Index,
    },
    Wait {
        ms: u64,
    },
    Advance,
    Store,
    /// With what was stored last.
    CrashGateway {
        down_ms: u64,
    },
    RestartGateway,
}

fn step() -> impl Strategy<Value = Step> {
    let tab = any::<Index>;
    prop_oneof![
        2 => (0..SESSIONS.len()).prop_map(|session| Step::Open { session }),
        6 => (tab(), 0..4_u8, 0..1_000_u64)
            .prop_map(|(tab, channel, bytes)| Step::Send { tab, channel, bytes }),
        6 => tab().prop_map(|tab| Step::Report { tab }),
        2 => tab().prop_map(|tab| Step::Reload { tab }),
        1 => tab().prop_map(|tab| Step::Close { tab }),
        1 => tab().prop_map(|tab| Step::Reopen { tab }),
        1 => tab().prop_map(|tab| Step::Crash { tab }),
        1 => tab().prop_map(|tab| Step::CopyTab { tab }),
        10 => tab().prop_map(|report| Step::Arrive { report }),
        2 => tab().prop_map(|report| Step::ArriveTwice { report }),
        1 => tab().prop_map(|report| Step::Lose { report }),
        5 => (0..20_000_u64).prop_map(|ms| Step::Wait { ms }),
        2 => Just(Step::Advance),
        3 => Just(Step::Store),
        1 => (0..100_000_u64).prop_map(|down_ms| Step::CrashGateway { down_ms }),
        1 => Just(Step::RestartGateway),
    ]
}

/// A report that has arrived.
#[derive(Clone, Debug)]
struct Arrived {
    report: PageReport,
    at: u64,
    /// When its page is gone, if it is the last of its load.
    end: u64,
}

impl Arrived {
    fn is_open(&self, now: u64) -> bool {
        !self.report.closing && now < self.end
    }
}

/// One tab, with the report that its load would send now and what it keeps in sessionStorage.
#[derive(Clone, Debug)]
struct Tab {
    next: PageReport,
    recent_at: u64,
    /// The last report of the load before, whose answer never came.
    kept: Option<PageReport>,
    /// What was kept some loads ago: a browser that restores a tab may restore that.
    kept_before: Option<PageReport>,
    open: bool,
}

#[derive(Debug)]
struct World {
    now: u64,
    tabs: Vec<Tab>,
    minted: u64,
    under_way: Vec<PageReport>,
    registry: Registry,
    /// All that has arrived since the gateway knew nothing.
    arrived: Vec<Arrived>,
    stored: BTreeMap<u64, KeptSession>,
    /// What had arrived when all was stored last.
    arrived_when_stored: Vec<Arrived>,
}

impl World {
    fn new() -> Self {
        Self {
            now: 1_000_000,
            tabs: Vec::new(),
            minted: 0,
            under_way: Vec::new(),
            registry: empty_registry(),
            arrived: Vec::new(),
            stored: BTreeMap::new(),
            arrived_when_stored: Vec::new(),
        }
    }

    fn mint(&mut self) -> String {
        self.minted += 1;
        format!("{:x}", self.minted)
    }

    fn new_load(&mut self, session: &str, page: &str) -> PageReport {
        let load = self.mint();
        report(session, page, &load, 0)
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Open { session } => {
                let page = self.mint();
                let next = self.new_load(SESSIONS[*session], &page);
                self.tabs.push(Tab {
                    next,
                    recent_at: 0,
                    kept: None,
                    kept_before: None,
                    open: true,
                });
            }
            Step::Send { tab, channel, bytes } => {
                let now = self.now;
                self.on_open(tab, |tab| tab.send(*channel, *bytes, now));
            }
            Step::Report { tab } => self.report(tab),
            Step::Reload { tab } => {
                self.end_load(tab);
                self.start_load(tab);
            }
            Step::Close { tab } => {
                self.end_load(tab);
                self.on_open(tab, |tab| tab.open = false);
            }
            Step::Reopen { tab } => self.reopen(tab),
            Step::Crash { tab } => {
                self.on_open(tab, |tab| {
                    tab.kept = tab.kept_before.clone();
                    tab.open = false;
                });
            }
            Step::CopyTab { tab } => self.copy(tab),
            Step::Arrive { report } => self.arrive(report, 1),
            Step::ArriveTwice { report } => self.arrive(report, 2),
            Step::Lose { report } => {
                if !self.under_way.is_empty() {
                    self.under_way.swap_remove(report.index(self.under_way.len()));
                }
            }
            Step::Wait { ms } => self.now += ms,
            Step::Advance => {
                self.registry.advance(Time::from_millis(self.now));
            }
            Step::Store => self.store(),
            Step::CrashGateway { down_ms } => self.crash_gateway(*down_ms),
            Step::RestartGateway => {
                self.registry = empty_registry();
                self.arrived.clear();
                self.stored.clear();
                self.arrived_when_stored.clear();
            }
        }
    }

    fn on_open<R>(&mut self, tab: &Index, f: impl FnOnce(&mut Tab) -> R) -> Option<R> {
        let mut open: Vec<&mut Tab> = self.tabs.iter_mut().filter(|tab| tab.open).collect();
        if open.is_empty() {
            return None;
        }
        let index = tab.index(open.len());
        Some(f(open[index]))
    }

    fn report(&mut self, tab: &Index) {
        let now = self.now;
        let report = self.on_open(tab, |tab| tab.report(now));
        self.under_way.extend(report);
    }

    fn end_load(&mut self, tab: &Index) {
        let now = self.now;
        let last = self.on_open(tab, |tab| {
            let last = closing(tab.report(now));
            tab.kept_before = tab.kept.replace(last.clone());
            last
        });
        self.under_way.extend(last);
    }

    fn start_load(&mut self, tab: &Index) {
        let load = self.mint();
        let resent = self.on_open(tab, |tab| {
            tab.next = report(&tab.next.session_id, &tab.next.page_id, &load, 0);
            tab.kept.clone()
        });
        self.under_way.extend(resent.flatten());
    }

    fn reopen(&mut self, tab: &Index) {
        let Some(closed) = (!self.tabs.is_empty())
            .then(|| tab.index(self.tabs.len()))
            .filter(|index| !self.tabs[*index].open)
        else {
            return;
        };
        let Tab { next, kept, .. } = self.tabs[closed].clone();
        self.tabs[closed].next = self.new_load(&next.session_id, &next.page_id);
        self.tabs[closed].open = true;
        self.under_way.extend(kept);
    }

    /// A duplicated tab: sessionStorage is copied, but a live page has taken its page id out.
    fn copy(&mut self, tab: &Index) {
        let Some(original) = self.on_open(tab, |tab| tab.clone()) else { return };
        let page = self.mint();
        let next = self.new_load(&original.next.session_id, &page);
        self.under_way.extend(original.kept.clone());
        self.tabs.push(Tab { next, recent_at: 0, ..original });
    }

    fn arrive(&mut self, report: &Index, copies: usize) {
        if self.under_way.is_empty() {
            return;
        }
        let report = self.under_way.swap_remove(report.index(self.under_way.len()));
        for _ in 0..copies {
            let at = Time::from_millis(self.now);
            let arrival = Arrival { report: &report, address: address(&report), user: None, at };
            self.registry.join(&arrival).unwrap();
            let end = self.now + if report.closing { 0 } else { report.lease_ms };
            self.arrived.push(Arrived { report: report.clone(), at: self.now, end });
            self.now += 1;
        }
    }

    fn store(&mut self) {
        for unsaved in self.registry.take_unsaved(usize::MAX) {
            match unsaved {
                Unsaved::Session { kept, .. } => self.stored.insert(kept.number.get(), *kept),
                Unsaved::Forgotten { number, .. } => self.stored.remove(&number.get()),
            };
        }
        self.arrived_when_stored = self.arrived.clone();
    }

    fn crash_gateway(&mut self, down_ms: u64) {
        let stopped = self.now;
        self.now += down_ms;
        self.registry = empty_registry();
        for kept in self.stored.values() {
            let [stopped, now] = [stopped, self.now].map(Time::from_millis);
            self.registry.restore(kept.clone(), stopped, now).unwrap();
        }
        self.arrived = self.arrived_when_stored.clone();
        for arrived in &mut self.arrived {
            if arrived.is_open(stopped) {
                arrived.end = self.now + arrived.report.lease_ms.max(RESTART_GRACE_MS);
            }
        }
    }

    fn list(&self) -> String {
        json(&self.registry, &SessionFilter::default(), false, self.now)
    }

    /// What getSessionInfo must answer, from every report that has arrived.
    fn expected(&self) -> String {
        let mut ids: Vec<&str> = Vec::new();
        for Arrived { report, .. } in &self.arrived {
            if !ids.contains(&report.session_id.as_str()) {
                ids.push(&report.session_id);
            }
        }
        let sessions: Vec<SessionInfo> =
            ids.into_iter().filter_map(|id| self.expected_session(id)).collect();
        serde_json::to_string(&sessions).unwrap()
    }

    fn expected_session(&self, id: &str) -> Option<SessionInfo> {
        let arrived: Vec<_> =
            self.arrived.iter().filter(|one| one.report.session_id == id).collect();
        let mut loads: BTreeMap<&str, Vec<&Arrived>> = BTreeMap::new();
        for one in &arrived {
            loads.entry(&one.report.load).or_default().push(one);
        }
        let latest: Vec<&Arrived> = loads
            .values()
            .filter_map(|reports| {
                let seq = reports.iter().map(|one| one.report.seq).max()?;
                reports.iter().find(|one| one.report.seq == seq).copied()
            })
            .collect();
        let total = loads
            .values()
            .flat_map(|reports| {
                let most = |counter: fn(&Sent) -> Count| {
                    reports.iter().map(|one| counter(&one.report.sent).get()).max()
                };
                [most(|s| s.web_socket), most(|s| s.fetch), most(|s| s.xhr), most(|s| s.beacon)]
            })
            .flatten()
            .sum();
        let recent = latest
            .iter()
            .filter(|one| one.report.recent_sent.get() > 0)
            .map(|one| (one.at - one.report.recent_age_ms.get(), one.report.recent_sent.get()))
            .max();
        if latest.iter().map(|one| one.end).max()? + TIMEOUT_MS <= self.now {
            return None;
        }
        let mut page_ids: Vec<String> = Vec::new();
        for Arrived { report: PageReport { page_id, .. }, .. } in &arrived {
            let mut open = latest.iter().filter(|one| one.is_open(self.now));
            if open.any(|one| one.report.page_id == *page_id) && !page_ids.contains(page_id) {
                page_ids.push(page_id.clone());
            }
        }
        let (first, last) = (arrived.first()?, arrived.last()?);
        Some(SessionInfo {
            user_agent: first.report.user_agent.clone(),
            id: id.to_owned(),
            username: "Unauthenticated".into(),
            project: first.report.project.clone(),
            uptime: self.now - first.at,
            client_address: address(&last.report).to_string(),
            last_comm: self.now - last.at,
            session_scope: first.report.scope,
            active_pages: page_ids.len(),
            recent_bytes_sent: recent.map_or(0, |(_, bytes)| bytes),
            total_bytes_sent: total,
            page_ids,
            authorized: false,
            detail: None,
        })
    }
}

impl Tab {
    fn send(&mut self, channel: u8, bytes: u64, now: u64) {
        let sent = &mut self.next.sent;
        let counter = match channel {
            0 => &mut sent.web_socket,
            1 => &mut sent.fetch,
            2 => &mut sent.xhr,
            _ => &mut sent.beacon,
        };
        *counter += Count::saturating(bytes);
        if bytes > 0 {
            self.next.recent_sent = Count::saturating(bytes);
            self.recent_at = now;
        }
    }

    fn report(&mut self, now: u64) -> PageReport {
        self.next.seq += Count::saturating(1);
        let age = if self.recent_at == 0 { 0 } else { now - self.recent_at };
        PageReport { recent_age_ms: Count::saturating(age), ..self.next.clone() }
    }
}

/// Each page reports from an address of its own, to tell whose report arrived last.
fn address(report: &PageReport) -> IpAddr {
    let page = u8::from_str_radix(&report.page_id, 16).unwrap_or(255);
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, page))
}

fn empty_registry() -> Registry {
    let mut registry = Registry::new(Limits::default(), Duration::from_millis(TIMEOUT_MS));
    registry.track_unsaved(true);
    registry
}

proptest! {
    #[test]
    fn totals_and_page_ids_are_exact_after_every_step(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            prop_assert_eq!(world.list(), world.expected(), "after {:?}", step);
        }
    }
}
