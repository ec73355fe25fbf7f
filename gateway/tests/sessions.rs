//! `GET /v1/sessions`: getSessionInfo.

#![allow(clippy::unwrap_used)]

mod harness;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use harness::{Answer, Gateway, READ_TOKEN, bearer, report, report_with, start, token};
use serde_json::{Value, json};
use session_gateway::http::Http;
use session_gateway::{Settings, Surroundings};

/// Two sessions on MyProject, billy's and nobody's, and one of billy's on OtherProject.
fn with_three_sessions() -> Gateway {
    let gateway = start(&[]);
    for (session, project, user) in [
        ("first", "MyProject", Some("billy")),
        ("second", "MyProject", None),
        ("third", "OtherProject", Some("billy")),
    ] {
        let report = report_with(&[
            ("/sessionId", json!(session)),
            ("/project", json!(project)),
            ("/token", json!(user.map(token))),
        ]);
        assert_eq!(gateway.report(&report).status, 200);
        gateway.pass(1);
    }
    gateway
}

fn ids(sessions: &[Value]) -> Vec<&str> {
    sessions.iter().map(|session| session["id"].as_str().unwrap()).collect()
}

#[test]
fn a_session_has_the_thirteen_keys_with_their_values_in_their_order() {
    let gateway = start(&[]);
    let report = report_with(&[
        ("/sent", json!({"webSocket": 1000, "fetch": 200, "xhr": 30, "beacon": 4})),
        ("/recentSent", json!(30)),
        ("/scope", json!("iOS")),
        ("/pageId", json!("A view/with spaces")),
        ("/token", json!(token("billy"))),
    ]);
    gateway.report(&report);
    gateway.pass(1500);
    let answer = gateway.ask("GET", "/v1/sessions", &[&bearer(READ_TOKEN)], b"");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.text(),
        r#"[{"userAgent":"Mozilla/5.0","id":"session","username":"billy","project":"MyProject","#
            .to_owned()
            + r#""uptime":1500,"clientAddress":"127.0.0.1","lastComm":1500,"sessionScope":"iOS","#
            + r#""activePages":1,"recentBytesSent":30,"totalBytesSent":1234,"#
            + r#""pageIds":["A view/with spaces"],"authorized":true}]"#
    );
}

#[test]
fn filters_match_exactly_and_together() {
    let gateway = with_three_sessions();
    for (query, expected) in [
        ("", &["first", "second", "third"][..]),
        ("?username=&project=", &["first", "second", "third"]),
        ("?username=billy", &["first", "third"]),
        ("?username=Unauthenticated", &["second"]),
        ("?project=MyProject", &["first", "second"]),
        ("?username=billy&project=OtherProject", &["third"]),
        ("?username=Billy", &[]),
        ("?project=My", &[]),
    ] {
        assert_eq!(ids(&gateway.sessions(query)), expected, "{query}");
    }
}

#[test]
fn detail_comes_when_asked_for() {
    let gateway = with_three_sessions();
    assert_eq!(gateway.sessions("?detail=false")[0].get("detail"), None);
    let sessions = gateway.sessions("?detail=true");
    assert_eq!(sessions[0]["detail"]["pages"][0]["id"], "page");
    assert_eq!(sessions[0]["detail"]["sent"]["webSocket"], 0);
}

#[test]
fn one_session_is_asked_for_by_its_id_whatever_that_holds_and_comes_with_its_detail() {
    let gateway = start(&[]);
    for id in ["plain", "a b/c", "../sessions", "π?x=1&y#z%"] {
        gateway.report(&report_with(&[("/sessionId", json!(id))]));
        let encoded: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/v1/sessions/{encoded}");
        let answer = gateway.ask("GET", &path, &[&bearer(READ_TOKEN)], b"");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.json()["id"], id);
        assert_eq!(answer.json()["detail"]["pages"][0]["id"], "page");
        assert_eq!(answer.json()["detail"]["vouchedBy"]["clientAddress"], "gateway");
        assert_eq!(gateway.ask("GET", &path, &[], b"").problem().0, 401);
    }
    for unknown in ["other", "%FF"] {
        let path = format!("/v1/sessions/{unknown}");
        let answer = gateway.ask("GET", &path, &[&bearer(READ_TOKEN)], b"");
        assert_eq!(answer.problem(), (404, String::new()), "{unknown}");
    }
}

