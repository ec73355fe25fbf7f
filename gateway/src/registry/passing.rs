//! What the passing of time alone brings about.

use super::Registry;
use super::feed::ChangeKind;
use super::number::Number;
use super::session::Session;
use super::time::Time;

/// Sessions that are looked at in one call.
const MAX_STEPS: usize = 1_000;

impl Registry {
    /// Makes known what time alone has brought about up to now: leases that ran out, sessions that ended.
    /// Totals, changes and what is unsaved say so then; the list and a single session say so anyway.
    ///
    /// Does a bounded part at a time; whether more is due.
    pub fn advance(&mut self, now: Time) -> bool {
        self.prune_deadlines();
        for _ in 0..MAX_STEPS {
            let Some((at, number)) = self.books.deadlines.pop_due(now) else { return false };
            if self.sessions.open(number).is_none_or(|session| session.kept.queued != at) {
                continue;
            }
            self.settle(number, now);
            if let Some(session) = self.sessions.open_mut(number) {
                session.kept.queued = Time::MAX;
                self.books.queue(number, session);
            }
        }
        self.books.deadlines.is_due(now)
    }

    /// Drops sessions that ended before this, `max` at most; how many. They can not be reopened any more.
    pub fn forget_ended(&mut self, before: Time, max: usize) -> usize {
        let old = self.ends.iter().take_while(|(end, _)| *end < before).take(max);
        let old: Vec<Number> = old.map(|(_, number)| *number).collect();
        old.iter().for_each(|number| self.forget(*number));
        old.len()
    }

    pub(super) fn advance_fully(&mut self, now: Time) {
        while self.advance(now) {}
    }

    /// Whether the session has ended, be it known already or not.
    pub(super) fn has_ended(&self, session: &Session, now: Time) -> bool {
        session.kept.due <= now && self.books.outlook(session, now).has_ended
    }

    /// Makes known what time alone has brought about in one session.
    pub(super) fn settle(&mut self, number: Number, now: Time) {
        let is_due = |session: &&mut Session| session.kept.due <= now;
        let Some(session) = self.sessions.open_mut(number).filter(is_due) else { return };
        if self.books.look(session, now).has_ended {
            self.end(number, now);
        } else {
            self.books.feed.push(number, || ChangeKind::Changed);
        }
    }

    fn end(&mut self, number: Number, now: Time) {
        let Some(session) = self.sessions.end(number) else { return };
        self.books.close(number, session, now);
        self.ends.insert((session.kept.due, number));
    }

    /// Drops the deadlines that are out of date, once they are the most.
    fn prune_deadlines(&mut self) {
        let Self { books, sessions, .. } = self;
        if books.deadlines.is_overgrown(sessions.open_len()) {
            books.deadlines.retain(|at, number| {
                sessions.open(number).is_some_and(|session| session.kept.queued == at)
            });
        }
    }
}
