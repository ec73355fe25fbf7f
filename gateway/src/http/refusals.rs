//! Refused requests: each is counted by its reason, and told in the log at most once a minute a reason, so that
//! nobody can fill a disk by asking wrongly.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;

use crate::metrics::Metrics;
use crate::registry::Time;

/// How long the log is silent about a reason that it has told of, in milliseconds.
const SILENCE_MS: u64 = 60_000;

/// Why a request is refused. The values of a metric's label, so there are few and they stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A request, a report or a parameter has not the form that it should have.
    Malformed,
    /// Nobody told the gateway that it has this name.
    Host,
    /// Pages of this origin may not use the gateway.
    Origin,
    /// A token is missing, or is none that may read.
    ReadToken,
    /// The key is not the session's.
    Key,
    /// The session runs another project.
    Project,
    /// There is no such thing.
    NotFound,
    /// It can not be asked in this way.
    Method,
    /// The body took too long.
    Slow,
    /// The body is too long.
    TooLong,
    /// This client is past one of its limits.
    TooMany,
    /// The gateway is past one of its limits.
    Full,
    /// Anything else.
    Other,
}

impl Reason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Malformed,
        Self::Host,
        Self::Origin,
        Self::ReadToken,
        Self::Key,
        Self::Project,
        Self::NotFound,
        Self::Method,
        Self::Slow,
        Self::TooLong,
        Self::TooMany,
        Self::Full,
        Self::Other,
    ];

    /// The reason as metrics and log name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Host => "host",
            Self::Origin => "origin",
            Self::ReadToken => "read_token",
            Self::Key => "key",
            Self::Project => "project",
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::Slow => "slow",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Full => "full",
            Self::Other => "other",
        }
    }

    /// The reason for a problem that names this field, which some statuses leave open.
    pub(super) fn of(status: StatusCode, field: &str) -> Self {
        match (status, field) {
            (StatusCode::BAD_REQUEST, _) => Self::Malformed,
            (StatusCode::UNAUTHORIZED, _) => Self::ReadToken,
            (StatusCode::FORBIDDEN, "Host") => Self::Host,
            (StatusCode::FORBIDDEN, "Origin") => Self::Origin,
            (StatusCode::FORBIDDEN, "key") => Self::Key,
            (StatusCode::NOT_FOUND, _) => Self::NotFound,
            (StatusCode::METHOD_NOT_ALLOWED, _) => Self::Method,
            (StatusCode::REQUEST_TIMEOUT, _) => Self::Slow,
            (StatusCode::CONFLICT, _) => Self::Project,
            (StatusCode::PAYLOAD_TOO_LARGE, _) => Self::TooLong,
            (StatusCode::TOO_MANY_REQUESTS, _) => Self::TooMany,
            (StatusCode::SERVICE_UNAVAILABLE, _) => Self::Full,
            _ => Self::Other,
        }
    }
}

/// What an answer that refuses carries within the gateway, for [`Refusals`].
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// The same for a person, with what the client said.
    pub detail: String,
}

/// What the log knows of each reason.
#[derive(Debug, Default)]
pub struct Refusals([Told; Reason::ALL.len()]);

#[derive(Debug, Default)]
struct Told {
    /// When the log may tell again, in milliseconds since the Unix epoch.
    again_at: AtomicU64,
    /// How many it has not told of since it last did.
    untold: AtomicU64,
}

impl Refusals {
    /// Counts a refusal, and tells of it unless there was one of this reason just now.
    pub fn note(&self, refused: &Refused, peer: IpAddr, metrics: &Metrics, now: Time) {
        metrics.refused(refused.reason);
        let (reason, detail) = (refused.reason.as_str(), &refused.detail);
        let told = &self.0[refused.reason as usize];
        if let Some(untold) = told.may_tell(now) {
            tracing::info!(reason, %peer, detail, untold, "refused");
        } else {
            told.untold.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Tells how many there were, of each reason that the log was silent about long enough.
    pub fn tell_rest(&self, now: Time) {
        for (reason, told) in Reason::ALL.iter().zip(&self.0) {
            if told.untold.load(Ordering::Relaxed) > 0
                && let Some(untold) = told.may_tell(now)
            {
                tracing::info!(reason = reason.as_str(), untold, "refused more of the kind");
            }
        }
    }
}

impl Told {
    /// How many there were since the log last told, if it may tell now; nobody else may then.
    fn may_tell(&self, now: Time) -> Option<u64> {
        let at = self.again_at.load(Ordering::Relaxed);
        let next = now.plus_millis(SILENCE_MS).millis();
        let mine = now.millis() >= at
            && self
                .again_at
                .compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        mine.then(|| self.untold.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_numbered_in_their_order_and_named_apart() {
        for (number, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(*reason as usize, number);
            let same = Reason::ALL.iter().filter(|other| other.as_str() == reason.as_str());
            assert_eq!(same.count(), 1, "{reason:?}");
        }
    }

    #[test]
    fn the_log_tells_of_a_reason_once_a_minute_and_how_many_there_were() {
        let told = Told::default();
        let at = |ms| Time::from_millis(1_000_000 + ms);
        assert_eq!(told.may_tell(at(0)), Some(0));
        for _ in 0..3 {
            assert_eq!(told.may_tell(at(SILENCE_MS - 1)), None);
            told.untold.fetch_add(1, Ordering::Relaxed);
        }
        assert_eq!(told.may_tell(at(SILENCE_MS)), Some(3));
        assert_eq!(told.may_tell(at(SILENCE_MS)), None);
        assert_eq!(told.may_tell(at(2 * SILENCE_MS)), Some(0));
    }
}
