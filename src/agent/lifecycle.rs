//! What happens to the page, and what is reported when.
//!
//! Every event brings the time with it, in milliseconds since some fixed time.

use super::Host;
use super::delivery::{Delivery, Flight, HIDDEN_EVERY_MS, Verdict};
use super::host::{Act, Number, Text};
use super::identity::{Finder, Found};
use super::kept::Kept;
use super::load::{Kind, Load};
use super::text::{hash, mint, shown};
use super::writer::Writer;
use crate::report::{KEY_DIGITS, MAX_REPORT_BYTES};

/// How often the page is looked at while it is not known who it is (others poll for Perspective's
/// client at this rate too).
pub const SEARCH_EVERY_MS: u64 = 100;
/// How often a visible page is looked at for another session or path.
pub const LOOK_EVERY_MS: u64 = 1_000;

/// After a page was put away, nothing is due.
pub const NEVER: u64 = u64::MAX;

/// What is said on the console, each once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    NoProject = 1,
    Trouble = 2,
    Refused = 4,
    Token = 8,
}

const NO_PROJECT: &[u8] =
    b"no project is known: add data-project to the script, or the option project";
const PUT_AWAY: &[u8] = b"the page is closed or put away";

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The agent was started, in the place of one that was stopped.
    Start,
    /// Time has passed, or the page looks different.
    Tick,
    /// The page has asked for a report.
    Wanted,
    /// The page has answered [`Act::Ask`]: its token is there, or there is none.
    Told,
    /// The gateway has answered a report, or will not: [`Number::Status`] says.
    Answered,
    /// The page is closed, or put away.
    Hide,
    /// The page is hidden or frozen. It goes on when it is shown; but it can be discarded without a word.
    Freeze,
    /// The page is back from the back/forward cache.
    Show,
}

/// The agent of one document.
pub struct Agent<H> {
    host: H,
    finder: Finder,
    /// `None` until it is known who the page is.
    load: Option<Load>,
    delivery: Delivery,
    visible: bool,
    /// The [`hash`] of the page's path.
    path: u64,
    /// Whether the page itself has asked for a report.
    wanted: bool,
    away: bool,
    said: u32,
    /// Closing reports of earlier loads that were not answered.
    kept: Kept,
    /// Where texts are written before they go.
    buffer: [u8; MAX_REPORT_BYTES],
}

impl<H: Host> Agent<H> {
    /// An agent that has not started.
    pub const fn new(host: H) -> Self {
        Self {
            host,
            finder: Finder::NEW,
            load: None,
            delivery: Delivery::NEW,
            visible: false,
            path: 0,
            wanted: false,
            away: false,
            said: 0,
            kept: Kept::EMPTY,
            buffer: [0; MAX_REPORT_BYTES],
        }
    }

    fn start(&mut self, now: u64) {
        self.finder.start(now, &self.host);
        self.load = None;
        self.delivery = Delivery::NEW;
        self.visible = false;
        self.away = false;
        self.said = 0;
        self.kept.clear();
    }

    /// Something has happened. Whatever it was, the page is looked at, and what is due is done.
    ///
    /// Returns after how many milliseconds to be called with [`Event::Tick`].
    pub fn on(&mut self, event: Event, now: u64) -> u64 {
        if event == Event::Start {
            self.start(now);
        }
        match event {
            Event::Start | Event::Tick => {}
            Event::Wanted => self.wanted = true,
            Event::Told => self.told(now),
            Event::Answered => self.answered(now),
            Event::Hide | Event::Freeze => {
                self.hide(now, event == Event::Freeze);
                return if self.away { NEVER } else { self.wake(now) };
            }
            Event::Show => {
                self.away = false;
                self.delivery.due = now;
            }
        }
        if self.away {
            self.give_up(PUT_AWAY);
            return NEVER;
        }
        self.tick(now)
    }

