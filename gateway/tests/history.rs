//! `GET /v1/history`: the sessions that have ended, and how they are forgotten.

#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::{Answer, READ_TOKEN, bearer, report_with, token};
use rusqlite::Connection;
use serde_json::{Value, json};
use session_gateway::clock::Clock;
use session_gateway::registry::Time;
use tempfile::TempDir;

/// When every gateway here starts.
const START: u64 = 1_700_000_000_000;
/// How long to wait for what is written behind.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway with a data directory, whose sessions end a minute after their last page.
struct Place {
    directory: TempDir,
    now: Arc<AtomicU64>,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), now: Arc::new(AtomicU64::new(START)) }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn start(&self, flags: &[&str]) -> harness::Gateway {
        let flags = [flags, &["--data-dir", self.path().to_str().unwrap()]].concat();
        let now = Arc::clone(&self.now);
        harness::start_with(&flags, |surroundings| {
            surroundings.clock = Clock::new(move || Time::from_millis(now.load(Ordering::SeqCst)));
        })
    }

    fn pass(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lets a session begin and lose its page at once. It ends in a minute, and that is its end then.
    fn session(&self, gateway: &harness::Gateway, id: &str, user: Option<&str>, project: &str) {
        let report = report_with(&[
            ("/sessionId", json!(id)),
            ("/token", user.map_or(Value::Null, |user| json!(token(user)))),
            ("/project", json!(project)),
            ("/sent/fetch", json!(3)),
            ("/received/http", json!(4)),
        ]);
        assert_eq!(gateway.report(&report).status, 200);
        let mut closing = report;
        closing["seq"] = json!(2);
        closing["closing"] = json!(true);
        assert_eq!(gateway.report(&closing).status, 200);
        self.pass(1_000);
    }

    fn forget(&self, user: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_session-gateway"))
            .args(["forget-user", user, "--data-dir", self.path().to_str().unwrap()])
            .output()
            .unwrap()
    }

    /// Whether this stands anywhere in the files of the data directory.
    fn holds(&self, text: &str) -> bool {
        let files = fs::read_dir(self.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()));
        files
            .into_iter()
            .any(|bytes| bytes.unwrap().windows(text.len()).any(|window| window == text.as_bytes()))
    }
}

fn ask(gateway: &harness::Gateway, query: &str) -> Answer {
    gateway.ask("GET", &format!("/v1/history{query}"), &[&bearer(READ_TOKEN)], b"")
}

