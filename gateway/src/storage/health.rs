//! How the writing goes, for others to tell.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::registry::Time;

/// A writer that neither succeeds nor fails for so long waits for a disk that does not answer, or has died.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the writing goes. Copies are of the same.
#[derive(Clone, Debug)]
pub(super) struct Health(Arc<Mutex<Told>>);

#[derive(Debug)]
struct Told {
    writing: Writing,
    /// When the writer told last, or was started: by the clock of the sessions, and by one that nobody sets.
    at: (Time, Instant),
}

/// How the writing of sessions goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Since when nothing could be written, and why; `None` while it can be.
    pub failing: Option<Failing>,
    /// Sessions that have changed since they were last written.
    pub pending: usize,
    /// How often something could not be written, since the start.
    pub failures: u64,
}

/// Since when nothing can be written, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Since when.
    pub since: Time,
    /// Why, for an administrator to read.
    pub reason: String,
}

impl Health {
    /// Of a writer that is started now.
    pub(super) fn new(now: Time) -> Self {
        Self(Arc::new(Mutex::new(Told { writing: Writing::default(), at: (now, Instant::now()) })))
    }

    /// How the writing goes now.
    pub(super) fn get(&self) -> Writing {
        self.get_at(Instant::now())
    }

    fn get_at(&self, now: Instant) -> Writing {
        let told = self.told();
        let mut writing = told.writing.clone();
        let (since, at) = told.at;
        if writing.failing.is_none() && now.saturating_duration_since(at) >= PATIENCE {
            let reason = "the disk does not answer".to_owned();
            writing.failing = Some(Failing { since, reason });
        }
        writing
    }

    /// All was written that there was to write, but for `pending` sessions. Gives the trouble that is over now.
    pub(super) fn succeeded(&self, now: Time, pending: usize) -> Option<Failing> {
        let Told { writing, at } = &mut *self.told();
        *at = (now, Instant::now());
        writing.pending = pending;
        writing.failing.take()
    }

    /// Nothing could be written. Whether that is news.
    pub(super) fn failed(&self, now: Time, pending: usize, reason: &str) -> bool {
        let Told { writing, at } = &mut *self.told();
        *at = (now, Instant::now());
        writing.pending = pending;
        writing.failures += 1;
        match &mut writing.failing {
            Some(failing) if failing.reason == reason => false,
            Some(failing) => {
                reason.clone_into(&mut failing.reason);
                true
            }
            none => {
                *none = Some(Failing { since: now, reason: reason.to_owned() });
                true
            }
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_that_says_nothing_for_long_counts_as_failing_since_it_last_spoke() {
        let health = Health::new(Time::from_millis(1));
        let later = Instant::now() + PATIENCE;
        assert_eq!(health.get().failing, None);
        let since = |health: &Health| health.get_at(later).failing.map(|failing| failing.since);
        assert_eq!(since(&health), Some(Time::from_millis(1)));
        health.failed(Time::from_millis(2), 1, "full");
        let failing = health.get_at(later).failing.unwrap();
        assert_eq!((failing.since, &*failing.reason), (Time::from_millis(2), "full"));
        health.succeeded(Time::from_millis(3), 0);
        assert_eq!(health.get_at(later - PATIENCE).failing, None);
        assert_eq!(health.get_at(Instant::now() + PATIENCE).failing.unwrap().since.millis(), 3);
    }
}
