//! `POST /v1/report`: one page tells the gateway.

use std::borrow::Cow;
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

/// Reads a report. A field that is there twice is refused, whichever of the two may be meant.
///
/// # Errors
/// What is wrong with it, and at which field.
pub fn parse(body: &[u8], bounds: &FieldBounds) -> Result<PageReport, Problem> {
    let report: PageReport = serde_json::from_slice(body).map_err(|_| fault(body))?;
    report
        .check(bounds)
        .map_err(|error @ FieldError { field, .. }| wrong(field, error.to_string()))?;
    Ok(report)
}

/// What is wrong with the body, which is no report: it is read again to find the field, since to keep track
/// of where the reader is costs a good report as much as reading it.
fn fault(body: &[u8]) -> Problem {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => return wrong("body", format!("a report is JSON: {error}")),
    };
    let Value::Object(fields) = &value else {
        return wrong("body", "a report is a JSON object");
    };
    // Before the rest, which can have any form in another version.
    if fields.get("v").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
        return wrong("v", format!("this gateway understands version {VERSION}"));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, PageReport>(&mut reader) {
        Ok(_) => wrong("body", "a report is one JSON object"),
        Err(error) => {
            let path = error.path().to_string();
            wrong(named(&path, &error.inner().to_string()), error.into_inner().to_string())
        }
    }
}

fn wrong(field: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, detail).field(field)
}

/// The path of the field at fault. Of a field that is missing, or there twice, serde tells only in words, at
/// the path of the object that should hold it once.
fn named(path: &str, error: &str) -> String {
    let field = ["missing field `", "duplicate field `"]
        .into_iter()
        .find_map(|words| error.strip_prefix(words))
        .and_then(|rest| rest.split('`').next());
    match field {
        Some(field) if path == "." => field.to_owned(),
        Some(field) => format!("{path}.{field}"),
        None => path.to_owned(),
    }
}
