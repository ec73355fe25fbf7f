//! What happens to the page, and what is reported when.
//!
//! Every event brings the time with it and gets back how long, in milliseconds, until [`Agent::tick`]
//! wants to be called; `None` is never.

use super::Host;
use super::delivery::{Delivery, Flight, HIDDEN_EVERY_MS, Verdict};
use super::host::{Number, Text};
use super::identity::{Finder, Found, Identity};
use super::load::Load;
use super::storage::{MAX_KEPT_REPORTS, TabRecord};
use crate::report::MAX_TOKEN_BYTES;

/// How often the page is looked at while it is not known who it is (others poll for Perspective's
/// client at this rate too).
pub const SEARCH_EVERY_MS: u64 = 100;
/// How often a visible page is looked at for another session or path.
pub const LOOK_EVERY_MS: u64 = 1_000;

/// What is said on the console, each once.
#[derive(Clone, Copy)]
enum Cause {
    NoProject = 1,
    Trouble = 2,
    Refused = 4,
    Token = 8,
}

const NO_PROJECT: &str = "no project is known, so nothing is reported: add data-project to the script, or the option project";
const PUT_AWAY: &str = "the page is closed or put away";

/// The agent of one document.
pub struct Agent<H> {
    host: H,
    finder: Finder,
    /// `None` until it is known who the page is.
    load: Option<Load>,
    /// Closing reports of earlier loads that were not answered, oldest first.
    kept: Vec<String>,
    /// This load's own closing report, where it was kept when the page was put away.
    kept_closing: String,
    delivery: Delivery,
    token: Option<String>,
    visible: bool,
    path: String,
    /// Whether the page itself has asked for a report.
    wanted: bool,
    away: bool,
    said: u32,
}

impl<H: Host> Agent<H> {
    /// Starts. [`tick`](Self::tick) is to follow.
    pub fn new(host: H, now: u64) -> Self {
        Self {
            finder: Finder::new(now, &host),
            load: None,
            kept: Vec::new(),
            kept_closing: String::new(),
            delivery: Delivery::new(now),
            token: None,
            visible: false,
            path: String::new(),
            wanted: false,
            away: false,
            said: 0,
            host,
        }
    }

    /// Looks at the page, and does what is due. `wanted`: the page has asked for a report.
    pub fn tick(&mut self, now: u64, wanted: bool) -> Option<u64> {
        self.wanted |= wanted;
        if self.away {
            self.give_up(PUT_AWAY);
            return None;
        }
        let was_visible = self.visible;
        self.visible = self.host.number(Number::Visible) == 1;
        if was_visible && !self.visible && !self.delivery.refused {
            // It may never be visible again, nor its timers run. Nor is storage looked at: in a tab that is
            // closing, Firefox lets the page come to its end meanwhile, and its closing report is lost.
            if let Some(load) = &mut self.load {
                let report = load.report(self.token.clone(), false, &self.host);
                self.host.beacon(&report.to_json());
                self.delivery.sent(now, false);
                return Some(self.wake(now));
            }
        }
        self.recover();
        match self.look(now, true) {
            Found::Identity(identity) => self.take_on(identity, now),
            Found::Waiting => return Some(SEARCH_EVERY_MS),
            Found::NoProject => {
                self.say(Cause::NoProject, NO_PROJECT);
                self.give_up(NO_PROJECT);
                return Some(LOOK_EVERY_MS);
            }
        }
        let path = self.host.text(Text::Path).unwrap_or_default();
        if path != self.path || (self.visible && !was_visible) {
            self.path = path;
            self.delivery.due = now;
        }
        if self.delivery.refused {
            self.try_other_key(now);
        }
        self.time_out(now);
        let due = self.wanted || (!self.delivery.refused && self.delivery.next() <= now);
        if due && self.delivery.flight == Flight::None {
            self.send(now);
        }
        Some(self.wake(now))
    }

