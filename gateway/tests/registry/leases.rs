//! Leases in the long run, with time driven.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use session_gateway::limits::Limits;
use session_gateway::registry::{Arrival, Registry, Time};

use crate::reports::report;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const LEASE_MS: u64 = 25_000;
const TIMEOUT_MS: u64 = 60_000;

/// One to three minutes of each twelve, in which a page is gone, then its session, and both come back.
fn is_silent(session: u64, second: u64) -> bool {
    (second / 60 + session) % 12 < 1 + session % 3
}

/// With `SOAK` in the environment a thousand sessions, else fewer.
#[test]
fn in_an_hour_each_page_is_open_for_as_long_as_its_lease_and_each_session_for_the_timeout_more() {
    let sessions = if std::env::var_os("SOAK").is_some() { 1_000 } else { 50 };
    let mut registry = Registry::new(Limits::default(), Duration::from_millis(TIMEOUT_MS));
    let mut latest: Vec<Option<u64>> = vec![None; sessions];
    for second in 0..3_600_u64 {
        for (session, latest) in (0..).zip(&mut latest) {
            if second % 10 == session % 10 && !is_silent(session, second) {
                let mut report = report(&session.to_string(), "page", "load", second);
                report.lease_ms = LEASE_MS;
                let at = second * 1_000;
                registry
                    .join(&Arrival {
                        report: &report,
                        address: ADDRESS,
                        user: None,
                        at: Time::from_millis(at),
                    })
                    .unwrap();
                *latest = Some(at);
            }
        }
        let now = second * 1_000 + 500;
        while registry.advance(Time::from_millis(now)) {}
        let within = |ms| latest.iter().flatten().filter(|at| now - **at < ms).count();
        let totals = registry.totals();
        assert_eq!(totals.open_pages, within(LEASE_MS) as u64, "{second}");
        assert_eq!(totals.open_sessions, within(LEASE_MS + TIMEOUT_MS), "{second}");
    }
    assert_eq!(registry.totals().open_sessions + registry.totals().ended_sessions, sessions);
}
