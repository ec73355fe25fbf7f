//! Reads JSON where it lies: a text of which the end may not have come yet.
//!
//! What nobody asks for is stepped over without a look inside: only strings and brackets are told apart there.

use alloc::vec::Vec;

/// Why a value can not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text ends before the value does.
    Incomplete,
    /// This is no JSON.
    Invalid,
}

/// A value, as far as somebody looked into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number as it is written.
    Number(&'a [u8]),
    /// What stands between the quotes, escapes and all.
    Text(&'a [u8]),
    /// An array with its brackets.
    List(&'a [u8]),
    /// An object with its brackets.
    Object(&'a [u8]),
}

/// A place in a text.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// At a place of a text, 0 … its length.
    #[must_use]
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where it is.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is no white space, without a step over it.
    ///
    /// # Errors
    /// [`Fault::Incomplete`] where there is none.
    pub fn peek(&mut self) -> Result<u8, Fault> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Fault::Incomplete)
    }

    /// Steps over this byte, which has to be the next.
    ///
    /// # Errors
    /// [`Fault::Invalid`] where another one is.
    pub fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek()? != byte {
            return Err(Fault::Invalid);
        }
        self.at += 1;
        Ok(())
    }

    /// Steps into an array or object, or to its next item: whether there is one. `first` says which of the two.
    ///
    /// # Errors
    /// A [`Fault`].
    pub fn item(&mut self, first: bool, end: u8) -> Result<bool, Fault> {
        let next = self.peek()?;
        if next == end {
            self.at += 1;
            return Ok(false);
        }
        if !first {
            self.expect(b',')?;
            self.peek()?;
        }
        Ok(true)
    }

    /// A key with its colon, as it is written between the quotes.
    ///
    /// # Errors
    /// A [`Fault`].
    pub fn key(&mut self) -> Result<&'a [u8], Fault> {
        if self.peek()? != b'"' {
            return Err(Fault::Invalid);
        }
        let key = self.text()?;
        self.expect(b':')?;
        Ok(key)
    }

    /// A value of any kind.
    ///
    /// # Errors
    /// A [`Fault`].
    pub fn value(&mut self) -> Result<Value<'a>, Fault> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'"' => self.text().map(Value::Text),
            b'{' => self.nested().map(|()| Value::Object(&self.bytes[start..self.at])),
            b'[' => self.nested().map(|()| Value::List(&self.bytes[start..self.at])),
            b'n' => self.word(b"null").map(|()| Value::Null),
            b't' => self.word(b"true").map(|()| Value::Boolean(true)),
            b'f' => self.word(b"false").map(|()| Value::Boolean(false)),
            b'-' | b'0'..=b'9' => self.number().map(Value::Number),
            _ => Err(Fault::Invalid),
        }
    }

    fn text(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            // Most bytes of most lists are in texts: eight at a time.
            while let Some(Ok(word)) = self.bytes.get(at..at + 8).map(TryInto::try_into)
                && is_plain(u64::from_le_bytes(word))
            {
                at += 8;
            }
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(0..0x20) => return Err(Fault::Invalid),
                Some(_) => at += 1,
                None => return Err(Fault::Incomplete),
            }
        }
        self.at = at + 1;
        Ok(&self.bytes[start..at])
    }

    fn nested(&mut self) -> Result<(), Fault> {
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.text()?;
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => depth -= 1,
                Some(b'\n' | b'\r' | b'\t' | 0x20..) => {}
                Some(_) => return Err(Fault::Invalid),
                None => return Err(Fault::Incomplete),
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        let rest = &self.bytes[self.at..];
        if !rest.starts_with(word) {
            return Err(if word.starts_with(rest) { Fault::Incomplete } else { Fault::Invalid });
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at;
        while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = self.bytes.get(self.at) {
            self.at += 1;
        }
        // More digits may come.
        if self.at == self.bytes.len() {
            return Err(Fault::Incomplete);
        }
        Ok(&self.bytes[start..self.at])
    }
}

/// Whether none of eight bytes is a quotation mark, a backslash or a control character.
const fn is_plain(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is less than another, which is 128 at most; or of one above it, as an error.
    const fn less(word: u64, than: u64) -> u64 {
        word.wrapping_sub(ONES * than) & !word
    }
    let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    (less(word, 0x20) | less(quote, 1) | less(backslash, 1)) & HIGH == 0
}

/// The value of a number as it is written: exact where it is a whole one up to 2^53, else to about 15 digits, which
/// is more than a list shows of it.
#[must_use]
pub fn number(written: &[u8]) -> f64 {
    let (negative, digits) = match written.split_first() {
        Some((b'-', digits)) => (true, digits),
        _ => (false, written),
    };
    let (mut value, mut scale, mut fraction) = (0.0_f64, 0_i32, false);
    let mut rest = digits.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10.0 + f64::from(byte - b'0');
                scale -= i32::from(fraction);
            }
            b'.' => fraction = true,
            _ => {
                let mut exponent = 0_i32;
                let mut down = false;
                for &byte in rest.by_ref() {
                    match byte {
                        b'-' => down = true,
                        b'0'..=b'9' => {
                            exponent =
                                exponent.saturating_mul(10).saturating_add(i32::from(byte - b'0'));
                        }
                        _ => {}
                    }
                }
                scale = scale.saturating_add(if down { -exponent } else { exponent });
            }
        }
    }
    // Beyond that there is nothing but zero and infinity.
    for _ in 0..scale.unsigned_abs().min(400) {
        value = if scale < 0 { value / 10.0 } else { value * 10.0 };
    }
    if negative { -value } else { value }
}

