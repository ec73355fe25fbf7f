//! What is kept of a session outside the registry: everything that is needed to go on with it after a
//! restart, and what remains of it when it has ended.

use std::net::IpAddr;

use perspective_session_info::report::Count;
use perspective_session_info::session::SessionScope;
use serde::{Deserialize, Serialize};

use super::counters::{Counters, Recent};
use super::folded::Folded;
use super::key::KeyHash;
use super::load::Load;
use super::number::Number;
use super::page::Page;
use super::session::Session;
use super::time::Time;

/// A whole session: [`Registry::restore`](super::Registry::restore) makes it again. Times are in
/// milliseconds since the Unix epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSession {
    /// The session's number.
    pub number: Number,
    /// Its id.
    pub id: String,
    /// The project's name.
    pub project: String,
    /// The hash of its key.
    pub key: KeyHash,
    /// When its first report arrived.
    pub start: Time,
    /// When its latest report arrived.
    pub last_arrival: Time,
    /// Where that came from.
    pub address: IpAddr,
    /// The verified user.
    pub user: Option<String>,
    /// Where it runs.
    pub scope: SessionScope,
    /// Of the page that reported last.
    pub user_agent: String,
    /// Its pages, in the order in which they first reported.
    pub pages: Vec<KeptPage>,
    /// What is left of loads and pages that ended long ago.
    pub folded: Option<Folded>,
    /// When the session ended, if it has.
    pub ended: Option<Time>,
}

/// A page of a [`KeptSession`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPage {
    /// Its id.
    pub id: String,
    /// When its first report arrived.
    pub since: Time,
    /// Its loads: at least one.
    pub loads: Vec<KeptLoad>,
}

/// A load of a [`KeptPage`]: all but the counters from the report with the highest `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLoad {
    /// Its id.
    pub id: String,
    /// What it has counted.
    pub counters: Counters,
    /// The highest `seq`.
    pub seq: Count,
    /// When the first report with that arrived.
    pub arrived: Time,
    /// Its latest send.
    pub recent: Recent,
    /// Where the page was.
    pub path: String,
    /// Its browser.
    pub user_agent: String,
    /// The lease in milliseconds.
    pub lease_ms: u32,
    /// Milliseconds from the arrival to the lease's end, which is later where the gateway was not there.
    pub open_ms: u32,
    /// Where it runs.
    pub scope: SessionScope,
    /// Whether it has said that it ends.
    pub closed: bool,
    /// Whether the page was in the foreground.
    pub visible: bool,
}

/// What remains of a session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndedSession {
    /// The session's number.
    pub number: Number,
    /// Its id.
    pub id: String,
    /// When its first report arrived.
    pub start: Time,
    /// When its last page closed or its lease ran out: the session timeout is not part of its life.
    pub end: Time,
    /// The verified user that it had last.
    pub user: Option<String>,
    /// The project's name.
    pub project: String,
    /// Where its latest report came from.
    pub address: IpAddr,
    /// `navigator.userAgent` of the page that reported last.
    pub user_agent: String,
    /// Where it ran.
    pub scope: SessionScope,
    /// How many pages it had in its life.
    pub pages: u64,
    /// What they sent and received.
    #[serde(flatten)]
    pub counters: Counters,
}

impl Session {
    pub(super) fn kept(&self, number: Number, ended: Option<Time>) -> KeptSession {
        KeptSession {
            number,
            id: self.id.to_string(),
            project: self.project.as_str().to_owned(),
            key: self.key,
            start: self.start,
            last_arrival: self.last_arrival,
            address: self.address,
            user: self.authorized_user(),
            scope: self.scope,
            user_agent: self.user_agent.as_str().to_owned(),
            pages: self.pages.iter().map(Page::kept).collect(),
            folded: self.folded.as_deref().cloned(),
            ended,
        }
    }

    /// What remains of the session once it has ended.
    pub(super) fn remains(&self, number: Number) -> EndedSession {
        EndedSession {
            number,
            id: self.id.to_string(),
            start: self.start,
            end: self.vacant_at(),
            user: self.authorized_user(),
            project: self.project.as_str().to_owned(),
            address: self.address,
            user_agent: self.user_agent.as_str().to_owned(),
            scope: self.scope,
            pages: self.pages_ever(),
            counters: self.counters(),
        }
    }

    fn authorized_user(&self) -> Option<String> {
        self.authorized.then(|| self.user.as_str().to_owned())
    }
}

impl Page {
    fn kept(&self) -> KeptPage {
        KeptPage {
            id: self.id.to_string(),
            since: self.since,
            loads: self.loads.iter().map(Load::kept).collect(),
        }
    }
}

impl Load {
    fn kept(&self) -> KeptLoad {
        KeptLoad {
            id: self.id.to_string(),
            counters: self.counters,
            seq: self.seq,
            arrived: self.arrived,
            recent: self.recent,
            path: self.path.as_str().to_owned(),
            user_agent: self.user_agent.as_str().to_owned(),
            lease_ms: self.lease_ms,
            open_ms: self.open_ms,
            scope: self.scope,
            closed: self.closed,
            visible: self.visible,
        }
    }
}
