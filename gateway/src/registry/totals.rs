//! Sums over all sessions, kept up to date by every change.

use perspective_session_info::session::SessionScope;

/// Sums over the registry. What the passing of time alone brings about is counted from the next
/// [`advance`](super::Registry::advance) on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Open sessions, those that wait for a page included.
    pub open_sessions: usize,
    /// Open pages.
    pub open_pages: u64,
    /// Ended sessions that can still be reopened.
    pub ended_sessions: usize,
    /// Bytes by which reports have raised what pages have sent, since the gateway's start.
    pub sent_bytes: u64,
    /// Bytes by which reports have raised what pages have received, since the gateway's start.
    pub received_bytes: u64,
    /// Sessions that were forgotten before their end could be stored, since the gateway's start.
    pub lost_ends: u64,
    scopes: [usize; 4],
}

impl Totals {
    /// Open sessions of this scope.
    #[must_use]
    pub const fn of_scope(&self, scope: SessionScope) -> usize {
        self.scopes[scope as usize]
    }

    pub(super) fn scope(&mut self, scope: SessionScope) -> &mut usize {
        &mut self.scopes[scope as usize]
    }
}
