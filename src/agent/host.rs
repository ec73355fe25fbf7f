//! What the state machine asks of the page and of the browser.

use super::identity::Identity;

/// Texts that the page shows. Numbered as in www/agent/facts.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Text {
    /// The gateway's base URL, with a slash at its end.
    Gateway,
    /// `navigator.userAgent`.
    UserAgent,
    /// The option `project`.
    OptionProject,
    /// The option `sessionId`.
    OptionSession,
    /// The option `pageId`.
    OptionPage,
    /// The option `scope`.
    OptionScope,
    /// The project that a Perspective URL names.
    UrlProject,
    /// What was kept in this tab for its next load ([`TabRecord`](super::storage::TabRecord)).
    TabRecord,
    /// The project as Perspective's own client has it.
    ClientProject,
    /// The session's id as Perspective's own client has it.
    ClientSession,
    /// The page's id as Perspective's own client has it.
    ClientPage,
    /// Where Perspective's own client runs, in any spelling.
    ClientScope,
    /// The page's path without query and fragment.
    Path,
    /// The identity token, asked for by [`Host::ask`].
    Token,
    /// The user that the token names, unverified; empty where there is none, absent where nobody knows.
    User,
    /// What the gateway says is wrong, with its latest answer.
    Problem,
}

/// Numbers that the page shows. Numbered as in www/agent/facts.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Number {
    /// Bytes sent over WebSockets.
    SentWebSocket,
    /// Bytes sent by `fetch`.
    SentFetch,
    /// Bytes sent by `XMLHttpRequest`.
    SentXhr,
    /// Bytes sent by `navigator.sendBeacon`.
    SentBeacon,
    /// Bytes received over WebSockets.
    ReceivedWebSocket,
    /// Bytes received over HTTP.
    ReceivedHttp,
    /// Bytes of the latest send.
    RecentSent,
    /// How long ago that was, in milliseconds.
    RecentAge,
    /// Sends and receipts that could not be measured.
    Unmeasured,
    /// 1 where the page is in the foreground.
    Visible,
    /// 1 where Perspective's own client is there.
    Client,
}

/// What the state machine asks of the page and of the browser. Nothing here calls the page's own code,
/// so nothing here calls back.
pub trait Host {
    /// A text that the page shows; `None` where it shows none.
    fn text(&self, what: Text) -> Option<String>;
    /// A number that the page shows, rounded down.
    fn number(&self, what: Number) -> u64;
    /// Reads from localStorage; `None` where there is nothing or it is refused.
    fn read(&self, name: &str) -> Option<String>;
    /// Writes to localStorage; `false` where that is refused.
    fn write(&self, name: &str, value: &str) -> bool;
    /// Keeps a text in this tab for its next load.
    fn keep(&self, record: &str);
    /// 32 random bits.
    fn random(&self) -> u32;
    /// Asks the page for its identity token; [`Agent::told`](super::Agent::told) follows.
    fn ask(&self);
    /// Posts a report; [`Agent::answered`](super::Agent::answered) follows. `own` says whether it is
    /// this load's own, rather than one kept from an earlier load. What is still in flight is given up.
    fn post(&self, report: &str, own: bool);
    /// Sends a report that nobody waits for, in a way that outlives the page.
    fn beacon(&self, report: &str);
    /// Tells those who wait for a report that the gateway has it, or why not.
    fn settle(&self, problem: Option<&str>);
    /// Says something on the console.
    fn say(&self, message: &str);
    /// Sets the counters to zero: a new load begins.
    fn zero(&self);
    /// Tells the page who it is.
    fn tell(&self, identity: &Identity);
}