    /// The page has answered [`Host::ask`]: its token is there, or there is none.
    pub fn told(&mut self, now: u64) -> Option<u64> {
        if !self.away && matches!(self.delivery.flight, Flight::Asking(_)) {
            self.token = self.host.text(Text::Token).filter(|token| token.len() <= MAX_TOKEN_BYTES);
            let user = self.host.text(Text::User);
            let replaced = match (&self.load, user) {
                (Some(Load { identity, .. }), Some(user)) if identity.minted => {
                    self.finder.user_is(now, &user, identity, &self.host)
                }
                _ => false,
            };
            if replaced {
                self.delivery.flight = Flight::None;
            } else {
                self.post_own(now);
            }
        }
        self.tick(now, false)
    }

    /// The gateway has answered with an HTTP status, or not at all (0).
    pub fn answered(&mut self, now: u64, status: u32, retry_after_ms: u64) -> Option<u64> {
        if let Flight::Posted { own, .. } = self.delivery.flight {
            self.delivery.flight = Flight::None;
            match Verdict::of(status) {
                Verdict::Accepted => self.accepted(own),
                Verdict::Later => self.failed(now, retry_after_ms),
                Verdict::Refused => self.refused(now, own, status),
            }
        }
        self.tick(now, false)
    }

    /// The page is closed, or put away: the closing report goes, and is kept for the tab's next load,
    /// because nobody will see whether it was answered.
    pub fn hide(&mut self, now: u64) {
        if self.away {
            return;
        }
        // Who the page is was found already, unless it closes very early: storage is not to be looked at (see `tick`).
        if self.load.is_none()
            && let Found::Identity(identity) = self.look(now, false)
        {
            self.take_on(identity, now);
        }
        let mut closing = None;
        if let Some(load) = self.load.as_mut().filter(|_| !self.delivery.refused) {
            let mut report = load.closing_report(self.token.clone(), self.visible, &self.host);
            self.host.beacon(&report.to_json());
            report.token = None;
            closing = Some(report.to_json());
        }
        self.away = true;
        self.delivery.flight = Flight::None;
        self.recover();
        if let Some(closing) = closing {
            self.kept_closing.clone_from(&closing);
            self.keep(closing);
        }
        let record = TabRecord {
            page_id: Some(self.finder.own_page_id().to_owned()),
            reports: self.kept.clone(),
        };
        self.host.keep(&record.to_text());
        self.give_up(PUT_AWAY);
    }

    /// The page is back from the back/forward cache.
    pub fn show(&mut self, now: u64) -> Option<u64> {
        self.away = false;
        // The load goes on: its next report says more than its closing one did.
        self.kept.retain(|report| *report != self.kept_closing);
        self.delivery.due = now;
        self.tick(now, false)
    }

    /// Takes over what the tab has kept: usually at the start, but a document in another process can be told
    /// that it is put away after this one was told that it is there.
    fn recover(&mut self) {
        let Some(record) = self.host.text(Text::TabRecord) else { return };
        let record = TabRecord::parse(&record);
        if !self.load.as_ref().is_some_and(Load::has_reported) {
            self.finder.take_page_id(record.page_id);
        }
        for report in record.reports {
            if report != self.kept_closing && !self.kept.contains(&report) {
                self.keep(report);
            }
        }
    }

    fn look(&mut self, now: u64, wait: bool) -> Found {
        let current = self.load.as_ref().map(|load| &load.identity);
        self.finder.find(now, wait, current, &self.host)
    }

    /// Is now this page. Where it was another one, that one closes, and a new load begins from zero.
    fn take_on(&mut self, identity: Identity, now: u64) {
        match &mut self.load {
            Some(load) if load.identity == identity => return,
            // What has not been reported yet belongs to whoever the page turns out to be.
            Some(load) if load.identity.same_page(&identity) || !load.has_reported() => {
                load.identity = identity.clone();
            }
            current => {
                if let Some(mut ended) = current.take() {
                    let closing = ended.closing_report(None, self.visible, &self.host);
                    self.keep(closing.to_json());
                    self.host.zero();
                }
                self.load = Some(Load::new(identity.clone(), &self.host));
                self.delivery.flight = Flight::None;
                self.delivery.refused = false;
                self.delivery.due = now;
            }
        }
        self.host.tell(&identity);
    }

