//! What getSessionInfo answers, read again.

use perspective_session_info::session::{SessionFilter, SessionScope};
use serde::Deserialize;
use serde_json::Value;
use session_gateway::registry::{Listing, Registry, Time};

/// One session of the answer. Its fields are the thirteen keys and `detail`, and there is no other.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Listed {
    pub user_agent: String,
    pub id: String,
    pub username: String,
    pub project: String,
    pub uptime: u64,
    pub client_address: String,
    pub last_comm: u64,
    pub session_scope: SessionScope,
    pub active_pages: usize,
    pub recent_bytes_sent: u64,
    pub total_bytes_sent: u64,
    pub page_ids: Vec<String>,
    pub authorized: bool,
    pub detail: Option<Value>,
}

/// The answer as it is written, in parts of so many sessions.
pub fn json_in_parts(
    registry: &Registry,
    filter: &SessionFilter,
    detail: bool,
    now: u64,
    part: usize,
) -> String {
    let mut listing = Listing::new(filter.clone(), detail);
    let mut out = b"[".to_vec();
    while registry.write_list(&mut listing, Time::from_millis(now), part, &mut out) {}
    out.push(b']');
    String::from_utf8(out).unwrap()
}

/// The answer as it is written.
pub fn json(registry: &Registry, filter: &SessionFilter, detail: bool, now: u64) -> String {
    json_in_parts(registry, filter, detail, now, usize::MAX)
}

/// The answer.
pub fn list(registry: &Registry, filter: &SessionFilter, detail: bool, now: u64) -> Vec<Listed> {
    serde_json::from_str(&json(registry, filter, detail, now)).unwrap()
}
