//! Anything at all arrives: pages that claim to be other pages, wrong keys, users and projects and addresses
//! that change, counters that shrink, reports that come again, and too many of everything. What the registry
//! says in one way must be what it says in every other.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use perspective_session_info::report::{Count, PageReport, Received, Sent};
use perspective_session_info::session::{SessionFilter, SessionScope};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use session_gateway::limits::Limits;
use session_gateway::registry::{
    Arrival, ChangeKind, EndedSession, KeptSession, Number, Registry, Time, Unsaved, Version,
};

use crate::listed;
use crate::reports::report;

const TIMEOUT_MS: u64 = 5_000;
const USERS: [Option<&str>; 4] = [None, Some("billy"), Some("Unauthenticated"), Some("\"😀\"\n")];

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Arrive(Box<Report>),
    Wait(u64),
    Advance,
    /// So many are taken out to be stored, and stored or not.
    Store(usize, bool),
    Pause,
}

#[derive(Clone, Debug)]
struct Report {
    report: PageReport,
    address: u8,
    user: usize,
}

prop_compose! {
    fn any_report()(
        (session, page, load, seq) in (0..6_u8, 0..3_u8, 0..5_u8, 0..6_u64),
        (key, project, agent, path) in (0..9_u8, 0..9_u8, 0..2_u8, 0..2_u8),
        (closing, visible, lease_ms, scope) in
            (any::<bool>(), any::<bool>(), 1_000..4_000_u64, prop::sample::select(vec![
                SessionScope::Browser, SessionScope::Designer, SessionScope::Ios,
            ])),
        counts in proptest::array::uniform6(0..4_u64),
        (address, user) in (0..3_u8, 0..USERS.len()),
    ) -> Report {
        let [web_socket, fetch, http, unmeasured, recent_sent, recent_age_ms] =
            counts.map(Count::saturating);
        // Nearly always the right ones.
        let (key, project) = (u8::from(key == 0), u8::from(project == 0));
        let report = PageReport {
            key: key.to_string().repeat(32),
            project: format!("project {project}"),
            lease_ms,
            closing,
            scope,
            user_agent: format!("agent \"{agent}\""),
            path: format!("/{path}"),
            visible,
            sent: Sent { web_socket, fetch, ..Sent::default() },
            received: Received { http, ..Received::default() },
            recent_sent,
            recent_age_ms,
            unmeasured,
            ..report(&format!("s{session}"), &format!("p{page}"), &format!("l{load}"), seq)
        };
        Report { report, address, user }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => any_report().prop_map(|report| Step::Arrive(Box::new(report))),
        4 => (0..3_000_u64).prop_map(Step::Wait),
        1 => (0..20_000_u64).prop_map(Step::Wait),
        2 => Just(Step::Advance),
        3 => (0..4_usize, any::<bool>()).prop_map(|(max, works)| Step::Store(max, works)),
        1 => Just(Step::Pause),
    ]
}

fn registry() -> Registry {
    let limits = Limits {
        sessions: 4,
        sessions_per_address: 3,
        pages_per_session: 2,
        loads_per_session: 3,
        reports_per_second_per_session: 2,
        reports_per_second_per_address: 3,
        ..Limits::default()
    };
    Registry::new(limits, Duration::from_millis(TIMEOUT_MS))
}

/// Somebody who takes the list once and then only changes.
struct Follower {
    filter: SessionFilter,
    detail: bool,
    version: Version,
    sessions: BTreeMap<Number, Value>,
}

impl Follower {
    fn new(username: &str, detail: bool, registry: &Registry) -> Self {
        let filter = SessionFilter { username: username.into(), project: String::new() };
        Self { filter, detail, version: registry.version(), sessions: BTreeMap::new() }
    }

    fn read(&self, registry: &Registry, number: Number, now: u64) -> Option<Value> {
        let (mut out, at) = (Vec::new(), Time::from_millis(now));
        let is_listed = registry.write_numbered(number, &self.filter, self.detail, at, &mut out);
        is_listed.then(|| absolute(serde_json::from_slice(&out).unwrap(), now))
    }

