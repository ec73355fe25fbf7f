//! What is left of loads and pages that ended long ago.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::counters::{Counters, Recent};
use super::load::Load;
use super::time::Time;

/// Folded loads of one session that are remembered, so that a late report of theirs changes nothing; and as
/// many pages, so that none is counted twice.
pub const MAX_FOLDED: usize = 1024;

/// The sum of the folded loads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// What they counted.
    pub counters: Counters,
    /// Their latest send.
    pub recent: Recent,
    /// When the last of them ended.
    pub end: Time,
    /// Their ids, oldest first.
    pub loads: VecDeque<ShortHash>,
    /// The ids of the pages that no load claims any more, oldest first.
    pub pages: VecDeque<ShortHash>,
    /// How many pages more there were before these.
    pub more_pages: u64,
}

impl Folded {
    pub(super) fn add(&mut self, load: &Load) {
        self.counters.add(&load.counters);
        self.recent = self.recent.max(load.recent);
        self.end = self.end.max(load.end());
        self.loads.push_back(ShortHash::of(&load.id));
        if self.loads.len() > MAX_FOLDED {
            self.loads.pop_front();
        }
    }

    pub(super) fn add_page(&mut self, id: &str) {
        self.pages.push_back(ShortHash::of(id));
        if self.pages.len() > MAX_FOLDED {
            self.pages.pop_front();
            self.more_pages = self.more_pages.saturating_add(1);
        }
    }

    /// The page is there again.
    pub(super) fn take_page(&mut self, id: &str) {
        let hash = ShortHash::of(id);
        self.pages.retain(|page| *page != hash);
    }
}

/// Enough of an id to know it by: the first 64 bits of its SHA-256, which are the same on every machine and in
/// every version, for they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShortHash(u64);

impl ShortHash {
    pub(super) fn of(id: &str) -> Self {
        let bytes: [u8; 32] = Sha256::digest(id.as_bytes()).into();
        let first = bytes.first_chunk().copied().unwrap_or_default();
        Self(u64::from_be_bytes(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_that_was_kept_is_known_again() {
        // FIPS 180-4, the example "abc".
        assert_eq!(ShortHash::of("abc"), ShortHash(0xba78_16bf_8f01_cfea));
    }

    #[test]
    fn pages_beyond_those_that_are_remembered_are_still_counted() {
        let mut folded = Folded::default();
        for page in 0..=MAX_FOLDED {
            folded.add_page(&page.to_string());
        }
        folded.take_page("7");
        assert_eq!((folded.pages.len(), folded.more_pages), (MAX_FOLDED - 1, 1));
    }
}
