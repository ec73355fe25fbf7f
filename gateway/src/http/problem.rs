//! What goes wrong, in the form of RFC 9457.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use problem_details::ProblemDetails;
use serde::Serialize;

use super::refusals::{Reason, Refused};
use crate::registry::Refusal;

/// The longest `detail`, in characters: it can hold what a report says, and that can be long.
const MAX_DETAIL_CHARS: usize = 300;
/// When a page that finds no room may try again, where nobody knows when there will be some.
const NO_ROOM_WAIT: Duration = Duration::from_secs(60);

/// A refused request.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    field: Option<Cow<'static, str>>,
    detail: String,
    header: Option<(HeaderName, &'static str)>,
    retry_after_seconds: Option<u32>,
}

/// What RFC 9457 does not name.
#[derive(Serialize)]
struct Extension {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Cow<'static, str>>,
}

impl Problem {
    /// A problem of this status, explained to a person.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, field: None, detail: detail.into(), header: None, retry_after_seconds: None }
    }

    /// Names the field at fault: a header, a query parameter, or a field of the report by its path.
    #[must_use]
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Says how long to wait before trying again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_seconds = Some(whole_seconds(wait));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut detail = self.detail;
        if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL_CHARS) {
            detail.truncate(end);
            detail.push('…');
        }
        let reason = Reason::of(self.status, self.field.as_deref().unwrap_or_default());
        let refused = Refused { reason, detail: detail.clone() };
        let details = ProblemDetails::from_status_code(self.status)
            .with_detail(detail)
            .with_extensions(Extension { field: self.field });
        let mut response = details.into_response();
        response.extensions_mut().insert(refused);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, field, wait) = match refusal {
            Refusal::WrongKey => (StatusCode::FORBIDDEN, Some("key"), None),
            Refusal::OtherProject => (StatusCode::CONFLICT, Some("project"), None),
            Refusal::TooManyPages => {
                (StatusCode::TOO_MANY_REQUESTS, Some("pageId"), Some(NO_ROOM_WAIT))
            }
            Refusal::TooManySessionsOfAddress => {
                (StatusCode::TOO_MANY_REQUESTS, Some("sessionId"), Some(NO_ROOM_WAIT))
            }
            Refusal::TooManySessions => {
                (StatusCode::SERVICE_UNAVAILABLE, Some("sessionId"), Some(NO_ROOM_WAIT))
            }
            Refusal::TooManyReports { wait } => {
                (StatusCode::TOO_MANY_REQUESTS, Some("sessionId"), Some(wait))
            }
            Refusal::TooManyReportsOfAddress { wait } => {
                (StatusCode::TOO_MANY_REQUESTS, None, Some(wait))
            }
        };
        let mut problem = Self::new(status, refusal.to_string());
        problem.field = field.map(Cow::Borrowed);
        problem.retry_after_seconds = wait.map(whole_seconds);
        problem
    }
}

/// Retry-After knows no part of a second (RFC 9110, section 10.2.3).
fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Answers what is nowhere in the table of routes.
pub fn not_found(uri: &Uri) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("there is nothing at {}", uri.path()))
}

/// Answers a method that the route does not know; the header `Allow` says which it does.
pub async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "the header Allow says which methods there are")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_wait_does_not_come_too_early() {
        for (millis, seconds) in [(0, "0"), (1, "1"), (1_000, "1"), (1_001, "2")] {
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "later");
            let response = problem.retry_after(Duration::from_millis(millis)).into_response();
            assert_eq!(response.headers()[header::RETRY_AFTER], seconds);
        }
    }

    #[test]
    fn a_refusal_says_whether_trying_again_helps() {
        for (refusal, status, retry_after) in [
            (Refusal::WrongKey, 403, None),
            (Refusal::OtherProject, 409, None),
            (Refusal::TooManyPages, 429, Some("60")),
            (Refusal::TooManySessionsOfAddress, 429, Some("60")),
            (Refusal::TooManySessions, 503, Some("60")),
            (Refusal::TooManyReports { wait: Duration::from_millis(1) }, 429, Some("1")),
            (
                Refusal::TooManyReportsOfAddress { wait: Duration::from_millis(2001) },
                429,
                Some("3"),
            ),
        ] {
            let response = Problem::from(refusal).into_response();
            let header = response.headers().get(header::RETRY_AFTER);
            assert_eq!(response.status(), status);
            assert_eq!(header.and_then(|value| value.to_str().ok()), retry_after);
        }
    }
}
