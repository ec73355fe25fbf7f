//! `POST /v1/report`: one page tells the gateway.

use std::borrow::Cow;
use std::future::poll_fn;
use std::mem::replace;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;

use axum::BoxError;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use http_body_util::{BodyExt as _, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use perspective_session_info::report::{
    FieldBounds, FieldError, PageReport, ReportAnswer, VERSION,
};
use serde_json::Value;

use super::openapi::{RefusedReport, ReportText, TAG_SESSIONS};
use super::problem::{self, Problem};
use super::{AnswerBody, CROSS_ORIGIN_RESOURCE_POLICY};
use crate::gateway::Gateway;
use crate::proxy::Sender;

/// Room for about as many headers as a browser's request has: hyper reads the connection's next one into the map that held
/// the answer's.
const HEADERS: usize = 12;

/// Join the report of a page
///
/// The body is JSON whatever the Content-Type: the agent says text/plain, which needs no preflight. Of a report that
/// is joined twice nothing counts twice.
#[utoipa::path(
    post, path = "/v1/report", operation_id = "report", tag = TAG_SESSIONS,
    request_body(content((PageReport = "application/json"), (ReportText = "text/plain"))),
    responses((status = 200, description = "The report is joined", body = ReportAnswer), RefusedReport)
)]
pub async fn answer<B>(
    gateway: &Gateway,
    peer: SocketAddr,
    request: Request<B>,
) -> Response<AnswerBody>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let reader = gateway.access.allowed_origin(request.headers()).cloned();
    let sender = gateway.proxies.sender(peer.ip(), request.headers());
    let mut response = match join(gateway, &sender, request.into_body()).await {
        Ok(answer) => {
            let mut response = Response::new(Either::Left(Full::new(answer)));
            *response.headers_mut() = HeaderMap::with_capacity(HEADERS);
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(problem) => problem.into_response().map(Either::Right),
    };
    let headers = response.headers_mut();
    // A beacon's answer is for nobody to read, but where it may not be had the browser complains.
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(header::RETRY_AFTER.as_str()),
    );
    if let Some(origin) = reader {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// Answers any other method.
pub async fn no_post() -> Problem {
    problem::method_not_allowed().await.header(header::ALLOW, "POST")
}

async fn join<B>(gateway: &Gateway, sender: &Sender, body: B) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let body = read(gateway, body).await?;
    let report = match parse(&body, &gateway.limits.fields()) {
        Ok(report) => report,
        Err(problem) => {
            gateway.charge(sender.address)?;
            return Err(problem);
        }
    };
    let answer = gateway.report(&report, sender)?;
    let text = serde_json::to_vec(&answer)
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(text.into())
}

/// The body, which is bounded in length and in time.
async fn read<B>(gateway: &Gateway, body: B) -> Result<Bytes, Problem>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let max = gateway.limits.report_bytes;
    let too_long = || {
        let detail = format!("a report has at most {max} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).field("body")
    };
    // What the header says, before anything is read.
    if body.size_hint().lower() > max as u64 {
        return Err(too_long());
    }
    let mut body = pin!(Limited::new(body, max).collect());
    let mut late = pin!(tokio::time::sleep(gateway.limits.body_timeout));
    let mut asked = false;
    // hyper hands over a body only when it is asked again, also one that is there already: nearly all are, and
    // their timer is not even started.
    let read = poll_fn(|cx| match body.as_mut().poll(cx) {
        Poll::Ready(read) => Poll::Ready(Some(read)),
        Poll::Pending if replace(&mut asked, true) => late.as_mut().poll(cx).map(|()| None),
        Poll::Pending => Poll::Pending,
    });
    match read.await {
        Some(Ok(body)) => Ok(body.to_bytes()),
        Some(Err(error)) if error.is::<LengthLimitError>() => Err(too_long()),
        Some(Err(_)) => Err(wrong("body", "the report broke off")),
        None => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "the report took too long")
            .field("body")
            .retry_after(gateway.limits.body_timeout)),
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
