//! What the agent keeps in the browser's storage, and in which form. What is read can be anything.
//!
//! | where | name | what |
//! |---|---|---|
//! | localStorage | `perspective-session-info session GATEWAY PROJECT` | [`StoredSession`], outside Perspective |
//! | localStorage | `perspective-session-info keys GATEWAY PROJECT` | the [keys](find_key) of the latest sessions |
//! | sessionStorage | `perspective-session-info GATEWAY` | [`TabRecord`] |

use crate::report::{KEY_DIGITS, MAX_ID_BYTES, MAX_REPORT_BYTES};

/// How many sessions' keys are kept; the page's own storage must not fill up over the years.
const MAX_KEYS: usize = 32;
/// How many closing reports a tab keeps while the gateway is away.
pub const MAX_KEPT_REPORTS: usize = 8;
const DIGEST_DIGITS: usize = 16;
const ENTRY: usize = DIGEST_DIGITS + KEY_DIGITS;

/// The name of the [`StoredSession`] in localStorage.
#[must_use]
pub fn session_name(gateway: &str, project: &str) -> String {
    ["perspective-session-info session ", gateway, " ", project].concat()
}

/// The name of the keys in localStorage.
#[must_use]
pub fn keys_name(gateway: &str, project: &str) -> String {
    ["perspective-session-info keys ", gateway, " ", project].concat()
}

/// Appends 32 bits as eight hexadecimal digits. (`format!` would be a tenth of the agent's wasm.)
pub fn push_hex(to: &mut String, bits: u32) {
    for shift in (0..8).rev() {
        to.push(char::from_digit(bits >> (shift * 4) & 0xf, 16).unwrap_or('0'));
    }
}

/// Sixteen hexadecimal digits that stand for a text of any length and any characters (FNV-1a, 64 bits).
/// Not a secret: it only gives entries of fixed width.
#[must_use]
pub fn digest(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut digits = String::new();
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are taken apart")]
    for half in [(hash >> 32) as u32, hash as u32] {
        push_hex(&mut digits, half);
    }
    digits
}

/// The session that the browser has minted for a project outside Perspective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// The session's id.
    pub id: String,
    /// The [`digest`] of the user that the session had last; sixteen `-` for none.
    pub user: String,
}

impl StoredSession {
    /// The user of a session that never had one.
    pub const NOBODY: &str = "----------------";

    /// Reads what is stored; `None` for what no agent has written.
    #[must_use]
    pub fn parse(stored: &str) -> Option<Self> {
        let (user, id) = (stored.get(..DIGEST_DIGITS)?, stored.get(DIGEST_DIGITS..)?);
        let session = Self { id: id.to_owned(), user: user.to_owned() };
        is_id(id).then_some(session)
    }

    /// What to store.
    #[must_use]
    pub fn to_text(&self) -> String {
        [self.user.as_str(), &self.id].concat()
    }
}

/// Whether a text can be an id: 1 … [`MAX_ID_BYTES`] bytes.
#[must_use]
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ID_BYTES
}

/// A session's key among the stored ones: entries of a session id's [`digest`] and its key, latest first.
#[must_use]
pub fn find_key<'a>(stored: &'a str, session_id: &str) -> Option<&'a str> {
    let session = digest(session_id);
    let mut rest = stored;
    while let (Some(id), Some(key)) = (rest.get(..DIGEST_DIGITS), rest.get(DIGEST_DIGITS..ENTRY)) {
        if id == session && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(key);
        }
        rest = rest.get(ENTRY..)?;
    }
    None
}

/// The stored keys with one more, and without the oldest where they are too many.
#[must_use]
pub fn add_key(stored: &str, session_id: &str, key: &str) -> String {
    let kept = stored.len().min((MAX_KEYS - 1) * ENTRY);
    // What is no text of whole entries was not written by an agent, and goes.
    [digest(session_id).as_str(), key, stored.get(..kept).unwrap_or_default()].concat()
}