    fn tick(&mut self, now: u64) -> u64 {
        let was_visible = self.visible;
        self.visible = self.host.number(Number::Visible) == 1;
        if was_visible && !self.visible && !self.delivery.refused && self.load.is_some() {
            // It may never be visible again, nor its timers run. Nor is storage looked at: in a tab that is
            // closing, Firefox lets the page come to its end meanwhile, and its closing report is lost.
            self.send_own(Act::Beacon, Kind { visible: false, closing: false, token: true });
            self.delivery.sent(now, false);
            return if self.wanted { 0 } else { self.wake(now) };
        }
        self.recover();
        match self.look(now, true) {
            Found::Identity => {
                self.take_on(now);
            }
            Found::Waiting => return SEARCH_EVERY_MS,
            Found::NoProject => {
                say(Cause::NoProject, NO_PROJECT, &mut self.said, &self.host);
                self.give_up(NO_PROJECT);
                return LOOK_EVERY_MS;
            }
        }
        let path = hash(shown(Text::Path, &self.host, &mut self.buffer));
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
        self.wake(now)
    }

    fn told(&mut self, now: u64) {
        if let Flight::Asking(_) = self.delivery.flight {
            // The token is the present user's, whose session can be another one.
            self.delivery.flight = Flight::None;
            if self.look(now, true) == Found::Identity && !self.take_on(now) {
                self.post_own(now);
            }
        }
    }

    fn answered(&mut self, now: u64) {
        let Flight::Posted { own, .. } = self.delivery.flight else { return };
        self.delivery.flight = Flight::None;
        let status = self.host.number(Number::Status);
        let verdict = Verdict::of(status);
        if verdict == Verdict::Later {
            self.failed(now, self.host.number(Number::RetryAfter));
            return;
        }
        self.delivery.succeeded();
        if !own {
            // Refused or not, it is not sent again.
            self.kept.drop_first();
        } else if verdict == Verdict::Accepted {
            self.accepted();
        } else {
            self.delivery.refused = true;
            if status == 403 {
                self.try_other_key(now);
            }
            if self.delivery.refused {
                self.complain(Cause::Refused);
            }
        }
    }

    /// The closing report goes, and is kept for the tab's next load, because nobody will see whether it was
    /// answered.
    fn hide(&mut self, now: u64, frozen: bool) {
        if self.away {
            return;
        }
        // Who the page is was found already, unless it closes very early: storage is not to be looked at (see `tick`).
        if self.load.is_none() && !frozen && self.look(now, false) == Found::Identity {
            self.take_on(now);
        }
        let kind = Kind { visible: self.visible, closing: true, token: true };
        // As long as the gateway knows nothing of it, a page that goes on may turn out to be another one.
        let reports = self.load.as_ref().is_some_and(|load| !frozen || load.has_reported())
            && !self.delivery.refused;
        if !frozen {
            if reports {
                self.send_own(Act::Beacon, kind);
            }
            self.away = true;
            self.delivery.flight = Flight::None;
            self.give_up(PUT_AWAY);
        }
        self.recover();
        let mut to = Writer::new(&mut self.buffer);
        to.raw(self.finder.own_page_id.as_bytes());
        to.raw(b"\n");
        to.raw(self.kept.lines());
        if let Some(load) = &mut self.load
            && reports
        {
            // A closing report never says who the user is, and no credential need be stored.
            let kind = Kind { token: false, ..kind };
            if frozen {
                load.report(kind, &self.host, &mut to);
            } else {
                load.same_report(kind, &self.host, &mut to);
            }
            to.raw(b"\n");
        }
        if frozen {
            self.host.act(Act::KeepForDiscard, to.written());
        } else {
            self.host.act(Act::Keep, to.written());
            self.kept.clear();
        }
    }

    /// Takes over what the tab has kept: usually at the start, but a document in another process can be told
    /// that it is put away after this one was told that it is there.
    fn recover(&mut self) {
        let record = shown(Text::TabRecord, &self.host, &mut self.buffer);
        if !record.is_empty() {
            let load = self.load.as_ref();
            let id = load.map_or(&[0; KEY_DIGITS], |load| &load.id);
            let page_id = self.kept.take_over(record, id);
            if !page_id.is_empty() && !load.is_some_and(Load::has_reported) {
                self.finder.own_page_id.set(page_id);
            }
        }
    }