    fn follow(&mut self, registry: &Registry, now: u64) {
        let Some(changes) = registry.changes_since(self.version) else {
            let mut taken = Self { sessions: BTreeMap::new(), ..self.copy() };
            for number in (1..=200).map(Number::new) {
                if let Some(session) = self.read(registry, number, now) {
                    taken.sessions.insert(number, session);
                }
            }
            taken.version = registry.version();
            *self = taken;
            return;
        };
        for change in changes {
            match &change.kind {
                ChangeKind::Gone(_) => {
                    self.sessions.remove(&change.session);
                }
                ChangeKind::Changed => {
                    match self.read(registry, change.session, now) {
                        Some(session) => self.sessions.insert(change.session, session),
                        None => self.sessions.remove(&change.session),
                    };
                }
                ChangeKind::Heard => {
                    let (mut out, at) = (Vec::new(), Time::from_millis(now));
                    if registry.write_heard(change.session, &self.filter, at, &mut out) {
                        let heard = absolute(serde_json::from_slice(&out).unwrap(), now);
                        // Where it is not known, a later change has made it pass the filter.
                        if let Some(known) = self.sessions.get_mut(&change.session) {
                            assert_eq!(known["id"], heard["id"]);
                            assert_eq!(known["uptime"], heard["uptime"]);
                            known["lastComm"] = heard["lastComm"].clone();
                        }
                    }
                }
            }
        }
        self.version = registry.version();
    }

    fn copy(&self) -> Self {
        Self { filter: self.filter.clone(), sessions: BTreeMap::new(), ..*self }
    }

    fn seen(&self) -> Vec<Value> {
        self.sessions.values().cloned().collect()
    }

    fn expected(&self, registry: &Registry, now: u64) -> Vec<Value> {
        let list = listed::json(registry, &self.filter, self.detail, now);
        let list: Vec<Value> = serde_json::from_str(&list).unwrap();
        list.into_iter().map(|session| absolute(session, now)).collect()
    }
}

/// The session with points in time in the place of durations, which grow of themselves. When a page reported
/// last, a follower is not told.
fn absolute(mut session: Value, now: u64) -> Value {
    for key in ["uptime", "lastComm"] {
        session[key] = json!(now - session[key].as_u64().unwrap());
    }
    if let Some(pages) = session.pointer_mut("/detail/pages") {
        for page in pages.as_array_mut().unwrap() {
            page["uptime"] = json!(now - page["uptime"].as_u64().unwrap());
            page["lastReport"] = Value::Null;
        }
    }
    session
}

/// A disk.
#[derive(Default)]
struct Disk {
    sessions: BTreeMap<Number, KeptSession>,
    history: BTreeMap<Number, EndedSession>,
}

impl Disk {
    fn write(&mut self, batch: Vec<Unsaved>) {
        for unsaved in batch {
            match unsaved {
                Unsaved::Session { kept, ended } => {
                    let number = kept.number;
                    // Through the form in which it is kept.
                    let json = serde_json::to_string(&kept).unwrap();
                    self.sessions.insert(number, serde_json::from_str(&json).unwrap());
                    match ended {
                        Some(ended) => self.history.insert(number, *ended),
                        None => self.history.remove(&number),
                    };
                }
                Unsaved::Forgotten { number, ended } => {
                    self.sessions.remove(&number);
                    self.history.extend(ended.map(|ended| (number, *ended)));
                }
            }
        }
    }

    fn restored(&self, now: u64) -> Registry {
        let (mut registry, now) = (registry(), Time::from_millis(now));
        for kept in self.sessions.values() {
            registry.restore(kept.clone(), now, now).unwrap();
        }
        registry
    }
}

struct World {
    now: u64,
    registry: Registry,
    /// The same, but nobody advances it or follows it.
    lazy: Registry,
    followers: [Follower; 3],
    disk: Disk,
    /// Which sessions have ended and were not reopened since.
    ended: BTreeMap<Number, String>,
    version: Version,
}

