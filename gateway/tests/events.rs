//! `GET /v1/events`: the list as it changes.

#![allow(clippy::unwrap_used)]

mod harness;

use std::time::{Duration, Instant};

use harness::events::{Event, Stream};
use harness::{Gateway, READ_TOKEN, bearer, report, report_with, start, token};
use serde_json::{Value, json};

/// What a client has that applies what it is told, and how it does that.
struct Client {
    stream: Stream,
    query: String,
    time: u64,
    sessions: Vec<(u64, Value)>,
}

impl Client {
    /// Follows, and has the list.
    fn follow(gateway: &Gateway, query: &str) -> Self {
        let stream = Stream::open(gateway, query);
        let mut client = Self { stream, query: query.to_owned(), time: 0, sessions: Vec::new() };
        client.apply();
        client
    }

    /// Applies the next event, and gives it back.
    fn apply(&mut self) -> Event {
        let event = self.stream.event().unwrap();
        let data = &event.data;
        self.time = data["time"].as_u64().unwrap();
        let entries = |key: &str| -> Vec<_> {
            data[key].as_array().unwrap().iter().map(|entry| (self.time, entry.clone())).collect()
        };
        match &*event.name {
            "snapshot" => self.sessions = entries("sessions"),
            name => {
                assert_eq!(name, "changes");
                let (changed, heard) = (entries("changed"), entries("heard"));
                let gone = data["gone"].as_array().unwrap();
                self.sessions.retain(|(_, session)| !gone.contains(&session["id"]));
                for (time, entry) in changed {
                    match self.find(&entry) {
                        Some(place) => *place = (time, entry),
                        None => self.sessions.push((time, entry)),
                    }
                }
                for (time, entry) in heard {
                    let place = self.find(&entry).unwrap();
                    place.0 = time;
                    for key in ["uptime", "lastComm"] {
                        place.1[key] = entry[key].clone();
                    }
                }
            }
        }
        event
    }

    fn find(&mut self, entry: &Value) -> Option<&mut (u64, Value)> {
        self.sessions.iter_mut().find(|(_, session)| session["id"] == entry["id"])
    }

    /// What the client shows at this time, in the order of the list.
    fn shown(&self, now: u64) -> Vec<Value> {
        let mut shown = self.sessions.clone();
        shown.sort_by_key(|(time, session)| time - session["uptime"].as_u64().unwrap());
        let later = |value: &mut Value, by: u64| *value = json!(value.as_u64().unwrap() + by);
        for (time, session) in &mut shown {
            let by = now - *time;
            later(&mut session["uptime"], by);
            later(&mut session["lastComm"], by);
            let pages = session.pointer_mut("/detail/pages").and_then(Value::as_array_mut);
            for page in pages.into_iter().flatten() {
                later(&mut page["uptime"], by);
                later(&mut page["lastReport"], by);
            }
        }
        shown.into_iter().map(|(_, session)| session).collect()
    }

    /// Applies what comes until it has what the gateway lists.
    fn catch_up(&mut self, gateway: &Gateway) {
        loop {
            let listed = gateway.sessions(&self.query);
            if self.shown(gateway.now()) == listed {
                return;
            }
            // Waits for the next event, and not for ever.
            self.apply();
        }
    }
}

fn ids(entries: &Value) -> Vec<&str> {
    entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry.as_str().or_else(|| entry["id"].as_str()).unwrap())
        .collect()
}

fn report_of(session: &str, seq: u64, changes: &[(&str, Value)]) -> Value {
    let mut all = vec![("/sessionId", json!(session)), ("/seq", json!(seq))];
    all.extend_from_slice(changes);
    report_with(&all)
}

