//! `GET /v1/sessions`: getSessionInfo. `GET /v1/sessions/{id}`: one session of it, with detail.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use futures_util::{StreamExt as _, stream};
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
        if !parts.has_more {
            return first.into();
        }
        let rest = stream::unfold(parts, async |mut parts| {
            if !parts.has_more {
                return None;
            }
            // However fast the client is, the other connections of this core have their turn between two parts.
            tokio::task::yield_now().await;
            let part = parts.next(b"");
            Some((part, parts))
        });
        let all = stream::iter([first]).chain(rest);
        Body::from_stream(all.map(Ok::<_, Infallible>))
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
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::http::report::parse;
    use crate::limits::Limits;
    use crate::proxy::Sender;
    use crate::{Settings, Surroundings};

    /// A gateway with so many sessions.
    fn gateway(sessions: usize) -> Arc<Gateway> {
        let settings = Settings::read(["session-gateway"]).unwrap();
        let gateway = Gateway::open(&settings, Surroundings::default()).unwrap();
        let sender = Sender { address: [192, 0, 2, 1].into(), user: Ok(None) };
        for session in 0..sessions {
            let report = format!(
                r#"{{"v": 1, "project": "P", "sessionId": "{session}", "key": "0123456789abcdef0123456789abcdef",
                    "token": null, "pageId": "page", "load": "load", "seq": 1, "leaseMs": 25000, "closing": false,
                    "scope": "browser", "userAgent": "", "path": "/", "visible": true,
                    "sent": {{"webSocket": 0, "fetch": 0, "xhr": 0, "beacon": 0}},
                    "received": {{"webSocket": 0, "http": 0}},
                    "recentSent": 0, "recentAgeMs": 0, "unmeasured": 0}}"#
            );
            let report = parse(report.as_bytes(), &Limits::default().fields()).unwrap();
            gateway.report(&report, &sender).unwrap();
        }
        Arc::new(gateway)
    }

    #[tokio::test]
    async fn others_have_their_turn_between_the_parts_of_a_list_however_fast_it_is_taken() {
        let mut list = Parts::body(gateway(1_000), Listing::new(SessionFilter::default(), false));
        let turns = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let mut text = Vec::new();
        let mut parts = 0;
        while let Some(part) = list.frame().await {
            text.extend(part.unwrap().into_data().unwrap());
            parts += 1;
        }
        other.abort();
        assert_eq!(parts, 4);
        let sessions: Vec<serde_json::Value> = serde_json::from_slice(&text).unwrap();
        assert_eq!(sessions.len(), 1_000);
        assert!(turns.load(std::sync::atomic::Ordering::Relaxed) >= parts - 1, "{turns:?}");
    }

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
