//! What one page tells the gateway: a [`PageReport`], and what the gateway says back: a [`ReportAnswer`].
//!
//! A report is absolute, never a difference: it says what one *load* (one document, from its start to
//! its end) has counted so far, so that loss, repetition and reordering can not corrupt a total. Pure: the
//! gateway reads reports with serde; the agent writes the same form (src/agent/load.rs) without allocating.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;
use core::ops::AddAssign;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::session::SessionScope;

/// The version of the report's form, its field `v`.
pub const VERSION: u32 = 1;
/// The longest report, in bytes. Browsers let one page keep 64 KiB of exit reports in flight
/// (Fetch standard, "HTTP-network-or-cache fetch", the keepalive limit).
pub const MAX_REPORT_BYTES: usize = 64 * 1024;
/// The longest `project`, `sessionId`, `pageId` and `load`, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 256;
/// The longest `userAgent`, in bytes of UTF-8.
pub const MAX_USER_AGENT_BYTES: usize = 1024;
/// The longest `path`, in bytes of UTF-8.
pub const MAX_PATH_BYTES: usize = 2048;
/// The longest `token`, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The shortest lease that a page can take, in milliseconds.
pub const MIN_LEASE_MS: u64 = 1_000;
/// The longest lease that a page can take, in milliseconds.
pub const MAX_LEASE_MS: u64 = 600_000;
/// The length of a session's `key`: 128 bits as hexadecimal digits.
pub const KEY_DIGITS: usize = 32;

/// A counter or a sum of counters, 0 … 2^53−1 (what a JavaScript number holds exactly). Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_u64))]
#[serde(transparent)]
pub struct Count(u64);

impl Count {
    /// 2^53−1, `Number.MAX_SAFE_INTEGER` (ECMAScript, section 21.1.2.6).
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The count, cut at [`Count::MAX`].
    #[must_use]
    pub const fn saturating(value: u64) -> Self {
        if value > Self::MAX.0 { Self::MAX } else { Self(value) }
    }

    /// The count as an integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        // Two values below 2^53 can not overflow a u64.
        *self = Self::saturating(self.0 + other.0);
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                write!(f, "an integer from 0 to {}", Count::MAX.0)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Count, E> {
                if value > Count::MAX.0 {
                    return Err(E::invalid_value(de::Unexpected::Unsigned(value), &self));
                }
                Ok(Count(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Count, E> {
                Err(E::invalid_value(de::Unexpected::Signed(value), &self))
            }
        }
        deserializer.deserialize_u64(Visitor)
    }
}

/// Bytes that one load has handed to the browser for the counted origins, by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Payloads of WebSocket messages.
    pub web_socket: Count,
    /// Bodies of `fetch` requests.
    pub fetch: Count,
    /// Bodies of `XMLHttpRequest` requests.
    pub xhr: Count,
    /// Bodies that `navigator.sendBeacon` accepted.
    pub beacon: Count,
}

impl Sent {
    /// All channels together.
    #[must_use]
    pub fn total(&self) -> Count {
        let mut total = self.web_socket;
        total += self.fetch;
        total += self.xhr;
        total += self.beacon;
        total
    }
}

/// Bytes that one load has received from the counted origins, by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// Payloads of WebSocket messages.
    pub web_socket: Count,
    /// Decoded bodies of HTTP responses (Resource Timing, `decodedBodySize`).
    pub http: Count,
}

