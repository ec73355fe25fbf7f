//! What a restart brings back, and what becomes of a data directory that can not be used.

#![allow(clippy::unwrap_used)]

mod harness;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use harness::{KEY, READ_TOKEN, bearer, report, report_with, token};
use rusqlite::Connection;
use serde_json::{Value, json};
use session_gateway::clock::Clock;
use session_gateway::registry::Time;
use session_gateway::settings::ReadTokenSource;
use session_gateway::{Gateway, Settings, Surroundings};
use tempfile::TempDir;

/// A data directory, and what time it is for the gateways that have it one after the other.
struct Place {
    directory: TempDir,
    now: Arc<AtomicU64>,
}

impl Place {
    fn new() -> Self {
        let now = Arc::new(AtomicU64::new(1_700_000_000_000));
        Self { directory: tempfile::tempdir().unwrap(), now }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn pass(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    fn start(&self) -> harness::Gateway {
        self.start_with(&[])
    }

    fn start_with(&self, flags: &[&str]) -> harness::Gateway {
        let flags = [flags, &["--data-dir", self.path().to_str().unwrap()]].concat();
        let now = Arc::clone(&self.now);
        harness::start_with(&flags, |surroundings| {
            surroundings.clock = Clock::new(move || Time::from_millis(now.load(Ordering::SeqCst)));
        })
    }

    /// Why no gateway can be started here.
    fn refusal(&self) -> String {
        let line = ["session-gateway", "--data-dir", self.path().to_str().unwrap()];
        let settings = Settings::read(line).unwrap();
        Gateway::open(&settings, Surroundings::default()).unwrap_err().to_string()
    }

    fn database(&self) -> Connection {
        Connection::open(self.path().join("sessions.db")).unwrap()
    }
}

fn history(gateway: &harness::Gateway) -> Vec<Value> {
    let answer = gateway.ask("GET", "/v1/history", &[&bearer(READ_TOKEN)], b"");
    answer.json()["sessions"].as_array().unwrap().clone()
}

#[test]
fn a_session_goes_on_after_a_restart_with_its_id_start_key_user_and_totals() {
    let place = Place::new();
    let gateway = place.start();
    let first = report_with(&[("/token", json!(token("billy"))), ("/sent/fetch", json!(7))]);
    assert_eq!(gateway.report(&first).status, 200);
    place.pass(1_000);
    let closed = report_with(&[
        ("/token", json!(token("billy"))),
        ("/load", json!("an earlier one")),
        ("/pageId", json!("another page")),
        ("/closing", json!(true)),
        ("/sent/webSocket", json!(100)),
    ]);
    assert_eq!(gateway.report(&closed).status, 200);
    let before = gateway.sessions("?detail=true");
    drop(gateway);

    let gateway = place.start();
    let mut after = gateway.sessions("?detail=true");
    assert_eq!(
        after[0]["detail"]["pages"][0]["leaseMs"],
        before[0]["detail"]["pages"][0]["leaseMs"]
    );
    assert_eq!(after, before);
    place.pass(5_000);
    let stranger = report_with(&[("/key", json!("f".repeat(32)))]);
    assert_eq!(gateway.report(&stranger).problem(), (403, "key".to_owned()));
    let next = report_with(&[
        ("/token", json!(token("billy"))),
        ("/seq", json!(2)),
        ("/sent/fetch", json!(10)),
    ]);
    assert_eq!(gateway.report(&next).status, 200);
    after = gateway.sessions("");
    assert_eq!(after[0]["totalBytesSent"], 110);
    assert_eq!(after[0]["uptime"], 6_000);
    assert_eq!(after[0]["username"], "billy");
}

#[test]
fn a_session_that_has_ended_can_be_reopened_after_a_restart_and_is_no_history_then() {
    let place = Place::new();
    let gateway = place.start();
    gateway.report(&report_with(&[("/closing", json!(true)), ("/sent/xhr", json!(5))]));
    place.pass(61_000);
    drop(gateway);

    let gateway = place.start();
    assert_eq!(gateway.sessions(""), [] as [Value; 0]);
    assert_eq!(history(&gateway).len(), 1);
    place.pass(60_000);
    gateway.report(&report_with(&[("/load", json!("another")), ("/sent/xhr", json!(1))]));
    drop(gateway);

    let gateway = place.start();
    let sessions = gateway.sessions("");
    assert_eq!(sessions[0]["totalBytesSent"], 6);
    assert_eq!(sessions[0]["uptime"], 121_000);
    assert_eq!(history(&gateway), [] as [Value; 0]);
    gateway.report(&report_with(&[
        ("/load", json!("another")),
        ("/seq", json!(2)),
        ("/closing", json!(true)),
    ]));
    place.pass(61_000);
    drop(gateway);

    let history = history(&place.start());
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["totalBytesSent"], 6);
    assert_eq!(
        history[0]["end"].as_u64().unwrap() - history[0]["start"].as_u64().unwrap(),
        121_000
    );
}

#[test]
fn a_clock_that_was_set_back_breaks_nothing() {
    let place = Place::new();
    let gateway = place.start();
    gateway.report(&report());
    gateway.report(&report_with(&[("/sessionId", json!("over")), ("/closing", json!(true))]));
    place.pass(61_000);
    drop(gateway);
    place.now.store(1_600_000_000_000, Ordering::SeqCst);

    let gateway = place.start();
    assert_eq!(gateway.sessions("")[0]["uptime"], 0);
    // Nothing says which of the two clocks was right.
    assert_eq!(history(&gateway)[0]["end"], 1_700_000_000_000_u64);
    place.pass(1_000);
    assert_eq!(gateway.report(&report_with(&[("/seq", json!(2))])).status, 200);
    assert_eq!(gateway.sessions("")[0]["lastComm"], 0);
    drop(gateway);
    assert_eq!(place.start().sessions("")[0]["uptime"], 1_000);
}

#[test]
fn a_kept_session_that_can_not_be_read_is_left_out_and_the_others_are_back() {
    let place = Place::new();
    let gateway = place.start();
    for id in ["a", "b", "c", "d"] {
        gateway.report(&report_with(&[("/sessionId", json!(id))]));
    }
    drop(gateway);
    let database = place.database();
    for change in [
        // Of a form that nobody knows, cut off, and one that is another's.
        "UPDATE live SET kept = x'ff00' WHERE number = 1",
        "UPDATE live SET kept = substr(kept, 1, length(kept) - 1) WHERE number = 2",
        "INSERT INTO live SELECT 9, kept FROM live WHERE number = 3",
        "INSERT INTO live VALUES (10, zeroblob(70000000))",
    ] {
        database.execute(change, ()).unwrap();
    }
    drop(database);
    let gateway = place.start();
    let ids: Vec<_> = gateway.sessions("").iter().map(|session| session["id"].clone()).collect();
    assert_eq!(ids, ["c", "d"]);
    assert_eq!(gateway.report(&report_with(&[("/sessionId", json!("e"))])).status, 200);
    assert_eq!(gateway.sessions("").len(), 3);
}

#[test]
fn two_gateways_do_not_share_a_data_directory() {
    let place = Place::new();
    let gateway = place.start();
    let refusal = place.refusal();
    assert!(refusal.contains("--data-dir: another gateway uses"), "{refusal}");
    drop(gateway);
    drop(place.start());
}

#[test]
fn a_database_that_is_none_any_more_is_refused_by_name_and_left_alone() {
    let place = Place::new();
    let file = place.path().join("sessions.db");
    let garbage = "no database ".repeat(1_000);
    fs::write(&file, &garbage).unwrap();
    let refusal = place.refusal();
    assert!(refusal.contains("sessions.db") && refusal.contains("move it away"), "{refusal}");
    assert_eq!(fs::read_to_string(file).unwrap(), garbage);
}

#[test]
fn a_database_with_damage_inside_is_refused() {
    let place = Place::new();
    let gateway = place.start();
    for id in 0..100 {
        gateway.report(&report_with(&[("/sessionId", json!(format!("session {id}")))]));
    }
    drop(gateway);
    let file = place.path().join("sessions.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[4_096..].fill(0xaa);
    fs::write(&file, bytes).unwrap();
    let refusal = place.refusal();
    assert!(refusal.contains("is damaged") && refusal.contains("sessions.db"), "{refusal}");
}

#[test]
fn a_database_of_a_later_version_is_refused_and_left_alone() {
    let place = Place::new();
    place.start();
    place.database().pragma_update(None, "user_version", 99).unwrap();
    let refusal = place.refusal();
    assert!(refusal.contains("later version") && refusal.contains("99"), "{refusal}");
    let version = |row: &rusqlite::Row| row.get::<_, i64>(0);
    assert_eq!(place.database().query_row("PRAGMA user_version", (), version), Ok(99));
}

#[test]
fn the_read_token_is_minted_once() {
    let place = Place::new();
    let directory = place.path().join("made/on the way");
    let line = ["session-gateway", "--data-dir", directory.to_str().unwrap()];
    let token = || match Settings::read(line).unwrap().read_tokens {
        ReadTokenSource::Minted(token) => token.reveal().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(token().len(), 32);
    assert_eq!(token(), token());
    // Whoever was killed between making the file and writing it.
    fs::write(directory.join("read-token"), "").unwrap();
    assert_eq!(token().len(), 32);
    fs::write(directory.join("read-token"), "two words").unwrap();
    let error = Settings::read(line).unwrap_err().to_string();
    assert!(error.contains("--data-dir"), "{error}");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let directory = place.path().join("data");
    let flags = ["--data-dir", directory.to_str().unwrap()];
    let line = ["session-gateway"].iter().chain(&flags);
    let _gateway = Gateway::open(&Settings::read(line).unwrap(), Surroundings::default()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in ["read-token", "sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
    }
}

#[test]
fn the_key_itself_is_not_kept() {
    let place = Place::new();
    let gateway = place.start();
    gateway.report(&report());
    drop(gateway);
    let bytes = fs::read(place.path().join("sessions.db")).unwrap();
    assert!(!bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes()));
}
