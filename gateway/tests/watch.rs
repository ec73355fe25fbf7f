//! `GET /metrics` and `GET /healthz`: what watches the gateway.

#![allow(clippy::unwrap_used)]

mod harness;

use harness::{READ_TOKEN, await_that, bearer, report, report_with, start, token};
use serde_json::json;
use tempfile::TempDir;

#[test]
fn metrics_are_in_the_form_of_prometheus() {
    let answer = start(&[]).get("/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for line in answer.text().lines() {
        assert!(line.starts_with("# ") || line.starts_with("session_gateway_"), "{line}");
    }
}

#[test]
fn reports_and_lists_are_counted_and_timed() {
    let gateway = start(&[]);
    for _ in 0..3 {
        gateway.report(&report());
    }
    gateway.sessions("");
    assert_eq!(gateway.metric("session_gateway_report_duration_seconds_count"), 3.0);
    assert_eq!(gateway.metric("session_gateway_list_duration_seconds_count"), 1.0);
}

#[test]
fn what_is_refused_is_counted_by_its_reason() {
    let gateway = start(&[]);
    let reader = bearer(READ_TOKEN);
    gateway.report(&report());
    gateway.report(&report_with(&[("/key", json!("f".repeat(32)))]));
    gateway.report(&report_with(&[("/project", json!("Other"))]));
    gateway.report_bytes(b"{");
    gateway.report_bytes(&vec![b' '; 70_000]);
    gateway.get("/v1/sessions");
    gateway.ask("GET", "/v1/sessions?nonsense", &[&reader], b"");
    gateway.ask("GET", "/", &["Host: evil.example"], b"");
    gateway.ask("GET", "/v1/sessions", &["Origin: http://evil.example", &reader], b"");
    gateway.get("/nowhere");
    gateway.get("/v1/report");
    for (reason, count) in [
        ("key", 1.0),
        ("project", 1.0),
        ("malformed", 2.0),
        ("too_long", 1.0),
        ("read_token", 1.0),
        ("host", 1.0),
        ("origin", 1.0),
        ("not_found", 1.0),
        ("method", 1.0),
        ("other", 0.0),
    ] {
        let name = format!("session_gateway_refusals_total{{reason=\"{reason}\"}}");
        assert_eq!(gateway.metric(&name), count, "{reason}");
    }
}

#[test]
fn no_metric_tells_who_or_what_was_there() {
    let gateway = start(&[]);
    gateway.report(&report_with(&[
        ("/sessionId", json!("seen-session")),
        ("/project", json!("SeenProject")),
        ("/pageId", json!("seen-page")),
        ("/path", json!("/seen")),
        ("/userAgent", json!("seen agent")),
        ("/token", json!(token("seen-user"))),
    ]));
    gateway.get("/seen");
    let text = gateway.get("/metrics").text().to_lowercase();
    assert!(!text.contains("seen") && !text.contains("127.0.0.1"), "{text}");
    assert!(!text.contains(READ_TOKEN), "{text}");
}

#[test]
fn a_gateway_that_serves_is_healthy() {
    let answer = start(&[]).get("/healthz");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["status"], "ok");
}

#[test]
fn connections_are_counted_while_they_last() {
    let gateway = start(&[]);
    let _idle = [gateway.connect(), gateway.connect()];
    // That which asks is the third.
    await_that("three connections", || gateway.metric("session_gateway_connections") == 3.0);
}

#[test]
fn what_can_not_be_written_is_said() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("data");
    let gateway = start(&["--data-dir", path.to_str().unwrap()]);
    assert_eq!(gateway.get("/healthz").json()["status"], "ok");
    assert_eq!(gateway.metric("session_gateway_storage_failing"), 0.0);

    std::fs::rename(&path, directory.path().join("elsewhere")).unwrap();
    std::fs::write(&path, "no directory").unwrap();
    await_that("it fails", || gateway.get("/healthz").json()["status"] == "degraded");
    assert_eq!(gateway.get("/healthz").status, 200);
    assert_eq!(gateway.metric("session_gateway_storage_failing"), 1.0);
    assert!(gateway.metric("session_gateway_storage_failures_total") >= 1.0);
    assert_eq!(gateway.report(&report()).status, 200);

    std::fs::remove_file(&path).unwrap();
    await_that("it is written", || gateway.get("/healthz").json()["status"] == "ok");
}

#[test]
fn pages_of_foreign_origins_watch_nothing() {
    let gateway = start(&[]);
    for path in ["/metrics", "/healthz", "/openapi.json"] {
        let answer = gateway.ask("GET", path, &["Origin: http://evil.example"], b"");
        assert_eq!(answer.problem(), (403, "Origin".into()), "{path}");
    }
}