#[test]
fn a_long_list_comes_in_parts_and_reports_are_joined_meanwhile() {
    let gateway = start(&[]);
    let path = "/".repeat(2_000);
    for n in 0..1_000 {
        let report = report_with(&[("/sessionId", json!(n.to_string())), ("/path", json!(path))]);
        assert_eq!(gateway.report(&report).status, 200);
    }
    let mut list = gateway.connect();
    let host = gateway.host();
    let (token, request) = (bearer(READ_TOKEN), "GET /v1/sessions?detail=true HTTP/1.1\r\nHost: ");
    list.write_all(format!("{request}{host}\r\n{token}\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    // Nobody has read the list yet.
    let late = report_with(&[("/sessionId", json!("late"))]);
    assert_eq!(gateway.report(&late).status, 200);
    let answer = Answer::read(list);
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    let sessions = answer.json();
    let expected: Vec<_> = (0..1_000).map(|n| n.to_string()).collect();
    assert_eq!(ids(sessions.as_array().unwrap())[..1_000], expected);
}

#[test]
fn a_parameter_that_is_wrong_misspelled_or_repeated_is_named() {
    let gateway = with_three_sessions();
    for (query, parameter) in [
        ("detail=yes", "detail"),
        ("detail=", "detail"),
        ("userName=billy", "userName"),
        ("username=billy&username=bob", "username"),
        ("token=x", "token"),
        ("%CF%80=1", "π"),
    ] {
        let path = format!("/v1/sessions?{query}");
        let answer = gateway.ask("GET", &path, &[&bearer(READ_TOKEN)], b"");
        assert_eq!(answer.problem(), (400, parameter.into()), "{query}");
    }
}

#[test]
fn who_has_not_the_read_token_learns_nothing() {
    let gateway = with_three_sessions();
    for headers in [
        &[][..],
        &["Authorization: Bearer"],
        &["Authorization: Bearer wrong"],
        &["Authorization: Bearer read-toke"],
        &["Authorization: Bearer read-token2"],
        &["Authorization: Basic read-token"],
        &["Authorization: read-token"],
        &["Cookie: token=read-token"],
    ] {
        let answer = gateway.ask("GET", "/v1/sessions?nonsense", headers, b"");
        assert_eq!(answer.problem(), (401, "Authorization".into()), "{headers:?}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{headers:?}");
        assert!(!answer.text().contains(READ_TOKEN) || headers.is_empty(), "{}", answer.text());
    }
    assert_eq!(gateway.get("/v1/sessions?token=read-token").status, 401);
}

#[test]
fn a_session_without_a_page_ends_after_the_timeout() {
    let gateway = start(&["--session-timeout", "5s"]);
    gateway.report(&report_with(&[("/leaseMs", json!(1000))]));
    gateway.pass(999);
    assert_eq!(gateway.sessions("")[0]["pageIds"], json!(["page"]));
    gateway.pass(1);
    assert_eq!(gateway.sessions("")[0]["pageIds"], json!([]));
    gateway.pass(4999);
    assert_eq!(gateway.sessions("").len(), 1);
    gateway.pass(1);
    assert!(gateway.sessions("").is_empty());
    gateway.report(&report_with(&[("/seq", json!(2))]));
    assert_eq!(gateway.sessions("")[0]["uptime"], 6000);
}

#[tokio::test]
async fn an_ipv4_address_is_shown_as_such_also_on_a_socket_of_both_kinds() {
    let settings = Settings::read(["session-gateway"]).unwrap();
    let gateway =
        Arc::new(session_gateway::Gateway::open(&settings, Surroundings::default()).unwrap());
    let peer: SocketAddr = "[::ffff:192.0.2.7]:50000".parse().unwrap();
    let request = Request::post("/v1/report")
        .header("Host", "localhost")
        .body(Body::from(report().to_string()))
        .unwrap();
    let http = Http::new(Arc::clone(&gateway), settings.base_path, None);
    let answer = http.answer(request, peer).await;
    assert_eq!(answer.status(), 200);
    let mut session = Vec::new();
    assert!(gateway.write_session("session", &mut session));
    let session: Value = serde_json::from_slice(&session).unwrap();
    assert_eq!(session["clientAddress"], "192.0.2.7");
}
