//! What the registry takes of whom, and that no flood reaches those who are there already.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use perspective_session_info::report::PageReport;
use perspective_session_info::session::SessionFilter;
use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, Joined, Refusal, Registry, Time};

use crate::listed::list;
use crate::reports::{closing, report};

const NAT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fn registry(limits: Limits) -> Registry {
    Registry::new(limits, Duration::from_mins(1))
}

fn join(
    registry: &mut Registry,
    address: IpAddr,
    now: u64,
    report: &PageReport,
) -> Result<Joined, Refusal> {
    registry.join(&Arrival { report, address, user: None, at: Time::from_millis(now) })
}

fn count(registry: &Registry, now: u64) -> usize {
    list(registry, &SessionFilter::default(), false, now).len()
}

#[test]
fn a_plant_of_a_thousand_browsers_behind_one_address_may_report_all_at_once() {
    let mut registry = registry(Limits::default());
    for session in 0..1_000 {
        for page in ["a", "b", "c"] {
            let report = report(&session.to_string(), page, page, 0);
            join(&mut registry, NAT, 0, &report).unwrap();
        }
    }
    assert_eq!(registry.totals().open_pages, 3_000);
}

#[test]
fn one_session_that_reports_too_often_is_told_to_wait_and_no_other_one_is() {
    let limits = Limits { reports_per_second_per_session: 2, ..Limits::default() };
    let mut registry = registry(limits);
    let often =
        |registry: &mut Registry, seq| join(registry, NAT, 1_000, &report("often", "a", "1", seq));
    // The first is a new session's and counts against the address.
    for seq in 0..=20 {
        often(&mut registry, seq).unwrap();
    }
    let refusal = often(&mut registry, 21).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyReports { wait: Duration::from_millis(500) });
    join(&mut registry, NAT, 1_000, &report("other", "a", "1", 0)).unwrap();
    join(&mut registry, NAT, 1_500, &report("often", "a", "1", 22)).unwrap();
}

#[test]
fn an_address_that_sends_too_much_that_is_refused_silences_none_of_its_open_sessions() {
    let limits = Limits { reports_per_second_per_address: 1, ..Limits::default() };
    let mut registry = registry(limits);
    let real = |seq| report("real", "a", "1", seq);
    join(&mut registry, NAT, 0, &real(0)).unwrap();
    let foreign = PageReport { key: "1".repeat(32), ..real(9) };
    for _ in 0..4 {
        assert_eq!(join(&mut registry, NAT, 0, &foreign), Err(Refusal::WrongKey));
        registry.charge(NAT, Time::from_millis(0)).unwrap();
    }
    join(&mut registry, NAT, 0, &report("new", "a", "1", 0)).unwrap();
    let wait = Duration::from_secs(1);
    let refusal = Refusal::TooManyReportsOfAddress { wait };
    assert_eq!(join(&mut registry, NAT, 0, &foreign), Err(refusal));
    assert_eq!(join(&mut registry, NAT, 0, &report("newer", "a", "1", 0)), Err(refusal));
    assert_eq!(registry.charge(NAT, Time::from_millis(0)), Err(refusal));
    assert_eq!(join(&mut registry, NAT, 0, &real(1)), Ok(Joined::Further));
    assert_eq!(join(&mut registry, ELSEWHERE, 0, &report("newer", "a", "1", 0)), Ok(Joined::First));
}

#[test]
fn an_address_has_so_many_open_sessions_and_one_that_ends_or_moves_makes_room() {
    let limits = Limits { sessions_per_address: 2, ..Limits::default() };
    let mut registry = registry(limits);
    let session = |id| report(id, "a", "1", 0);
    join(&mut registry, NAT, 0, &session("ends")).unwrap();
    join(&mut registry, NAT, 0, &session("moves")).unwrap();
    let full = Err(Refusal::TooManySessionsOfAddress);
    assert_eq!(join(&mut registry, NAT, 0, &session("third")), full);
    join(&mut registry, ELSEWHERE, 1, &report("moves", "a", "1", 1)).unwrap();
    join(&mut registry, NAT, 2, &session("third")).unwrap();
    assert_eq!(join(&mut registry, NAT, 3, &session("fourth")), full);

    // Ten seconds of lease and a minute of timeout; nobody has advanced the registry since.
    join(&mut registry, NAT, 60_000, &report("third", "a", "1", 1)).unwrap();
    assert_eq!(join(&mut registry, NAT, 69_999, &session("fourth")), full);
    join(&mut registry, NAT, 70_000, &session("fourth")).unwrap();
    let returns = report("ends", "a", "1", 1);
    assert_eq!(join(&mut registry, NAT, 70_000, &returns), full, "reopening takes room too");
    // An open session is never refused for where it is now.
    join(&mut registry, ELSEWHERE, 70_000, &session("fifth")).unwrap();
    assert_eq!(
        join(&mut registry, NAT, 70_001, &report("fifth", "a", "1", 1)),
        Ok(Joined::Further)
    );
}

