//! A value of a result that somebody else has made: an ordered tree, cut where it is too large to show.
//!
//! Pure. `read.rs` makes such trees of JavaScript values; rows and properties are made of them.

/// One value, as JavaScript tells its types apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `undefined`: also a hole in an array.
    Undefined,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number or a BigInt, with the text that JavaScript gives it.
    Number {
        /// The value; of a BigInt the nearest number.
        value: f64,
        /// As a JavaScript literal: `12.5`, `NaN`, `9007199254740993n`.
        text: String,
    },
    /// Text, perhaps only its start.
    Text {
        /// What was read of it.
        text: String,
        /// How many UTF-16 units follow that were not read.
        omitted: usize,
    },
    /// An array, perhaps only its start.
    List {
        /// What was read of it.
        items: Vec<Value>,
        /// How many items follow that were not read.
        omitted: usize,
    },
    /// An object or a Map in the order of its keys, perhaps only its start.
    Object {
        /// What was read of it.
        entries: Vec<(String, Value)>,
        /// How many entries follow that were not read.
        omitted: usize,
    },
    /// What is no data (a function, a symbol, a property that throws), in words.
    Other(String),
}

impl Value {
    /// What the value is, in words: for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Undefined => "undefined".into(),
            Self::Null => "null".into(),
            Self::Boolean(_) => "a boolean".into(),
            Self::Number { .. } => "a number".into(),
            Self::Text { .. } => "text".into(),
            Self::List { .. } => "a list".into(),
            Self::Object { entries, .. } if entries.is_empty() => "an empty object".into(),
            Self::Object { entries, .. } => {
                let mut text = String::from("an object with the keys ");
                for (i, (key, _)) in entries.iter().take(4).enumerate() {
                    text += if i == 0 { "" } else { ", " };
                    text += key;
                }
                text + if entries.len() > 4 { ", …" } else { "" }
            }
            Self::Other(words) => words.clone(),
        }
    }

    /// The value in one line: the text of a scalar, the size of an array or object.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Undefined => "undefined".into(),
            Self::Null => "null".into(),
            Self::Boolean(value) => if *value { "true" } else { "false" }.into(),
            Self::Number { text, .. } | Self::Text { text, .. } | Self::Other(text) => text.clone(),
            Self::List { items, omitted } => counted(items.len() + omitted, "item"),
            Self::Object { entries, omitted } => counted(entries.len() + omitted, "key"),
        }
    }

    /// The value under a key of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object { entries, .. } = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A number that counts something, 0 … 2^53; a fraction is cut off.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        let Self::Number { value, .. } = self else { return None };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        (0.0..=9_007_199_254_740_992.0).contains(value).then_some(*value as u64)
    }

    /// Whether there is nothing there.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }
}

/// "1 item", "2 items".
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", super::units::grouped(count as u64))
}

#[cfg(test)]
pub(crate) mod build {
    //! Short ways to write a value in a test.
    use super::Value;

    pub(crate) fn text(text: &str) -> Value {
        Value::Text { text: text.into(), omitted: 0 }
    }

    pub(crate) fn number(value: f64) -> Value {
        Value::Number { value, text: value.to_string() }
    }

    pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Value {
        Value::List { items: items.into_iter().collect(), omitted: 0 }
    }

    pub(crate) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Value::Object { entries, omitted: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::build::{list, number, object, text};
    use super::*;

    #[test]
    fn a_value_is_described_so_that_a_mistake_is_found() {
        assert_eq!(Value::Undefined.describe(), "undefined");
        assert_eq!(text("[]").describe(), "text");
        let session = object([
            ("id", text("")),
            ("b", text("")),
            ("c", text("")),
            ("d", text("")),
            ("e", text("")),
        ]);
        assert_eq!(session.describe(), "an object with the keys id, b, c, d, …");
        assert_eq!(object([]).describe(), "an empty object");
    }

    #[test]
    fn a_branch_is_summed_up_by_its_size_with_what_was_not_read() {
        assert_eq!(list([]).summary(), "0 items");
        assert_eq!(
            Value::List { items: vec![number(1.0)], omitted: 9_999 }.summary(),
            "10,000 items"
        );
        assert_eq!(object([("a", Value::Null)]).summary(), "1 key");
    }

    #[test]
    fn only_a_number_that_can_be_a_count_is_one() {
        assert_eq!(number(0.0).count(), Some(0));
        assert_eq!(number(12.7).count(), Some(12));
        assert_eq!(number(9_007_199_254_740_992.0).count(), Some(1 << 53));
        for no_count in [-1.0, f64::NAN, f64::INFINITY, 1e16] {
            assert_eq!(number(no_count).count(), None, "{no_count}");
        }
        assert_eq!(text("5").count(), None);
    }
}
