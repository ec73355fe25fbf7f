//! Numbers to watch, in the text format of Prometheus. None names a user, an address, a session or a project.
//!
//! What is counted on every request is an atomic of its own: counting never waits.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use perspective_session_info::session::SessionScope;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Registry, Unit};

use crate::alerts::{Alert, Subject};
use crate::http::Reason;
use crate::registry::Totals;
use crate::storage::Writing;

/// The `Content-Type` of [`Metrics::text`].
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// A label with its value; both stand in the code.
type Label = [(&'static str, &'static str); 1];

/// All numbers.
#[derive(Debug)]
pub struct Metrics {
    exposed: Registry,
    /// Reports that are joined.
    pub reports: Counter,
    /// How long a report took once it was read: to verify its user and to join it.
    pub report: Latency,
    /// How long it took to write a list, without what its client took to read it.
    pub list: Latency,
    /// Those who follow events now.
    pub event_subscribers: Gauge,
    /// Connections now.
    pub connections: Gauge,
    refusals: [Counter; Reason::ALL.len()],
    summed: Summed,
}

/// What is known already and only looked up when somebody asks for the numbers.
#[derive(Debug)]
struct Summed {
    sessions: [(SessionScope, Gauge); 4],
    pages: Gauge,
    sent_bytes: Counter,
    received_bytes: Counter,
    alerts: [(Subject, Gauge); 2],
    storage_failing: Gauge,
    storage_pending: Gauge,
    storage_failures: Counter,
    lost_ends: Counter,
}

impl Metrics {
    /// All numbers at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut exposed = Registry::with_prefix("session_gateway");
        let build = [("version", env!("CARGO_PKG_VERSION"))];
        exposed.register("build", "What runs", Info::new(build));

        let reports = Counter::default();
        exposed.register("reports", "Reports joined", reports.clone());
        let (report, list) = (Latency::default(), Latency::default());
        let help = "How long it took to verify the user of a report and to join it";
        exposed.register_with_unit("report_duration", help, Unit::Seconds, report.clone());
        let help = "How long it took to write the answer of getSessionInfo";
        exposed.register_with_unit("list_duration", help, Unit::Seconds, list.clone());

        let event_subscribers = Gauge::default();
        let help = "Those who follow events";
        exposed.register("event_subscribers", help, event_subscribers.clone());

        let connections = Gauge::default();
        exposed.register("connections", "Connections", connections.clone());

        let by_reason = Family::<Label, Counter>::default();
        let refusals =
            Reason::ALL.map(|reason| by_reason.get_or_create_owned(&[("reason", reason.as_str())]));
        exposed.register("refusals", "Requests refused", by_reason);

        let summed = Summed::new(&mut exposed);
        Self { exposed, reports, report, list, event_subscribers, connections, refusals, summed }
    }

    /// Counts a refused request.
    pub fn refused(&self, reason: Reason) {
        self.refusals[reason as usize].inc();
    }

    /// All numbers as [`CONTENT_TYPE`] has them, among them these sums and alerts, and how the writing goes where
    /// there is a data directory.
    #[must_use]
    pub fn text(&self, totals: &Totals, alerts: &[Alert], writing: Option<&Writing>) -> String {
        self.summed.set(totals, alerts, writing);
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = prometheus_text::encode(&mut text, &self.exposed);
        text
    }
}

impl Summed {
    fn new(exposed: &mut Registry) -> Self {
        let by_scope = Family::<Label, Gauge>::default();
        let scopes = [
            SessionScope::Designer,
            SessionScope::Browser,
            SessionScope::Ios,
            SessionScope::Android,
        ];
        let sessions =
            scopes.map(|scope| (scope, by_scope.get_or_create_owned(&[("scope", scope.as_str())])));
        exposed.register("sessions", "Open sessions", by_scope);
        let pages = Gauge::default();
        exposed.register("pages", "Open pages", pages.clone());

        let (sent_bytes, received_bytes) = (Counter::default(), Counter::default());
        let help = "What pages have sent, by their reports";
        exposed.register_with_unit("sent", help, Unit::Bytes, sent_bytes.clone());
        let help = "What pages have received, by their reports";
        exposed.register_with_unit("received", help, Unit::Bytes, received_bytes.clone());

        let by_subject = Family::<Label, Gauge>::default();
        let alerts = [Subject::Sessions, Subject::Pages].map(|subject| {
            (subject, by_subject.get_or_create_owned(&[("alert", subject.as_str())]))
        });
        exposed.register("alert", "Whether an alert is raised (1) or not (0)", by_subject);

        let (storage_failing, storage_pending) = (Gauge::default(), Gauge::default());
        let help = "Whether sessions can not be written to the data directory (1) or can (0)";
        exposed.register("storage_failing", help, storage_failing.clone());
        let help = "Sessions that have changed since they were last written";
        exposed.register("storage_pending", help, storage_pending.clone());
        let (storage_failures, lost_ends) = (Counter::default(), Counter::default());
        let help = "How often sessions could not be written";
        exposed.register("storage_failures", help, storage_failures.clone());
        let help =
            "Ended sessions that are in no history, because they could not be written for too long";
        exposed.register("lost_ends", help, lost_ends.clone());
        Self {
            sessions,
            pages,
            sent_bytes,
            received_bytes,
            alerts,
            storage_failing,
            storage_pending,
            storage_failures,
            lost_ends,
        }
    }

