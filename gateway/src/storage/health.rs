//! How the writing goes, for others to tell.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::registry::Time;

/// How the writing goes. Copies are of the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Mutex<Writing>>);

/// How the writing of sessions goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// Since when nothing could be written, and why; `None` while it can be.
    pub failing: Option<Failing>,
    /// When something was last written, or found that there was nothing to write.
    pub written: Option<Time>,
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
    /// How the writing goes now.
    pub(super) fn get(&self) -> Writing {
        self.writing().clone()
    }

    /// All was written that there was to write, but for `pending` sessions. Gives the trouble that is over now.
    pub(super) fn succeeded(&self, now: Time, pending: usize) -> Option<Failing> {
        let mut writing = self.writing();
        writing.written = Some(now);
        writing.pending = pending;
        writing.failing.take()
    }

    /// Nothing could be written. Whether that is news.
    pub(super) fn failed(&self, now: Time, pending: usize, reason: &str) -> bool {
        let mut writing = self.writing();
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

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
