//! What the state machine asks of the page and of the browser.
//!
//! Texts cross as UTF-8 into buffers of the state machine's own, because whatever allocates and whatever
//! can panic costs kilobytes that every page would download.

/// Texts that the page shows. Numbered as in www/agent/facts.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Text {
    /// The option `project`.
    OptionProject,
    /// The option `sessionId`.
    OptionSession,
    /// The option `pageId`.
    OptionPage,
    /// The latest project that Perspective's own client has shown.
    ClientProject,
    /// The latest session id that Perspective's own client has shown.
    ClientSession,
    /// The latest page id that Perspective's own client has shown.
    ClientPage,
    /// The project that a Perspective URL names.
    UrlProject,
    /// `navigator.userAgent`.
    UserAgent,
    /// The page's path without query and fragment.
    Path,
    /// What was kept in this tab for its next load ([`Kept`](super::kept::Kept)).
    TabRecord,
    /// The latest identity token that the page has given.
    Token,
    /// The user that the token names, unverified; none where there is no token.
    User,
    /// What is wrong with the gateway's latest answer, with the gateway's name.
    Problem,
}

/// Numbers that the page shows. Numbered as in www/agent/facts.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
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
    /// Sends and receipts that could not be measured.
    Unmeasured,
    /// How long ago the latest send was, in milliseconds.
    RecentAge,
    /// 1 where the page is in the foreground.
    Visible,
    /// 1 on a page of Perspective's, by its URL or because Perspective's own client is there.
    Perspective,
    /// The option `scope`: 1 browser, 2 designer, 3 iOS, 4 Android, 0 where there is none.
    OptionScope,
    /// Where Perspective's own client runs, likewise.
    ClientScope,
    /// The present time, in milliseconds since some fixed time.
    Now,
    /// The HTTP status of the gateway's latest answer; 0 where there was none.
    Status,
    /// How many milliseconds that answer asks to wait.
    RetryAfter,
}

/// What the state machine has done. Numbered as in www/agent/host.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Act {
    /// Ask the page for its identity token; [`Told`](super::lifecycle::Event::Told) follows.
    Ask,
    /// Post the text, a report of an earlier load; [`Answered`](super::lifecycle::Event::Answered) follows.
    /// What is still in flight is given up.
    PostKept,
    /// Post the text, this load's own report, likewise.
    PostOwn,
    /// Send the text, a report that nobody waits for, in a way that outlives the page.
    Beacon,
    /// Keep the text in this tab for its next load.
    Keep,
    /// Keep the text in this tab for its next load, should the browser discard the page.
    KeepForDiscard,
    /// Tell those who wait for a report that the gateway has it.
    Settle,
    /// Tell those who wait for a report why it has come to nothing.
    GiveUp,
    /// Say the text on the console.
    Say,
    /// Set the counters to zero: a new load begins.
    Zero,
}

/// What the state machine asks of the page and of the browser. Nothing here runs the page's own code, so
/// nothing here calls back.
pub trait Host {
    /// Writes a text that the page shows, cut between two characters where it does not fit; returns how many
    /// bytes it wrote, 0 where the page shows none.
    fn text(&self, what: Text, into: &mut [u8]) -> usize;
    /// A number that the page shows, rounded down.
    fn number(&self, what: Number) -> u64;
    /// Writes what localStorage holds for the project, like [`text`](Self::text); 0 where it is refused.
    fn read(&self, project: &[u8], into: &mut [u8]) -> usize;
    /// Lets localStorage hold a text for the project; `false` where that is refused.
    fn write(&self, project: &[u8], text: &[u8]) -> bool;
    /// 32 random bits.
    fn random(&self) -> u32;
    /// Has something done.
    fn act(&self, what: Act, text: &[u8]);
}
