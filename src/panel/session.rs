//! Takes out of the JSON of one session what is listed of it. Pure.

use alloc::vec::Vec;

use super::columns::{Fields, HEARD, PAGES, RECEIVED, SENT, START, TEXTS, odd};
use super::json::{Fault, Reader, Value, number, unescape};
use super::packed::{Cuts, ID};
use super::texts::Texts;

/// The longest text that is listed and searched, in bytes. All of it is in the session's JSON.
const MAX_TEXT: usize = 1_000;
/// Page ids, and paths, that are searched of one session.
const MAX_MORE: usize = 200;
/// The smallest `lastComm` that is taken for a time since 1970: over three years as a duration, and March 1973 as a
/// time, both in milliseconds. Versions of Ignition differ in which of the two it is.
const EPOCH_FROM: f64 = 100_000_000_000.0;
/// The largest count that every number can be told from.
const MAX_COUNT: f64 = 9_007_199_254_740_992.0;

/// A session that is being read.
#[derive(Default)]
pub struct Session {
    /// In milliseconds since 1970.
    now: f64,
    /// Its id; empty where it has none.
    pub id: Vec<u8>,
    /// What is listed of it.
    pub fields: Fields,
    /// Its page ids and paths, by their numbers.
    pub more: Vec<u32>,
    /// What is left out of its JSON where that is kept.
    pub cuts: Cuts,
    /// The columns of texts that have been read, and the id, a bit each.
    written: u8,
}

impl Session {
    /// Nothing is known of it yet. It takes over room from one that was read before.
    pub fn new(now: f64, mut more: Vec<u32>, mut cuts: Cuts) -> Self {
        more.clear();
        cuts.clear();
        Self { now, more, cuts, ..Self::default() }
    }

    /// Reads the object that the reader stands before; ids and paths get numbers among `names`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub fn read(
        &mut self,
        json: &[u8],
        texts: &mut Texts,
        names: &mut Texts,
        reader: &mut Reader,
        scratch: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        reader.expect(b'{')?;
        let mut first = true;
        let mut page_ids = f64::NAN;
        while reader.item(first, b'}')? {
            first = false;
            reader.peek()?;
            let start = reader.at();
            let key = reader.key()?;
            self.cuts.key(json, start, reader.at());
            reader.peek()?;
            let start = reader.at();
            let value = reader.value()?;
            if let Some(column) = TEXTS.iter().position(|name| name.as_bytes() == key) {
                let text = listed(value, texts, scratch);
                self.fields.texts[column] = text;
                let is_kept = matches!(value, Value::Text(it) if texts.get(text) == it);
                self.leave_out(column, is_kept, start, reader.at());
                continue;
            }
            let column = match key {
                b"uptime" => START,
                b"lastComm" => HEARD,
                b"activePages" => PAGES,
                b"totalBytesSent" => SENT,
                b"id" => {
                    if let Value::Text(id) = value {
                        key_text(id, scratch);
                        self.id.clone_from(scratch);
                        self.leave_out(ID, self.id == id, start, reader.at());
                    } else if value != Value::Null {
                        self.id = cut(written(value)).to_vec();
                    }
                    continue;
                }
                b"pageIds" => {
                    if let Value::List(items) = value {
                        page_ids = self.pages(items, names, scratch)?;
                    }
                    continue;
                }
                b"detail" => {
                    if let Value::Object(detail) = value {
                        self.detail(detail, names, scratch)?;
                    }
                    continue;
                }
                _ => continue,
            };
            self.fields.numbers[column] = self.count(column, value, texts, scratch);
        }
        if self.fields.numbers[PAGES].is_nan() {
            self.fields.numbers[PAGES] = page_ids;
        }
        Ok(())
    }

    /// Leaves the value of a column out of the JSON, where the column has it as it is written.
    fn leave_out(&mut self, column: usize, is_kept: bool, start: usize, end: usize) {
        let is_first = self.written & (1 << column) == 0;
        self.written |= 1 << column;
        if !is_first {
            // A key that comes twice has its last value in the column: nothing more is left out.
            self.cuts.clear();
            self.written = u8::MAX;
        } else if is_kept {
            self.cuts.text(column, start, end);
        }
    }

    fn count(&self, column: usize, value: Value, texts: &mut Texts, scratch: &mut Vec<u8>) -> f64 {
        let Value::Number(digits) = value else {
            return match listed(value, texts, scratch) {
                0 => f64::NAN,
                text => odd(text),
            };
        };
        let count = number(digits);
        if !(0.0..=MAX_COUNT).contains(&count) {
            return odd(texts.number(cut(digits)));
        }
        match column {
            HEARD if count > EPOCH_FROM => count,
            START | HEARD => self.now - count,
            _ => count,
        }
    }

    /// Takes page ids; how many there are.
    fn pages(
        &mut self,
        items: &[u8],
        names: &mut Texts,
        scratch: &mut Vec<u8>,
    ) -> Result<f64, Fault> {
        let mut reader = Reader::new(items, 0);
        reader.expect(b'[')?;
        let mut count = 0_u32;
        while reader.item(count == 0, b']')? {
            let id = reader.value()?;
            if self.more.len() < MAX_MORE {
                self.more.push(listed(id, names, scratch));
            }
            count += 1;
        }
        Ok(f64::from(count))
    }

    fn detail(
        &mut self,
        detail: &[u8],
        names: &mut Texts,
        scratch: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        entries(detail, |key, value| {
            match (key, value) {
                (b"received", Value::Object(channels)) => {
                    let mut sum = 0.0;
                    entries(channels, |_, value| {
                        if let Value::Number(digits) = value {
                            sum += number(digits).max(0.0);
                        }
                        Ok(())
                    })?;
                    self.fields.numbers[RECEIVED] = sum.min(MAX_COUNT);
                }
                (b"pages", Value::List(pages)) => {
                    let mut reader = Reader::new(pages, 0);
                    reader.expect(b'[')?;
                    let mut first = true;
                    while reader.item(first, b']')? {
                        first = false;
                        let Value::Object(page) = reader.value()? else { continue };
                        entries(page, |key, value| {
                            if key == b"path" && self.more.len() < 2 * MAX_MORE {
                                self.more.push(listed(value, names, scratch));
                            }
                            Ok(())
                        })?;
                    }
                }
                _ => {}
            }
            Ok(())
        })
    }
}

