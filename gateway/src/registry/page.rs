//! One page of a session: the loads that claim to be it, a reload for instance being a further one.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::counters::Counters;
use super::load::Load;
use super::time::Time;

/// A page that at least one load of the session claims to be.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub id: SmolStr,
    /// When its first report arrived.
    pub since: Time,
    /// Never empty. One nearly always, which stands here then and costs no allocation.
    pub loads: SmallVec<[Load; 1]>,
}

impl Page {
    /// The load that keeps the page open: the one that reported last, where a reload overlaps. None where
    /// the page is not open.
    pub(super) fn open_load(&self, now: Time) -> Option<&Load> {
        self.loads.iter().filter(|load| load.is_open(now)).max_by_key(|load| load.arrived)
    }

    /// Whether the page is open.
    pub(super) fn is_open(&self, now: Time) -> bool {
        self.loads.iter().any(|load| load.is_open(now))
    }

    /// The sum over its loads, but for those that are folded.
    pub(super) fn counters(&self) -> Counters {
        let mut sum = Counters::default();
        self.loads.iter().for_each(|load| sum.add(&load.counters));
        sum
    }
}
