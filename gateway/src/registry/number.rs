//! The number of a session.

use serde::{Deserialize, Serialize};

/// A session's number: sessions are numbered from 1 in the order in which they start, and no number is
/// used twice, also not after a restart from what was kept. So it names a session where its id does not (an
/// id can be used anew when its session has ended), and the list is in its order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Number(u64);

impl Number {
    /// The session of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number as an integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of the session that starts next after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}
