//! What getSessionInfo returns: one [`SessionInfo`] for each session, chosen by a [`SessionFilter`].
//!
//! The keys and their meaning are those of the manual page of `system.perspective.getSessionInfo`
//! (Ignition 8.1). Pure: the gateway fills these in, scripts and the panel read them.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use crate::report::{Received, Sent};

/// The username of a session whose user nobody has verified (the manual, key `username`).
pub const UNAUTHENTICATED: &str = "Unauthenticated";

/// One Perspective session, as getSessionInfo returns it: the manual's thirteen keys in the manual's
/// order, and [`detail`](Self::detail) when it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// `navigator.userAgent` of the page that reported last.
    pub user_agent: String,
    /// The session's id. Opaque text: it need not be a UUID and can hold any character.
    pub id: String,
    /// The verified user, else [`UNAUTHENTICATED`].
    pub username: String,
    /// The name of the project that the session runs.
    pub project: String,
    /// Milliseconds since the session's first report.
    pub uptime: u64,
    /// The address that the latest report came from.
    pub client_address: String,
    /// Milliseconds since the latest report arrived.
    pub last_comm: u64,
    /// Where the session runs.
    pub session_scope: SessionScope,
    /// How many pages are open: the length of [`page_ids`](Self::page_ids).
    pub active_pages: usize,
    /// Bytes of the session's most recent send, 0 … 2^53−1.
    pub recent_bytes_sent: u64,
    /// Bytes that all pages of the session have sent since it began, 0 … 2^53−1.
    pub total_bytes_sent: u64,
    /// The ids of the pages that are open now, oldest first. Opaque text.
    pub page_ids: Vec<String>,
    /// Whether the user was verified.
    pub authorized: bool,
    /// What the manual's keys do not say; present only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub detail: Option<SessionDetail>,
}

/// Where a session runs (the manual, key `sessionScope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SessionScope {
    /// A view's preview in the Designer.
    #[serde(rename = "designer")]
    Designer,
    /// A web browser, Perspective Workstation included.
    #[serde(rename = "browser")]
    Browser,
    /// The mobile app on iOS.
    #[serde(rename = "iOS")]
    Ios,
    /// The mobile app on Android.
    #[serde(rename = "Android")]
    Android,
}

impl SessionScope {
    /// The scope as getSessionInfo spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Designer => "designer",
            Self::Browser => "browser",
            Self::Ios => "iOS",
            Self::Android => "Android",
        }
    }

    /// Reads a scope however a manual or a version of Ignition spells it ("iOS", "ios", "Designer", …).
    #[must_use]
    pub fn from_any_spelling(text: &str) -> Option<Self> {
        [Self::Designer, Self::Browser, Self::Ios, Self::Android]
            .into_iter()
            .find(|scope| scope.as_str().eq_ignore_ascii_case(text))
    }
}

/// The key `detail` of a session: its pages, its traffic by channel and direction, and who says so.
///
/// All of it but the times is what pages claim, and a page can forge anything that it sends; the gateway
/// measures `uptime` and `lastReport`, and counts a page as gone when its lease has run out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionDetail {
    /// The open pages, in the order of [`SessionInfo::page_ids`].
    pub pages: Vec<PageDetail>,
    /// Bytes sent by channel, summed over the session.
    pub sent: Sent,
    /// Bytes received by channel, summed over the session.
    pub received: Received,
    /// How many sends and receipts could not be measured without touching them.
    pub unmeasured: u64,
    /// Who says so, for each of the thirteen keys.
    #[cfg_attr(feature = "openapi", schema(value_type = alloc::collections::BTreeMap<String, Voucher>))]
    pub vouched_by: VouchedBy,
}

/// One open page of a session. Where a reload overlaps, what the load says that reported last, and the sum of
/// what both have counted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PageDetail {
    /// The page's id. Opaque text.
    pub id: String,
    /// Where the page is, without query and fragment.
    pub path: String,
    /// Whether the page is in the foreground.
    pub visible: bool,
    /// Milliseconds since the page's first report.
    pub uptime: u64,
    /// Milliseconds since the page's latest report arrived.
    pub last_report: u64,
    /// Milliseconds that the page may be silent before it counts as gone.
    pub lease_ms: u64,
    /// Bytes sent by channel, by this page and what it was before a reload. Of long ago only the session's
    /// sum knows.
    pub sent: Sent,
    /// Bytes received by channel, in the same way.
    pub received: Received,
    /// How many sends and receipts could not be measured, in the same way.
    pub unmeasured: u64,
}

