//! What is kept of sessions, and made again of it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use perspective_session_info::report::PageReport;
use perspective_session_info::session::SessionFilter;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use session_gateway::limits::Limits;
use session_gateway::registry::restore::RESTART_GRACE_MS;
use session_gateway::registry::{
    Arrival, Joined, KeptSession, Number, Refusal, Registry, RestoreError, Time, Unsaved,
};

use crate::listed::{self, list};
use crate::reports::{closing, report, sent};

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

fn registry() -> Registry {
    let limits = Limits { loads_per_session: 2, ..Limits::default() };
    let mut registry = Registry::new(limits, Duration::from_mins(1));
    registry.track_unsaved(true);
    registry
}

fn join(registry: &mut Registry, now: u64, report: &PageReport) -> Result<Joined, Refusal> {
    let at = Time::from_millis(now);
    registry.join(&Arrival { report, address: ADDRESS, user: Some("billy"), at })
}

fn kept(registry: &mut Registry) -> Vec<KeptSession> {
    let session = |unsaved| match unsaved {
        Unsaved::Session { kept, .. } => Some(*kept),
        Unsaved::Forgotten { .. } => None,
    };
    registry.take_unsaved(usize::MAX).into_iter().filter_map(session).collect()
}

fn restored(sessions: Vec<KeptSession>, stopped: u64, now: u64) -> Registry {
    let mut registry = registry();
    for session in sessions {
        let [stopped, now] = [stopped, now].map(Time::from_millis);
        registry.restore(session, stopped, now).unwrap();
    }
    registry
}

fn ids(registry: &Registry, now: u64) -> Vec<String> {
    let all = list(registry, &SessionFilter::default(), false, now);
    all.into_iter().map(|session| session.id).collect()
}

/// A session with a folded load, a closed one, and two pages.
fn eventful() -> Registry {
    let mut registry = registry();
    for load in ["1", "2", "3"] {
        let last = closing(sent(10, 10, 0, report("s", "a", load, 1)));
        join(&mut registry, 1_000, &report("s", "a", load, 0)).unwrap();
        join(&mut registry, 1_001, &last).unwrap();
    }
    join(&mut registry, 2_000, &sent(7, 7, 100, report("s", "b", "4", 0))).unwrap();
    registry
}

#[test]
fn after_a_restart_a_session_is_what_it_was_to_the_last_byte() {
    let mut before = eventful();
    let all = SessionFilter::default();
    let expected = listed::json(&before, &all, true, 3_000);
    let mut after = restored(kept(&mut before), 3_000, 3_000);
    assert_eq!(listed::json(&after, &all, true, 3_000), expected);

    let foreign = PageReport { key: "1".repeat(32), ..report("s", "b", "4", 1) };
    let at = Time::from_millis(3_000);
    let arrival = Arrival { report: &foreign, address: ADDRESS, user: None, at };
    assert_eq!(after.join(&arrival), Err(Refusal::WrongKey));
    let late = closing(sent(10, 10, 0, report("s", "a", "1", 1)));
    assert_eq!(join(&mut after, 3_000, &late), Ok(Joined::Late), "the folded load is known");
    join(&mut after, 3_000, &report("new", "a", "1", 0)).unwrap();
    assert_eq!(ids(&after, 3_000), ["s", "new"]);
}

#[test]
fn the_time_that_the_gateway_was_down_ends_no_session_whose_page_was_open() {
    let hour = 3_600_000;
    let mut before = registry();
    join(&mut before, 0, &report("lapsed", "a", "1", 0)).unwrap();
    join(&mut before, 50_000, &report("open", "a", "1", 0)).unwrap();
    let lasting = PageReport { lease_ms: 600_000, ..report("lasting", "a", "1", 0) };
    join(&mut before, 50_000, &lasting).unwrap();
    let after = restored(kept(&mut before), 55_000, hour);
    assert_eq!(ids(&after, hour), ["open", "lasting"]);
    let pages = |now| -> Vec<usize> {
        let all = list(&after, &SessionFilter::default(), false, now);
        all.into_iter().map(|session| session.active_pages).collect()
    };
    assert_eq!(pages(hour + RESTART_GRACE_MS - 1), [1, 1]);
    assert_eq!(pages(hour + RESTART_GRACE_MS), [0, 1]);
    assert_eq!(pages(hour + RESTART_GRACE_MS + 60_000), [1]);
    assert_eq!(pages(hour + 600_000), [0]);
}

