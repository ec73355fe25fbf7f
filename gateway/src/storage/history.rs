//! Sessions that have ended: what is written of them, for how long, and who asks for it.

use std::time::{Duration, Instant};

use perspective_session_info::session::{SessionFilter, SessionScope, UNAUTHENTICATED};
use rusqlite::types::{FromSqlError, Value};
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

use super::number;
use crate::registry::{EndedSession, Number, Time};

/// After so many steps of SQLite's machine a question looks at the time that it has.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// What is asked of the history: the sessions that pass the filter and were there at some time from `from` to
/// `to`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Whose, and of which project.
    pub filter: SessionFilter,
    /// Not those that had ended by then.
    pub from: Option<Time>,
    /// Not those that began then or later.
    pub to: Option<Time>,
    /// At most so many.
    pub limit: usize,
    /// Only what comes after the page that ended here.
    pub after: Option<Cursor>,
}

/// Where a page of history ends: in the order of the answer, the last session on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its end.
    pub end: Time,
    /// Its first report.
    pub start: Time,
    /// Its number, which tells apart those of one time.
    pub number: Number,
}

/// A part of the history, newest end first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The sessions.
    pub sessions: Vec<PastSession>,
    /// Where to go on; `None` where there is no more.
    pub next: Option<Cursor>,
}

/// A session of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastSession {
    /// Its number.
    pub number: Number,
    /// Its id.
    pub id: String,
    /// Its first report.
    pub start: Time,
    /// When its last page closed, or its lease ran out.
    pub end: Time,
    /// The user that was verified last, else "Unauthenticated".
    pub username: String,
    /// Whether the user was verified.
    pub authorized: bool,
    /// The project's name.
    pub project: String,
    /// Where the latest report came from.
    pub client_address: String,
    /// `navigator.userAgent` of the page that reported last.
    pub user_agent: String,
    /// Where it ran.
    pub scope: SessionScope,
    /// How many pages it had from its start to its end.
    pub pages: u64,
    /// Bytes sent by all its pages.
    pub bytes_sent: u64,
    /// Bytes received by all its pages.
    pub bytes_received: u64,
}

/// Writes a session that has ended, over itself where it had ended before.
pub(super) fn write(transaction: &Transaction, session: &EndedSession) -> rusqlite::Result<()> {
    let bytes_sent = session.counters.sent.total();
    let mut bytes_received = session.counters.received.web_socket;
    bytes_received += session.counters.received.http;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO history (number, id, start, end, username, authorized, project,
                 client_address, user_agent, scope, pages, bytes_sent, bytes_received)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            number::sql(session.number),
            session.id,
            number::millis(session.start),
            number::millis(session.end),
            session.user.as_deref().unwrap_or(UNAUTHENTICATED),
            session.user.is_some(),
            session.project,
            session.address.to_string(),
            session.user_agent,
            session.scope.as_str(),
            number::count(session.pages),
            number::count(bytes_sent.get()),
            number::count(bytes_received.get()),
        ])?;
    Ok(())
}

/// Removes a session that is no history, if only because it goes on.
pub(super) fn remove(transaction: &Transaction, session: Number) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM history WHERE number = ?1")?
        .execute([number::sql(session)])?;
    Ok(())
}

/// The highest number of a session that is history.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<Number> {
    let last: Option<i64> =
        connection.query_row("SELECT max(number) FROM history", (), |row| row.get(0))?;
    Ok(number::session(last.unwrap_or_default()))
}

/// Removes at most `max` sessions that ended before `before`; gives how many.
pub(super) fn prune(connection: &Connection, before: Time, max: usize) -> rusqlite::Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM history WHERE number IN
                 (SELECT number FROM history WHERE end < ?1 ORDER BY end LIMIT ?2)",
        )?
        .execute(params![number::millis(before), count_of(max)])
}

/// Where there are more than `most` sessions, removes at most `max` of them; gives how many. They are the oldest
/// of the address that has the most: whoever floods the history loses their own.
pub(super) fn prune_above(
    connection: &Connection,
    most: usize,
    max: usize,
) -> rusqlite::Result<usize> {
    let held: i64 = connection.query_row("SELECT count(*) FROM history", (), |row| row.get(0))?;
    let excess = held.saturating_sub(count_of(most)).min(count_of(max));
    if excess <= 0 {
        return Ok(0);
    }
    connection.execute(
        "DELETE FROM history WHERE number IN
             (SELECT number FROM history WHERE client_address =
                 (SELECT client_address FROM history GROUP BY client_address ORDER BY count(*) DESC LIMIT 1)
              ORDER BY end LIMIT ?1)",
        [excess],
    )
}

/// Removes at most `max` sessions of a user; gives how many.
pub(super) fn forget(
    connection: &Connection,
    username: &str,
    max: usize,
) -> rusqlite::Result<usize> {
    connection.execute(
        "DELETE FROM history WHERE number IN (SELECT number FROM history WHERE username = ?1 LIMIT ?2)",
        params![username, count_of(max)],
    )
}

