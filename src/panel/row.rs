//! A session's line in the list. Pure.

use super::device::device;
use super::text::visible;
use super::units;
use super::value::Value;
use crate::session::{SessionScope, UNAUTHENTICATED};

/// A column of the list: its heading, and the name that the style sheet knows it by.
pub struct Column {
    /// The heading.
    pub heading: &'static str,
    /// The cell's class.
    pub class: &'static str,
}

/// The columns, in the order in which Ignition's own status page has them.
pub const COLUMNS: [Column; 10] = [
    Column { heading: "User", class: "user" },
    Column { heading: "Project", class: "project" },
    Column { heading: "Scope", class: "scope" },
    Column { heading: "Device", class: "device" },
    Column { heading: "Pages", class: "pages" },
    Column { heading: "Sent", class: "sent" },
    Column { heading: "Uptime", class: "uptime" },
    Column { heading: "Last comm", class: "last-comm" },
    Column { heading: "Address", class: "address" },
    Column { heading: "Authorized", class: "authorized" },
];

/// One cell of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What the cell shows.
    pub text: String,
    /// The exact value; empty where the text says it all.
    pub title: String,
    /// Whether the cell stands back: it says that something is not there.
    pub faint: bool,
}

/// The longest text of a cell, in characters. All of it is among the properties.
const MAX_CELL: usize = 60;

impl Cell {
    fn new(text: impl AsRef<str>) -> Self {
        let text = visible(text.as_ref());
        match text.char_indices().nth(MAX_CELL) {
            Some((end, _)) => {
                let start = text.get(..end).unwrap_or_default();
                Self { text: format!("{start}…"), title: text, faint: false }
            }
            None => Self { text, ..Self::default() },
        }
    }

    fn titled(self, title: impl AsRef<str>) -> Self {
        Self { title: visible(title.as_ref()), ..self }
    }

    fn faint_if(self, faint: bool) -> Self {
        Self { faint, ..self }
    }

    fn missing(key: &str) -> Self {
        Self::new("–").titled(format!("{key} is not in the result")).faint_if(true)
    }
}

/// What tells one line from another: the session's id, and how many lines with the same id stand
/// above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// The session's id; empty where there is none.
    pub id: String,
    /// 0 for the first line with this id.
    pub nth: usize,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What tells the line from others.
    pub key: RowKey,
    /// A cell for each of [`COLUMNS`].
    pub cells: [Cell; COLUMNS.len()],
}

/// The lines of a list of sessions, at a time in milliseconds since 1970.
#[must_use]
pub fn rows(sessions: &[Value], now_ms: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(sessions.len());
    for session in sessions {
        let id = session.get("id").map(identity).unwrap_or_default();
        let nth = rows.iter().filter(|row| row.key.id == id).count();
        rows.push(Row { key: RowKey { id, nth }, cells: cells(session, now_ms) });
    }
    rows
}

/// An id as a line's key has it: two ids that were cut are one only if they are also equally long.
#[must_use]
pub fn identity(id: &Value) -> String {
    match id {
        Value::Text { text, omitted } if *omitted > 0 => format!("{text}…{omitted}"),
        id if id.is_missing() => String::new(),
        id => id.summary(),
    }
}

fn cells(session: &Value, now_ms: u64) -> [Cell; COLUMNS.len()] {
    if !matches!(session, Value::Object { .. }) {
        let mut cells: [Cell; COLUMNS.len()] = Default::default();
        cells[0] = Cell::new(format!("no session: {}", session.describe())).faint_if(true);
        return cells;
    }
    let cell = |key: &str, show: &dyn Fn(&Value) -> Cell| match session.get(key) {
        Some(value) if !value.is_missing() => show(value),
        _ => Cell::missing(key),
    };
    [
        cell("username", &|user| {
            let text = user.summary();
            Cell::new(&text).faint_if(text == UNAUTHENTICATED)
        }),
        cell("project", &plain),
        cell("sessionScope", &scope),
        cell("userAgent", &|user_agent| {
            let text = user_agent.summary();
            Cell::new(device(&text).unwrap_or_else(|| text.clone())).titled(&text)
        }),
        pages(session),
        cell("totalBytesSent", &size),
        cell("uptime", &duration),
        cell("lastComm", &|value| last_comm(value, now_ms)),
        cell("clientAddress", &plain),
        cell("authorized", &|authorized| match authorized {
            Value::Boolean(true) => Cell::new("yes"),
            Value::Boolean(false) => Cell::new("no").faint_if(true),
            other => plain(other),
        }),
    ]
}

fn plain(value: &Value) -> Cell {
    Cell::new(value.summary())
}

/// Versions of Ignition spell the scopes differently; the list has one spelling.
fn scope(value: &Value) -> Cell {
    let text = value.summary();
    match SessionScope::from_any_spelling(&text) {
        Some(scope) if scope.as_str() == text => Cell::new(text),
        Some(scope) => Cell::new(scope.as_str()).titled(text),
        None => Cell::new(text),
    }
}

fn pages(session: &Value) -> Cell {
    match (session.get("activePages"), session.get("pageIds")) {
        (Some(pages), _) if !pages.is_missing() => plain(pages),
        (_, Some(Value::List { items, omitted })) => {
            Cell::new((items.len() + omitted).to_string()).titled("the length of pageIds")
        }
        _ => Cell::missing("activePages"),
    }
}

fn size(value: &Value) -> Cell {
    match value.count() {
        Some(bytes) => {
            Cell::new(units::size(bytes)).titled(format!("{} bytes", units::grouped(bytes)))
        }
        None => plain(value),
    }
}

