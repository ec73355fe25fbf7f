//! JSON as serde_json writes it, byte for byte, from what the registry holds and without a copy between.

use std::io::Write as _;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether a byte of UTF-8 can not stand in a JSON string as it is (RFC 8259, section 7).
const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Writes a text as a JSON string, quotes included.
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    // Without a branch for each byte: nearly no text has one that is escaped.
    if text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
        for byte in text.bytes() {
            escaped(out, byte);
        }
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
}

fn escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        0..0x20 => {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&digits);
            return;
        }
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Writes an integer.
pub(super) fn integer(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes `true` or `false`.
pub(super) fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Writes what needs no escape, such as an address, in quotes.
pub(super) fn plain(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    // Writing to a Vec never fails.
    let _ = write!(out, "\"{value}\"");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: &str) -> String {
        let mut out = Vec::new();
        text(&mut out, value);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_that_json_escapes_is_written_as_serde_json_does() {
        for character in ('\0'..='\u{ff}').chain(['\u{2028}', '\u{ffff}', '😀', '\u{10ffff}']) {
            let value = format!("a{character}b");
            assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_does(value in any::<String>()) {
            prop_assert_eq!(written(&value), serde_json::to_string(&value).unwrap());
        }
    }
}