#[test]
fn first_comes_the_list_and_then_only_what_changes() {
    let gateway = start(&[]);
    for session in ["first", "second"] {
        gateway.report(&report_of(session, 1, &[]));
        gateway.pass(5);
    }
    let mut stream = Stream::open(&gateway, "");
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    assert_eq!(stream.header("cache-control"), Some("no-store"));
    let snapshot = stream.event().unwrap();
    assert_eq!((&*snapshot.name, snapshot.retry), ("snapshot", Some(2000)));
    assert_eq!(snapshot.data["sessions"], json!(gateway.sessions("")));

    gateway.report(&report_of("second", 2, &[]));
    gateway.report(&report_of("third", 1, &[]));
    let mut heard = Vec::new();
    let mut changed = Vec::new();
    while changed.is_empty() || heard.is_empty() {
        let event = stream.event().unwrap();
        assert_eq!(&*event.name, "changes");
        assert_eq!(event.data["gone"], json!([]));
        heard.extend(event.data["heard"].as_array().unwrap().clone());
        changed.extend(event.data["changed"].as_array().unwrap().clone());
    }
    assert_eq!(heard, [json!({"id": "second", "uptime": 5, "lastComm": 0})]);
    assert_eq!(changed, [gateway.sessions("")[2].clone()]);
}

#[test]
fn who_applies_the_changes_has_the_list() {
    std::thread::scope(|scope| {
        for query in ["", "?detail=true", "?username=billy", "?project=MyProject&detail=true"] {
            scope.spawn(move || one_who_applies_the_changes_has_the_list(query));
        }
    });
}

fn one_who_applies_the_changes_has_the_list(query: &str) {
    let gateway = start(&["--session-timeout", "5s"]);
    gateway.report(&report_of("first", 1, &[("/token", json!(token("billy")))]));
    let mut client = Client::follow(&gateway, query);
    client.catch_up(&gateway);
    let mut seq = 1;
    let mut tell = |session: &str, changes: &[(&str, Value)]| {
        seq += 1;
        gateway.report(&report_of(session, seq, changes));
        gateway.pass(7);
        client.catch_up(&gateway);
    };
    let billy = || ("/token", json!(token("billy")));
    tell("second", &[]);
    tell("second", &[billy()]);
    tell("third", &[("/project", json!("Other"))]);
    tell("first", &[billy(), ("/sent/fetch", json!(10)), ("/recentSent", json!(10))]);
    tell("first", &[billy(), ("/pageId", json!("page 2")), ("/load", json!("load 2"))]);
    tell("first", &[billy(), ("/visible", json!(false)), ("/leaseMs", json!(1000))]);
    // Without its token the session is nobody's, and leaves a list of billy's.
    tell("first", &[("/leaseMs", json!(1000))]);
    tell("second", &[("/closing", json!(true))]);
    // The leases run out, then the sessions end; one is back again.
    for millis in [1_100, 3_900, 30_000] {
        gateway.pass(millis);
        client.catch_up(&gateway);
    }
    assert!(gateway.sessions(query).is_empty(), "{query}");
    gateway.report(&report_of("first", 100, &[billy()]));
    client.catch_up(&gateway);
    assert_eq!(client.sessions.len(), 1, "{query}");
}

#[test]
fn a_session_that_passes_the_filter_no_more_is_gone_and_others_are_not_spoken_of() {
    let gateway = start(&["--session-timeout", "5s"]);
    let billy = [("/token", json!(token("billy")))];
    gateway.report(&report_of("billys", 1, &billy));
    gateway.report(&report_of("other", 1, &[]));
    let mut stream = Stream::open(&gateway, "?username=billy");
    assert_eq!(ids(&stream.event().unwrap().data["sessions"]), ["billys"]);
    gateway.report(&report_of("other", 2, &[("/visible", json!(false))]));
    gateway.report(&report_of("other", 3, &[]));
    gateway.report(&report_of("billys", 2, &[]));
    let event = stream.event().unwrap().data;
    assert_eq!(ids(&event["gone"]), ["billys"]);
    assert_eq!((&event["changed"], &event["heard"]), (&json!([]), &json!([])));
    // The end of neither is of interest.
    gateway.pass(60_000);
    gateway.report(&report_of("again", 1, &billy));
    let event = stream.event().unwrap().data;
    assert_eq!((ids(&event["gone"]), ids(&event["changed"])), (vec![], vec!["again"]));
}

