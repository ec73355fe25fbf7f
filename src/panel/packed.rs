//! The JSON of a session in a third of its room: what is the same in nearly all sessions stands there as one byte. Pure.
//!
//! That byte is a control character, which JSON never holds as such. It stands for a key, or for the text that a column
//! has of the session anyway, or for its id.

use alloc::vec::Vec;

use super::columns::TEXTS;

/// Keys that are packed, with their quotation marks and the colon.
const KEYS: [&str; 14] = [
    "\"userAgent\":",
    "\"id\":",
    "\"username\":",
    "\"project\":",
    "\"uptime\":",
    "\"clientAddress\":",
    "\"lastComm\":",
    "\"sessionScope\":",
    "\"activePages\":",
    "\"recentBytesSent\":",
    "\"totalBytesSent\":",
    "\"pageIds\":",
    "\"authorized\":",
    "\"detail\":",
];

/// The session's id, as if it stood in a column behind those of [`TEXTS`].
pub const ID: usize = TEXTS.len();

/// The control characters, without those that are white space: first the keys', then the columns' and the id's.
const BYTES: [u8; KEYS.len() + ID + 1] =
    [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24];

/// What is left out of a session's JSON, in its order.
#[derive(Default)]
pub struct Cuts(Vec<Cut>);

struct Cut {
    start: usize,
    end: usize,
    byte: u8,
}

impl Cuts {
    /// Nothing yet.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Leaves out a key, where it is one of those that are packed; it is written from `start` to `end` with what
    /// belongs to it.
    pub fn key(&mut self, json: &[u8], start: usize, end: usize) {
        let written = &json[start..end];
        if let Some(key) = KEYS.iter().position(|key| key.as_bytes() == written) {
            self.0.push(Cut { start, end, byte: BYTES[key] });
        }
    }

    /// Leaves out the value of a column, which is the text between quotation marks as it is written.
    pub fn text(&mut self, column: usize, start: usize, end: usize) {
        self.0.push(Cut { start, end, byte: BYTES[KEYS.len() + column] });
    }

    /// Adds the JSON from `start` to `end` without what is left out.
    pub fn pack(&self, json: &[u8], start: usize, end: usize, out: &mut Vec<u8>) {
        let mut at = start;
        for cut in &self.0 {
            out.extend_from_slice(&json[at..cut.start]);
            out.push(cut.byte);
            at = cut.end;
        }
        out.extend_from_slice(&json[at..end]);
    }
}

/// The JSON that was packed; `text` says the text of a column.
pub fn unpack<'a>(packed: &[u8], text: impl Fn(usize) -> &'a [u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(packed.len() * 3);
    for byte in packed {
        match BYTES.iter().position(|known| known == byte) {
            None => json.push(*byte),
            Some(place) => match KEYS.get(place) {
                Some(key) => json.extend_from_slice(key.as_bytes()),
                None => {
                    json.push(b'"');
                    json.extend_from_slice(text(place - KEYS.len()));
                    json.push(b'"');
                }
            },
        }
    }
    json
}
