//! Texts of bounded length, as UTF-8.

use super::Host;
use super::host::Text;
use crate::report::MAX_ID_BYTES;

/// One byte more than an id can have, so that a longer text is told from one that just fits; and three, because
/// a host does not cut within a character.
const ID_BUFFER: usize = MAX_ID_BYTES + 4;

/// An id or a name as reports have them: 1 … [`MAX_ID_BYTES`] bytes, or none.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    bytes: [u8; ID_BUFFER],
    len: u16,
}

impl Id {
    /// No id.
    pub const NONE: Self = Self { bytes: [0; ID_BUFFER], len: 0 };

    /// Becomes the first of these texts that the page shows and that can be an id; says whether there is one.
    pub fn show(&mut self, whats: &[Text], host: &impl Host) -> bool {
        self.len = 0;
        for what in whats {
            let len = host.text(*what, &mut self.bytes);
            self.set_len(len);
            if self.is_some() {
                break;
            }
        }
        self.is_some()
    }

    /// Becomes this text, if it can be an id.
    pub fn set(&mut self, text: &[u8]) {
        for (to, from) in self.bytes.iter_mut().zip(text) {
            *to = *from;
        }
        self.set_len(text.len());
    }

    /// None, where it is too long.
    #[expect(clippy::cast_possible_truncation, reason = "the bound fits")]
    const fn set_len(&mut self, len: usize) {
        self.len = if len <= MAX_ID_BYTES { len as u16 } else { 0 };
    }

    /// Whether it is one.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        self.len > 0
    }

    /// Sixteen hexadecimal digits that stand for it. Not a secret: they only give entries of fixed width.
    #[must_use]
    pub fn digest(&self) -> [u8; 16] {
        let mut digits = [0; 16];
        write_hex(&mut digits, hash(self.as_bytes()));
        digits
    }

    /// Its text, empty where it is none.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Id {}

/// A text that the page shows, as much of it as fits; empty where it shows none.
pub fn shown<'a>(what: Text, host: &impl Host, into: &'a mut [u8]) -> &'a [u8] {
    let len = host.text(what, into);
    into.get(..len).unwrap_or_default()
}

/// Mints random hexadecimal digits.
pub fn mint(digits: &mut [u8], host: &impl Host) {
    for eight in digits.chunks_mut(8) {
        write_hex(eight, u64::from(host.random()));
    }
}

/// FNV-1a, 64 bits.
#[must_use]
pub fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for byte in text {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

fn write_hex(digits: &mut [u8], mut bits: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = hex_digit(bits);
        bits >>= 4;
    }
}

/// The hexadecimal digit of the lowest four bits.
pub const fn hex_digit(bits: u64) -> u8 {
    let value = (bits & 0xf) as u8;
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_published_fnv_1a() {
        let mut id = Id::NONE;
        assert_eq!(id.digest(), *b"cbf29ce484222325");
        id.set(b"foobar");
        assert_eq!(id.digest(), *b"85944171f73967e8");
    }

    #[test]
    fn an_id_has_from_1_to_256_bytes() {
        for (len, is_some) in
            [(0, false), (1, true), (MAX_ID_BYTES, true), (MAX_ID_BYTES + 1, false)]
        {
            let text = vec![b'x'; len];
            let mut id = Id::NONE;
            id.set(&text);
            assert_eq!(id.is_some(), is_some, "{len}");
            assert_eq!(id.as_bytes(), if is_some { &text[..] } else { b"" });
        }
    }
}
