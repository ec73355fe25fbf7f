//! `POST /v1/report`: what is joined, what is refused and how, and what a hostile client can not do.

#![allow(clippy::unwrap_used)]

mod harness;

use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use harness::{Answer, Gateway, KEY, bearer, report, report_with, start, token};
use serde_json::{Value, json};

/// A gateway that knows one session with one open page.
fn with_a_session() -> Gateway {
    let gateway = start(&[]);
    assert_eq!(gateway.report(&report()).status, 200);
    gateway
}

/// Sends a wrong report and checks that the registry stays as it was.
#[track_caller]
fn refused(gateway: &Gateway, send: impl FnOnce(&Gateway) -> Answer) -> (u16, String) {
    let before = gateway.sessions("?detail=true");
    let problem = send(gateway).problem();
    assert_eq!(gateway.sessions("?detail=true"), before);
    problem
}

#[track_caller]
fn field_of(gateway: &Gateway, report: &Value) -> String {
    let (status, field) = refused(gateway, |gateway| gateway.report(report));
    assert_eq!(status, 400);
    field
}

#[test]
fn a_report_is_joined_and_answered() {
    let gateway = start(&[]);
    let answer = gateway.report(&report());
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), json!({"username": "Unauthenticated", "authorized": false}));
    assert_eq!(gateway.sessions("").len(), 1);
}

#[test]
fn the_content_type_does_not_matter() {
    let gateway = start(&[]);
    let body = report().to_string();
    for header in ["Content-Type: application/json", "Content-Type: image/png", "X: no type at all"]
    {
        assert_eq!(gateway.ask("POST", "/v1/report", &[header], body.as_bytes()).status, 200);
    }
}