    fn look(&mut self, now: u64, wait: bool) -> Found {
        let current = self.load.as_ref().map(|load| &load.identity);
        self.finder.find(now, wait, current, &self.host)
    }

    /// Is now the page that was found. Where it was another one, that one closes, and a new load begins from zero;
    /// says whether one does.
    fn take_on(&mut self, now: u64) -> bool {
        let identity = &self.finder.identity;
        if let Some(load) = &mut self.load {
            // What has not been reported yet belongs to whoever the page turns out to be.
            if load.identity.same_page(identity) || !load.has_reported() {
                load.identity = *identity;
                return false;
            }
            let kind = Kind { visible: self.visible, closing: true, token: false };
            let mut to = Writer::new(&mut self.buffer);
            load.report(kind, &self.host, &mut to);
            self.kept.push(to.written());
            self.host.act(Act::Zero, b"");
        }
        mint(&mut self.load.insert(Load::new(*identity)).id, &self.host);
        self.delivery.flight = Flight::None;
        self.delivery.refused = false;
        self.delivery.due = now;
        true
    }

    fn send(&mut self, now: u64) {
        if let Some(report) = self.kept.first() {
            self.delivery.flight = Flight::Posted { at: now, own: false };
            self.host.act(Act::PostKept, report);
        } else {
            self.delivery.flight = Flight::Asking(now);
            self.host.act(Act::Ask, b"");
        }
    }

    fn post_own(&mut self, now: u64) {
        self.wanted = false;
        self.delivery.flight = Flight::Posted { at: now, own: true };
        self.delivery.sent(now, self.visible);
        self.send_own(Act::PostOwn, Kind { visible: self.visible, closing: false, token: true });
    }

    fn send_own(&mut self, by: Act, kind: Kind) {
        if let Some(load) = &mut self.load {
            let mut to = Writer::new(&mut self.buffer);
            load.report(kind, &self.host, &mut to);
            self.host.act(by, to.written());
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

    fn accepted(&mut self) {
        self.delivery.refused = false;
        if let Some(load) = &self.load {
            self.finder.keep_key(&load.identity, &self.host);
        }
        self.host.act(Act::Settle, b"");
        self.complain(Cause::Token);
    }

    fn failed(&mut self, now: u64, retry_after_ms: u64) {
        self.delivery.failed(now, retry_after_ms, self.host.random());
        self.complain(Cause::Trouble);
    }

    /// Tabs that opened at once can have used two keys: the one that the gateway has accepted is stored.
    fn try_other_key(&mut self, now: u64) {
        if let Some(load) = &mut self.load
            && let Some(key) = self.finder.other_key(&load.identity, &self.host)
        {
            load.identity.key = *key;
            self.delivery.refused = false;
            self.delivery.due = now;
        }
    }

    /// Says what the gateway's answer has to be complained of, if anything.
    fn complain(&mut self, cause: Cause) {
        let problem = shown(Text::Problem, &self.host, &mut self.buffer);
        if !problem.is_empty() {
            say(cause, problem, &mut self.said, &self.host);
            // A report with a token that does not hold is accepted all the same.
            if cause != Cause::Token {
                self.wanted = false;
                self.host.act(Act::GiveUp, problem);
            }
        }
    }

    /// Those who wait for a report wait in vain.
    fn give_up(&mut self, problem: &[u8]) {
        self.wanted = false;
        self.host.act(Act::GiveUp, problem);
    }

    fn wake(&self, now: u64) -> u64 {
        let next = self.delivery.deadline().unwrap_or_else(|| self.delivery.next());
        let next = if self.delivery.refused { u64::MAX } else { next };
        let look = if self.visible { LOOK_EVERY_MS } else { HIDDEN_EVERY_MS };
        next.saturating_sub(now).min(look)
    }
}

fn say(cause: Cause, message: &[u8], said: &mut u32, host: &impl Host) {
    if *said & cause as u32 == 0 {
        *said |= cause as u32;
        host.act(Act::Say, message);
    }
}
