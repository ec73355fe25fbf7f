//! Numbers as SQLite has them: signed integers only.

use crate::registry::{Number, Time};

/// The number of a session as SQLite keeps it.
pub(super) fn sql(number: Number) -> i64 {
    count(number.get())
}

/// The session of the number that SQLite has kept.
pub(super) fn session(number: i64) -> Number {
    Number::new(u64::try_from(number).unwrap_or_default())
}

/// The time as SQLite keeps it.
pub(super) fn millis(time: Time) -> i64 {
    count(time.millis())
}

/// The time that SQLite has kept; a negative one, which nobody writes, is the epoch.
pub(super) fn time(millis: i64) -> Time {
    Time::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// A count as SQLite keeps it.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