/// Who says that a value is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Voucher {
    /// The gateway: it has seen, measured, verified or merged it itself.
    Gateway,
    /// The page: a claim. Where the page runs in Perspective, it hands on what Perspective's own client says.
    Page,
}

/// Who vouches for each of the thirteen keys of [`SessionInfo`], in their order.
pub const VOUCHED_BY: [(&str, Voucher); 13] = [
    ("userAgent", Voucher::Page),
    ("id", Voucher::Page),
    ("username", Voucher::Gateway),
    ("project", Voucher::Page),
    ("uptime", Voucher::Gateway),
    ("clientAddress", Voucher::Gateway),
    ("lastComm", Voucher::Gateway),
    ("sessionScope", Voucher::Page),
    ("activePages", Voucher::Gateway),
    ("recentBytesSent", Voucher::Page),
    ("totalBytesSent", Voucher::Page),
    ("pageIds", Voucher::Gateway),
    ("authorized", Voucher::Gateway),
];

/// The table [`VOUCHED_BY`] as an object, the same for every session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VouchedBy;

impl Serialize for VouchedBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(VOUCHED_BY)
    }
}

/// The two filters of getSessionInfo. A missing or empty one matches all; otherwise it matches by
/// equality, case-sensitive; both must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct SessionFilter {
    /// Matches [`SessionInfo::username`].
    #[serde(default)]
    pub username: String,
    /// Matches [`SessionInfo::project`].
    #[serde(default)]
    pub project: String,
}

impl SessionFilter {
    /// Whether a session of this user and this project passes.
    #[must_use]
    pub fn matches(&self, username: &str, project: &str) -> bool {
        (self.username.is_empty() || self.username == username)
            && (self.project.is_empty() || self.project == project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionInfo {
        SessionInfo {
            user_agent: "Mozilla/5.0".into(),
            id: "a b/c".into(),
            username: UNAUTHENTICATED.into(),
            project: "MyProject".into(),
            uptime: 1,
            client_address: "127.0.0.1".into(),
            last_comm: 2,
            session_scope: SessionScope::Ios,
            active_pages: 1,
            recent_bytes_sent: 3,
            total_bytes_sent: 4,
            page_ids: vec!["π".into()],
            authorized: false,
            detail: None,
        }
    }

    #[test]
    fn a_session_has_the_manuals_keys_in_the_manuals_order() {
        assert_eq!(
            serde_json::to_string(&session()).unwrap(),
            r#"{"userAgent":"Mozilla/5.0","id":"a b/c","username":"Unauthenticated","#.to_owned()
                + r#""project":"MyProject","uptime":1,"clientAddress":"127.0.0.1","lastComm":2,"#
                + r#""sessionScope":"iOS","activePages":1,"recentBytesSent":3,"totalBytesSent":4,"#
                + r#""pageIds":["π"],"authorized":false}"#
        );
    }

    #[test]
    fn somebody_vouches_for_each_key_in_its_order() {
        let session = serde_json::to_string(&session()).unwrap();
        let keys = VOUCHED_BY.map(|(key, _)| session.find(&alloc::format!("\"{key}\":")));
        assert!(keys.iter().all(Option::is_some) && keys.is_sorted());
        let vouched_by = serde_json::to_string(&VouchedBy).unwrap();
        assert!(vouched_by.starts_with(r#"{"userAgent":"page","id":"page","username":"gateway","#));
        assert_eq!(vouched_by.matches(':').count(), 13);
    }

    #[test]
    fn an_empty_filter_matches_all_and_others_match_exactly() {
        let filter = |username: &str, project: &str| SessionFilter {
            username: username.into(),
            project: project.into(),
        };
        assert!(SessionFilter::default().matches("billy", "MyProject"));
        assert!(filter("billy", "").matches("billy", "MyProject"));
        assert!(filter("", "MyProject").matches("billy", "MyProject"));
        assert!(filter("billy", "MyProject").matches("billy", "MyProject"));
        assert!(!filter("Billy", "").matches("billy", "MyProject"));
        assert!(!filter("billy", "Other").matches("billy", "MyProject"));
        assert!(!filter("bill", "").matches("billy", "MyProject"));
    }

    #[test]
    fn a_scope_is_read_in_every_spelling_and_written_in_one() {
        for (spelling, scope) in [
            ("iOS", SessionScope::Ios),
            ("ios", SessionScope::Ios),
            ("Designer", SessionScope::Designer),
            ("android", SessionScope::Android),
            ("browser", SessionScope::Browser),
        ] {
            assert_eq!(SessionScope::from_any_spelling(spelling), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        assert_eq!(SessionScope::from_any_spelling("C"), None);
    }
}