#[test]
fn what_is_no_json_object_in_utf8_is_refused_as_the_body() {
    let gateway = with_a_session();
    let deep = "[".repeat(60_000);
    let nested = format!("{{\"v\":1,\"sent\":{}{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let bodies: [&[u8]; 10] = [
        b"",
        b"not JSON",
        b"null",
        b"[1]",
        b"{\"v\":1}}",
        b"{\"v\":1,\"project\":\"\xff\"}",
        b"{\"v\":1,\"project\":\"\\ud800\"}",
        b"{\"v\":1e999}",
        deep.as_bytes(),
        nested.as_bytes(),
    ];
    for body in bodies {
        let problem = refused(&gateway, |gateway| gateway.report_bytes(body));
        assert_eq!(problem, (400, "body".into()), "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn another_version_is_told_so_whatever_else_it_holds() {
    let gateway = with_a_session();
    for version in [
        json!({"v": 2}),
        json!({"v": 2, "project": 7}),
        json!({"v": "1"}),
        json!({"v": 1.5}),
        json!({}),
    ] {
        assert_eq!(field_of(&gateway, &version), "v");
    }
}

#[test]
fn a_wrong_field_is_named_by_its_path() {
    let gateway = with_a_session();
    for (pointer, wrong, field) in [
        ("/sent/fetch", json!(-1), "sent.fetch"),
        ("/received/http", json!(9_007_199_254_740_992_u64), "received.http"),
        ("/seq", json!(1.5), "seq"),
        ("/recentSent", json!("1"), "recentSent"),
        ("/sent", json!(null), "sent"),
        ("/scope", json!("C"), "scope"),
        ("/closing", json!("no"), "closing"),
        ("/token", json!(7), "token"),
        ("/key", json!("short"), "key"),
        ("/project", json!(""), "project"),
        ("/sessionId", json!("x".repeat(257)), "sessionId"),
        ("/pageId", json!("π".repeat(129)), "pageId"),
        ("/path", json!("x".repeat(2049)), "path"),
        ("/leaseMs", json!(600_001), "leaseMs"),
    ] {
        assert_eq!(field_of(&gateway, &report_with(&[(pointer, wrong)])), field);
    }
}

#[test]
fn a_missing_field_is_named_by_its_path() {
    let gateway = with_a_session();
    for (object, key, field) in
        [("", "project", "project"), ("", "sent", "sent"), ("/sent", "webSocket", "sent.webSocket")]
    {
        let mut report = report();
        report.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(key);
        assert_eq!(field_of(&gateway, &report), field);
    }
}

#[test]
fn a_field_that_is_there_twice_is_named() {
    let gateway = with_a_session();
    for (once, twice, field) in [
        (r#""seq":1"#, r#""seq":1,"seq":2"#, "seq"),
        (r#""xhr":0"#, r#""xhr":0,"xhr":0"#, "sent.xhr"),
        (r#""v":1"#, r#""v":1,"v":1"#, "v"),
    ] {
        let body = report().to_string().replacen(once, twice, 1);
        let problem = refused(&gateway, |gateway| gateway.report_bytes(body.as_bytes()));
        assert_eq!(problem, (400, field.into()), "{body}");
    }
}

#[test]
fn a_problem_stays_small_whatever_the_report_holds() {
    let gateway = with_a_session();
    let answer = gateway.report(&report_with(&[("/scope", json!("π".repeat(20_000)))]));
    assert_eq!(answer.problem(), (400, "scope".into()));
    assert!(answer.body.len() < 1024, "{} bytes", answer.body.len());
}

#[test]
fn a_report_of_64_kib_is_read_and_one_byte_more_is_too_long() {
    let gateway = with_a_session();
    let mut body = report().to_string().into_bytes();
    body.resize(64 * 1024, b' ');
    assert_eq!(gateway.report_bytes(&body).status, 200);
    body.push(b' ');
    assert_eq!(refused(&gateway, |gateway| gateway.report_bytes(&body)), (413, "body".into()));
}

#[test]
fn a_report_that_says_it_is_too_long_is_refused_unread() {
    let gateway = with_a_session();
    let head = |length: &str| {
        format!(
            "POST /v1/report HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n\r\n",
            gateway.host()
        )
    };
    for length in ["65537", "9223372036854775807"] {
        let problem = refused(&gateway, |gateway| gateway.raw(head(length)));
        assert_eq!(problem, (413, "body".into()), "{length}");
    }
    // These are no HTTP: no length, or two.
    for length in ["-1", "1, 2", "x", "1\r\nContent-Length: 2"] {
        assert_eq!(gateway.raw(head(length)).status, 400, "{length}");
    }
}

#[test]
fn a_report_in_chunks_is_cut_off_where_it_gets_too_long() {
    let gateway = with_a_session();
    let send = |size: usize| {
        let head = format!(
            "POST /v1/report HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
            gateway.host()
        );
        let mut body = report().to_string().into_bytes();
        body.resize(size, b' ');
        let chunks = body
            .chunks(4096)
            .flat_map(|chunk| {
                [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()
            })
            .collect::<Vec<u8>>();
        gateway.raw([head.as_bytes(), &chunks, b"0\r\n\r\n"].concat())
    };
    assert_eq!(send(64 * 1024).status, 200);
    assert_eq!(send(64 * 1024 + 1).problem(), (413, "body".into()));
}

#[test]
fn a_report_that_never_arrives_is_not_waited_for() {
    let gateway = start(&["--body-timeout", "1ms"]);
    let mut stream = gateway.connect();
    write!(
        stream,
        "POST /v1/report HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n{{\"v\":",
        gateway.host()
    )
    .unwrap();
    assert_eq!(Answer::read(stream).problem(), (408, "body".into()));
    assert!(gateway.sessions("").is_empty());
}

#[test]
fn a_report_that_breaks_off_is_not_joined_though_it_could_be_read() {
    let gateway = with_a_session();
    let before = gateway.sessions("?detail=true");
    let body = report_with(&[("/seq", json!(2)), ("/path", json!("/elsewhere"))]).to_string();
    let mut stream = gateway.connect();
    write!(
        stream,
        "POST /v1/report HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
        gateway.host(),
        body.len() + 1
    )
    .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // The gateway closes when it is done with it, with an answer or without one.
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(gateway.sessions("?detail=true"), before);
}

#[test]
fn another_sessions_id_without_its_key_is_forbidden_while_a_page_is_open() {
    let gateway = with_a_session();
    let other = "f".repeat(32);
    let stolen = report_with(&[("/key", json!(other)), ("/load", json!("another"))]);
    assert_eq!(refused(&gateway, |gateway| gateway.report(&stolen)), (403, "key".into()));
    gateway.report(&report_with(&[("/seq", json!(2)), ("/closing", json!(true))]));
    assert_eq!(gateway.report(&stolen).status, 200);
}

#[test]
fn the_same_id_under_another_project_is_a_conflict() {
    let gateway = with_a_session();
    let other = report_with(&[("/project", json!("OtherProject"))]);
    assert_eq!(refused(&gateway, |gateway| gateway.report(&other)), (409, "project".into()));
}

#[test]
fn too_many_open_pages_are_told_to_try_again_later() {
    let gateway = with_a_session();
    let page = |n: u32| {
        report_with(&[("/pageId", json!(format!("p{n}"))), ("/load", json!(format!("l{n}")))])
    };
    let answer = (1..1000)
        .map(|n| gateway.report(&page(n)))
        .find(|answer| answer.status != 200)
        .expect("a limit");
    assert_eq!(answer.problem(), (429, "pageId".into()));
    assert_eq!(answer.header("retry-after"), Some("60"));
}

#[test]
fn a_foreign_page_is_refused_before_its_report_is_read() {
    let gateway = with_a_session();
    let before = gateway.sessions("?detail=true");
    // The body is announced and never sent: who answers has not waited for it.
    let answer = gateway.raw(format!(
        "POST /v1/report HTTP/1.1\r\nHost: {}\r\nOrigin: http://evil.example\r\nContent-Length: 100\r\n\r\n",
        gateway.host()
    ));
    assert_eq!(answer.problem(), (403, "Origin".into()));
    assert_eq!(gateway.sessions("?detail=true"), before);
}

#[test]
fn a_token_that_holds_names_the_user() {
    let gateway = start(&[]);
    let answer = gateway.report(&report_with(&[("/token", json!(token("billy")))]));
    assert_eq!(answer.json(), json!({"username": "billy", "authorized": true}));
    let sessions = gateway.sessions("?username=billy");
    assert_eq!(
        (&sessions[0]["username"], &sessions[0]["authorized"]),
        (&json!("billy"), &json!(true))
    );
}

#[test]
fn a_token_that_does_not_hold_is_no_reason_to_refuse_the_report() {
    let gateway = start(&[]);
    let forged = token("billy") + "x";
    let answer = gateway.report(&report_with(&[("/token", json!(forged))]));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["username"], "Unauthenticated");
    assert_eq!(answer.json()["authorized"], false);
    let problem = answer.json()["tokenProblem"].as_str().unwrap().to_owned();
    assert!(problem.contains("signed") && !problem.contains(&forged), "{problem}");
    assert_eq!(gateway.sessions("")[0]["username"], "Unauthenticated");
}

#[test]
fn the_read_token_is_of_no_use_in_a_report_and_the_key_of_none_for_reading() {
    let gateway = with_a_session();
    let answer = gateway.ask("GET", "/v1/sessions", &[&bearer(KEY)], b"");
    assert_eq!(answer.problem(), (401, "Authorization".into()));
}
