//! `GET /openapi.json`: the API as it describes itself.

#![allow(clippy::unwrap_used)]

mod harness;

use std::collections::BTreeSet;

use harness::events::Stream;
use harness::{Gateway, READ_TOKEN, bearer, report, start};
use perspective_session_info::report::{
    Count, MAX_ID_BYTES, MAX_LEASE_MS, MAX_PATH_BYTES, MAX_TOKEN_BYTES, MAX_USER_AGENT_BYTES,
    MIN_LEASE_MS, VERSION,
};
use serde_json::{Value, json};

fn document(gateway: &Gateway) -> Value {
    let answer = gateway.get("/openapi.json");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

/// Each operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let item = item.as_object().unwrap();
            item.iter().map(move |(method, operation)| (&**path, &**method, operation))
        })
        .collect()
}

#[test]
fn the_document_is_openapi_3_1_and_needs_no_token() {
    let document = document(&start(&[]));
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let scheme = &document["components"]["securitySchemes"]["readToken"];
    assert_eq!(*scheme, json!({"type": "http", "scheme": "bearer"}));
    // No link of Rust's own documentation is left in it.
    assert!(!document.to_string().contains("[`"), "{document}");
}

#[test]
fn what_is_described_is_served_and_what_is_served_is_described() {
    let directory = tempfile::tempdir().unwrap();
    let gateway = start(&["--data-dir", directory.path().to_str().unwrap()]);
    let document = document(&gateway);
    let described: BTreeSet<_> =
        operations(&document).iter().map(|(path, method, _)| (*path, *method)).collect();
    let served = BTreeSet::from([
        ("/healthz", "get"),
        ("/metrics", "get"),
        ("/openapi.json", "get"),
        ("/v1/events", "get"),
        ("/v1/history", "get"),
        ("/v1/report", "post"),
        ("/v1/sessions", "get"),
        ("/v1/sessions/{id}", "get"),
    ]);
    assert_eq!(described, served);
    Stream::open(&gateway, "");
    for (path, method) in described.into_iter().filter(|(path, _)| *path != "/v1/events") {
        let body = if method == "post" { report().to_string() } else { String::new() };
        let path = &path.replace("{id}", "session");
        let method = method.to_uppercase();
        let answer = gateway.ask(&method, path, &[&bearer(READ_TOKEN)], body.as_bytes());
        assert_eq!(answer.status, 200, "{method} {path}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_problem_has_its_form() {
    let document = document(&start(&[]));
    let text = document.to_string();
    for reference in text.split(r##""$ref":"#"##).skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = match response["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).unwrap(),
                None => response,
            };
            assert!(response["description"].is_string(), "{method} {path} {status}");
            let is_problem = response["content"].get("application/problem+json").is_some();
            assert_eq!(is_problem, status.starts_with('4') && status != "431" || status == "503");
        }
    }
}

#[test]
fn only_what_reads_the_sessions_needs_a_token() {
    let document = document(&start(&[]));
    for (path, _, operation) in operations(&document) {
        let reads = path.starts_with("/v1/") && path != "/v1/report";
        assert_eq!(operation.get("security").is_some(), reads, "{path}");
        assert_eq!(operation["responses"].get("401").is_some(), reads, "{path}");
    }
}

#[test]
fn a_reports_bounds_are_those_that_are_checked() {
    let document = document(&start(&[]));
    let schemas = &document["components"]["schemas"];
    let fields = &schemas["PageReport"]["properties"];
    for (field, max) in [
        ("project", MAX_ID_BYTES),
        ("sessionId", MAX_ID_BYTES),
        ("pageId", MAX_ID_BYTES),
        ("load", MAX_ID_BYTES),
        ("userAgent", MAX_USER_AGENT_BYTES),
        ("path", MAX_PATH_BYTES),
        ("token", MAX_TOKEN_BYTES),
    ] {
        assert_eq!(fields[field]["maxLength"], max, "{field}");
    }
    assert_eq!(fields["leaseMs"]["minimum"], MIN_LEASE_MS);
    assert_eq!(fields["leaseMs"]["maximum"], MAX_LEASE_MS);
    assert_eq!(fields["v"]["maximum"], VERSION);
    assert_eq!(schemas["Count"]["maximum"], Count::MAX.get());
    let required = schemas["PageReport"]["required"].as_array().unwrap();
    let all: Vec<_> = report().as_object().unwrap().keys().map(|key| json!(key)).collect();
    for key in all.iter().filter(|key| **key != "token") {
        assert!(required.contains(key), "{key}");
    }
}

#[test]
fn an_events_data_is_described() {
    let document = document(&start(&[]));
    let keys = |schema: &str| document["components"]["schemas"][schema]["required"].clone();
    assert_eq!(keys("Snapshot"), json!(["time", "sessions"]));
    assert_eq!(keys("Changes"), json!(["time", "gone", "changed", "heard"]));
    assert_eq!(keys("Heard"), json!(["id", "uptime", "lastComm"]));
    assert_eq!(keys("Alert"), json!(["time", "alert", "raised", "count", "threshold"]));
}

#[test]
fn a_session_is_described_with_the_manuals_keys() {
    let document = document(&start(&[]));
    let keys = document["components"]["schemas"]["SessionInfo"]["required"].as_array().unwrap();
    assert_eq!(keys.len(), 13, "{keys:?}");
}
