//! When each open session has to be looked at next, because time alone may have changed it.
//!
//! A report moves a session's deadline nearly always to later, and then nothing is done here: an entry
//! comes too early, and is put where it belongs when it has come. So a report costs nothing, and a session
//! costs one entry a lease.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::number::Number;
use super::time::Time;

/// So many entries may be out of date whatever the number of sessions.
const SPARE: usize = 1024;

/// The queue. An entry is out of date unless its time is the one that the session says it is queued at.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BinaryHeap<Reverse<(Time, Number)>>);

impl Deadlines {
    pub(super) fn push(&mut self, at: Time, number: Number) {
        self.0.push(Reverse((at, number)));
    }

    /// Takes out the earliest entry, if it is due.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<(Time, Number)> {
        let Reverse((at, _)) = self.0.peek()?;
        if *at > now {
            return None;
        }
        self.0.pop().map(|Reverse(entry)| entry)
    }

    /// Whether an entry is due.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.0.peek().is_some_and(|Reverse((at, _))| *at <= now)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether most entries must be out of date, with so many open sessions.
    pub(super) fn is_overgrown(&self, sessions: usize) -> bool {
        self.0.len() > 2 * sessions + SPARE
    }

    /// Keeps the entries that are not out of date.
    pub(super) fn retain(&mut self, is_valid: impl Fn(Time, Number) -> bool) {
        self.0.retain(|Reverse((at, number))| is_valid(*at, *number));
        self.0.shrink_to(2 * self.0.len());
    }
}