#[test]
fn a_session_that_ended_is_history_until_it_is_reopened_and_when_its_last_page_closed_is_its_end() {
    let mut registry = eventful();
    registry.take_unsaved(usize::MAX);
    join(&mut registry, 4_000, &closing(sent(9, 2, 0, report("s", "b", "4", 1)))).unwrap();
    registry.advance(Time::from_millis(63_999));
    let [Unsaved::Session { ended: None, .. }] = &registry.take_unsaved(9)[..] else { panic!() };
    registry.advance(Time::from_millis(64_000));
    let [Unsaved::Session { ended: Some(ended), .. }] = &registry.take_unsaved(9)[..] else {
        panic!()
    };
    assert_eq!((ended.start.millis(), ended.end.millis(), ended.pages), (1_000, 4_000, 2));
    assert_eq!(
        serde_json::to_value(ended).unwrap(),
        json!({
            "number": 1, "id": "s", "start": 1_000, "end": 4_000, "user": "billy",
            "project": "MyProject", "address": "192.0.2.7", "userAgent": "Mozilla/5.0",
            "scope": "browser", "pages": 2,
            "sent": {"webSocket": 39, "fetch": 0, "xhr": 0, "beacon": 0},
            "received": {"webSocket": 0, "http": 0}, "unmeasured": 0,
        })
    );
    assert_eq!(join(&mut registry, 70_000, &report("s", "b", "5", 0)), Ok(Joined::Reopening));
    let [Unsaved::Session { ended: None, .. }] = &registry.take_unsaved(9)[..] else { panic!() };
}

#[test]
fn what_could_not_be_stored_is_handed_out_again_as_it_is_then() {
    let mut registry = registry();
    join(&mut registry, 0, &sent(1, 1, 0, report("s", "a", "1", 0))).unwrap();
    let batch = registry.take_unsaved(9);
    assert_eq!((batch.len(), registry.unsaved()), (1, 0));
    join(&mut registry, 1, &sent(2, 2, 0, report("s", "a", "1", 1))).unwrap();
    registry.mark_unsaved(batch);
    let [session] = <[KeptSession; 1]>::try_from(kept(&mut registry)).unwrap();
    assert_eq!(session.pages[0].loads[0].counters.sent.web_socket.get(), 2);
}

#[test]
fn a_number_is_never_used_twice() {
    let mut registry = registry();
    registry.number_above(Number::new(41));
    join(&mut registry, 0, &report("s", "a", "1", 0)).unwrap();
    assert_eq!(kept(&mut registry)[0].number, Number::new(42));
}

#[test]
fn what_can_not_be_a_session_is_refused_and_named() {
    let good = serde_json::to_value(&kept(&mut eventful())[0]).unwrap();
    let again = good["pages"][0].clone();
    for (pointer, value, wrong) in [
        ("/number", json!(0), "number"),
        ("/number", json!(u64::MAX), "number"),
        ("/id", json!(""), "id"),
        ("/id", json!("x".repeat(100_000)), "id"),
        ("/project", json!(""), "project"),
        ("/pages/0/loads", json!([]), "page"),
        ("/pages/1", again, "page"),
        ("/pages/0/loads/0/id", json!("4"), "load"),
        ("/folded/loads", json!(vec![0; 2_000]), "folded part"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let bad: KeptSession = serde_json::from_value(bad).unwrap();
        let refused = registry().restore(bad, Time::default(), Time::default());
        assert_eq!(refused, Err(RestoreError::Wrong(wrong)), "{pointer}");
    }
    let good: KeptSession = serde_json::from_value(good).unwrap();
    let mut registry = restored(vec![good.clone()], 0, 0);
    let other = KeptSession { number: Number::new(9), ..good.clone() };
    for twice in [good, other] {
        let refused = registry.restore(twice, Time::default(), Time::default());
        assert_eq!(refused, Err(RestoreError::Twice));
    }
}

/// All values in the JSON that are not objects or lists.
fn leaves(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(items) => items.iter_mut().flat_map(leaves).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

proptest! {
    #[test]
    fn whatever_is_read_from_a_disk_is_a_session_or_an_error(
        changes in prop::collection::vec(
            (any::<Index>(), prop_oneof![
                Just(json!(null)), Just(json!(0)), Just(json!(u64::MAX)), Just(json!((1_u64 << 53) - 1)),
                Just(json!(u32::MAX)), Just(json!("")), Just(json!("a")), Just(json!(true)),
            ]), 1..4),
        now in 0..10_000_u64,
    ) {
        let mut value = serde_json::to_value(&kept(&mut eventful())[0]).unwrap();
        for (leaf, to) in changes {
            let mut leaves = leaves(&mut value);
            let leaf = leaf.index(leaves.len());
            *leaves[leaf] = to;
        }
        if let Ok(session) = serde_json::from_value::<KeptSession>(value) {
            let (id, mut registry) = (session.id.clone(), registry());
            if registry.restore(session, Time::from_millis(now), Time::from_millis(now)).is_ok() {
                list(&registry, &SessionFilter::default(), true, now);
                let _ = join(&mut registry, now, &report(&id, "a", "9", 0));
                registry.advance(Time::MAX);
                registry.take_unsaved(usize::MAX);
            }
        }
    }
}
