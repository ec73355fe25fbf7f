//! What time it is, for the server; tests have a clock of their own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::registry::Time;

/// Says what time it is. Never runs backwards, as the registry demands.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// The wall clock as it stood now, carried on by the monotonic one: setting the computer's clock
    /// while the gateway runs lengthens and shortens nothing.
    #[must_use]
    pub fn system() -> Self {
        let started = Instant::now();
        let start = Time::default().plus(unix_time());
        Self::new(move || start.plus(started.elapsed()))
    }

    /// A clock that says what `now` says; that must never run backwards.
    pub fn new(now: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

/// The time since 1970 by the wall clock, which is what signed tokens go by. A clock before 1970 stands at 1970.
#[must_use]
pub fn unix_time() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
