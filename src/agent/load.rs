//! One load: a document's life as one page of one session, and the reports that it makes.

use super::Host;
use super::delivery::lease_ms;
use super::host::{Number, Text};
use super::identity::{Identity, mint};
use crate::report::{
    Count, MAX_PATH_BYTES, MAX_USER_AGENT_BYTES, PageReport, Received, Sent, VERSION,
};

/// One load. Its counters are the host's, which start from zero with it.
#[derive(Debug)]
pub struct Load {
    /// Whose page it is.
    pub identity: Identity,
    id: String,
    seq: u64,
}

impl Load {
    /// A load that has not reported yet.
    #[must_use]
    pub fn new(identity: Identity, host: &impl Host) -> Self {
        Self { identity, id: mint(host, 4), seq: 0 }
    }

    /// Whether the gateway may know of it.
    #[must_use]
    pub const fn has_reported(&self) -> bool {
        self.seq > 0
    }

    /// What the load has counted so far.
    pub fn report(&mut self, token: Option<String>, visible: bool, host: &impl Host) -> PageReport {
        self.seq += 1;
        let count = |what| Count::saturating(host.number(what));
        let text = |what, max| cut(host.text(what).unwrap_or_default(), max);
        let Identity { project, session_id, page_id, key, scope, .. } = self.identity.clone();
        let recent_sent = count(Number::RecentSent);
        PageReport {
            v: VERSION,
            project,
            session_id,
            key,
            token,
            page_id,
            load: self.id.clone(),
            seq: Count::saturating(self.seq),
            lease_ms: lease_ms(visible),
            closing: false,
            scope,
            user_agent: text(Text::UserAgent, MAX_USER_AGENT_BYTES),
            path: text(Text::Path, MAX_PATH_BYTES),
            visible,
            sent: Sent {
                web_socket: count(Number::SentWebSocket),
                fetch: count(Number::SentFetch),
                xhr: count(Number::SentXhr),
                beacon: count(Number::SentBeacon),
            },
            received: Received {
                web_socket: count(Number::ReceivedWebSocket),
                http: count(Number::ReceivedHttp),
            },
            recent_sent,
            recent_age_ms: if recent_sent == Count::default() {
                recent_sent
            } else {
                count(Number::RecentAge)
            },
            unmeasured: count(Number::Unmeasured),
        }
    }

    /// The load's last report: it ends, or is put away.
    pub fn closing_report(
        &mut self,
        token: Option<String>,
        visible: bool,
        host: &impl Host,
    ) -> PageReport {
        PageReport { closing: true, ..self.report(token, visible, host) }
    }
}

/// The text, cut to so many bytes between two characters.
fn cut(mut text: String, max: usize) -> String {
    text.truncate(text.floor_char_boundary(max));
    text
}
