//! Which sessions have changed since they were last stored.
//!
//! What is handed out is a session's whole state and never a difference, so that whatever is lost or written
//! twice, the latest is what counts; and so that as much waits as there are sessions, however long nothing
//! can be written.

use std::collections::VecDeque;

use super::Registry;
use super::books::Books;
use super::kept::{EndedSession, KeptSession};
use super::number::Number;
use super::session::Session;

/// Ends of forgotten sessions that wait to be stored. They are more only while storage stands still and
/// ended sessions make room for new ones; past it the ends of those forgotten next are lost, and counted.
const MAX_ENDS: usize = 10_000;

/// What is to be stored next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// A session as it is now. It takes the place of what was stored of this number.
    Session {
        /// All of it.
        kept: Box<KeptSession>,
        /// Its place in history. `None`: it has none, not any more if it was reopened.
        ended: Option<Box<EndedSession>>,
    },
    /// A session that is not kept any more. Its place in history it keeps.
    Forgotten {
        /// Which.
        number: Number,
        /// Its place in history, if that was not handed out yet.
        ended: Option<Box<EndedSession>>,
    },
}

/// What waits to be handed out.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    is_tracking: bool,
    changed: VecDeque<Number>,
    forgotten: VecDeque<(Number, Option<Box<EndedSession>>)>,
    /// How many of the forgotten come with their end.
    ends: usize,
    pub lost_ends: u64,
}

impl Waiting {
    /// The session has changed.
    pub(super) fn mark(&mut self, session: &mut Session, number: Number) {
        if self.is_tracking && !session.kept.is_unsaved {
            session.kept.is_unsaved = true;
            self.changed.push_back(number);
        }
    }

    /// The session, which has ended, is about to be dropped.
    pub(super) fn forget(&mut self, session: &Session, number: Number) {
        if session.kept.is_unsaved {
            self.push(number, Some(Box::new(session.remains(number))), session.kept.is_stored);
        } else if session.kept.is_stored {
            self.push(number, None, true);
        }
    }

    fn push(&mut self, number: Number, mut ended: Option<Box<EndedSession>>, is_stored: bool) {
        if ended.is_some() && self.ends >= MAX_ENDS {
            ended = None;
            self.lost_ends += 1;
        }
        self.ends += usize::from(ended.is_some());
        if ended.is_some() || is_stored {
            self.forgotten.push_back((number, ended));
        }
    }
}

impl Registry {
    /// Whether changes are noted for [`Self::take_unsaved`]. At first they are not; once they are, every
    /// session is unsaved but those that were [restored](Self::restore) just before. Which sessions are
    /// forgotten while they are not is not told.
    pub fn track_unsaved(&mut self, is_tracking: bool) {
        let Self { sessions, books: Books { waiting, .. }, .. } = self;
        waiting.is_tracking = is_tracking;
        for (number, session) in sessions.iter_mut() {
            if !is_tracking {
                session.kept.is_unsaved = false;
                session.kept.is_stored = false;
            } else if !session.kept.is_stored {
                waiting.mark(session, number);
            }
        }
        if !is_tracking {
            *waiting = Waiting { lost_ends: waiting.lost_ends, ..Waiting::default() };
        }
    }

    /// Takes out what is to be stored next, `max` at most, in this order. It counts as stored then, unless
    /// it is [handed back](Self::mark_unsaved).
    pub fn take_unsaved(&mut self, max: usize) -> Vec<Unsaved> {
        let mut taken = Vec::new();
        while taken.len() < max
            && let Some((number, ended)) = self.books.waiting.forgotten.pop_front()
        {
            self.books.waiting.ends -= usize::from(ended.is_some());
            taken.push(Unsaved::Forgotten { number, ended });
        }
        while taken.len() < max
            && let Some(number) = self.books.waiting.changed.pop_front()
        {
            let has_ended = self.sessions.has_ended(number);
            let Some(session) = self.sessions.get_mut(number) else { continue };
            if std::mem::take(&mut session.kept.is_unsaved) {
                session.kept.is_stored = true;
                let end = has_ended.then_some(session.kept.due);
                let ended = has_ended.then(|| Box::new(session.remains(number)));
                taken.push(Unsaved::Session { kept: Box::new(session.kept(number, end)), ended });
            }
        }
        taken
    }

    /// Hands back what could not be stored. It is taken out again later, as it is then.
    pub fn mark_unsaved(&mut self, batch: Vec<Unsaved>) {
        for unsaved in batch {
            match unsaved {
                Unsaved::Forgotten { number, ended } => {
                    self.books.waiting.push(number, ended, true)
                }
                Unsaved::Session { kept, ended } => {
                    let number = kept.number;
                    let Self { sessions, books: Books { waiting, .. }, .. } = self;
                    match sessions.get_mut(number) {
                        Some(session) => waiting.mark(session, number),
                        // Forgotten since, when its end counted as stored.
                        None => waiting.push(number, ended, true),
                    }
                }
            }
        }
    }

    /// Hands back everything: what was stored has gone.
    pub fn mark_all_unsaved(&mut self) {
        let Self { sessions, books: Books { waiting, .. }, .. } = self;
        for (number, session) in sessions.iter_mut() {
            waiting.mark(session, number);
        }
    }

    /// How many sessions wait to be stored.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        self.books.waiting.changed.len() + self.books.waiting.forgotten.len()
    }
}
