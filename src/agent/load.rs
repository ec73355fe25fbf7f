//! One load: a document's life as one page of one session, and the reports that it makes.

use super::Host;
use super::delivery::lease_ms;
use super::host::{Number, Text};
use super::identity::Identity;
use super::store::Minted;
use super::text::shown;
use super::writer::Writer;
use crate::report::{
    Count, KEY_DIGITS, MAX_PATH_BYTES, MAX_TOKEN_BYTES, MAX_USER_AGENT_BYTES, VERSION,
};

/// A [`PageReport`](crate::report::PageReport) as JSON, each value a `#`.
const FORM: &[u8] = concat!(
    r##"{"v":#,"project":#,"sessionId":#,"key":#,"token":#,"pageId":#,"load":#,"seq":#,"leaseMs":#,"##,
    r##""closing":#,"scope":#,"userAgent":#,"path":#,"visible":#,"##,
    r##""sent":{"webSocket":#,"fetch":#,"xhr":#,"beacon":#},"received":{"webSocket":#,"http":#},"##,
    r##""recentSent":#,"recentAgeMs":#,"unmeasured":#}"##,
)
.as_bytes();

/// The counters in the order of the form.
const COUNTERS: [Number; 9] = [
    Number::SentWebSocket,
    Number::SentFetch,
    Number::SentXhr,
    Number::SentBeacon,
    Number::ReceivedWebSocket,
    Number::ReceivedHttp,
    Number::RecentSent,
    Number::RecentAge,
    Number::Unmeasured,
];

/// What a report says besides what was counted.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Whether the page is in the foreground.
    pub visible: bool,
    /// Whether the load ends, or is put away.
    pub closing: bool,
    /// Whether the identity token goes with it.
    pub token: bool,
}

/// One load. Its counters are the host's, which start from zero with it.
#[derive(Debug)]
pub struct Load {
    /// Whose page it is.
    pub identity: Identity,
    /// Its random id.
    pub id: Minted,
    seq: u64,
}

impl Load {
    /// A load that has not reported yet, and is yet to be given an id.
    #[must_use]
    pub const fn new(identity: Identity) -> Self {
        Self { identity, id: [0; KEY_DIGITS], seq: 0 }
    }

    /// Whether the gateway may know of it.
    #[must_use]
    pub const fn has_reported(&self) -> bool {
        self.seq > 0
    }

    /// Writes a report: what the load has counted so far, as the JSON of a
    /// [`PageReport`](crate::report::PageReport).
    pub fn report(&mut self, kind: Kind, host: &impl Host, to: &mut Writer) {
        self.seq += 1;
        self.same_report(kind, host, to);
    }

    /// Writes the latest report as it would be of another kind.
    pub fn same_report(&self, kind: Kind, host: &impl Host, to: &mut Writer) {
        let Identity { project, session_id, page_id, key, scope } = &self.identity;
        to.begin(FORM);
        to.integer(u64::from(VERSION));
        to.id(project);
        to.id(session_id);
        to.string(key);
        let mut buffer = [0; MAX_TOKEN_BYTES + 1];
        let token = shown(Text::Token, host, &mut buffer);
        // Whatever else it is, it is no JWT, and could be too long when it is escaped.
        if kind.token
            && (1..=MAX_TOKEN_BYTES).contains(&token.len())
            && token.iter().all(u8::is_ascii_graphic)
        {
            to.string(token);
        } else {
            to.literal(b"null");
        }
        to.id(page_id);
        to.string(&self.id);
        to.integer(self.seq);
        to.integer(lease_ms(kind.visible));
        to.literal(boolean(kind.closing));
        to.string(scope.as_str().as_bytes());
        for (what, max) in [(Text::UserAgent, MAX_USER_AGENT_BYTES), (Text::Path, MAX_PATH_BYTES)] {
            to.string(shown(what, host, buffer.get_mut(..max).unwrap_or_default()));
        }
        to.literal(boolean(kind.visible));
        for counter in &COUNTERS {
            to.integer(Count::saturating(host.number(*counter)).get());
        }
        to.end();
    }
}

const fn boolean(value: bool) -> &'static [u8] {
    if value { b"true" } else { b"false" }
}
