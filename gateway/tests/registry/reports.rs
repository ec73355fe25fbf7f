//! Reports for the tests to start from.

use perspective_session_info::report::{Count, PageReport, Received, Sent, VERSION};
use perspective_session_info::session::SessionScope;

pub const KEY: &str = "00000000000000000000000000000000";

/// An open page's report that has counted nothing yet, with a lease of ten seconds.
pub fn report(session: &str, page: &str, load: &str, seq: u64) -> PageReport {
    PageReport {
        v: VERSION,
        project: "MyProject".into(),
        session_id: session.into(),
        key: KEY.into(),
        token: None,
        page_id: page.into(),
        load: load.into(),
        seq: Count::saturating(seq),
        lease_ms: 10_000,
        closing: false,
        scope: SessionScope::Browser,
        user_agent: "Mozilla/5.0".into(),
        path: "/".into(),
        visible: true,
        sent: Sent::default(),
        received: Received::default(),
        recent_sent: Count::default(),
        recent_age_ms: Count::default(),
        unmeasured: Count::default(),
    }
}

/// So many bytes sent by WebSocket, the last of them so long ago.
pub fn sent(bytes: u64, recent: u64, age_ms: u64, report: PageReport) -> PageReport {
    PageReport {
        sent: Sent { web_socket: Count::saturating(bytes), ..report.sent },
        recent_sent: Count::saturating(recent),
        recent_age_ms: Count::saturating(age_ms),
        ..report
    }
}

/// The same report, as the load's last.
pub fn closing(report: PageReport) -> PageReport {
    PageReport { closing: true, ..report }
}
