//! `GET /openapi.json`: the API described by itself, in OpenAPI 3.1.
//!
//! Each handler says what it takes and answers, beside its code; the schemas are those of the types that are read
//! and written; and all routes but that of reports are made from their descriptions, so that there is none without.
//! Here is what the routes have in common: what can go wrong.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
#[cfg(doc)]
use perspective_session_info::report::PageReport;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, Header, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema,
    Type,
};
use utoipa::{IntoResponses, OpenApi as _, PartialSchema, ToSchema};

use super::events::{Changes, Snapshot};
use crate::alerts::Alert;

/// The tag of what reads the sessions, and of what brings them.
pub const TAG_SESSIONS: &str = "sessions";
/// The tag of what watches the gateway itself.
pub const TAG_WATCH: &str = "watch";
/// The security scheme of routes that need a read token.
const READ_TOKEN: &str = "readToken";

/// What all routes together say of themselves.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Perspective Session Info gateway",
        description = "Joins the reports of pages into sessions and answers getSessionInfo. A request has to name a \
            `Host` that the gateway answers to, and where it comes from a page, an `Origin` that is the gateway's own \
            or allowed. The bounds are those that hold where nothing else is set; text is bounded in bytes of UTF-8, \
            which this document can but say in characters."
    ),
    tags(
        (name = TAG_SESSIONS, description = "The sessions"),
        (name = TAG_WATCH, description = "The gateway itself; no token is needed"),
    ),
    paths(super::report::answer),
    components(schemas(Problem, Snapshot, Changes, Alert)),
)]
struct Api;

/// What went wrong (RFC 9457), `application/problem+json`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what the crate problem_details writes")]
struct Problem {
    /// The status of the answer once more.
    status: u16,
    /// What the status is called.
    title: String,
    /// What went wrong, for a person to read.
    detail: String,
    /// The field at fault: a header, a parameter, or a field of the report by its path.
    #[schema(nullable = false)]
    field: Option<String>,
}

/// A [`PageReport`] as the agent sends it.
pub enum ReportText {}

impl PartialSchema for ReportText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type("application/json")
            .description(Some("A `PageReport`, as JSON"))
            .build()
            .into()
    }
}

impl ToSchema for ReportText {}

/// What each status stands for, whichever route answers with it.
const PROBLEMS: [(u16, &str); 9] = [
    (
        400,
        "The request, its one Host, a parameter or the report has not the form that it should have",
    ),
    (401, "The read token is missing or does not hold"),
    (
        403,
        "The Host is no name of this gateway; or the Origin is neither its own nor allowed; or the key of a \
        report is not the one of its session, which has an open page",
    ),
    (404, "There is nothing of this name"),
    (408, "The report took too long"),
    (409, "The session of this id runs another project"),
    (413, "The report is too long"),
    (429, "This client is past one of its limits; the header Retry-After says when to try again"),
    (503, "The gateway is past one of its limits; the header Retry-After says when to try again"),
];

/// Problems of any route.
pub enum Refused {}
/// Problems of a route that needs a read token.
pub enum RefusedReader {}
/// Problems of a route that needs a read token and names one session.
pub enum RefusedReaderOfOne {}
/// Problems of a route that needs a read token and has a limit.
pub enum RefusedFollower {}
/// Problems of the history.
pub enum RefusedHistorian {}
/// Problems of a report.
pub enum RefusedReport {}

impl IntoResponses for Refused {
    fn responses() -> Responses {
        responses(&[400, 403])
    }
}

impl IntoResponses for RefusedReader {
    fn responses() -> Responses {
        responses(&[400, 401, 403])
    }
}

impl IntoResponses for RefusedReaderOfOne {
    fn responses() -> Responses {
        responses(&[400, 401, 403, 404])
    }
}

impl IntoResponses for RefusedFollower {
    fn responses() -> Responses {
        responses(&[400, 401, 403, 503])
    }
}

impl IntoResponses for RefusedHistorian {
    fn responses() -> Responses {
        responses(&[400, 401, 403, 404, 503])
    }
}

impl IntoResponses for RefusedReport {
    fn responses() -> Responses {
        responses(&[400, 403, 408, 409, 413, 429, 503])
    }
}

type Responses = BTreeMap<String, RefOr<Response>>;

/// References to the descriptions of these problems.
fn responses(statuses: &[u16]) -> Responses {
    let reference =
        |status: &u16| (status.to_string(), Ref::from_response_name(component(*status)).into());
    // Two that no handler answers: hyper and the table of routes do.
    statuses.iter().chain(&[405, 431]).map(reference).collect()
}

/// Where a document has the description of a problem.
fn component(status: u16) -> String {
    format!("problem{status}")
}

fn described(status: u16, description: &str) -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let text = || Header::new(ObjectBuilder::new().schema_type(Type::String));
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", problem);
    match status {
        401 => response.header("WWW-Authenticate", text()),
        405 => response.header("Allow", text()),
        429 | 503 => response.header("Retry-After", text()),
        _ => response,
    }
    .build()
}

/// What all routes have in common; those are added to it.
pub fn base() -> OpenApi {
    let mut document = Api::openapi();
    let components = document.components.get_or_insert_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme(READ_TOKEN, bearer);
    let method = (405, "The route does not know the method; the header Allow says which it does");
    for (status, description) in PROBLEMS.into_iter().chain([method]) {
        let response = described(status, description);
        components.responses.insert(component(status), response.into());
    }
    let headers = Response::new("The headers are too long; without a body");
    components.responses.insert(component(431), headers.into());
    document
}

/// The API of this gateway as an OpenAPI 3.1 document
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = TAG_WATCH, responses(
    (status = 200, description = "This document", body = Object, content_type = "application/json"),
    Refused
))]
pub async fn document() -> impl IntoResponse {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
        let json = super::api().into_openapi().to_json().unwrap_or_default();
        // The links of Rust's own documentation.
        json.replace("[`", "`").replace("`]", "`").into()
    });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.clone())
}
