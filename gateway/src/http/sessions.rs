//! `GET /v1/sessions`: getSessionInfo.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use perspective_session_info::session::SessionFilter;

use super::problem::Problem;
use crate::gateway::Gateway;

/// The sessions that pass the filter, oldest first.
pub async fn list(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Problem> {
    gateway.access.reader(&headers)?;
    let question = Question::read(query.as_deref().unwrap_or_default())?;
    let sessions = gateway.sessions(&question.filter, question.detail);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(sessions)))
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
