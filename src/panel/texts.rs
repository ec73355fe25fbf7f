//! Texts that occur again and again, each kept once and known by a number.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// The number of the text that is not there.
pub const NONE: u32 = 0;

/// No text has this number: an empty place in the table.
const EMPTY: u32 = u32::MAX;

/// Texts by number, and numbers by text. The number 0 is [`NONE`]: there is nothing, not even an empty text.
pub struct Texts {
    bytes: Vec<u8>,
    /// Where the text of each number ends, and the next one begins.
    ends: Vec<u32>,
    /// The numbers by what their texts hash to, with open addressing. Its length is a power of two.
    table: Vec<u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { bytes: Vec::new(), ends: alloc::vec![0], table: alloc::vec![EMPTY; 64] }
    }
}

impl Texts {
    /// How many numbers there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// All texts, one behind the other.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the text of this number ends among all.
    #[must_use]
    pub fn end(&self, number: u32) -> usize {
        self.ends[number as usize] as usize
    }

    /// The text of a number; empty for [`NONE`].
    #[must_use]
    pub fn get(&self, number: u32) -> &[u8] {
        let start = if number == NONE { 0 } else { self.end(number - 1) };
        &self.bytes[start..self.end(number)]
    }

    /// The text of a number, with U+FFFD for what is no UTF-8.
    #[must_use]
    pub fn text(&self, number: u32) -> String {
        match String::from_utf8_lossy(self.get(number)) {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text,
        }
    }

    /// The number of a text, where it has one.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        Some(self.table[self.place(text)]).filter(|number| *number != EMPTY)
    }

    /// The number of a text, a new one where it has none. Beyond 4 GiB of texts every new one is [`NONE`].
    pub fn number(&mut self, text: &[u8]) -> u32 {
        let place = self.place(text);
        if self.table[place] != EMPTY {
            return self.table[place];
        }
        let (Ok(number), Ok(end)) =
            (u32::try_from(self.ends.len()), u32::try_from(self.bytes.len() + text.len()))
        else {
            return NONE;
        };
        self.bytes.extend_from_slice(text);
        self.ends.push(end);
        self.table[place] = number;
        if self.ends.len() * 2 > self.table.len() {
            self.grow();
        }
        number
    }

    /// Where the number of a text is in the table, or would be.
    fn place(&self, text: &[u8]) -> usize {
        let mask = self.table.len() - 1;
        let mut place = hash(text) as usize & mask;
        while self.table[place] != EMPTY && self.get(self.table[place]) != text {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        self.table = alloc::vec![EMPTY; self.table.len() * 2];
        let mask = self.table.len() - 1;
        for number in 1..self.len() {
            #[expect(clippy::cast_possible_truncation, reason = "they are u32")]
            let number = number as u32;
            let mut place = hash(self.get(number)) as usize & mask;
            while self.table[place] != EMPTY {
                place = (place + 1) & mask;
            }
            self.table[place] = number;
        }
    }
}

/// Eight bytes at a time; the ends overlap. Whoever makes texts collide on purpose slows down their own reader.
fn hash(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    let mut mix = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        mix(chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    mix(word(chunks.remainder()));
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_however_often_it_comes() {
        let mut texts = Texts::default();
        let numbers: Vec<u32> =
            (0..10_000).map(|i| texts.number(i.to_string().as_bytes())).collect();
        for (i, number) in numbers.iter().enumerate() {
            assert_eq!(texts.number(i.to_string().as_bytes()), *number);
            assert_eq!(texts.find(i.to_string().as_bytes()), Some(*number));
            assert_eq!(texts.text(*number), i.to_string());
        }
        assert_eq!(texts.len(), 10_001);
        assert_eq!(texts.find(b"none"), None);
    }

    #[test]
    fn an_empty_text_is_not_no_text() {
        let mut texts = Texts::default();
        assert_eq!(texts.find(b""), None);
        assert_ne!(texts.number(b""), NONE);
        assert_eq!(texts.text(NONE), "");
    }

    #[test]
    fn what_is_no_utf8_is_text_all_the_same() {
        let mut texts = Texts::default();
        let number = texts.number(b"a\xffb");
        assert_eq!(texts.text(number), "a\u{fffd}b");
    }
}
