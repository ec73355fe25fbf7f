//! The limits of reports: past one whoever reports is told when to try again, and the others report on.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{Answer, Gateway, report_with, start};
use serde_json::json;

fn report_of(gateway: &Gateway, session: &str, page: &str) -> Answer {
    gateway.report(&report_with(&[
        ("/sessionId", json!(session)),
        ("/pageId", json!(page)),
        ("/load", json!(format!("{session} {page}"))),
    ]))
}

fn is_told_to_wait(answer: &Answer) -> bool {
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    answer.status == 429 && seconds.is_some_and(|seconds: u64| seconds >= 1)
}

#[test]
fn a_plant_behind_one_address_reports_all_at_once() {
    let gateway = start(&[]);
    for session in 0..1_000 {
        for page in ["overview", "alarms", "trend"] {
            let answer = report_of(&gateway, &format!("session {session}"), page);
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
    let sessions = gateway.sessions("");
    assert_eq!(sessions.len(), 1_000);
    assert!(sessions.iter().all(|session| session["activePages"] == 3));
}

#[test]
fn a_session_that_reports_too_often_waits_and_the_others_do_not() {
    let gateway = start(&["--reports-per-second-per-session", "1"]);
    let refused = (0..100).map(|_| report_of(&gateway, "often", "page")).find(is_told_to_wait);
    assert!(refused.is_some());
    assert_eq!(report_of(&gateway, "seldom", "page").status, 200);
    gateway.pass(1_000);
    assert_eq!(report_of(&gateway, "often", "page").status, 200);
}

#[test]
fn an_address_that_makes_up_sessions_waits_and_its_open_ones_do_not() {
    let gateway = start(&["--reports-per-second-per-address", "1"]);
    assert_eq!(report_of(&gateway, "real", "page").status, 200);
    let mut made_up = (0..100).map(|n| report_of(&gateway, &format!("made up {n}"), "page"));
    assert!(made_up.any(|answer| is_told_to_wait(&answer)));
    for _ in 0..20 {
        assert_eq!(report_of(&gateway, "real", "page").status, 200);
    }
    gateway.pass(1_000);
    assert_eq!(report_of(&gateway, "new", "page").status, 200);
}

#[test]
fn what_is_no_report_counts_like_one() {
    let gateway = start(&["--reports-per-second-per-address", "1"]);
    let mut refused = (0..100).map(|_| gateway.report_bytes(b"{"));
    assert!(refused.any(|answer| is_told_to_wait(&answer)));
}

#[test]
fn an_address_has_but_its_share_of_the_sessions() {
    let gateway = start(&["--sessions-per-address", "2"]);
    for session in ["one", "two"] {
        assert_eq!(report_of(&gateway, session, "page").status, 200);
    }
    assert!(is_told_to_wait(&report_of(&gateway, "three", "page")));
    assert_eq!(report_of(&gateway, "one", "another page").status, 200);
    assert_eq!(gateway.sessions("").len(), 2);
}

#[test]
fn where_there_is_room_for_no_more_sessions_those_that_are_there_stay() {
    let gateway = start(&["--sessions", "2"]);
    for session in ["one", "two"] {
        assert_eq!(report_of(&gateway, session, "page").status, 200);
    }
    let refused = report_of(&gateway, "three", "page");
    assert_eq!(refused.problem(), (503, "sessionId".into()));
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(gateway.sessions("").len(), 2);
    // Their leases and the session timeout later, there is.
    gateway.pass(120_000);
    assert_eq!(report_of(&gateway, "three", "page").status, 200);
}
