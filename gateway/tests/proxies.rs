//! Where a request comes from and whose it is, as a trusted proxy says, and as nobody else does.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{Answer, Gateway, KEY, report, report_with, start, token};
use serde_json::json;

/// The tests themselves come from loopback.
const TRUSTED: [&str; 2] = ["--trusted-proxy", "127.0.0.1,10.0.0.0/8"];

fn report_from(gateway: &Gateway, headers: &[&str]) -> Answer {
    gateway.ask("POST", "/v1/report", headers, report().to_string().as_bytes())
}

/// The address that the session is listed with after a report with these headers.
fn address(gateway: &Gateway, headers: &[&str]) -> String {
    assert_eq!(report_from(gateway, headers).status, 200);
    gateway.sessions("")[0]["clientAddress"].as_str().unwrap().to_owned()
}

#[test]
fn a_trusted_proxy_says_where_a_request_comes_from() {
    let gateway = start(&TRUSTED);
    assert_eq!(address(&gateway, &["X-Forwarded-For: 192.0.2.1"]), "192.0.2.1");
    let chain = ["X-Forwarded-For: 198.51.100.1, 192.0.2.2", "X-Forwarded-For: 10.1.1.1"];
    assert_eq!(address(&gateway, &chain), "192.0.2.2");
    assert_eq!(address(&gateway, &["X-Forwarded-For: unknown"]), "127.0.0.1");
    assert_eq!(address(&gateway, &[]), "127.0.0.1");
    // A proxy that writes the one header may pass on the other as the client sent it.
    assert_eq!(address(&gateway, &["Forwarded: for=192.0.2.3"]), "127.0.0.1");
}

#[test]
fn the_header_can_be_that_of_rfc_7239() {
    let gateway = start(&[&TRUSTED[..], &["--client-address-header", "Forwarded"]].concat());
    let forwarded =
        r#"Forwarded: for=198.51.100.1, for="[2001:db8::1]:4711";proto=https, for=10.1.1.1"#;
    assert_eq!(address(&gateway, &[forwarded]), "2001:db8::1");
    assert_eq!(address(&gateway, &["X-Forwarded-For: 192.0.2.1"]), "127.0.0.1");
}

#[test]
fn whoever_is_no_trusted_proxy_is_not_believed() {
    let elsewhere = ["--trusted-proxy", "10.0.0.0/8", "--user-header", "X-Forwarded-User"];
    for flags in [&[][..], &elsewhere] {
        let gateway = start(flags);
        let headers =
            ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Forwarded-User: admin"];
        assert_eq!(address(&gateway, &headers), "127.0.0.1");
        assert_eq!(gateway.sessions("")[0]["username"], "Unauthenticated");
    }
}

#[test]
fn a_trusted_proxy_names_the_user_in_the_header_that_is_set() {
    let gateway = start(&[&TRUSTED[..], &["--user-header", "X-Forwarded-User"]].concat());
    let answer = |headers: &[&str]| report_from(&gateway, headers).json();
    let user = |name: &str| json!({"username": name, "authorized": true});
    assert_eq!(answer(&["X-Forwarded-User: billy"]), user("billy"));
    assert_eq!(answer(&["X-Forwarded-User: Bräunlich, π"]), user("Bräunlich, π"));
    assert_eq!(gateway.sessions("")[0]["authorized"], true);
    let nobody = json!({"username": "Unauthenticated", "authorized": false});
    assert_eq!(answer(&["X-Forwarded-User:"]), nobody);
    assert_eq!(answer(&["X-Forwarded-Email: billy"]), nobody);
    assert_eq!(answer(&[]), nobody);
    // One of the two may be the client's own.
    let two = answer(&["X-Forwarded-User: admin", "X-Forwarded-User: billy"]);
    assert_eq!((&two["username"], &two["authorized"]), (&json!("Unauthenticated"), &json!(false)));
    assert!(two["tokenProblem"].as_str().unwrap().contains("more than one header"), "{two}");
    assert_eq!(gateway.sessions("")[0]["username"], "Unauthenticated");
}

#[test]
fn without_the_setting_no_header_names_a_user() {
    let gateway = start(&TRUSTED);
    let answer = report_from(&gateway, &["X-Forwarded-User: billy"]);
    assert_eq!(answer.json()["authorized"], false);
}

#[test]
fn a_token_counts_more_than_what_the_proxy_says() {
    let gateway = start(&[&TRUSTED[..], &["--user-header", "X-Forwarded-User"]].concat());
    let answer = |token: &str| {
        let body = report_with(&[("/token", json!(token))]).to_string();
        let headers = ["X-Forwarded-User: proxy's"];
        gateway.ask("POST", "/v1/report", &headers, body.as_bytes()).json()
    };
    assert_eq!(answer(&token("token's"))["username"], "token's");
    // One that does not hold makes nobody somebody else.
    assert_eq!(answer("forged")["username"], "Unauthenticated");
}

#[test]
fn nobody_in_another_browser_can_report_for_a_session_that_is_open() {
    let gateway = start(&[&TRUSTED[..], &["--user-header", "X-Forwarded-User"]].concat());
    let ask = |key: &str, headers: &[&str], seq: u32| {
        let changes = [("/key", json!(key)), ("/seq", json!(seq)), ("/path", json!("/forged"))];
        let body = report_with(&changes).to_string();
        gateway.ask("POST", "/v1/report", headers, body.as_bytes())
    };
    let billy = ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-User: billy"];
    assert_eq!(report_from(&gateway, &billy).status, 200);
    let before = gateway.sessions("?detail=true");
    let stranger = "f".repeat(32);
    for headers in [
        &[][..],
        &["X-Forwarded-For: 192.0.2.1"],
        &["X-Forwarded-For: 192.0.2.1", "X-Forwarded-User: mallory"],
        &["X-Forwarded-For: 198.51.100.1, 192.0.2.1", "X-Forwarded-User: "],
    ] {
        assert_eq!(ask(&stranger, headers, 9).problem(), (403, "key".into()));
        assert_eq!(gateway.sessions("?detail=true"), before);
    }
    // The user in another browser of theirs can: its key replaces the first one.
    assert_eq!(ask(&stranger, &["X-Forwarded-User: billy"], 9).status, 200);
    assert_eq!(ask(KEY, &["X-Forwarded-User: mallory"], 10).problem(), (403, "key".into()));
}
