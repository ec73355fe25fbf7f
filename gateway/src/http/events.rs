//! `GET /v1/events`: the list as it changes.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use futures_util::stream;
use perspective_session_info::session::SessionInfo;
use utoipa::ToSchema;

use super::openapi::{RefusedFollower, TAG_SESSIONS};
use super::problem::Problem;
use super::sessions::{Parameters, Question};
use crate::events::{Follower, Query};
use crate::gateway::Gateway;

/// The data of an event `snapshot`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `crate::events` writes")]
pub struct Snapshot {
    /// The time of the values, in milliseconds since the Unix epoch.
    time: u64,
    /// All sessions that pass the filters, oldest first.
    sessions: Vec<SessionInfo>,
}

/// The data of an event `changes`: apply `gone` first, then `changed`, then `heard`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `crate::events` writes")]
pub struct Changes {
    /// The time of the values, in milliseconds since the Unix epoch.
    time: u64,
    /// The ids of sessions that are not listed any more; one that the client does not have is to be ignored.
    gone: Vec<String>,
    /// Sessions that are new or of which something is another one, whole.
    changed: Vec<SessionInfo>,
    /// Sessions that have reported nothing new; never with `detail`.
    heard: Vec<Heard>,
}

/// What is other in a session that has reported nothing new.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what `crate::events` writes")]
pub struct Heard {
    /// Which session.
    id: String,
    /// Milliseconds since the session's first report.
    uptime: u64,
    /// Milliseconds since the latest report arrived.
    last_comm: u64,
}

/// When one that finds no room may try again.
const NO_ROOM_WAIT: Duration = Duration::from_secs(10);

/// The sessions that pass the filters, then what changes of them
///
/// Server-sent events (HTML standard, section 9.2), to be read by `fetch`, since the token stands in a header:
///
/// - `snapshot`, a `Snapshot`: the list, oldest session first. It replaces whatever the client had.
/// - `changes`, a `Changes`: what has changed since, at most four a second. Applied in the order `gone`, `changed`,
///   `heard`, the client has what `GET /v1/sessions` answers at `time`; from then on `uptime`, `lastComm` and the
///   like grow with the clock. The list is in the order of `time - uptime`.
/// - `alert`, an `Alert`: after a snapshot each alert that is raised, and later each that is raised or cleared.
///
/// Where nothing changes, a comment comes every 15 s. Who is too slow for the changes gets a new snapshot. The
/// stream ends with the gateway, and when its read token is revoked.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "events", tag = TAG_SESSIONS,
    params(Parameters), security(("readToken" = [])),
    responses(
        (status = 200, description = "The stream, without an end of its own", body = String,
            content_type = "text/event-stream"),
        RefusedFollower
    )
)]
pub async fn follow(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Problem> {
    let reader = gateway.access.reader(&headers)?;
    let Question { filter, detail } = Question::read(query.as_deref().unwrap_or_default())?;
    let query = Query { filter, detail };
    let follower = Follower::new(gateway, &query, move || reader.holds()).ok_or_else(|| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "there are too many subscribers to events")
            .retry_after(NO_ROOM_WAIT)
    })?;
    let pieces = stream::unfold(follower, async |mut follower| {
        let piece = follower.piece().await?;
        Some((Ok::<_, Infallible>(piece), follower))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx holds back what it forwards unless told not to.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(pieces)))
}