#[test]
fn there_are_four_batches_a_second_at_most() {
    let gateway = start(&[]);
    let mut stream = Stream::open(&gateway, "");
    stream.event().unwrap();
    let started = Instant::now();
    for batches in 1..=4 {
        gateway.report(&report());
        stream.event().unwrap();
        // The first may come at once: ticks do not begin with the stream.
        assert!(started.elapsed() >= Duration::from_millis(240) * (batches - 1), "{batches}");
    }
}

#[test]
fn an_id_can_hold_any_character() {
    let gateway = start(&["--session-timeout", "1s"]);
    let id = "a\n\r\"\\data: π\u{2028}";
    let mut client = Client::follow(&gateway, "");
    gateway.report(&report_of(id, 1, &[("/pageId", json!(id))]));
    client.catch_up(&gateway);
    gateway.pass(60_000);
    client.catch_up(&gateway);
    assert!(client.sessions.is_empty());
}

#[test]
fn there_are_so_many_subscribers_and_no_more() {
    let gateway = start(&["--event-subscribers", "2"]);
    let first = Stream::open(&gateway, "");
    let _second = Stream::open(&gateway, "?detail=true");
    let ask = || gateway.ask("GET", "/v1/events", &[&bearer(READ_TOKEN)], b"");
    let answer = ask();
    assert_eq!(answer.problem().0, 503);
    assert_eq!(answer.header("retry-after"), Some("10"));
    assert_eq!(gateway.metric("session_gateway_event_subscribers"), 2.0);
    drop(first);
    gateway.until(|| gateway.metric("session_gateway_event_subscribers") < 2.0);
    Stream::open(&gateway, "").event().unwrap();
}

#[test]
fn who_has_not_the_read_token_or_asks_wrongly_follows_nothing() {
    let gateway = start(&[]);
    assert_eq!(gateway.get("/v1/events").problem(), (401, "Authorization".into()));
    assert_eq!(gateway.get("/v1/events?token=read-token").problem().0, 401);
    let answer = gateway.ask("GET", "/v1/events?detail=yes", &[&bearer(READ_TOKEN)], b"");
    assert_eq!(answer.problem(), (400, "detail".into()));
    assert_eq!(gateway.metric("session_gateway_event_subscribers"), 0.0);
}

#[test]
fn pages_of_allowed_origins_may_follow() {
    let gateway = start(&["--allow-origin", "http://plant.example"]);
    let headers = [&bearer(READ_TOKEN), "Origin: http://plant.example"];
    let stream = Stream::open_with(&gateway, "", &headers);
    assert_eq!(stream.header("access-control-allow-origin"), Some("http://plant.example"));
}

#[test]
fn the_stream_ends_with_the_gateway() {
    let gateway = start(&[]);
    let mut stream = Stream::open(&gateway, "");
    stream.event().unwrap();
    let started = Instant::now();
    drop(gateway);
    assert_eq!(stream.event(), None);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn an_alert_is_raised_and_cleared_for_all_to_see() {
    let gateway = start(&["--alert-sessions", "2", "--session-timeout", "1s"]);
    let raised = || gateway.metric(r#"session_gateway_alert{alert="sessions"}"#);
    let mut stream = Stream::open(&gateway, "?username=nobody");
    stream.event().unwrap();
    assert_eq!(raised(), 0.0);
    gateway.report(&report_of("first", 1, &[]));
    gateway.report(&report_of("second", 1, &[]));
    let alert = stream.event().unwrap();
    let time = gateway.now();
    let expected =
        json!({"time": time, "alert": "sessions", "raised": true, "count": 2, "threshold": 2});
    assert_eq!((&*alert.name, &alert.data), ("alert", &expected));
    assert_eq!(raised(), 1.0);
    // Who comes later is told after the list.
    let mut late = Stream::open(&gateway, "");
    assert_eq!(&*late.event().unwrap().name, "snapshot");
    assert_eq!(late.event().unwrap().data, expected);
    gateway.pass(60_000);
    let alert = stream.event().unwrap();
    assert_eq!((&*alert.name, &alert.data["raised"]), ("alert", &json!(false)));
    assert_eq!(raised(), 0.0);
}