    /// Keeps a closing report until it is answered: without the token, since a closing report never says
    /// who the user is, and no credential need be stored.
    fn keep(&mut self, closing: String) {
        if self.kept.len() >= MAX_KEPT_REPORTS {
            self.kept.remove(0);
        }
        self.kept.push(closing);
    }

    fn send(&mut self, now: u64) {
        if let Some(report) = self.kept.first() {
            self.delivery.flight = Flight::Posted { at: now, own: false };
            self.host.post(report, false);
        } else {
            self.delivery.flight = Flight::Asking(now);
            self.host.ask();
        }
    }

    fn post_own(&mut self, now: u64) {
        self.wanted = false;
        self.delivery.flight = Flight::Posted { at: now, own: true };
        self.delivery.sent(now, self.visible);
        if let Some(load) = &mut self.load {
            let report = load.report(self.token.clone(), self.visible, &self.host);
            self.host.post(&report.to_json(), true);
        }
    }

    fn time_out(&mut self, now: u64) {
        if self.delivery.deadline().is_some_and(|deadline| deadline <= now) {
            if let Flight::Asking(_) = self.delivery.flight {
                // The page takes too long: the latest token that it has given stands.
                self.post_own(now);
            } else {
                self.delivery.flight = Flight::None;
                self.failed(now, 0);
            }
        }
    }

    fn accepted(&mut self, own: bool) {
        self.delivery.succeeded();
        if !own {
            self.kept.remove(0);
            return;
        }
        self.delivery.refused = false;
        if let Some(load) = &self.load {
            self.finder.keep_key(&load.identity, &self.host);
        }
        self.host.settle(None);
        if let Some(problem) = self.host.text(Text::Problem) {
            self.say(Cause::Token, &problem);
        }
    }

    fn failed(&mut self, now: u64, retry_after_ms: u64) {
        self.delivery.failed(now, retry_after_ms, self.host.random());
        self.complain(Cause::Trouble, "there is trouble with the gateway ");
    }

    fn refused(&mut self, now: u64, own: bool, status: u32) {
        if !own {
            self.kept.remove(0);
            return;
        }
        self.delivery.refused = true;
        if status == 403 {
            self.try_other_key(now);
        }
        if self.delivery.refused {
            self.complain(Cause::Refused, "reports are refused by the gateway ");
        }
    }

    /// Tabs that opened at once can have used two keys: the one that the gateway has accepted is stored.
    fn try_other_key(&mut self, now: u64) {
        if let Some(load) = &mut self.load
            && let Some(key) = self.finder.other_key(&load.identity, &self.host)
        {
            load.identity.key = key;
            self.delivery.refused = false;
            self.delivery.due = now;
        }
    }

    fn complain(&mut self, cause: Cause, what: &str) {
        let problem = self.host.text(Text::Problem);
        let problem = problem.as_deref().unwrap_or("it does not answer");
        let message = [what, self.finder.gateway(), ": ", problem].concat();
        self.say(cause, &message);
        self.give_up(&message);
    }

    fn say(&mut self, cause: Cause, message: &str) {
        let bit = cause as u32;
        if self.said & bit == 0 {
            self.said |= bit;
            self.host.say(message);
        }
    }

    /// Those who wait for a report wait in vain.
    fn give_up(&mut self, problem: &str) {
        self.wanted = false;
        self.host.settle(Some(problem));
    }

    fn wake(&self, now: u64) -> u64 {
        let next = self.delivery.deadline().unwrap_or_else(|| self.delivery.next());
        let next = if self.delivery.refused { u64::MAX } else { next };
        let look = if self.visible { LOOK_EVERY_MS } else { HIDDEN_EVERY_MS };
        next.saturating_sub(now).min(look)
    }
}
