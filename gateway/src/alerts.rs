//! From how many open sessions and pages on somebody wants to know: a metric, a line in the log and an event.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;

use crate::registry::Time;
use crate::settings::AlertSettings;

/// What can be too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// Open sessions.
    Sessions,
    /// Open pages.
    Pages,
}

impl Subject {
    /// The subject as metrics, log and events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Pages => "pages",
        }
    }
}

/// An alert as it was last raised or cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// When, in milliseconds since the Unix epoch; 0 where it never was.
    pub time: u64,
    /// What there is too many of.
    pub alert: Subject,
    /// Whether there is now.
    pub raised: bool,
    /// How many there were then.
    pub count: u64,
    /// From how many on the alert is raised.
    pub threshold: u64,
}

impl Alert {
    /// Clears only a tenth below the threshold, one at the least: a count that moves about the threshold raises the
    /// alert once.
    const fn clears_below(&self) -> u64 {
        self.threshold - self.threshold.div_ceil(10) + 1
    }

    /// Whether the alert turns with this count; it is of this time then.
    fn turns(&mut self, count: u64, now: Time) -> bool {
        let raised =
            if self.raised { count >= self.clears_below() } else { count >= self.threshold };
        if raised == self.raised {
            return false;
        }
        *self = Self { time: now.millis(), raised, count, ..*self };
        true
    }
}

/// All alerts for which there is a threshold.
#[derive(Debug)]
pub struct Alerts(Mutex<Vec<Alert>>);

impl Alerts {
    /// Alerts as the settings say, none raised.
    #[must_use]
    pub fn new(settings: &AlertSettings) -> Self {
        let thresholds =
            [(Subject::Sessions, settings.alert_sessions), (Subject::Pages, settings.alert_pages)];
        let alert = |(alert, threshold): (_, Option<u64>)| {
            Some(Alert { time: 0, alert, raised: false, count: 0, threshold: threshold? })
        };
        Self(Mutex::new(thresholds.into_iter().filter_map(alert).collect()))
    }

    /// Raises and clears what has to be at these counts, and tells the log. Those that have turned.
    pub fn check(&self, count_of: impl Fn(Subject) -> u64, now: Time) -> Vec<Alert> {
        let mut alerts = self.lock();
        let turning = alerts
            .iter_mut()
            .filter_map(|alert| alert.turns(count_of(alert.alert), now).then_some(*alert));
        let turned: Vec<Alert> = turning.collect();
        for Alert { alert, raised, count, threshold, .. } in &turned {
            if *raised {
                tracing::warn!(alert = alert.as_str(), count, threshold, "alert raised");
            } else {
                tracing::info!(alert = alert.as_str(), count, threshold, "alert cleared");
            }
        }
        turned
    }

    /// All alerts as they are.
    #[must_use]
    pub fn now(&self) -> Vec<Alert> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Alert>> {
        // Each alert is whole at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alerts(threshold: u64) -> Alerts {
        Alerts::new(&AlertSettings { alert_sessions: Some(threshold), alert_pages: None })
    }

    /// Whether the alert is raised after each of these counts.
    fn raised(threshold: u64, counts: &[u64]) -> Vec<bool> {
        let alerts = alerts(threshold);
        let after = |count: &u64| {
            alerts.check(|_| *count, Time::default());
            alerts.now()[0].raised
        };
        counts.iter().map(after).collect()
    }

    #[test]
    fn an_alert_is_raised_at_its_threshold_and_cleared_a_tenth_below() {
        assert_eq!(
            raised(100, &[99, 100, 99, 91, 90, 99, 100]),
            [false, true, true, true, false, false, true]
        );
        assert_eq!(raised(1, &[0, 1, 2, 1, 0]), [false, true, true, true, false]);
        assert_eq!(raised(5, &[5, 4, 5]), [true, false, true]);
    }

    #[test]
    fn an_alert_says_when_it_turned_and_at_how_many() {
        let alerts = alerts(10);
        alerts.check(|_| 12, Time::from_millis(7));
        alerts.check(|_| 15, Time::from_millis(8));
        let json = serde_json::to_string(&alerts.now()).unwrap();
        let expected = r#"[{"time":7,"alert":"sessions","raised":true,"count":12,"threshold":10}]"#;
        assert_eq!(json, expected);
    }

    #[test]
    fn without_a_threshold_there_is_no_alert() {
        assert!(Alerts::new(&AlertSettings::default()).now().is_empty());
    }
}