/// The ids of an answer.
fn ids(gateway: &harness::Gateway, query: &str) -> Vec<String> {
    let answer = ask(gateway, query);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sessions = answer.json()["sessions"].as_array().unwrap().clone();
    sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the history holds so many sessions.
fn await_history(gateway: &harness::Gateway, count: usize) {
    let start = Instant::now();
    while ids(gateway, "?limit=1000").len() != count {
        assert!(start.elapsed() < PATIENCE, "{:?}", ids(gateway, ""));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Four sessions that have ended, a second apart.
fn four(place: &Place, flags: &[&str]) -> harness::Gateway {
    let gateway = place.start(flags);
    place.session(&gateway, "1", Some("billy"), "MyProject");
    place.session(&gateway, "2", Some("billy"), "Other");
    place.session(&gateway, "3", None, "MyProject");
    place.session(&gateway, "4", Some("anna"), "MyProject");
    place.pass(60_000);
    await_history(&gateway, 4);
    gateway
}

#[test]
fn a_session_that_has_ended_is_told_whole() {
    let place = Place::new();
    let gateway = place.start(&[]);
    place.session(&gateway, "1", Some("billy"), "MyProject");
    assert_eq!(ids(&gateway, ""), [] as [&str; 0]);
    place.pass(60_000);
    await_history(&gateway, 1);
    let answer = ask(&gateway, "");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.json(),
        json!({"sessions": [{
            "userAgent": "Mozilla/5.0", "id": "1", "username": "billy", "project": "MyProject",
            "start": START, "end": START, "clientAddress": "127.0.0.1", "sessionScope": "browser",
            "pages": 1, "totalBytesSent": 3, "totalBytesReceived": 4, "authorized": true,
        }]})
    );
}

#[test]
fn the_filters_are_those_of_the_list_and_the_newest_end_comes_first() {
    let place = Place::new();
    let gateway = four(&place, &[]);
    for (query, expected) in [
        ("", &["4", "3", "2", "1"][..]),
        ("?username=billy", &["2", "1"]),
        ("?username=Billy", &[]),
        ("?username=Unauthenticated", &["3"]),
        ("?project=MyProject", &["4", "3", "1"]),
        ("?username=billy&project=MyProject", &["1"]),
        ("?username=&project=", &["4", "3", "2", "1"]),
    ] {
        assert_eq!(ids(&gateway, query), expected, "{query}");
    }
}

#[test]
fn a_time_range_holds_the_sessions_that_were_there_at_some_time_in_it() {
    let place = Place::new();
    let gateway = place.start(&[]);
    place.session(&gateway, "short", None, "MyProject");
    gateway.report(&report_with(&[("/sessionId", json!("long"))]));
    place.pass(9_000);
    let last = report_with(&[
        ("/sessionId", json!("long")),
        ("/seq", json!(2)),
        ("/closing", json!(true)),
    ]);
    gateway.report(&last);
    place.pass(61_000);
    await_history(&gateway, 2);
    let at =
        |from: u64, to: u64| ids(&gateway, &format!("?from={}&to={}", START + from, START + to));
    assert_eq!(at(4_000, 5_000), ["long"]);
    assert_eq!(at(10_000, 99_000), [] as [&str; 0]);
    assert_eq!(at(0, 1_000), [] as [&str; 0]);
    assert_eq!(at(9_999, 99_000), ["long"]);
    assert_eq!(ids(&gateway, &format!("?to={}", START + 1_000)), ["short"]);
    assert_eq!(ids(&gateway, &format!("?from={}", START + 1_000)), ["long"]);
}

#[test]
fn pages_follow_each_other_without_gaps_also_where_ends_are_of_one_time() {
    let place = Place::new();
    let gateway = place.start(&[]);
    for id in 0..25 {
        let report =
            report_with(&[("/sessionId", json!(id.to_string())), ("/closing", json!(true))]);
        gateway.report(&report);
        place.pass(u64::from(id % 5 == 0));
    }
    place.pass(60_000);
    await_history(&gateway, 25);
    for limit in [1, 7, 25, 26] {
        let (mut read, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            read.extend(ids(&gateway, &query));
            match ask(&gateway, &query).json()["next"].as_str() {
                Some(next) => query = format!("?limit={limit}&next={next}"),
                None => break,
            }
        }
        let expected: Vec<String> = (0..25).rev().map(|id| id.to_string()).collect();
        assert_eq!(read, expected, "{limit}");
    }
}

#[test]
fn a_wrong_parameter_is_named() {
    let place = Place::new();
    let gateway = place.start(&[]);
    for (query, field) in [
        ("?user=billy", "user"),
        ("?username=a&username=b", "username"),
        ("?from=yesterday", "from"),
        ("?from=-1", "from"),
        ("?to=2026-01-01T00:00:00Z", "to"),
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?next=", "next"),
        ("?next=1-2", "next"),
        ("?detail=true", "detail"),
    ] {
        assert_eq!(ask(&gateway, query).problem(), (400, field.to_owned()), "{query}");
    }
    let last = u64::MAX;
    let far = format!("?from={last}&to={last}&next={last:x}-{last:x}-{last:x}");
    assert_eq!(ids(&gateway, &far), [] as [&str; 0]);
}

#[test]
fn the_history_is_for_those_who_have_the_read_token() {
    let gateway = Place::new();
    let gateway = gateway.start(&[]);
    assert_eq!(gateway.get("/v1/history").problem().0, 401);
    assert_eq!(gateway.get("/v1/history?nonsense").problem().0, 401);
}

#[test]
fn without_a_data_directory_there_is_no_history_and_the_answer_says_what_to_set() {
    let gateway = harness::start(&[]);
    let answer = ask(&gateway, "");
    assert_eq!(answer.problem().0, 404);
    assert!(answer.detail().contains("--data-dir"), "{}", answer.detail());
}

#[test]
fn a_session_is_history_for_so_many_days() {
    const DAY: u64 = 24 * 60 * 60 * 1_000;
    let place = Place::new();
    drop(four(&place, &["--history-days", "2"]));
    place.pass(2 * DAY - 62_000);
    let gateway = place.start(&["--history-days", "2"]);
    // The first two ended longer ago than two days, by milliseconds.
    await_history(&gateway, 2);
    assert_eq!(ids(&gateway, ""), ["4", "3"]);
    drop(gateway);
    let gateway = place.start(&["--history-days", "0"]);
    await_history(&gateway, 0);
    place.session(&gateway, "5", None, "MyProject");
    place.pass(60_000);
    drop(gateway);
    assert_eq!(ids(&place.start(&[]), ""), [] as [&str; 0]);
}

#[test]
fn who_floods_the_history_loses_their_own() {
    let place = Place::new();
    drop(four(&place, &[]));
    let database = Connection::open(place.path().join("sessions.db")).unwrap();
    database
        .execute(
            "WITH RECURSIVE flood (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM flood WHERE n < 5099)
             INSERT INTO history SELECT n, 'flood', 1700000070000 + n, 1700000070000 + n, 'u', 0, 'p',
                 '192.0.2.1', '', 'browser', 1, 0, 0 FROM flood",
            (),
        )
        .unwrap();
    let gateway = place.start(&["--history-sessions", "100"]);
    await_history(&gateway, 100);
    assert_eq!(ids(&gateway, "?project=MyProject"), ["4", "3", "1"]);
}

#[test]
fn a_users_history_is_forgotten_while_the_gateway_runs_and_overwritten() {
    let place = Place::new();
    let gateway = four(&place, &[]);
    gateway
        .report(&report_with(&[("/sessionId", json!("open")), ("/token", json!(token("billy")))]));
    let Output { status, stdout, stderr } = place.forget("billy");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let said = String::from_utf8(stdout).unwrap();
    assert_eq!(said, "deleted from the history: 2 sessions of \"billy\"\n");
    assert_eq!(ids(&gateway, ""), ["4", "3"]);
    // A session that is open is not touched.
    assert_eq!(gateway.sessions("?username=billy").len(), 1);
    drop(gateway);

    let gateway = place.start(&[]);
    assert_eq!(gateway.sessions("?username=billy").len(), 1);
    place.pass(600_000);
    await_history(&gateway, 3);
    drop(gateway);
    assert!(place.holds("billy"));
    let said = String::from_utf8(place.forget("billy").stdout).unwrap();
    assert!(said.contains(": 1 sessions"), "{said}");
    assert!(!place.holds("billy") && place.holds("anna"));
}

#[test]
fn nobody_is_forgotten_where_there_is_no_database() {
    let place = Place::new();
    let Output { status, stdout, stderr } = place.forget("billy");
    assert_eq!((status.code(), stdout.is_empty()), (Some(1), true));
    assert!(String::from_utf8_lossy(&stderr).contains("sessions.db"));
    assert!(!place.path().join("sessions.db").exists());
}