impl World {
    fn new() -> Self {
        let mut registry = registry();
        registry.observe(true);
        registry.track_unsaved(true);
        Self {
            now: 1_000_000,
            lazy: self::registry(),
            followers: [("", true), ("billy", false), ("Unauthenticated", false)]
                .map(|(user, detail)| Follower::new(user, detail, &registry)),
            disk: Disk::default(),
            ended: BTreeMap::new(),
            version: registry.version(),
            registry,
        }
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let at = Time::from_millis(self.now);
        match step {
            Step::Arrive(one) => {
                let Report { report, address, user } = &**one;
                let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, *address));
                let arrival = Arrival { report, address, user: USERS[*user], at };
                let joined = self.registry.join(&arrival);
                prop_assert_eq!(joined, self.lazy.join(&arrival));
            }
            Step::Wait(ms) => self.now += ms,
            Step::Advance => while self.registry.advance(at) {},
            Step::Store(max, works) => {
                let batch = self.registry.take_unsaved(*max);
                if *works {
                    self.disk.write(batch);
                } else {
                    self.registry.mark_unsaved(batch);
                }
            }
            Step::Pause => {
                self.note_ends();
                self.registry.observe(false);
                self.registry.observe(true);
                self.version = self.registry.version();
            }
        }
        Ok(())
    }

    fn note_ends(&mut self) {
        while self.registry.advance(Time::from_millis(self.now)) {}
        for change in self.registry.changes_since(self.version).unwrap() {
            match &change.kind {
                ChangeKind::Gone(id) => self.ended.insert(change.session, id.to_string()),
                ChangeKind::Changed | ChangeKind::Heard => self.ended.remove(&change.session),
            };
        }
        self.version = self.registry.version();
    }

    /// All that must be so whatever has happened.
    fn check(&mut self) -> Result<(), TestCaseError> {
        let all = SessionFilter::default();
        let list = listed::json(&self.registry, &all, true, self.now);
        prop_assert_eq!(&list, &listed::json(&self.lazy, &all, true, self.now));
        prop_assert_eq!(&list, &listed::json_in_parts(&self.registry, &all, true, self.now, 1));

        // From here on what time has brought about is known.
        self.note_ends();
        prop_assert_eq!(&list, &listed::json(&self.registry, &all, true, self.now));
        for follower in &mut self.followers {
            follower.follow(&self.registry, self.now);
            prop_assert_eq!(follower.seen(), follower.expected(&self.registry, self.now));
        }
        self.check_totals()
    }

    fn check_filters(&self) -> Result<(), TestCaseError> {
        let all = listed::list(&self.registry, &SessionFilter::default(), true, self.now);
        for username in ["", "billy", "Unauthenticated", "\"😀\"\n", "nobody"] {
            for project in ["", "project 0", "project 1", "project"] {
                let filter = SessionFilter { username: username.into(), project: project.into() };
                let passing: Vec<_> = all
                    .iter()
                    .filter(|session| filter.matches(&session.username, &session.project))
                    .cloned()
                    .collect();
                prop_assert_eq!(listed::list(&self.registry, &filter, true, self.now), passing);
            }
        }
        for session in &all {
            let (mut out, now) = (Vec::new(), Time::from_millis(self.now));
            prop_assert!(self.registry.write_session(&session.id, true, now, &mut out));
            prop_assert_eq!(&serde_json::from_slice::<listed::Listed>(&out).unwrap(), session);
        }
        Ok(())
    }

    fn check_totals(&self) -> Result<(), TestCaseError> {
        let all = listed::list(&self.registry, &SessionFilter::default(), false, self.now);
        let totals = self.registry.totals();
        prop_assert_eq!(totals.open_sessions, all.len());
        let pages: usize = all.iter().map(|session| session.active_pages).sum();
        prop_assert_eq!(totals.open_pages, pages as u64);
        for scope in [SessionScope::Browser, SessionScope::Designer, SessionScope::Ios] {
            let count = all.iter().filter(|session| session.session_scope == scope).count();
            prop_assert_eq!(totals.of_scope(scope), count);
        }
        Ok(())
    }

    /// What is stored, once all is, makes the same registry; and history has what has ended.
    fn check_disk(&mut self) -> Result<(), TestCaseError> {
        self.note_ends();
        loop {
            let batch = self.registry.take_unsaved(3);
            if batch.is_empty() {
                break;
            }
            self.disk.write(batch);
        }
        prop_assert_eq!(self.registry.unsaved(), 0);
        let restored = self.disk.restored(self.now);
        let all = SessionFilter::default();
        prop_assert_eq!(
            listed::json(&self.registry, &all, true, self.now),
            listed::json(&restored, &all, true, self.now)
        );
        let totals = [&self.registry, &restored].map(Registry::totals);
        prop_assert_eq!(totals[0].ended_sessions, totals[1].ended_sessions);
        let history: BTreeMap<Number, String> =
            self.disk.history.iter().map(|(number, one)| (*number, one.id.clone())).collect();
        prop_assert_eq!(&history, &self.ended);
        for one in self.disk.history.values() {
            prop_assert!(one.start <= one.end && one.end.millis() + TIMEOUT_MS <= self.now);
            prop_assert!(one.pages >= 1);
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn everything_that_the_registry_says_agrees(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        for (i, step) in steps.iter().enumerate() {
            world.take(step)?;
            if i % 3 == 0 {
                world.check()?;
            }
            if i % 10 == 0 {
                world.check_filters()?;
            }
        }
        world.check()?;
        world.check_disk()?;
    }
}
