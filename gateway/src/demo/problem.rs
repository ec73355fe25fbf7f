//! What a refused request is told: problem details (RFC 9457) that name the field at fault.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use problem_details::ProblemDetails;
use serde::Serialize;

/// Why a request to the stand-in is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// A part of the request is not as it has to be.
    Field {
        /// The part's name.
        field: &'static str,
        /// What it has to be, for a person to read.
        expected: String,
    },
    /// The body is longer than this many bytes.
    TooLarge(u64),
    /// The connection ended before the body did.
    Incomplete,
    /// So many sockets are open already.
    TooManySockets(usize),
    /// The system gave no random bytes, or a token could not be signed.
    Internal(String),
}

#[derive(Serialize)]
struct Extensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, field, detail) = match self {
            Self::Field { field, expected } => {
                (StatusCode::BAD_REQUEST, Some(field), format!("{field} must be {expected}"))
            }
            Self::TooLarge(max) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Some("body"),
                format!("the body must have at most {max} bytes"),
            ),
            Self::Incomplete => (
                StatusCode::BAD_REQUEST,
                Some("body"),
                "the connection ended before the body did".into(),
            ),
            Self::TooManySockets(max) => {
                (StatusCode::SERVICE_UNAVAILABLE, None, format!("{max} sockets are open already"))
            }
            Self::Internal(detail) => (StatusCode::INTERNAL_SERVER_ERROR, None, detail),
        };
        ProblemDetails::from_status_code(status)
            .with_detail(detail)
            .with_extensions(Extensions { field })
            .into_response()
    }
}