/// Answers a question in at most `within`; past that SQLite says that it was interrupted.
pub(super) fn query(
    connection: &mut Connection,
    query: &HistoryQuery,
    within: Duration,
) -> rusqlite::Result<HistoryPage> {
    let deadline = Instant::now() + within;
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || Instant::now() >= deadline))?;
    let (text, values) = statement(query);
    let mut statement = connection.prepare(&text)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut page = HistoryPage { sessions: Vec::new(), next: None };
    let mut last = None;
    while let Some(row) = rows.next()? {
        if page.sessions.len() == query.limit {
            page.next = last;
            break;
        }
        // A row that somebody else has put there, or a damaged one, hides no others.
        let Ok(session) = session(row) else { continue };
        last = Some(Cursor { end: session.end, start: session.start, number: session.number });
        page.sessions.push(session);
    }
    Ok(page)
}

/// The question in SQL, and which index is made for it: SQLite's own guess is another one at times.
fn statement(query: &HistoryQuery) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    let SessionFilter { username, project } = &query.filter;
    let index = match (username.is_empty(), project.is_empty()) {
        (true, true) => "history_by_end",
        (false, true) => "history_by_username",
        (true, false) => "history_by_project",
        (false, false) => "history_by_both",
    };
    for (condition, text) in [("username = ?", username), ("project = ?", project)] {
        if !text.is_empty() {
            conditions.push(condition);
            values.push(Value::from(text.clone()));
        }
    }
    for (condition, bound) in [("end > ?", query.from), ("start < ?", query.to)] {
        if let Some(bound) = bound {
            conditions.push(condition);
            values.push(number::millis(bound).into());
        }
    }
    if let Some(after) = query.after {
        conditions.push("(end, start, number) < (?, ?, ?)");
        let place =
            [number::millis(after.end), number::millis(after.start), number::sql(after.number)];
        values.extend(place.map(Value::from));
    }
    let mut text = format!("SELECT * FROM history INDEXED BY {index}");
    if !conditions.is_empty() {
        text = text + " WHERE " + &conditions.join(" AND ");
    }
    // One more, to know whether there are more.
    values.push(count_of(query.limit).saturating_add(1).into());
    (text + " ORDER BY end DESC, start DESC, number DESC LIMIT ?", values)
}

fn session(row: &Row) -> rusqlite::Result<PastSession> {
    let count =
        |name| row.get::<_, i64>(name).map(|count| u64::try_from(count).unwrap_or_default());
    Ok(PastSession {
        number: number::session(row.get("number")?),
        id: row.get("id")?,
        start: number::time(row.get("start")?),
        end: number::time(row.get("end")?),
        username: row.get("username")?,
        authorized: row.get("authorized")?,
        project: row.get("project")?,
        client_address: row.get("client_address")?,
        user_agent: row.get("user_agent")?,
        scope: SessionScope::from_any_spelling(&row.get::<_, String>("scope")?)
            .ok_or(FromSqlError::InvalidType)?,
        pages: count("pages")?,
        bytes_sent: count("bytes_sent")?,
        bytes_received: count("bytes_received")?,
    })
}

fn count_of(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::*;
    use crate::storage::schema;

    /// A database whose history holds so many sessions.
    fn database(sessions: u32) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection
            .execute(
                "WITH RECURSIVE numbers (n) AS
                     (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
                 INSERT INTO history SELECT n, 'id', n, n, 'u' || n % 9, 0, 'p' || n % 7, 'a', 'd', 'browser',
                     1, 0, 0 FROM numbers",
                [sessions],
            )
            .unwrap();
        connection
    }

    fn queries() -> Vec<HistoryQuery> {
        let time = |bit: bool| bit.then(|| Time::from_millis(5_000));
        let after = Cursor {
            end: Time::from_millis(6_000),
            start: Time::from_millis(6_000),
            number: Number::new(6_000),
        };
        (0..32_u8)
            .map(|bits| HistoryQuery {
                filter: SessionFilter {
                    username: if bits & 1 == 0 { String::new() } else { "u1".into() },
                    project: if bits & 2 == 0 { String::new() } else { "p1".into() },
                },
                from: time(bits & 4 != 0),
                to: time(bits & 8 != 0),
                limit: 10,
                after: (bits & 16 != 0).then_some(after),
            })
            .collect()
    }

    #[test]
    fn every_question_is_answered_from_an_index_in_the_order_of_the_answer() {
        let connection = database(0);
        for query in queries() {
            let (text, values) = statement(&query);
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let steps: Vec<String> = plan
                .query_map(params_from_iter(values), |row| row.get("detail"))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            // No other step: none that sorts.
            assert!(steps.len() == 1 && steps[0].contains("USING INDEX"), "{query:?}: {steps:?}");
        }
    }

    #[test]
    fn a_question_whose_time_is_up_is_interrupted() {
        let mut connection = database(20_000);
        let slow = HistoryQuery { to: Some(Time::default()), limit: 1, ..HistoryQuery::default() };
        let error = query(&mut connection, &slow, Duration::ZERO).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
        assert!(
            query(&mut connection, &slow, Duration::from_secs(60)).unwrap().sessions.is_empty()
        );
    }

    #[test]
    fn a_row_that_is_no_session_hides_no_others() {
        let mut connection = database(3);
        connection.execute("UPDATE history SET scope = '?' WHERE number = 2", ()).unwrap();
        let all = HistoryQuery { limit: 10, ..HistoryQuery::default() };
        let page = query(&mut connection, &all, Duration::from_secs(60)).unwrap();
        let numbers: Vec<u64> = page.sessions.iter().map(|one| one.number.get()).collect();
        assert_eq!(numbers, [3, 1]);
    }
}
