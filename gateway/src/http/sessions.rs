//! `GET /v1/sessions`: getSessionInfo. `GET /v1/sessions/{id}`: one session of it, with detail.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use hyper::body::Frame;
use perspective_session_info::session::SessionFilter;

use super::problem::Problem;
use crate::gateway::Gateway;
use crate::registry::Listing;

/// The sessions that pass the filter, oldest first.
pub async fn list(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Problem> {
    gateway.access.reader(&headers)?;
    let Question { filter, detail } = Question::read(query.as_deref().unwrap_or_default())?;
    Ok(json(Parts::body(gateway, Listing::new(filter, detail))))
}

/// One session, with its detail.
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
}

impl Parts {
    /// The list as a body: whole where it is short.
    fn body(gateway: Arc<Gateway>, listing: Listing) -> Body {
        let mut parts = Self { gateway, listing, has_more: true };
        let first = parts.next(b"[");
        if parts.has_more { Body::new(Begun { first: Some(first), parts }) } else { first.into() }
    }

    fn next(&mut self, start: &[u8]) -> Bytes {
        let mut part = start.to_vec();
        self.has_more = self.gateway.write_list(&mut self.listing, &mut part);
        if !self.has_more {
            part.push(b']');
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

/// What the query asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Question {
    filter: SessionFilter,
    detail: bool,
}

impl Question {
    /// Reads a query. A parameter that is misspelled or repeated is refused: to overlook a filter would
    /// answer with sessions that nobody asked for.
    fn read(query: &str) -> Result<Self, Problem> {
        let mut question = Self::default();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let wrong = |detail| {
                Problem::new(StatusCode::BAD_REQUEST, detail).field(name.clone().into_owned())
            };
            if seen.contains(&name) {
                return Err(wrong("this parameter is given twice"));
            }
            match (&*name, &*value) {
                ("username", _) => question.filter.username = value.into_owned(),
                ("project", _) => question.filter.project = value.into_owned(),
                ("detail", "true") => question.detail = true,
                ("detail", "false") => question.detail = false,
                ("detail", _) => return Err(wrong("detail must be true or false")),
                _ => return Err(wrong("the parameters are username, project and detail")),
            }
            seen.push(name);
        }
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
