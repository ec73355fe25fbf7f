//! `GET /v1/sessions`: getSessionInfo. `GET /v1/sessions/{id}`: one session of it, with detail.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Frame;
use perspective_session_info::session::{SessionFilter, SessionInfo};
use utoipa::IntoParams;

use super::openapi::{RefusedReader, RefusedReaderOfOne, TAG_SESSIONS};
use super::problem::Problem;
use super::query;
use crate::gateway::Gateway;
use crate::registry::Listing;

/// The sessions that pass the filters, oldest first: getSessionInfo
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "sessions", tag = TAG_SESSIONS,
    params(Parameters), security(("readToken" = [])),
    responses((status = 200, description = "The sessions", body = [SessionInfo]), RefusedReader)
)]
pub async fn list(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Problem> {
    gateway.access.reader(&headers)?;
    let Question { filter, detail } = Question::read(query.as_deref().unwrap_or_default())?;
    Ok(json(Parts::body(gateway, Listing::new(filter, detail))))
}

/// One session, with its detail
#[utoipa::path(
    get, path = "/v1/sessions/{id}", operation_id = "session", tag = TAG_SESSIONS,
    params(("id" = String, Path, description = "The session's id, percent-encoded")),
    security(("readToken" = [])),
    responses((status = 200, description = "The session", body = SessionInfo), RefusedReaderOfOne)
)]
pub async fn one(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    gateway.access.reader(&headers)?;
    let mut session = Vec::new();
    // What is no UTF-8 is no session's id.
    if id.is_ok_and(|Path(id)| gateway.write_session(&id, &mut session)) {
        Ok(json(session.into()))
    } else {
        Err(Problem::new(StatusCode::NOT_FOUND, "there is no such session, or it has ended"))
    }
}

fn json(body: Body) -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, body)
}

/// A list that is written part by part as fast as the client takes it, with reports joined in between.
struct Parts {
    gateway: Arc<Gateway>,
    listing: Listing,
    has_more: bool,
    /// How long the parts so far took; the client's part of it is not among that.
    took: Duration,
}

impl Parts {
    /// The list as a body: whole where it is short.
    fn body(gateway: Arc<Gateway>, listing: Listing) -> Body {
        let mut parts = Self { gateway, listing, has_more: true, took: Duration::ZERO };
        let first = parts.next(b"[");
        if parts.has_more { Body::new(Begun { first: Some(first), parts }) } else { first.into() }
    }

    fn next(&mut self, start: &[u8]) -> Bytes {
        let started = Instant::now();
        let mut part = start.to_vec();
        self.has_more = self.gateway.write_list(&mut self.listing, &mut part);
        self.took += started.elapsed();
        if !self.has_more {
            part.push(b']');
            self.gateway.metrics.list.observe(self.took);
        }
        part.into()
    }
}

/// A list whose first part is written.
struct Begun {
    first: Option<Bytes>,
    parts: Parts,
}

impl HttpBody for Begun {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Self { first, parts } = self.get_mut();
        let next = first.take().or_else(|| parts.has_more.then(|| parts.next(b"")));
        Poll::Ready(next.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && !self.parts.has_more
    }
}

/// The parameters of a query, each at most once and no other.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `Question` reads")]
pub struct Parameters {
    /// Only sessions of this user; case-sensitive. Empty: of all.
    username: Option<String>,
    /// Only sessions of this project; case-sensitive. Empty: of all.
    project: Option<String>,
    /// Whether each session has the key `detail`.
    #[param(default = false)]
    detail: Option<bool>,
}

/// What the query asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Question {
    pub filter: SessionFilter,
    pub detail: bool,
}

impl Question {
    /// Reads a query.
    pub fn read(text: &str) -> Result<Self, Problem> {
        let mut question = Self::default();
        query::read(text, |name, value| {
            match (name, &*value) {
                ("username", _) => question.filter.username = value.into_owned(),
                ("project", _) => question.filter.project = value.into_owned(),
                ("detail", "true") => question.detail = true,
                ("detail", "false") => question.detail = false,
                ("detail", _) => return Err("detail must be true or false"),
                _ => return Err("the parameters are username, project and detail"),
            }
            Ok(())
        })?;
        Ok(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(username: &str, project: &str, detail: bool) -> Question {
        let filter = SessionFilter { username: username.into(), project: project.into() };
        Question { filter, detail }
    }

    #[test]
    fn a_query_asks_by_user_by_project_and_for_detail() {
        for (query, expected) in [
            ("", question("", "", false)),
            ("username=billy", question("billy", "", false)),
            ("project=My+Project&detail=true", question("", "My Project", true)),
            ("username=%CF%80%26&project=&detail=false", question("π&", "", false)),
        ] {
            assert_eq!(Question::read(query).unwrap(), expected, "{query}");
        }
    }
}