/// What one page tells the gateway: JSON in the body of `POST /v1/report`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PageReport {
    /// The version of this form: [`VERSION`].
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1))]
    pub v: u32,
    /// The project's name, 1 … [`MAX_ID_BYTES`] bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub project: String,
    /// The session's id, opaque text of 1 … [`MAX_ID_BYTES`] bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub session_id: String,
    /// The secret that the session's pages share: [`KEY_DIGITS`] hexadecimal digits.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-fA-F]{32}$"))]
    pub key: String,
    /// A signed token (JWT) that names the user, at most [`MAX_TOKEN_BYTES`].
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_length = 16_384))]
    pub token: Option<String>,
    /// The page's id, opaque text of 1 … [`MAX_ID_BYTES`] bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub page_id: String,
    /// The load's random id, 1 … [`MAX_ID_BYTES`] bytes.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub load: String,
    /// Grows with every report of the load.
    pub seq: Count,
    /// How long the page may be silent before it counts as gone: [`MIN_LEASE_MS`] … [`MAX_LEASE_MS`].
    #[cfg_attr(feature = "openapi", schema(minimum = 1_000, maximum = 600_000))]
    pub lease_ms: u64,
    /// Whether the load ends, or is put away, with this report.
    pub closing: bool,
    /// Where the page runs.
    pub scope: SessionScope,
    /// `navigator.userAgent`, at most [`MAX_USER_AGENT_BYTES`].
    #[cfg_attr(feature = "openapi", schema(max_length = 1_024))]
    pub user_agent: String,
    /// The page's path without query and fragment, at most [`MAX_PATH_BYTES`].
    #[cfg_attr(feature = "openapi", schema(max_length = 2_048))]
    pub path: String,
    /// Whether the page is in the foreground.
    pub visible: bool,
    /// What the load has sent since its start.
    pub sent: Sent,
    /// What the load has received since its start.
    pub received: Received,
    /// Bytes of the load's latest send; 0 where it has sent nothing yet.
    pub recent_sent: Count,
    /// Milliseconds from that send to this report.
    pub recent_age_ms: Count,
    /// How many sends and receipts of the load could not be measured without touching them.
    pub unmeasured: Count,
}

/// How long the text fields of a report can be, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldBounds {
    /// `project`, `sessionId`, `pageId` and `load`.
    pub id: usize,
    /// `userAgent`.
    pub user_agent: usize,
    /// `path`.
    pub path: usize,
    /// `token`.
    pub token: usize,
}

impl FieldBounds {
    /// What the agent keeps to.
    pub const DEFAULT: Self = Self {
        id: MAX_ID_BYTES,
        user_agent: MAX_USER_AGENT_BYTES,
        path: MAX_PATH_BYTES,
        token: MAX_TOKEN_BYTES,
    };
}

/// A field of a report that is out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as the JSON names it.
    pub field: &'static str,
    /// What it has to be, for a person to read.
    pub expected: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} must be {}", self.field, self.expected)
    }
}

impl core::error::Error for FieldError {}

impl PageReport {
    /// Checks the bounds that the types do not.
    ///
    /// # Errors
    /// The first field that is out of its bounds.
    pub fn check(&self, bounds: &FieldBounds) -> Result<(), FieldError> {
        if self.v != VERSION {
            return Err(FieldError { field: "v", expected: VERSION.to_string() });
        }
        for (field, text) in [
            ("project", &self.project),
            ("sessionId", &self.session_id),
            ("pageId", &self.page_id),
            ("load", &self.load),
        ] {
            if text.is_empty() {
                return Err(FieldError { field, expected: "non-empty text".into() });
            }
            at_most(field, text, bounds.id)?;
        }
        at_most("userAgent", &self.user_agent, bounds.user_agent)?;
        at_most("path", &self.path, bounds.path)?;
        at_most("token", self.token.as_deref().unwrap_or_default(), bounds.token)?;
        if self.key.len() != KEY_DIGITS || !self.key.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(FieldError {
                field: "key",
                expected: format!("{KEY_DIGITS} hexadecimal digits"),
            });
        }
        if !(MIN_LEASE_MS..=MAX_LEASE_MS).contains(&self.lease_ms) {
            return Err(FieldError {
                field: "leaseMs",
                expected: format!("from {MIN_LEASE_MS} to {MAX_LEASE_MS}"),
            });
        }
        Ok(())
    }
}

fn at_most(field: &'static str, text: &str, max: usize) -> Result<(), FieldError> {
    if text.len() > max {
        return Err(FieldError { field, expected: format!("at most {max} bytes") });
    }
    Ok(())
}

