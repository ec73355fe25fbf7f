//! One load, one document's life: the join of all reports that have arrived of it.
//!
//! The join is commutative, associative and idempotent: counters take the larger value, what the page
//! claims comes from the report with the higher `seq`. It does not matter which reports are lost,
//! repeated or overtaken, as long as the latest arrives.

use std::cmp::Reverse;

use perspective_session_info::report::{Count, PageReport};
use perspective_session_info::session::SessionScope;
use smol_str::SmolStr;

use super::counters::{Counters, Recent};
use super::text::{Text, Texts};
use super::time::Time;

/// One load as its reports describe it. All but the counters is from the report with the highest `seq`,
/// the page too: its loads are what a [`Page`](super::page::Page) consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub id: SmolStr,
    pub counters: Counters,
    pub seq: Count,
    /// When the first copy of the report with this `seq` arrived. A later copy says nothing of how long the
    /// page has lived, so it neither prolongs the lease nor moves the latest send.
    pub arrived: Time,
    pub recent: Recent,
    pub path: Text,
    pub user_agent: Text,
    /// Milliseconds, as the page has said.
    pub lease_ms: u32,
    /// Milliseconds from the arrival to the lease's end: more than the lease where the gateway was not there
    /// to hear.
    pub open_ms: u32,
    pub scope: SessionScope,
    pub closed: bool,
    pub visible: bool,
}

/// What a report has changed in its load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// Whether the claims are this report's now.
    pub claims: bool,
    /// Whether there is anything to see of it but when it came.
    pub visible: bool,
}

impl Load {
    /// The load that this report is the first of.
    pub(super) fn new(report: &PageReport, arrived: Time, texts: &mut Texts) -> Self {
        Self {
            id: report.load.as_str().into(),
            counters: Counters::of(report),
            seq: report.seq,
            arrived,
            recent: Recent::of(report, arrived),
            path: texts.get(&report.path),
            user_agent: texts.get(&report.user_agent),
            lease_ms: lease(report),
            open_ms: lease(report),
            scope: report.scope,
            closed: report.closing,
            visible: report.visible,
        }
    }

    /// Joins one more report of this load.
    pub(super) fn join(&mut self, report: &PageReport, arrived: Time, texts: &mut Texts) -> Change {
        let mut change =
            Change { claims: false, visible: self.counters.raise_to(&Counters::of(report)) };
        if (report.seq, Reverse(arrived)) > (self.seq, Reverse(self.arrived)) {
            let before = (self.is_open(arrived), self.closed, self.visible, self.lease_ms);
            self.seq = report.seq;
            self.arrived = arrived;
            self.recent = Recent::of(report, arrived);
            self.lease_ms = lease(report);
            self.open_ms = self.lease_ms;
            self.scope = report.scope;
            self.closed = report.closing;
            self.visible = report.visible;
            let after = (self.is_open(arrived), self.closed, self.visible, self.lease_ms);
            let path = texts.set(&mut self.path, &report.path);
            texts.set(&mut self.user_agent, &report.user_agent);
            change.claims = true;
            change.visible |= path || before != after;
        }
        change
    }

    /// Ends the use of its texts, before it is dropped.
    pub(super) fn give_back(self, texts: &mut Texts) {
        texts.give_back(self.path);
        texts.give_back(self.user_agent);
    }

    /// When the load ended, or will unless it reports again.
    pub(super) fn end(&self) -> Time {
        if self.closed { self.arrived } else { self.arrived.plus_millis(self.open_ms.into()) }
    }

    /// Whether the load counts as open at this point in time.
    pub(super) fn is_open(&self, now: Time) -> bool {
        !self.closed && now < self.end()
    }
}

/// The lease in milliseconds, bounded already by [`PageReport::check`].
fn lease(report: &PageReport) -> u32 {
    u32::try_from(report.lease_ms).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use perspective_session_info::report::{Received, Sent, VERSION};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    /// What has become of a load after all these arrivals, in their order.
    fn joined(arrivals: &[(PageReport, Time)]) -> Load {
        let mut texts = Texts::default();
        let mut load = Load::new(&arrivals[0].0, arrivals[0].1, &mut texts);
        for (report, at) in arrivals.iter().skip(1) {
            load.join(report, *at, &mut texts);
        }
        assert!(texts.len() <= 2);
        load
    }

    fn counts<const N: usize>() -> impl Strategy<Value = [Count; N]> {
        proptest::array::uniform(prop_oneof![0..50_u64, Just(Count::MAX.get())])
            .prop_map(|values: [u64; N]| values.map(Count::saturating))
    }

    prop_compose! {
        /// The `seq`th report of a load. Its counters need not grow: a page can forge anything.
        fn report(seq: u64)(
            sent in counts::<4>(), received in counts::<2>(), others in counts::<3>(),
            closing: bool, visible: bool, lease_ms in 1_000..100_000_u64, page in 0..3_u8, path in 0..9_u8,
        ) -> PageReport {
            PageReport {
                v: VERSION,
                project: "p".into(),
                session_id: "s".into(),
                key: "k".into(),
                token: None,
                page_id: page.to_string(),
                load: "l".into(),
                seq: Count::saturating(seq),
                lease_ms,
                closing,
                scope: SessionScope::Browser,
                user_agent: format!("agent {path}"),
                path: path.to_string(),
                visible,
                sent: Sent { web_socket: sent[0], fetch: sent[1], xhr: sent[2], beacon: sent[3] },
                received: Received { web_socket: received[0], http: received[1] },
                recent_sent: others[0],
                recent_age_ms: others[1],
                unmeasured: others[2],
            }
        }
    }

    fn reports() -> impl Strategy<Value = Vec<PageReport>> {
        (1..8_u64).prop_flat_map(|n| (0..n).map(report).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_of_reports_matters(
            (arrivals, shuffled) in (reports(), vec((any::<Index>(), 0..1_000_000_u64), 1..20))
                .prop_map(|(reports, copies)| -> Vec<_> {
                    copies
                        .into_iter()
                        .map(|(i, at)| (i.get(&reports).clone(), Time::from_millis(at)))
                        .collect()
                })
                .prop_flat_map(|arrivals| (Just(arrivals.clone()), Just(arrivals).prop_shuffle())),
        ) {
            let load = joined(&arrivals);
            prop_assert_eq!(&joined(&shuffled), &load);
            let twice: Vec<_> = arrivals.iter().chain(&shuffled).cloned().collect();
            prop_assert_eq!(&joined(&twice), &load);
        }
    }
}