/// Adds what a text says that is written so, as UTF-8; half a surrogate pair becomes U+FFFD.
pub fn unescape(written: &[u8], out: &mut Vec<u8>) {
    let mut rest = written;
    while let Some(escape) = rest.iter().position(|byte| *byte == b'\\') {
        out.extend_from_slice(&rest[..escape]);
        rest = rest.get(escape + 1..).unwrap_or_default();
        let Some((&kind, after)) = rest.split_first() else { return };
        rest = after;
        let plain = match kind {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let (char, after) = escaped_char(rest);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                rest = after;
                continue;
            }
            other => other,
        };
        out.push(plain);
    }
    out.extend_from_slice(rest);
}

/// The character of an escape, and what follows it. It begins behind `\u`.
fn escaped_char(rest: &[u8]) -> (char, &[u8]) {
    let (first, after) = unit(rest);
    if (0xd800..0xdc00).contains(&first)
        && let Some(low) = after.strip_prefix(b"\\u")
        && let (second @ 0xdc00..0xe000, after) = unit(low)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), after)
}

/// Four hexadecimal digits; what is none counts as no character.
fn unit(rest: &[u8]) -> (u32, &[u8]) {
    let (digits, after) = rest.split_at(rest.len().min(4));
    let value = digits
        .iter()
        .try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?));
    (value.unwrap_or(0xd800), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> String {
        let mut out = Vec::new();
        unescape(written.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_value_that_is_not_all_there_yet_is_told_from_one_that_is_none() {
        for (written, fault) in [
            ("", Fault::Incomplete),
            ("  ", Fault::Incomplete),
            ("tru", Fault::Incomplete),
            ("trux", Fault::Invalid),
            ("\"a", Fault::Incomplete),
            ("\"a\\", Fault::Incomplete),
            ("\"a\\\"", Fault::Incomplete),
            ("\"a\nb\"", Fault::Invalid),
            ("[1,{\"a\":\"]\"}", Fault::Incomplete),
            ("12", Fault::Incomplete),
            ("<html>", Fault::Invalid),
            ("[\u{1}]", Fault::Invalid),
        ] {
            assert_eq!(Reader::new(written.as_bytes(), 0).value(), Err(fault), "{written}");
        }
    }

    #[test]
    fn a_text_ends_where_it_ends_however_long_it_is() {
        for length in 0..40 {
            for (inner, end) in [("", "\""), ("\\\"", "\""), ("\\\\", "\""), ("π", "\"")] {
                let text = format!("{}{inner}{}", "x".repeat(length), "y".repeat(40 - length));
                let written = format!("\"{text}{end},\"z\"");
                let value = Reader::new(written.as_bytes(), 0).value();
                assert_eq!(value, Ok(Value::Text(text.as_bytes())));
                let broken = written.replacen('y', "\u{1f}", 1);
                let value = Reader::new(broken.as_bytes(), 0).value();
                assert_eq!(value.is_err(), length < 40, "{broken}");
            }
        }
    }

    #[test]
    fn what_nobody_asks_for_is_stepped_over() {
        let written = br#" { "a" : [1, "}\"", {"b": null}] , "c":-1.5e3 } "#;
        let mut reader = Reader::new(written, 0);
        reader.expect(b'{').unwrap();
        assert!(reader.item(true, b'}').unwrap());
        assert_eq!(reader.key(), Ok(&b"a"[..]));
        assert_eq!(reader.value(), Ok(Value::List(br#"[1, "}\"", {"b": null}]"#)));
        assert!(reader.item(false, b'}').unwrap());
        assert_eq!(reader.key(), Ok(&b"c"[..]));
        assert_eq!(reader.value(), Ok(Value::Number(b"-1.5e3")));
        assert!(!reader.item(false, b'}').unwrap());
        assert_eq!(reader.at(), written.len() - 1);
    }

    #[test]
    fn a_number_is_read_as_it_is_written() {
        for (written, value) in [
            ("0", 0.0),
            ("9007199254740992", 9_007_199_254_740_992.0),
            ("-12", -12.0),
            ("1.5", 1.5),
            ("2e3", 2_000.0),
            ("25E-1", 2.5),
            ("1e999999999999", f64::INFINITY),
            ("0e999999999999", 0.0),
        ] {
            assert_eq!(number(written.as_bytes()), value, "{written}");
        }
    }

    #[test]
    fn escapes_are_what_they_stand_for() {
        assert_eq!(text("a\\n\\t\\\"\\\\\\/π"), "a\n\t\"\\/π");
        assert_eq!(text("\\u03c0\\ud83d\\ude00"), "π😀");
        assert_eq!(text("\\ud83d x \\ude00 \\uzz"), "\u{fffd} x \u{fffd} \u{fffd}");
    }
}
