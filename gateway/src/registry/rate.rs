//! How often something may come: the generic cell rate algorithm (ITU-T I.371), a leaky bucket whose whole
//! state is one point in time.

use std::time::Duration;

use super::time::Time;

/// How many times its rate may come at once.
const BURST_SECONDS: u64 = 10;

/// A rate: so many a second in the long run, ten times as many at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// Microseconds that one takes.
    interval: u64,
    /// Microseconds that may be drawn ahead.
    ahead: u64,
}

/// What has been drawn: the point in time, in microseconds, at which all is as if nothing had come. Its
/// default is that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn(u64);

impl Drawn {
    /// Whether nothing is drawn any more.
    pub(super) fn is_over(self, now: Time) -> bool {
        self.0 <= micros(now)
    }
}

impl Rate {
    pub(super) fn per_second(count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX).clamp(1, 1_000_000);
        let interval = 1_000_000 / count;
        Self { interval, ahead: BURST_SECONDS * 1_000_000 - interval }
    }

    /// Draws one.
    ///
    /// # Errors
    /// How long to wait, where too many have come; nothing is drawn then.
    pub(super) fn draw(self, drawn: &mut Drawn, now: Time) -> Result<(), Duration> {
        let now = micros(now);
        let from = drawn.0.max(now);
        if let Some(wait @ 1..) = (from - now).checked_sub(self.ahead) {
            return Err(Duration::from_micros(wait));
        }
        drawn.0 = from.saturating_add(self.interval);
        Ok(())
    }
}

fn micros(time: Time) -> u64 {
    time.millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn_at(rate: Rate, drawn: &mut Drawn, millis: u64) -> usize {
        (0..100_000).take_while(|_| rate.draw(drawn, Time::from_millis(millis)).is_ok()).count()
    }

    #[test]
    fn ten_seconds_worth_may_come_at_once_and_then_as_much_as_time_brings() {
        for per_second in [1, 20, 500] {
            let (rate, mut drawn) = (Rate::per_second(per_second), Drawn::default());
            assert_eq!(drawn_at(rate, &mut drawn, 5_000), 10 * per_second);
            assert_eq!(drawn_at(rate, &mut drawn, 5_999), (999 * per_second) / 1000);
            assert_eq!(
                drawn_at(rate, &mut drawn, 7_000),
                2 * per_second - (999 * per_second) / 1000
            );
            assert!(!drawn.is_over(Time::from_millis(16_999)));
            assert!(drawn.is_over(Time::from_millis(17_000)));
            assert_eq!(drawn_at(rate, &mut drawn, 17_000), 10 * per_second);
        }
    }

    #[test]
    fn who_comes_too_often_is_told_how_long_to_wait() {
        let (rate, mut drawn) = (Rate::per_second(2), Drawn::default());
        assert_eq!(drawn_at(rate, &mut drawn, 1_000), 20);
        let wait = rate.draw(&mut drawn, Time::from_millis(1_100)).unwrap_err();
        assert_eq!(wait, Duration::from_millis(400));
        assert_eq!(rate.draw(&mut drawn, Time::from_millis(1_500)), Ok(()));
    }
}
