//! The types that TypeScript sees name what Rust writes.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use perspective_session_info::report::{Received, Sent};
use perspective_session_info::session::{
    PageDetail, SessionDetail, SessionInfo, SessionScope, VouchedBy,
};

const TYPES: &str = include_str!("../www/panel/index.d.ts");

/// The keys of an interface, in their order.
fn declared(interface: &str) -> Vec<&'static str> {
    let start = TYPES.find(&format!("export interface {interface} ")).unwrap();
    let body = TYPES[start..].split_once("{\n").unwrap().1.split_once("\n}").unwrap().0;
    body.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with(['/', '*']))
        .map(|line| line.split_once(':').unwrap().0)
        .collect()
}

/// The keys of an object of JSON, sorted.
fn written(value: &impl serde::Serialize) -> Vec<String> {
    let json = serde_json::to_value(value).unwrap();
    let mut keys: Vec<String> = json.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

fn sorted(mut keys: Vec<&str>) -> Vec<&str> {
    keys.sort_unstable();
    keys
}

fn session() -> SessionInfo {
    SessionInfo {
        user_agent: String::new(),
        id: String::new(),
        username: String::new(),
        project: String::new(),
        uptime: 0,
        client_address: String::new(),
        last_comm: 0,
        session_scope: SessionScope::Browser,
        active_pages: 0,
        recent_bytes_sent: 0,
        total_bytes_sent: 0,
        page_ids: Vec::new(),
        authorized: false,
        detail: None,
    }
}

fn page() -> PageDetail {
    PageDetail {
        id: String::new(),
        path: String::new(),
        visible: true,
        uptime: 0,
        last_report: 0,
        lease_ms: 0,
        sent: Sent::default(),
        received: Received::default(),
        unmeasured: 0,
    }
}

#[test]
fn the_types_name_the_thirteen_keys_in_the_manuals_order() {
    let keys = declared("SessionInfo");
    assert_eq!(keys.len(), 13);
    assert_eq!(sorted(keys.clone()), written(&session()));
    let json = serde_json::to_string(&session()).unwrap();
    assert!(keys.iter().map(|key| json.find(&format!("\"{key}\":"))).is_sorted());
}

#[test]
fn the_types_name_the_keys_of_the_detail() {
    let detail = SessionDetail {
        pages: vec![page()],
        sent: Sent::default(),
        received: Received::default(),
        unmeasured: 0,
        vouched_by: VouchedBy,
    };
    assert_eq!(sorted(declared("SessionDetail")), written(&detail));
    assert_eq!(sorted(declared("PageDetail")), written(&page()));
    assert_eq!(declared("DetailedSessionInfo"), ["detail"]);
}

#[test]
fn the_types_name_the_scopes_as_they_are_spelled() {
    for scope in
        [SessionScope::Designer, SessionScope::Browser, SessionScope::Ios, SessionScope::Android]
    {
        assert!(TYPES.contains(&format!("\"{}\"", scope.as_str())));
    }
}
