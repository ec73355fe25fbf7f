//! Writes text and JSON into a buffer. By hand, because serde_json is several times as large as all else that
//! a page downloads.

use super::text::{Id, hex_digit};

/// Writes into a buffer. What does not fit is left out, so the buffer has to be large enough for the longest
/// text that can come.
pub struct Writer<'a> {
    into: &'a mut [u8],
    len: usize,
    /// What is still to come of the form that is filled in.
    form: &'static [u8],
}

impl<'a> Writer<'a> {
    /// Writes into a buffer.
    pub const fn new(into: &'a mut [u8]) -> Self {
        Self { into, len: 0, form: b"" }
    }

    /// Begins to fill in a form: each value is written in the place of the next `#`.
    pub const fn begin(&mut self, form: &'static [u8]) {
        self.form = form;
    }

    /// Writes what is left of the form.
    pub fn end(&mut self) {
        self.next_value();
    }

    /// Appends text as it is.
    pub fn raw(&mut self, text: &[u8]) {
        for byte in text {
            self.byte(*byte);
        }
    }

    /// Fills in a JSON string (RFC 8259, section 7).
    pub fn string(&mut self, text: &[u8]) {
        self.next_value();
        self.byte(b'"');
        for byte in text {
            if *byte < b' ' {
                self.raw(b"\\u00");
                self.byte(hex_digit(u64::from(byte >> 4)));
                self.byte(hex_digit(u64::from(*byte)));
            } else {
                if matches!(byte, b'"' | b'\\') {
                    self.byte(b'\\');
                }
                self.byte(*byte);
            }
        }
        self.byte(b'"');
    }

    /// Fills in an id as a JSON string.
    pub fn id(&mut self, id: &Id) {
        self.string(id.as_bytes());
    }

    /// Fills in an integer.
    pub fn integer(&mut self, value: u64) {
        self.next_value();
        self.digits(value);
    }

    fn digits(&mut self, value: u64) {
        if value > 9 {
            self.digits(value / 10);
        }
        self.byte(b'0' + (value % 10) as u8);
    }

    /// Fills in `true`, `false` or `null`.
    pub fn literal(&mut self, literal: &[u8]) {
        self.next_value();
        self.raw(literal);
    }

    fn next_value(&mut self) {
        while let [next, rest @ ..] = self.form {
            self.form = rest;
            if *next == b'#' {
                break;
            }
            self.byte(*next);
        }
    }

    fn byte(&mut self, byte: u8) {
        if let Some(free) = self.into.get_mut(self.len) {
            *free = byte;
            self.len += 1;
        }
    }

    /// What has been written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.into.get(..self.len).unwrap_or_default()
    }
}
