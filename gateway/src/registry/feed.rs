//! What has changed and when: for those who follow the list without asking for it again and again.

use std::collections::VecDeque;
use std::collections::vec_deque;

#[cfg(doc)]
use super::Registry;
use super::number::Number;

/// Changes that are remembered. At 10,000 reports a second they reach back 6 s; who is later takes the list
/// anew.
pub const MAX_CHANGES: usize = 65_536;

/// A state of the list: all changes up to a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u64);

/// One session has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub session: Number,
    /// How.
    pub kind: ChangeKind,
}

/// How a session has changed. What is written of it is how it is when it is written: changes that come later
/// may be in it already, and of several one is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// A report has arrived that says nothing new: only `uptime` and `lastComm` are other ones, which is what
    /// [`Registry::write_heard`] writes, and in the detail `lastReport` of one page.
    Heard,
    /// It is new, open again, or something of it is another one. It may pass a filter now that it did not
    /// pass before, and the other way round.
    Changed,
    /// The session of this id has ended.
    Gone(Box<str>),
}

/// The latest changes, where anybody follows.
#[derive(Debug, Default)]
pub(super) struct Feed {
    is_observed: bool,
    /// The version before the first of the changes.
    base: u64,
    changes: VecDeque<Change>,
}

impl Feed {
    pub(super) fn observe(&mut self, is_observed: bool) {
        if self.is_observed && !is_observed {
            // What comes now is not remembered, so that no version from before can be carried on.
            self.base += self.changes.len() as u64 + 1;
            self.changes = VecDeque::new();
        }
        self.is_observed = is_observed;
    }

    pub(super) fn push(&mut self, session: Number, kind: impl FnOnce() -> ChangeKind) {
        if !self.is_observed {
            return;
        }
        if self.changes.len() == MAX_CHANGES {
            self.changes.pop_front();
            self.base += 1;
        }
        self.changes.push_back(Change { session, kind: kind() });
    }

    pub(super) fn version(&self) -> Version {
        Version(self.base + self.changes.len() as u64)
    }

    pub(super) fn since(&self, version: Version) -> Option<vec_deque::Iter<'_, Change>> {
        let skipped = usize::try_from(version.0.checked_sub(self.base)?).ok()?;
        (self.is_observed && skipped <= self.changes.len()).then(|| self.changes.range(skipped..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(feed: &Feed, since: Version) -> Option<Vec<u64>> {
        Some(feed.since(since)?.map(|change| change.session.get()).collect())
    }

    fn push(feed: &mut Feed, number: u64) {
        feed.push(Number::new(number), || ChangeKind::Heard);
    }

    #[test]
    fn the_changes_since_a_version_are_those_that_came_after_it() {
        let mut feed = Feed::default();
        push(&mut feed, 1);
        feed.observe(true);
        let first = feed.version();
        push(&mut feed, 2);
        let second = feed.version();
        push(&mut feed, 3);
        assert_eq!(changes(&feed, first), Some(vec![2, 3]));
        assert_eq!(changes(&feed, second), Some(vec![3]));
        assert_eq!(changes(&feed, feed.version()), Some(vec![]));
    }

    #[test]
    fn who_is_too_late_or_followed_before_a_pause_is_told_to_begin_anew() {
        let mut feed = Feed::default();
        feed.observe(true);
        let before = feed.version();
        for number in 0..=MAX_CHANGES {
            push(&mut feed, number as u64);
        }
        assert_eq!(changes(&feed, before), None);
        let paused = feed.version();
        feed.observe(false);
        assert_eq!(changes(&feed, paused), None);
        push(&mut feed, 0);
        feed.observe(true);
        assert_eq!(changes(&feed, paused), None);
        assert_eq!(changes(&feed, feed.version()), Some(vec![]));
    }
}
