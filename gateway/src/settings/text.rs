//! What the text of a setting has to be.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// What a setting's text has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongText(pub(crate) &'static str);

impl fmt::Display for WrongText {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "it must be {}", self.0)
    }
}

impl std::error::Error for WrongText {}

/// A duration with its unit, such as 90s or 5min; `None` where it is none, or out of its range.
pub(crate) fn duration(text: &str, range: RangeInclusive<Duration>) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|duration| range.contains(duration))
}
