//! `POST /v1/report`: one page tells the gateway.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use headers::{ContentLength, HeaderMapExt as _};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use perspective_session_info::report::{
    FieldBounds, FieldError, PageReport, ReportAnswer, VERSION,
};
use serde_json::Value;

use super::openapi::{RefusedReport, ReportText, TAG_SESSIONS};
use super::problem::Problem;
use crate::gateway::Gateway;

/// Join the report of a page
///
/// The body is JSON whatever the Content-Type: the agent says text/plain, which needs no preflight. Of a report that
/// is joined twice nothing counts twice.
#[utoipa::path(
    post, path = "/v1/report", operation_id = "report", tag = TAG_SESSIONS,
    request_body(content((PageReport = "application/json"), (ReportText = "text/plain"))),
    responses((status = 200, description = "The report is joined", body = ReportAnswer), RefusedReport)
)]
pub async fn join(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<ReportAnswer>, Problem> {
    let sender = gateway.proxies.sender(peer.ip(), request.headers());
    let max = gateway.limits.report_bytes;
    let claimed = request.headers().typed_get::<ContentLength>();
    if claimed.is_some_and(|ContentLength(bytes)| bytes > max as u64) {
        return Err(too_long(max));
    }
    let body = tokio::time::timeout(gateway.limits.body_timeout, read(request.into_body(), max))
        .await
        .map_err(|_| {
            Problem::new(StatusCode::REQUEST_TIMEOUT, "the report took too long").field("body")
        })??;
    match parse(&body, &gateway.limits.fields()) {
        Ok(report) => Ok(Json(gateway.report(&report, &sender)?)),
        Err(problem) => {
            gateway.charge(sender.address)?;
            Err(problem)
        }
    }
}

fn too_long(max: usize) -> Problem {
    let detail = format!("a report has at most {max} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).field("body")
}

async fn read(body: Body, max: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, max).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_long(max)),
        Err(_) => Err(wrong("body", "the report broke off")),
    }
}

fn parse(body: &[u8], bounds: &FieldBounds) -> Result<PageReport, Problem> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| wrong("body", format!("a report is JSON: {error}")))?;
    let Value::Object(fields) = &value else {
        return Err(wrong("body", "a report is a JSON object"));
    };
    // Before the rest, which can have any form in another version.
    if fields.get("v").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
        return Err(wrong("v", format!("this gateway understands version {VERSION}")));
    }
    let report: PageReport = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        wrong(named(&path, &error.inner().to_string()), error.into_inner().to_string())
    })?;
    report
        .check(bounds)
        .map_err(|error @ FieldError { field, .. }| wrong(field, error.to_string()))?;
    Ok(report)
}

fn wrong(field: impl Into<std::borrow::Cow<'static, str>>, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail).field(field)
}

/// The path of the field at fault. serde tells of a missing field only in words, at the path of the object
/// that should hold it.
fn named(path: &str, error: &str) -> String {
    let missing = error.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match missing {
        Some(field) if path == "." => field.to_owned(),
        Some(field) => format!("{path}.{field}"),
        None => path.to_owned(),
    }
}
