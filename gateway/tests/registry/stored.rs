//! What is handed out to be stored, and what is not kept any longer.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use perspective_session_info::report::PageReport;
use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, Registry, Time, Unsaved};

use crate::reports::{closing, report};

const TIMEOUT_MS: u64 = 60_000;

fn registry() -> Registry {
    let mut registry = Registry::new(Limits::default(), Duration::from_millis(TIMEOUT_MS));
    registry.track_unsaved(true);
    registry
}

fn join(registry: &mut Registry, report: &PageReport, at: u64) {
    let (address, at) = (IpAddr::V4(Ipv4Addr::LOCALHOST), Time::from_millis(at));
    registry.join(&Arrival { report, address, user: None, at }).unwrap();
}

/// What is to be stored: ids of sessions, and numbers of those that are not kept any more.
fn unsaved(registry: &mut Registry) -> Vec<String> {
    let name = |unsaved| match unsaved {
        Unsaved::Session { kept, .. } => kept.id,
        Unsaved::Forgotten { number, .. } => format!("without {}", number.get()),
    };
    registry.take_unsaved(usize::MAX).into_iter().map(name).collect()
}

#[test]
fn where_all_that_was_stored_is_lost_every_session_is_stored_again() {
    let mut registry = registry();
    join(&mut registry, &closing(report("ended", "p", "l", 1)), 0);
    registry.advance(Time::from_millis(TIMEOUT_MS));
    join(&mut registry, &report("open", "p", "l", 1), TIMEOUT_MS);
    assert_eq!(unsaved(&mut registry), ["ended", "open"]);
    assert_eq!(unsaved(&mut registry), [] as [&str; 0]);
    registry.mark_all_unsaved();
    registry.mark_all_unsaved();
    let mut again = unsaved(&mut registry);
    again.sort_unstable();
    assert_eq!(again, ["ended", "open"]);
}

#[test]
fn ended_sessions_are_forgotten_once_they_are_old_those_that_ended_first_before_others() {
    let mut registry = registry();
    for (at, id) in ["a", "b", "c"].iter().enumerate() {
        join(&mut registry, &closing(report(id, "p", "l", 1)), at as u64);
    }
    join(&mut registry, &report("open", "p", "l", 1), 3);
    registry.advance(Time::from_millis(TIMEOUT_MS + 3));
    unsaved(&mut registry);
    // "c" ended then and not before.
    let before = Time::from_millis(TIMEOUT_MS + 2);
    assert_eq!(registry.forget_ended(before, 1), 1);
    assert_eq!(unsaved(&mut registry), ["without 1"]);
    assert_eq!(registry.forget_ended(before, 9), 1);
    assert_eq!(unsaved(&mut registry), ["without 2"]);
    assert_eq!(registry.forget_ended(before, 9), 0);
    let totals = registry.totals();
    assert_eq!((totals.open_sessions, totals.ended_sessions), (1, 1));
}