#[test]
fn the_addresses_of_one_ipv6_network_are_one() {
    let limits = Limits { sessions_per_address: 2, ..Limits::default() };
    let mut registry = registry(limits);
    let host = |network, n| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, n));
    for n in 0..2 {
        join(&mut registry, host(1, n), 0, &report(&n.to_string(), "a", "1", 0)).unwrap();
    }
    let third = report("third", "a", "1", 0);
    let full = Err(Refusal::TooManySessionsOfAddress);
    assert_eq!(join(&mut registry, host(1, 9), 0, &third), full);
    join(&mut registry, host(2, 9), 0, &third).unwrap();
}

#[test]
fn the_session_that_ended_longest_ago_makes_room_whether_it_is_known_yet_or_not() {
    for advances in [false, true] {
        let mut registry = registry(Limits { sessions: 3, ..Limits::default() });
        join(&mut registry, NAT, 0, &report("lives", "a", "1", 0)).unwrap();
        join(&mut registry, NAT, 1, &report("second", "a", "1", 0)).unwrap();
        join(&mut registry, NAT, 2, &report("first", "a", "1", 0)).unwrap();
        join(&mut registry, NAT, 3, &closing(report("first", "a", "1", 1))).unwrap();
        join(&mut registry, NAT, 4, &closing(report("second", "a", "1", 1))).unwrap();
        for now in [60_000, 120_000, 200_000] {
            let lives = PageReport { lease_ms: 600_000, ..report("lives", "a", "1", now) };
            join(&mut registry, NAT, now, &lives).unwrap();
            if advances {
                registry.advance(Time::from_millis(now));
            }
        }
        join(&mut registry, NAT, 200_000, &report("new", "a", "1", 0)).unwrap();
        let back = |registry: &mut Registry, id| {
            join(registry, NAT, 200_000, &report(id, "a", "2", 0)).unwrap()
        };
        assert_eq!(back(&mut registry, "second"), Joined::Reopening);
        let refused = join(&mut registry, NAT, 200_000, &report("first", "a", "2", 0));
        assert_eq!(refused, Err(Refusal::TooManySessions));
    }
}

/// With `SOAK` in the environment a million, else fewer.
#[test]
fn a_flood_of_made_up_sessions_leaves_every_real_one_listed_and_what_is_kept_bounded() {
    let flood = if std::env::var_os("SOAK").is_some() { 1_000_000 } else { 20_000 };
    let limits = Limits { sessions: 2_000, sessions_per_address: 1_000, ..Limits::default() };
    let mut registry = registry(limits);
    let real = |n: u64, seq| PageReport {
        lease_ms: 60_000,
        ..report(&format!("real {n}"), "a", "1", seq)
    };
    for n in 0..200 {
        join(&mut registry, if n < 100 { NAT } else { ELSEWHERE }, 0, &real(n, 0)).unwrap();
    }
    let mut accepted = 0;
    for n in 0..flood {
        let now = n / 10;
        let made_up = PageReport {
            project: format!("project {n}"),
            path: format!("/{n}"),
            user_agent: format!("agent {n}"),
            ..report(&format!("made up {n}"), "a", "1", 0)
        };
        accepted += u64::from(join(&mut registry, NAT, now, &made_up).is_ok());
        if n % 100_000 == 0 {
            for real_one in 0..200 {
                let address = if real_one < 100 { NAT } else { ELSEWHERE };
                join(&mut registry, address, now, &real(real_one, 1 + n)).unwrap();
            }
        }
    }
    let now = flood / 10;
    let listed = list(&registry, &SessionFilter::default(), false, now);
    assert_eq!(listed.iter().filter(|session| session.id.starts_with("real")).count(), 200);
    assert!(accepted >= 900 && listed.len() <= 1_100, "{accepted} accepted");
    let totals = registry.totals();
    assert!(totals.open_sessions + totals.ended_sessions <= 2_000, "{totals:?}");
    assert_eq!(count(&registry, now), listed.len());
}