/// What the gateway says to a report. A page acts on nothing else that comes from the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportAnswer {
    /// The user that the gateway has verified, else [`UNAUTHENTICATED`](crate::session::UNAUTHENTICATED).
    pub username: String,
    /// Whether the user was verified.
    pub authorized: bool,
    /// Why a token that was given does not hold, for a person to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_problem: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> PageReport {
        PageReport {
            v: VERSION,
            project: "MyProject".into(),
            session_id: "s".into(),
            key: "0123456789abcdef0123456789ABCDEF".into(),
            token: None,
            page_id: "A view/with spaces".into(),
            load: "l".into(),
            seq: Count(17),
            lease_ms: 25_000,
            closing: false,
            scope: SessionScope::Browser,
            user_agent: "Mozilla/5.0".into(),
            path: "/".into(),
            visible: true,
            sent: Sent { web_socket: Count(1), fetch: Count(2), xhr: Count(3), beacon: Count(4) },
            received: Received { web_socket: Count(5), http: Count(6) },
            recent_sent: Count(7),
            recent_age_ms: Count(8),
            unmeasured: Count(9),
        }
    }

    const JSON: &str = concat!(
        r#"{"v":1,"project":"MyProject","sessionId":"s","key":"0123456789abcdef0123456789ABCDEF","#,
        r#""token":null,"pageId":"A view/with spaces","load":"l","seq":17,"leaseMs":25000,"#,
        r#""closing":false,"scope":"browser","userAgent":"Mozilla/5.0","path":"/","visible":true,"#,
        r#""sent":{"webSocket":1,"fetch":2,"xhr":3,"beacon":4},"received":{"webSocket":5,"http":6},"#,
        r#""recentSent":7,"recentAgeMs":8,"unmeasured":9}"#,
    );

    #[test]
    fn a_report_is_read_in_the_documented_form() {
        assert_eq!(serde_json::from_str::<PageReport>(JSON).unwrap(), report());
    }

    #[test]
    fn a_counter_outside_its_range_is_refused() {
        for wrong in ["-1", "9007199254740992", "1.5", "\"1\"", "null"] {
            let json = JSON.replace("\"seq\":17", &format!("\"seq\":{wrong}"));
            let error = serde_json::from_str::<PageReport>(&json).unwrap_err().to_string();
            assert!(error.contains("an integer from 0 to 9007199254740991"), "{wrong}: {error}");
        }
    }

    #[test]
    fn sums_saturate() {
        let mut sum = Count(Count::MAX.0 - 1);
        sum += Count(5);
        assert_eq!(sum, Count::MAX);
        assert_eq!(
            Sent { fetch: Count::MAX, xhr: Count::MAX, ..Sent::default() }.total(),
            Count::MAX
        );
    }

    #[test]
    fn a_field_out_of_bounds_is_named() {
        assert_eq!(report().check(&FieldBounds::DEFAULT), Ok(()));
        let field = |change: fn(&mut PageReport)| {
            let mut report = report();
            change(&mut report);
            report.check(&FieldBounds::DEFAULT).unwrap_err().field
        };
        assert_eq!(field(|r| r.v = 2), "v");
        assert_eq!(field(|r| r.project.clear()), "project");
        assert_eq!(field(|r| r.session_id = "x".repeat(MAX_ID_BYTES + 1)), "sessionId");
        assert_eq!(field(|r| r.page_id.clear()), "pageId");
        assert_eq!(field(|r| r.load.clear()), "load");
        assert_eq!(field(|r| r.key.push('0')), "key");
        assert_eq!(field(|r| r.key = "g".repeat(KEY_DIGITS)), "key");
        assert_eq!(field(|r| r.token = Some("x".repeat(MAX_TOKEN_BYTES + 1))), "token");
        assert_eq!(field(|r| r.user_agent = "x".repeat(MAX_USER_AGENT_BYTES + 1)), "userAgent");
        assert_eq!(field(|r| r.path = "x".repeat(MAX_PATH_BYTES + 1)), "path");
        assert_eq!(field(|r| r.lease_ms = MIN_LEASE_MS - 1), "leaseMs");
        assert_eq!(field(|r| r.lease_ms = MAX_LEASE_MS + 1), "leaseMs");
    }
}
