//! Texts that many sessions have in common: user agents, projects, paths, users. Each is kept once, and
//! with its JSON, for as long as a session has it.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::json;

/// Below so many texts it is not worth giving back the table's room.
const SMALL: usize = 1024;

/// One of the [`Texts`]. It is equal to and hashed as its text.
#[derive(Clone, Debug)]
pub(super) struct Text(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    json: Box<str>,
    /// Only where it is not what stands between the quotes of `json`.
    raw: Option<Box<str>>,
}

impl Text {
    fn new(raw: &str) -> Self {
        let mut out = Vec::with_capacity(raw.len() + 2);
        json::text(&mut out, raw);
        let json = String::from_utf8_lossy(&out).into();
        let is_escaped = out.len() != raw.len() + 2;
        Self(Arc::new(Kept { json, raw: is_escaped.then(|| raw.into()) }))
    }

    pub(super) fn as_str(&self) -> &str {
        let Kept { json, raw } = &*self.0;
        raw.as_deref().unwrap_or_else(|| &json[1..json.len() - 1])
    }

    /// The text as a JSON string, quotes included.
    pub(super) fn json(&self) -> &[u8] {
        self.0.json.as_bytes()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

/// All texts that are in use.
#[derive(Debug, Default)]
pub(super) struct Texts(HashSet<Text>);

impl Texts {
    /// The kept copy of a text. [`Self::give_back`] ends its use.
    pub(super) fn get(&mut self, text: &str) -> Text {
        if let Some(text) = self.0.get(text) {
            return text.clone();
        }
        let text = Text::new(text);
        self.0.insert(text.clone());
        text
    }

    /// Ends one use. The last use of a text ends its being kept.
    pub(super) fn give_back(&mut self, text: Text) {
        // The table's and this one.
        if Arc::strong_count(&text.0) == 2 {
            self.0.remove(text.as_str());
            if self.0.capacity() > SMALL.max(8 * self.0.len()) {
                self.0.shrink_to(2 * self.0.len());
            }
        }
    }

    /// Makes `text` another one; whether it was.
    pub(super) fn set(&mut self, text: &mut Text, to: &str) -> bool {
        if text.as_str() == to {
            return false;
        }
        let old = std::mem::replace(text, self.get(to));
        self.give_back(old);
        true
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_kept_once_and_with_their_json() {
        let mut texts = Texts::default();
        let (one, other) = (texts.get("a \"b\"\n"), texts.get("a \"b\"\n"));
        assert!(Arc::ptr_eq(&one.0, &other.0));
        assert_eq!((one.as_str(), one.json()), ("a \"b\"\n", &br#""a \"b\"\n""#[..]));
        assert_eq!(texts.get("plain").as_str(), "plain");
        assert_eq!(texts.get("").json(), b"\"\"");
    }

    #[test]
    fn a_text_is_kept_as_long_as_it_is_in_use_and_its_room_is_given_back() {
        let mut texts = Texts::default();
        let many: Vec<_> = (0..10_000).map(|n| texts.get(&n.to_string())).collect();
        let again = texts.get("1");
        for text in many {
            texts.give_back(text);
        }
        assert_eq!((texts.len(), again.as_str()), (1, "1"));
        assert!(texts.0.capacity() <= SMALL);
        texts.give_back(again);
        assert_eq!(texts.len(), 0);
    }

    #[test]
    fn a_text_that_is_replaced_is_given_back() {
        let mut texts = Texts::default();
        let mut text = texts.get("old");
        assert!(!texts.set(&mut text, "old"));
        assert!(texts.set(&mut text, "new"));
        assert_eq!((texts.len(), text.as_str()), (1, "new"));
    }
}
