//! A report as it arrives, and what becomes of it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use perspective_session_info::report::PageReport;

use super::time::Time;
#[cfg(doc)]
use crate::limits::Limits;

/// A report as it arrives: what the page claims, and what the gateway knows itself.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// What the page claims. Its bounds are checked already ([`PageReport::check`]).
    pub report: &'a PageReport,
    /// Where it came from, as it is to be shown.
    pub address: IpAddr,
    /// The user that the gateway has verified.
    pub user: Option<&'a str>,
    /// When it arrived.
    pub at: Time,
}

/// What a report that is accepted was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The first of its session.
    First,
    /// The first of an ended session's, which goes on with its id, start and totals.
    Reopening,
    /// One more of an open session.
    Further,
    /// A late one that changes nothing: its load is folded already, or its session has ended since.
    Late,
}

/// Why a report is not joined. All sessions are as they were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is not the session's, a page of which is open.
    WrongKey,
    /// The session runs another project.
    OtherProject,
    /// The session has as many open pages as it can have ([`Limits::pages_per_session`]).
    TooManyPages,
    /// The address has as many open sessions as it can have ([`Limits::sessions_per_address`]).
    TooManySessionsOfAddress,
    /// There are as many sessions as there can be ([`Limits::sessions`]).
    TooManySessions,
    /// The session has sent too many reports ([`Limits::reports_per_second_per_session`]).
    TooManyReports {
        /// How long until one more is accepted.
        wait: Duration,
    },
    /// The address has sent too many reports that are not those of its open sessions
    /// ([`Limits::reports_per_second_per_address`]).
    TooManyReportsOfAddress {
        /// How long until one more is accepted.
        wait: Duration,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::WrongKey => "the key is not the one of this session, which has an open page",
            Self::OtherProject => "this session id belongs to a session of another project",
            Self::TooManyPages => "this session has too many open pages",
            Self::TooManySessionsOfAddress => "this address has too many open sessions",
            Self::TooManySessions => "the gateway has too many sessions",
            Self::TooManyReports { .. } => "this session reports too often",
            Self::TooManyReportsOfAddress { .. } => {
                "too many reports from this address are not those of its open sessions"
            }
        })
    }
}

impl std::error::Error for Refusal {}