    fn set(&self, totals: &Totals, alerts: &[Alert], writing: Option<&Writing>) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for (scope, sessions) in &self.sessions {
            sessions.set(gauge(totals.of_scope(*scope) as u64));
        }
        self.pages.set(gauge(totals.open_pages));
        self.sent_bytes.inner().store(totals.sent_bytes, Ordering::Relaxed);
        self.received_bytes.inner().store(totals.received_bytes, Ordering::Relaxed);
        for (subject, raised) in &self.alerts {
            let is_raised = alerts.iter().any(|alert| alert.alert == *subject && alert.raised);
            raised.set(is_raised.into());
        }
        self.lost_ends.inner().store(totals.lost_ends, Ordering::Relaxed);
        if let Some(writing) = writing {
            self.storage_failing.set(writing.failing.is_some().into());
            self.storage_pending.set(gauge(writing.pending as u64));
            self.storage_failures.inner().store(writing.failures, Ordering::Relaxed);
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Upper bounds of the buckets of a [`Latency`], in microseconds: three a decade from 100 µs to 10 s.
const BOUNDS_MICROS: [u64; 16] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000, 10_000_000,
];

/// How long something took each time: a histogram of atomics, where that of the library has a lock.
#[derive(Clone, Debug, Default)]
pub struct Latency(Arc<Durations>);

#[derive(Debug, Default)]
struct Durations {
    micros: AtomicU64,
    /// How many were in each bucket; the last one has no bound.
    buckets: [AtomicU64; BOUNDS_MICROS.len() + 1],
}

impl Latency {
    /// Counts one that took so long.
    pub fn observe(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        self.0.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.0.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl TypedMetric for Latency {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Latency {
    fn encode(&self, mut encoder: MetricEncoder) -> fmt::Result {
        let bounds = BOUNDS_MICROS.map(|micros| Duration::from_micros(micros).as_secs_f64());
        let bounds = bounds.into_iter().chain([f64::INFINITY]);
        let counts = self.0.buckets.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        // From the buckets, so that it is their sum also while others count.
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_micros(self.0.micros.load(Ordering::Relaxed)).as_secs_f64();
        encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_in_the_bucket_that_ends_with_it() {
        let metrics = Metrics::new();
        for micros in [100, 101, 60_000_000] {
            metrics.report.observe(Duration::from_micros(micros));
        }
        let text = metrics.text(&Totals::default(), &[], None);
        for line in [
            r#"session_gateway_report_duration_seconds_bucket{le="0.0001"} 1"#,
            r#"session_gateway_report_duration_seconds_bucket{le="0.0002"} 2"#,
            r#"session_gateway_report_duration_seconds_bucket{le="10"} 2"#,
            r#"session_gateway_report_duration_seconds_bucket{le="+Inf"} 3"#,
            "session_gateway_report_duration_seconds_sum 60.000201",
            "session_gateway_report_duration_seconds_count 3",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} in {text}");
        }
    }

    #[test]
    fn every_reason_has_its_counter_from_the_start() {
        let metrics = Metrics::new();
        metrics.refused(Reason::Host);
        for reason in Reason::ALL {
            let count = u64::from(reason == Reason::Host);
            let line = format!(
                "session_gateway_refusals_total{{reason=\"{}\"}} {count}\n",
                reason.as_str()
            );
            let text = metrics.text(&Totals::default(), &[], None);
            assert!(text.contains(&line), "{line}");
        }
    }
}
