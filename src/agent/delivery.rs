//! When to report: one report in flight, lease and cadence, time-out, backoff.

/// How often a visible page reports, in milliseconds.
pub const VISIBLE_EVERY_MS: u64 = 10_000;
/// How often a hidden page reports: as often as browsers let its timers run (Chromium: once a minute).
pub const HIDDEN_EVERY_MS: u64 = 60_000;
/// How long a visible page may be silent: two reports can be lost.
pub const VISIBLE_LEASE_MS: u64 = 25_000;
/// How long a hidden page may be silent: a timer of a minute, aligned to the next minute, can take two.
pub const HIDDEN_LEASE_MS: u64 = 150_000;
/// How long an answer, or the page's identity token, is waited for.
pub const TIME_OUT_MS: u64 = 10_000;
/// The longest pause after failures.
pub const MAX_BACKOFF_MS: u64 = 60_000;
/// The longest pause that a gateway can ask for with `Retry-After`.
pub const MAX_RETRY_AFTER_MS: u64 = 600_000;
const FIRST_BACKOFF_MS: u64 = 1_000;

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    /// Nothing.
    None,
    /// The page was asked for its identity token, then.
    Asking(u64),
    /// A report was posted, then.
    Posted {
        /// When.
        at: u64,
        /// Whether it is this load's own, rather than a kept one.
        own: bool,
    },
}

/// What an answer means for the next report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The gateway has the report.
    Accepted,
    /// Try again later: no answer, or one that says so.
    Later,
    /// Do not repeat it.
    Refused,
}

impl Verdict {
    /// Reads an HTTP status; 0 stands for no answer.
    #[must_use]
    pub fn of(status: u64) -> Self {
        match status {
            200..=299 => Self::Accepted,
            408 | 409 | 429 => Self::Later,
            // A redirect is followed by the browser: one that arrives here was meant for something else.
            300..=499 => Self::Refused,
            _ => Self::Later,
        }
    }
}

/// When the next report goes.
#[derive(Debug)]
pub struct Delivery {
    /// What is under way.
    pub flight: Flight,
    /// When the next report is due.
    pub due: u64,
    /// Whether the gateway has refused this identity's reports.
    pub refused: bool,
    failures: u32,
    not_before: u64,
}

impl Delivery {
    /// A delivery whose first report is due.
    pub const NEW: Self =
        Self { flight: Flight::None, due: 0, refused: false, failures: 0, not_before: 0 };

    /// When the next report can go, if none is in flight.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.due.max(self.not_before)
    }

    /// When what is in flight is given up.
    #[must_use]
    pub const fn deadline(&self) -> Option<u64> {
        match self.flight {
            Flight::None => None,
            Flight::Asking(at) | Flight::Posted { at, .. } => Some(at + TIME_OUT_MS),
        }
    }

    /// A report went: the next one follows at the cadence of such a page.
    pub fn sent(&mut self, now: u64, visible: bool) {
        self.due = now + if visible { VISIBLE_EVERY_MS } else { HIDDEN_EVERY_MS };
    }

    /// The gateway is there.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.not_before = 0;
    }

    /// The gateway is not there, or busy: pauses from half to the whole of 1 s, 2 s, 4 s … 60 s, so that the
    /// pages of a plant do not come back all at once, and at least for as long as the gateway asks.
    pub fn failed(&mut self, now: u64, retry_after_ms: u64, random: u32) {
        let pause = (FIRST_BACKOFF_MS << self.failures.min(6)).min(MAX_BACKOFF_MS);
        self.failures = self.failures.saturating_add(1);
        let jittered = pause / 2 + ((pause / 2 * u64::from(random)) >> 32);
        self.not_before = now + jittered.max(retry_after_ms.min(MAX_RETRY_AFTER_MS));
        self.due = self.due.min(self.not_before);
    }
}

/// The lease that such a page takes, in milliseconds.
#[must_use]
pub const fn lease_ms(visible: bool) -> u64 {
    if visible { VISIBLE_LEASE_MS } else { HIDDEN_LEASE_MS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_says_so_is_tried_again() {
        for status in [200, 204] {
            assert_eq!(Verdict::of(status), Verdict::Accepted);
        }
        for status in [0, 408, 409, 429, 500, 502, 503] {
            assert_eq!(Verdict::of(status), Verdict::Later);
        }
        for status in [304, 400, 401, 403, 404, 413] {
            assert_eq!(Verdict::of(status), Verdict::Refused);
        }
    }

    #[test]
    fn a_lease_outlives_two_lost_reports_and_fits_the_contract() {
        use crate::report::{MAX_LEASE_MS, MIN_LEASE_MS};
        for (visible, every) in [(true, VISIBLE_EVERY_MS), (false, HIDDEN_EVERY_MS)] {
            assert!(lease_ms(visible) > 2 * every);
            assert!((MIN_LEASE_MS..=MAX_LEASE_MS).contains(&lease_ms(visible)));
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_differ_from_page_to_page() {
        let pauses = |random| {
            let mut delivery = Delivery::NEW;
            (0..10)
                .map(|_| {
                    delivery.failed(1_000, 0, random);
                    delivery.next() - 1_000
                })
                .collect::<Vec<_>>()
        };
        let shortest = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000];
        assert_eq!(pauses(0), shortest);
        for (longest, shortest) in pauses(u32::MAX).into_iter().zip(shortest) {
            assert_eq!(longest, shortest * 2 - 1);
        }
    }

    #[test]
    fn a_day_without_a_gateway_overflows_nothing() {
        let mut delivery = Delivery::NEW;
        for n in 0..10_000 {
            delivery.failed(n, u64::MAX, u32::MAX);
        }
        assert!(delivery.next() <= 10_000 + MAX_RETRY_AFTER_MS);
    }

    #[test]
    fn retry_after_is_honoured_and_bounded() {
        let mut delivery = Delivery::NEW;
        delivery.failed(0, 45_000, 0);
        assert_eq!(delivery.next(), 45_000);
        delivery.failed(0, u64::MAX, 0);
        assert_eq!(delivery.next(), MAX_RETRY_AFTER_MS);
        delivery.succeeded();
        assert_eq!(Delivery { due: 7, ..delivery }.next(), 7);
    }
}