fn duration(value: &Value) -> Cell {
    match value.count() {
        Some(ms) => Cell::new(units::duration(ms)).titled(format!("{} ms", units::grouped(ms))),
        None => plain(value),
    }
}

fn last_comm(value: &Value, now_ms: u64) -> Cell {
    match value.count().and_then(|ms| units::age_of_epoch(ms, now_ms)) {
        Some(age) => Cell::new(units::duration(age)).titled(format!(
            "{} ms, from the time {}",
            units::grouped(age),
            value.summary()
        )),
        None => duration(value),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::build::{list, number, object, text};
    use super::*;

    const NOW: u64 = 1_763_900_000_000;

    fn texts(session: Value) -> Vec<String> {
        let rows = rows(&[session], NOW);
        rows[0].cells.iter().map(|cell| cell.text.clone()).collect()
    }

    fn cell(class: &str, session: Value) -> Cell {
        let column = COLUMNS.iter().position(|column| column.class == class).unwrap();
        rows(&[session], NOW)[0].cells[column].clone()
    }

    #[test]
    fn a_session_is_shown_in_human_units() {
        let session = object([
            ("userAgent", text("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36")),
            ("id", text("s")),
            ("username", text("billy")),
            ("project", text("MyProject")),
            ("uptime", number(252_000.0)),
            ("clientAddress", text("10.0.0.7")),
            ("lastComm", number(1_500.0)),
            ("sessionScope", text("browser")),
            ("activePages", number(2.0)),
            ("totalBytesSent", number(1_536.0)),
            ("authorized", Value::Boolean(true)),
        ]);
        assert_eq!(
            texts(session),
            [
                "billy",
                "MyProject",
                "browser",
                "Chrome 140, Windows",
                "2",
                "1.5 KiB",
                "4 min 12 s",
                "1 s",
                "10.0.0.7",
                "yes",
            ]
        );
    }

    #[test]
    fn the_exact_value_is_in_the_title() {
        let title = |class, key, value| cell(class, object([(key, value)])).title;
        assert_eq!(title("uptime", "uptime", number(252_001.0)), "252,001 ms");
        assert_eq!(title("sent", "totalBytesSent", number(1_536.0)), "1,536 bytes");
        assert_eq!(title("device", "userAgent", text("X/1 (Linux)")), "X/1 (Linux)");
    }

    #[test]
    fn a_missing_key_is_a_dash_that_says_which_key_it_is() {
        for session in
            [object([]), object([("uptime", Value::Null), ("username", Value::Undefined)])]
        {
            assert_eq!(texts(session), ["–"; COLUMNS.len()]);
        }
        assert_eq!(cell("uptime", object([])).title, "uptime is not in the result");
    }

    #[test]
    fn a_scope_is_shown_in_one_spelling_and_an_unknown_one_as_it_is() {
        let scope = |spelling| cell("scope", object([("sessionScope", text(spelling))]));
        assert_eq!((scope("ios").text.as_str(), scope("ios").title.as_str()), ("iOS", "ios"));
        assert_eq!(scope("Designer").text, "designer");
        assert_eq!(scope("toaster").text, "toaster");
    }

    #[test]
    fn last_comm_may_be_an_epoch_time() {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let cell = cell("last-comm", object([("lastComm", number((NOW - 8_317) as f64))]));
        assert_eq!(cell.text, "8 s");
        assert_eq!(cell.title, "8,317 ms, from the time 1763899991683");
    }

    #[test]
    fn pages_are_counted_where_active_pages_is_missing() {
        let many = Value::List { items: vec![text("a")], omitted: 9_999 };
        assert_eq!(cell("pages", object([("pageIds", many)])).text, "10000");
    }

    #[test]
    fn a_value_of_another_type_is_shown_as_what_it_is() {
        assert_eq!(
            cell("user", object([("username", list([text("a"), text("b")]))])).text,
            "2 items"
        );
        assert_eq!(cell("uptime", object([("uptime", number(-5.0))])).text, "-5");
        assert_eq!(cell("uptime", object([("uptime", text("long"))])).text, "long");
        assert_eq!(cell("sent", object([("totalBytesSent", number(f64::NAN))])).text, "NaN");
        assert_eq!(cell("authorized", object([("authorized", text("no idea"))])).text, "no idea");
    }

    #[test]
    fn a_long_text_does_not_push_the_others_aside() {
        let cell = cell("user", object([("username", text(&"π".repeat(61)))]));
        assert_eq!(cell.text, "π".repeat(60) + "…");
        assert_eq!(cell.title, "π".repeat(61));
    }

    #[test]
    fn an_entry_that_is_no_session_is_a_line_that_says_so() {
        assert_eq!(texts(Value::Null)[0], "no session: null");
        assert_eq!(texts(list([]))[0], "no session: a list");
    }

    #[test]
    fn sessions_of_the_same_id_are_told_apart_by_their_order() {
        let session = |id| object([("id", id)]);
        let sessions = [text("a"), text("b"), text("a"), Value::Null, number(7.0)].map(session);
        let keys: Vec<_> =
            rows(&sessions, NOW).into_iter().map(|row| (row.key.id, row.key.nth)).collect();
        let expected = [("a", 0), ("b", 0), ("a", 1), ("", 0), ("7", 0)];
        assert_eq!(keys, expected.map(|(id, nth)| (id.to_owned(), nth)));
    }

    #[test]
    fn ids_that_were_cut_are_not_taken_for_each_other() {
        let id = |omitted| identity(&Value::Text { text: "same start".into(), omitted });
        assert_ne!(id(1), id(2));
        assert_ne!(id(0), id(1));
    }
}
