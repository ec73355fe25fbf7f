//! What loads count.

use perspective_session_info::report::{Count, PageReport, Received, Sent};
use serde::{Deserialize, Serialize};

use super::time::Time;

/// Everything that has been counted, and grows only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Bytes sent by channel.
    pub sent: Sent,
    /// Bytes received by channel.
    pub received: Received,
    /// How many sends and receipts could not be measured without touching them.
    pub unmeasured: Count,
}

impl Counters {
    pub(super) fn of(report: &PageReport) -> Self {
        Self { sent: report.sent, received: report.received, unmeasured: report.unmeasured }
    }

    /// Applies `f` to each counter and its counterpart.
    fn each(&mut self, other: &Self, mut f: impl FnMut(&mut Count, Count)) {
        f(&mut self.sent.web_socket, other.sent.web_socket);
        f(&mut self.sent.fetch, other.sent.fetch);
        f(&mut self.sent.xhr, other.sent.xhr);
        f(&mut self.sent.beacon, other.sent.beacon);
        f(&mut self.received.web_socket, other.received.web_socket);
        f(&mut self.received.http, other.received.http);
        f(&mut self.unmeasured, other.unmeasured);
    }

    /// Takes the larger value for each counter; whether any has grown.
    pub(super) fn raise_to(&mut self, other: &Self) -> bool {
        let mut raised = false;
        self.each(other, |mine, theirs| {
            raised |= theirs > *mine;
            *mine = theirs.max(*mine);
        });
        raised
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.each(other, |mine, theirs| *mine += theirs);
    }

    /// Bytes sent on all channels, and bytes received.
    pub(super) fn bytes(&self) -> (u64, u64) {
        let mut received = self.received.web_socket;
        received += self.received.http;
        (self.sent.total().get(), received.get())
    }
}

/// The latest send of a load; of no bytes where there was none. Ordered by time, so that the later of two is
/// their maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recent {
    /// When it was.
    pub at: Time,
    /// How many bytes it had.
    pub bytes: Count,
}

impl Recent {
    pub(super) fn of(report: &PageReport, arrived: Time) -> Self {
        if report.recent_sent == Count::default() {
            return Self::default();
        }
        let at = arrived.minus_millis(report.recent_age_ms.get());
        Self { at, bytes: report.recent_sent }
    }
}
