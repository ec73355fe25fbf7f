//! `GET /v1/history`: the sessions that have ended.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use perspective_session_info::session::SessionScope;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::openapi::{RefusedHistorian, TAG_SESSIONS};
use super::problem::Problem;
use super::query;
use crate::gateway::Gateway;
use crate::registry::{Number, Time};
use crate::storage::{Cursor, HistoryError, HistoryPage, HistoryQuery, PastSession};

/// Sessions in one answer, unless asked otherwise.
const DEFAULT_LIMIT: usize = 100;
/// The most sessions in one answer.
const MAX_LIMIT: usize = 1_000;
/// When whoever asks too much may ask again.
const TOO_MUCH_WAIT: Duration = Duration::from_secs(5);

/// The sessions that have ended and pass the filters, newest end first, a page at a time
///
/// As far as they are written: up to a second late. 404 where the gateway keeps no history.
#[utoipa::path(
    get, path = "/v1/history", operation_id = "history", tag = TAG_SESSIONS,
    params(Parameters), security(("readToken" = [])),
    responses((status = 200, description = "A page of the history", body = Answer), RefusedHistorian)
)]
pub async fn list(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<impl IntoResponse, Problem> {
    gateway.access.reader(&headers)?;
    let question = read(query.as_deref().unwrap_or_default())?;
    let storage = gateway.storage().ok_or_else(|| {
        let detail = "this gateway keeps no history: it was started without --data-dir";
        Problem::new(StatusCode::NOT_FOUND, detail)
    })?;
    let page = storage.history(question).await.map_err(no_answer)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(Answer::from(page))))
}

fn no_answer(error: HistoryError) -> Problem {
    let detail = if let HistoryError::Storage(error) = &error {
        tracing::error!("the history can not be read: {error}");
        "the history can not be read; the gateway's log says why".to_owned()
    } else {
        error.to_string()
    };
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(TOO_MUCH_WAIT)
}

/// The parameters of a query, each at most once and no other.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `read` reads")]
struct Parameters {
    /// Only sessions of this user; case-sensitive. Empty: of all.
    username: Option<String>,
    /// Only sessions of this project; case-sensitive. Empty: of all.
    project: Option<String>,
    /// Only sessions that ended after this, in milliseconds since the Unix epoch.
    from: Option<u64>,
    /// Only sessions that began before this, in milliseconds since the Unix epoch.
    to: Option<u64>,
    /// At most so many.
    #[param(default = 100, minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// What the answer before had under `next`: only the sessions after those.
    next: Option<String>,
}

/// A page of the history.
#[derive(Serialize, ToSchema)]
#[schema(as = HistoryPage)]
struct Answer {
    sessions: Vec<Past>,
    /// What to ask for with `next` to read on; missing where there is no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// A session that has ended. The keys that getSessionInfo has too mean the same.
#[derive(Serialize, ToSchema)]
#[schema(as = PastSession)]
#[serde(rename_all = "camelCase")]
struct Past {
    user_agent: String,
    id: String,
    username: String,
    project: String,
    /// The session's first report, in milliseconds since the Unix epoch.
    start: u64,
    /// Its end, in milliseconds since the Unix epoch.
    end: u64,
    client_address: String,
    session_scope: SessionScope,
    /// How many pages it had from its start to its end.
    pages: u64,
    total_bytes_sent: u64,
    total_bytes_received: u64,
    authorized: bool,
}

impl From<HistoryPage> for Answer {
    fn from(page: HistoryPage) -> Self {
        Self {
            sessions: page.sessions.into_iter().map(Past::from).collect(),
            next: page.next.map(written),
        }
    }
}

impl From<PastSession> for Past {
    fn from(session: PastSession) -> Self {
        Self {
            user_agent: session.user_agent,
            id: session.id,
            username: session.username,
            project: session.project,
            start: session.start.millis(),
            end: session.end.millis(),
            client_address: session.client_address,
            session_scope: session.scope,
            pages: session.pages,
            total_bytes_sent: session.bytes_sent,
            total_bytes_received: session.bytes_received,
            authorized: session.authorized,
        }
    }
}

/// Reads what the query asks for. Times are milliseconds since the Unix epoch, as a script has them
/// (`system.date.toMillis`, `Date.now()`): a written time's offset, `+02:00`, is a space in a query unless somebody
/// thinks of it.
fn read(text: &str) -> Result<HistoryQuery, Problem> {
    let mut question = HistoryQuery { limit: DEFAULT_LIMIT, ..HistoryQuery::default() };
    query::read(text, |name, value| {
        match name {
            "username" => question.filter.username = value.into_owned(),
            "project" => question.filter.project = value.into_owned(),
            "from" => question.from = Some(time(&value)?),
            "to" => question.to = Some(time(&value)?),
            "limit" => question.limit = limit(&value)?,
            "next" => {
                let cursor = cursor(&value).ok_or("next must be what the page before it said")?;
                question.after = Some(cursor);
            }
            _ => return Err("the parameters are username, project, from, to, limit and next"),
        }
        Ok(())
    })?;
    Ok(question)
}

fn time(text: &str) -> Result<Time, &'static str> {
    let millis =
        text.parse().map_err(|_| "a time is a whole number: milliseconds since the Unix epoch")?;
    Ok(Time::from_millis(millis))
}

fn limit(text: &str) -> Result<usize, &'static str> {
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or("limit must be a whole number from 1 to 1000")
}

/// The cursor as text that is opaque to whoever gets it.
fn written(Cursor { end, start, number }: Cursor) -> String {
    format!("{:x}-{:x}-{:x}", end.millis(), start.millis(), number.get())
}

fn cursor(text: &str) -> Option<Cursor> {
    let mut numbers = text.split('-').map(|digits| u64::from_str_radix(digits, 16).ok());
    let mut number = || numbers.next().flatten();
    let cursor = Cursor {
        end: Time::from_millis(number()?),
        start: Time::from_millis(number()?),
        number: Number::new(number()?),
    };
    numbers.next().is_none().then_some(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_the_next_one_begins() {
        let end = Cursor {
            end: Time::from_millis(30),
            start: Time::from_millis(20),
            number: Number::new(100),
        };
        assert_eq!(written(end), "1e-14-64");
        assert_eq!(cursor(&written(end)), Some(end));
        for wrong in ["", "1", "1-2", "1-2-3-4", "1-2-x", "-1-2-3", "1-2-10000000000000000"] {
            assert_eq!(cursor(wrong), None, "{wrong}");
        }
    }
}
