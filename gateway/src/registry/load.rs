//! One load, one document's life: the join of all reports that have arrived of it.
//!
//! The join is commutative, associative and idempotent: counters take the larger value, what the page
//! claims comes from the report with the higher `seq`. It does not matter which reports are lost,
//! repeated or overtaken, as long as the latest arrives.

use std::cmp::Reverse;
use std::sync::Arc;

use perspective_session_info::report::{Count, PageReport, Received, Sent};
use perspective_session_info::session::SessionScope;

use super::time::Time;

/// Everything that has been counted, and grows only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    pub sent: Sent,
    pub received: Received,
    pub unmeasured: Count,
}

impl Counters {
    fn of(report: &PageReport) -> Self {
        Self { sent: report.sent, received: report.received, unmeasured: report.unmeasured }
    }

    /// Applies `f` to each counter and its counterpart.
    fn each(&mut self, other: &Self, f: impl Fn(&mut Count, Count)) {
        f(&mut self.sent.web_socket, other.sent.web_socket);
        f(&mut self.sent.fetch, other.sent.fetch);
        f(&mut self.sent.xhr, other.sent.xhr);
        f(&mut self.sent.beacon, other.sent.beacon);
        f(&mut self.received.web_socket, other.received.web_socket);
        f(&mut self.received.http, other.received.http);
        f(&mut self.unmeasured, other.unmeasured);
    }

    fn raise_to(&mut self, other: &Self) {
        self.each(other, |mine, theirs| *mine = (*mine).max(theirs));
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.each(other, |mine, theirs| *mine += theirs);
    }
}

/// The latest send of a load. Ordered by time, so that the later of two is their maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recent {
    pub at: Time,
    pub bytes: Count,
}

/// What a load claims besides its counters: from the report with the highest `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claims {
    seq: Count,
    /// When the first copy of that report arrived. A later copy says nothing of how long the page has
    /// lived, so it neither prolongs the lease nor moves the latest send.
    arrived: Time,
    lease_ms: u64,
    closing: bool,
    visible: bool,
    page: Box<str>,
    path: Box<str>,
    scope: SessionScope,
    /// Shared, since nearly always all loads of a session run in one browser.
    user_agent: Arc<str>,
    recent: Option<Recent>,
}

impl Claims {
    fn of(report: &PageReport, user_agent: &Arc<str>, arrived: Time) -> Self {
        Self {
            seq: report.seq,
            arrived,
            lease_ms: report.lease_ms,
            closing: report.closing,
            visible: report.visible,
            page: report.page_id.as_str().into(),
            path: report.path.as_str().into(),
            scope: report.scope,
            user_agent: Arc::clone(user_agent),
            recent: (report.recent_sent > Count::default()).then(|| Recent {
                at: arrived.minus_millis(report.recent_age_ms.get()),
                bytes: report.recent_sent,
            }),
        }
    }
}

/// One load as its reports describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Load {
    id: Box<str>,
    counters: Counters,
    claims: Claims,
}

impl Load {
    /// The load that this report is the first of. `user_agent` is the report's, possibly shared.
    pub(super) fn new(report: &PageReport, user_agent: &Arc<str>, arrived: Time) -> Self {
        Self {
            id: report.load.as_str().into(),
            counters: Counters::of(report),
            claims: Claims::of(report, user_agent, arrived),
        }
    }

    /// Joins one more report of this load.
    pub(super) fn join(&mut self, report: &PageReport, user_agent: &Arc<str>, arrived: Time) {
        self.counters.raise_to(&Counters::of(report));
        if (report.seq, Reverse(arrived)) > (self.claims.seq, Reverse(self.claims.arrived)) {
            self.claims = Claims::of(report, user_agent, arrived);
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(super) fn page(&self) -> &str {
        &self.claims.page
    }

    pub(super) fn path(&self) -> &str {
        &self.claims.path
    }

    pub(super) fn scope(&self) -> SessionScope {
        self.claims.scope
    }

    pub(super) fn user_agent(&self) -> &Arc<str> {
        &self.claims.user_agent
    }

    pub(super) fn recent(&self) -> Option<Recent> {
        self.claims.recent
    }

    pub(super) fn visible(&self) -> bool {
        self.claims.visible
    }

    pub(super) fn lease_ms(&self) -> u64 {
        self.claims.lease_ms
    }

    /// When the report with the highest `seq` arrived.
    pub(super) fn reported(&self) -> Time {
        self.claims.arrived
    }

    /// Whether the load has said itself that it ends.
    pub(super) fn closed(&self) -> bool {
        self.claims.closing
    }

    /// When the load ended, or will unless it reports again.
    pub(super) fn end(&self) -> Time {
        if self.closed() {
            self.claims.arrived
        } else {
            self.claims.arrived.plus_millis(self.claims.lease_ms)
        }
    }

    /// Whether the load counts as open at this point in time.
    pub(super) fn is_open(&self, now: Time) -> bool {
        !self.closed() && now < self.end()
    }
}

#[cfg(test)]
mod tests {
    use perspective_session_info::report::VERSION;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    /// What has become of a load after all these arrivals, in their order.
    fn joined(arrivals: &[(PageReport, Time)]) -> Load {
        let agents: Vec<Arc<str>> =
            arrivals.iter().map(|(r, _)| r.user_agent.as_str().into()).collect();
        let mut load = Load::new(&arrivals[0].0, &agents[0], arrivals[0].1);
        for ((report, at), agent) in arrivals.iter().zip(&agents).skip(1) {
            load.join(report, agent, *at);
        }
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
