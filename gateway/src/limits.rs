//! How much the gateway keeps at most, all in one place.

/// Bounds of the [`Registry`](crate::registry::Registry).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sessions, ended ones that can be reopened included. A new session takes the place of the one
    /// that ended longest ago; where none has ended, it is refused.
    pub sessions: usize,
    /// Pages that one session can have open. A further one is refused.
    pub open_pages: usize,
    /// Loads of one session that are kept apart. Beyond it the loads that ended longest ago are folded
    /// into one sum.
    pub loads: usize,
    /// Folded loads of one session that are remembered, so that a late report of theirs changes nothing.
    pub folded: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sessions: 100_000, open_pages: 256, loads: 64, folded: 1024 }
    }
}
