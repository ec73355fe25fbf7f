//! A session's properties, as the Designer's property editor lists them: name and value. Pure.

use super::text::visible;
use super::units;
use super::value::{Value, counted};

/// One line of the property editor, with the lines below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Property {
    /// The key, or the position in a list.
    pub name: String,
    /// The type, as the style sheet names it.
    pub kind: &'static str,
    /// The value; of a list or an object its size.
    pub text: String,
    /// The unit, and the value in human units; empty where it has none.
    pub note: String,
    /// Of a list or an object what is in it.
    pub children: Option<Vec<Property>>,
    /// How much of it is not shown; empty where all is.
    pub omitted: String,
}

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    None,
    /// Milliseconds.
    Duration,
    /// Milliseconds since something happened; or the epoch time when it did.
    Age,
    Bytes,
}

/// The properties of a session, every key in its order, at a time in milliseconds since 1970. Of
/// what is no object: its one value.
#[must_use]
pub fn properties(session: &Value, now_ms: u64) -> Vec<Property> {
    match session {
        Value::Object { entries, .. } => {
            entries.iter().map(|(key, value)| property(key, value, unit(key), now_ms)).collect()
        }
        other => vec![property("value", other, Unit::None, now_ms)],
    }
}

/// How many of a session's properties are not shown, in words; empty where all are.
#[must_use]
pub fn omitted(session: &Value) -> String {
    match session {
        Value::Object { omitted, .. } => more(*omitted, "more key"),
        _ => String::new(),
    }
}

fn unit(key: &str) -> Unit {
    match key {
        "uptime" | "leaseMs" => Unit::Duration,
        "lastComm" | "lastReport" => Unit::Age,
        "recentBytesSent" | "totalBytesSent" => Unit::Bytes,
        _ => Unit::None,
    }
}

fn property(name: &str, value: &Value, unit: Unit, now_ms: u64) -> Property {
    let (children, omitted) = match value {
        Value::List { items, omitted } => {
            let children = items
                .iter()
                .enumerate()
                .map(|(i, item)| property(&i.to_string(), item, Unit::None, now_ms));
            (Some(children.collect()), more(*omitted, "more item"))
        }
        Value::Object { entries, omitted } => {
            // The traffic of a detailed session: bytes by channel.
            let bytes = matches!(name, "sent" | "received");
            let children = entries.iter().map(|(key, value)| {
                property(key, value, if bytes { Unit::Bytes } else { self::unit(key) }, now_ms)
            });
            (Some(children.collect()), more(*omitted, "more key"))
        }
        Value::Text { omitted, .. } => (None, more(*omitted, "more character")),
        _ => (None, String::new()),
    };
    Property {
        name: visible(name),
        kind: kind(value),
        text: visible(&value.summary()),
        note: note(value, unit, now_ms),
        children,
        omitted,
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Undefined | Value::Null => "nothing",
        Value::Boolean(_) => "boolean",
        Value::Number { .. } => "number",
        Value::Text { .. } => "text",
        Value::List { .. } => "list",
        Value::Object { .. } => "object",
        Value::Other(_) => "other",
    }
}

fn note(value: &Value, unit: Unit, now_ms: u64) -> String {
    match (unit, value.count()) {
        (Unit::Age, Some(ms)) if let Some(age) = units::age_of_epoch(ms, now_ms) => {
            format!("ms since 1970 · {} ago", units::duration(age))
        }
        (Unit::Duration | Unit::Age, Some(ms)) if ms < 1_000 => "ms".into(),
        (Unit::Duration | Unit::Age, Some(ms)) => format!("ms · {}", units::duration(ms)),
        (Unit::Bytes, Some(bytes)) if bytes < 1_024 => "bytes".into(),
        (Unit::Bytes, Some(bytes)) => format!("bytes · {}", units::size(bytes)),
        _ => String::new(),
    }
}