/// What a tab keeps for its next load, in lines: the page's id and the reports that were not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TabRecord {
    /// The page's id, minted by the browser.
    pub page_id: Option<String>,
    /// Closing reports of earlier loads, oldest first, as JSON.
    pub reports: Vec<String>,
}

impl TabRecord {
    /// Reads what was kept, leaving out what is out of bounds.
    #[must_use]
    pub fn parse(kept: &str) -> Self {
        let mut lines = kept.split('\n');
        Self {
            page_id: lines.next().filter(|id| is_id(id)).map(str::to_owned),
            reports: lines
                .filter(|report| report.starts_with('{') && report.len() <= MAX_REPORT_BYTES)
                .take(MAX_KEPT_REPORTS)
                .map(str::to_owned)
                .collect(),
        }
    }

    /// What to keep. JSON as [`PageReport::to_json`](crate::report::PageReport::to_json) writes it has no line breaks.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.page_id.clone().unwrap_or_default();
        for report in &self.reports {
            text.push('\n');
            text.push_str(report);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_whatever_the_session_id_holds() {
        let ids = ["plain", "with\nline break", "", "π \0 𝒳", "a b/c"];
        let mut stored = String::new();
        for (n, id) in ids.iter().enumerate() {
            stored = add_key(&stored, id, &n.to_string().repeat(KEY_DIGITS));
        }
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(find_key(&stored, id), Some(n.to_string().repeat(KEY_DIGITS).as_str()));
        }
        assert_eq!(find_key(&stored, "another"), None);
    }

    #[test]
    fn a_sessions_latest_key_counts() {
        let stored = add_key("", "s", &"1".repeat(KEY_DIGITS));
        let stored = add_key(&stored, "s", &"2".repeat(KEY_DIGITS));
        assert_eq!(find_key(&stored, "s"), Some("2".repeat(KEY_DIGITS).as_str()));
    }

    #[test]
    fn stored_keys_do_not_grow_without_bound() {
        let mut stored = String::new();
        for n in 0..1000 {
            stored = add_key(&stored, &n.to_string(), &"a".repeat(KEY_DIGITS));
        }
        assert_eq!(stored.len(), MAX_KEYS * ENTRY);
        assert!(find_key(&stored, "999").is_some() && find_key(&stored, "968").is_some());
        assert_eq!(find_key(&stored, "967"), None);
    }

    #[test]
    fn storage_that_another_script_wrote_to_is_no_key_no_session_and_no_record() {
        for wrong in ["", "x", &"π".repeat(40), &"z".repeat(48), "null", "\n\n\n"] {
            assert_eq!(find_key(wrong, "s"), None, "{wrong:?}");
            assert_eq!(
                find_key(&add_key(wrong, "s", &"b".repeat(32)), "s").map(str::len),
                Some(32)
            );
            assert_eq!(TabRecord::parse(wrong).reports, Vec::<String>::new());
        }
        assert_eq!(StoredSession::parse("too short"), None);
        assert_eq!(StoredSession::parse(&"x".repeat(16 + MAX_ID_BYTES + 1)), None);
        assert_eq!(TabRecord::parse(&"x".repeat(MAX_ID_BYTES + 1)).page_id, None);
    }

    #[test]
    fn a_session_and_a_tabs_record_are_read_as_they_were_written() {
        let session = StoredSession { id: "a\nb".into(), user: digest("billy") };
        assert_eq!(StoredSession::parse(&session.to_text()), Some(session));
        let record =
            TabRecord { page_id: Some("p".into()), reports: vec!["{1}".into(), "{2}".into()] };
        assert_eq!(TabRecord::parse(&record.to_text()), record);
        assert_eq!(TabRecord::parse(&TabRecord::default().to_text()), TabRecord::default());
    }

    #[test]
    fn a_digest_is_the_published_fnv_1a() {
        assert_eq!(digest(""), "cbf29ce484222325");
        assert_eq!(digest("foobar"), "85944171f73967e8");
    }
}