/// Looks at each entry of an object.
fn entries<'a>(
    object: &'a [u8],
    mut look: impl FnMut(&[u8], Value<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut reader = Reader::new(object, 0);
    reader.expect(b'{')?;
    let mut first = true;
    while reader.item(first, b'}')? {
        first = false;
        look(reader.key()?, reader.value()?)?;
    }
    Ok(())
}

/// The text that a list shows of a value; none for `null`.
fn listed(value: Value, texts: &mut Texts, scratch: &mut Vec<u8>) -> u32 {
    match value {
        Value::Null => 0,
        Value::Text(text) if text.len() <= MAX_TEXT && !text.contains(&b'\\') => texts.number(text),
        Value::Text(text) => {
            key_text(text, scratch);
            texts.number(scratch)
        }
        other => texts.number(cut(written(other))),
    }
}

/// What a text says, cut where it is too long: then with its length, so that two that begin alike stay two.
pub fn key_text(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    unescape(text, out);
    let length = out.len();
    if length > MAX_TEXT {
        out.truncate(cut(out).len());
        out.extend_from_slice("…".as_bytes());
        let mut digits = [0; 20];
        let (mut left, mut at) = (length, digits.len());
        while left > 0 {
            at -= 1;
            #[expect(clippy::cast_possible_truncation, reason = "a digit")]
            let digit = b'0' + (left % 10) as u8;
            digits[at] = digit;
            left /= 10;
        }
        out.extend_from_slice(&digits[at..]);
    }
}

/// The start of a text, not in the middle of a character.
pub fn cut(text: &[u8]) -> &[u8] {
    let mut end = text.len().min(MAX_TEXT);
    while end < text.len() && end > 0 && text[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &text[..end]
}

/// A value as it is written; of a text what stands between the quotation marks.
pub const fn written(value: Value<'_>) -> &[u8] {
    match value {
        Value::Null => b"null",
        Value::Boolean(true) => b"true",
        Value::Boolean(false) => b"false",
        Value::Number(text) | Value::Text(text) | Value::List(text) | Value::Object(text) => text,
    }
}
