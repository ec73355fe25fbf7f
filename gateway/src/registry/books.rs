//! What is kept of all sessions together, and what follows for it from a report beyond its own session.

use std::net::IpAddr;
use std::time::Duration;

use super::addresses::Addresses;
use super::arrival::{Arrival, Joined, Refusal};
use super::deadlines::Deadlines;
use super::feed::{ChangeKind, Feed};
use super::index::Index;
use super::key::KeyHash;
use super::number::Number;
use super::rate::Rate;
use super::session::{Outlook, Session};
use super::text::Texts;
use super::time::Time;
use super::totals::Totals;
use super::unsaved::Waiting;
use crate::limits::Limits;

/// All of a registry but the sessions themselves.
#[derive(Debug)]
pub(super) struct Books {
    pub limits: Limits,
    session_timeout: Duration,
    session_rate: Rate,
    pub by_user: Index,
    pub by_project: Index,
    pub deadlines: Deadlines,
    pub addresses: Addresses,
    pub texts: Texts,
    pub feed: Feed,
    pub waiting: Waiting,
    pub totals: Totals,
}

impl Books {
    pub(super) fn new(limits: Limits, session_timeout: Duration) -> Self {
        Self {
            session_timeout,
            session_rate: Rate::per_second(limits.reports_per_second_per_session),
            by_user: Index::default(),
            by_project: Index::default(),
            deadlines: Deadlines::default(),
            addresses: Addresses::new(limits.reports_per_second_per_address),
            texts: Texts::default(),
            feed: Feed::default(),
            waiting: Waiting::default(),
            totals: Totals::default(),
            limits,
        }
    }

    pub(super) fn charge(&mut self, address: IpAddr, now: Time) -> Result<(), Refusal> {
        let charged = self.addresses.charge(address, now);
        charged.map_err(|wait| Refusal::TooManyReportsOfAddress { wait })
    }

    /// Joins a report for a session that is open, if it may.
    pub(super) fn join_open(
        &mut self,
        number: Number,
        session: &mut Session,
        arrival: &Arrival,
        key: KeyHash,
    ) -> Result<Joined, Refusal> {
        if session.key == key && session.project.as_str() == arrival.report.project {
            let drawn = self.session_rate.draw(&mut session.drawn, arrival.at);
            drawn.map_err(|wait| Refusal::TooManyReports { wait })?;
        } else {
            self.charge(arrival.address, arrival.at)?;
        }
        if session.has_folded(&arrival.report.load) {
            return Ok(Joined::Late);
        }
        session.admit(arrival, key, &self.limits)?;
        self.apply(number, session, arrival, key);
        Ok(Joined::Further)
    }

    /// Joins a report that is admitted into an open session, and everything that follows from it.
    pub(super) fn apply(
        &mut self,
        number: Number,
        session: &mut Session,
        arrival: &Arrival,
        key: KeyHash,
    ) {
        let (address, scope) = (session.address, session.scope);
        let effect = session.join(arrival, key, &self.limits, &mut self.texts);
        if let Some(former) = effect.former_user {
            self.by_user.remove(&former, number);
            self.by_user.insert(&session.user, number);
            self.texts.give_back(former);
        }
        if address != session.address {
            self.addresses.leave(address, arrival.at);
            self.addresses.enter(session.address);
        }
        *self.totals.scope(scope) -= 1;
        *self.totals.scope(session.scope) += 1;
        self.totals.sent_bytes = self.totals.sent_bytes.saturating_add(effect.grown.0);
        self.totals.received_bytes = self.totals.received_bytes.saturating_add(effect.grown.1);
        self.waiting.mark(session, number);
        let had_pages = session.kept.open_pages;
        let outlook = self.look(session, arrival.at);
        self.queue(number, session);
        let is_visible = effect.is_visible || had_pages != outlook.open_pages;
        self.feed.push(number, || if is_visible { ChangeKind::Changed } else { ChangeKind::Heard });
    }

    /// Enters a session that is new or open again.
    pub(super) fn open_up(&mut self, number: Number, session: &mut Session) {
        session.kept.open_pages = 0;
        session.kept.queued = Time::MAX;
        *self.totals.scope(session.scope) += 1;
        self.addresses.enter(session.address);
        self.by_user.insert(&session.user, number);
        self.by_project.insert(&session.project, number);
    }

    /// Takes out a session that has ended.
    pub(super) fn close(&mut self, number: Number, session: &mut Session, now: Time) {
        *self.totals.scope(session.scope) -= 1;
        self.by_user.remove(&session.user, number);
        self.by_project.remove(&session.project, number);
        self.addresses.leave(session.address, now);
        self.waiting.mark(session, number);
        self.feed.push(number, || ChangeKind::Gone(session.id.clone()));
    }

    /// How a session stands.
    pub(super) fn outlook(&self, session: &Session, now: Time) -> Outlook {
        session.outlook(now, self.session_timeout)
    }

    /// Notes how an open session stands.
    pub(super) fn look(&mut self, session: &mut Session, now: Time) -> Outlook {
        let outlook = self.outlook(session, now);
        self.totals.open_pages += u64::from(outlook.open_pages);
        self.totals.open_pages -= u64::from(session.kept.open_pages);
        session.kept.open_pages = outlook.open_pages;
        session.kept.due = outlook.due;
        outlook
    }

    /// Sees to it that an open session is looked at when it is due.
    pub(super) fn queue(&mut self, number: Number, session: &mut Session) {
        if session.kept.due < session.kept.queued {
            session.kept.queued = session.kept.due;
            self.deadlines.push(session.kept.due, number);
        }
    }
}