fn more(omitted: usize, what: &str) -> String {
    if omitted == 0 { String::new() } else { format!("{} not shown", counted(omitted, what)) }
}

#[cfg(test)]
mod tests {
    use super::super::value::build::{list, number, object, text};
    use super::*;

    const NOW: u64 = 1_763_900_000_000;

    fn only(session: Value) -> Property {
        let mut properties = properties(&session, NOW);
        assert_eq!(properties.len(), 1);
        properties.remove(0)
    }

    #[test]
    fn every_key_is_shown_in_the_order_of_the_result() {
        let session = object([("z", Value::Null), ("a", text("")), ("extra", number(1.0))]);
        let names: Vec<_> = properties(&session, NOW).into_iter().map(|p| p.name).collect();
        assert_eq!(names, ["z", "a", "extra"]);
    }

    #[test]
    fn types_are_told_apart() {
        let session = object([
            ("a", Value::Undefined),
            ("b", Value::Null),
            ("c", Value::Boolean(true)),
            ("d", number(5.0)),
            ("e", text("5")),
            ("f", list([])),
            ("g", object([])),
            ("h", Value::Other("a function".into())),
        ]);
        let shown: Vec<_> =
            properties(&session, NOW).into_iter().map(|p| (p.kind, p.text)).collect();
        let expected = [
            ("nothing", "undefined"),
            ("nothing", "null"),
            ("boolean", "true"),
            ("number", "5"),
            ("text", "5"),
            ("list", "0 items"),
            ("object", "0 keys"),
            ("other", "a function"),
        ];
        assert_eq!(shown, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn a_number_stands_exact_beside_its_human_unit() {
        for (key, value, note) in [
            ("uptime", 252_000.0, "ms · 4 min 12 s"),
            ("lastComm", 999.0, "ms"),
            ("lastComm", 8_317.0, "ms · 8 s"),
            ("lastComm", 1_763_899_995_000.0, "ms since 1970 · 5 s ago"),
            ("totalBytesSent", 1_536.0, "bytes · 1.5 KiB"),
            ("recentBytesSent", 12.0, "bytes"),
            ("activePages", 2.0, ""),
            ("uptime", 200_000_000_000.0, "ms · 2314 d 19 h"),
            ("uptime", -1.0, ""),
        ] {
            let property = only(object([(key, number(value))]));
            assert_eq!((property.text, property.note.as_str()), (value.to_string(), note));
        }
    }

    #[test]
    fn traffic_by_channel_is_in_bytes() {
        let property = only(object([("sent", object([("webSocket", number(2_048.0))]))]));
        assert_eq!(property.children.unwrap()[0].note, "bytes · 2.0 KiB");
    }

    #[test]
    fn a_list_opens_into_its_items_by_position() {
        let property = only(object([("pageIds", list([text("a b/c"), text("π")]))]));
        assert_eq!(property.text, "2 items");
        let items: Vec<_> =
            property.children.unwrap().into_iter().map(|p| (p.name, p.text)).collect();
        assert_eq!(items, [("0".into(), "a b/c".into()), ("1".into(), "π".into())]);
    }

    #[test]
    fn what_was_cut_is_said() {
        let long = Value::Text { text: "x".into(), omitted: 1_048_576 };
        assert_eq!(only(object([("id", long)])).omitted, "1,048,576 more characters not shown");
        let many = Value::List { items: vec![text("a")], omitted: 1 };
        assert_eq!(only(object([("pageIds", many)])).omitted, "1 more item not shown");
        let wide = Value::Object { entries: Vec::new(), omitted: 3 };
        assert_eq!(omitted(&wide), "3 more keys not shown");
        assert_eq!(omitted(&object([])), "");
    }

    #[test]
    fn an_entry_that_is_no_session_shows_its_value() {
        assert_eq!(only(number(5.0)).text, "5");
        assert_eq!(properties(&object([]), NOW), []);
    }
}
