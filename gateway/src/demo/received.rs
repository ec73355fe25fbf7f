//! What has arrived from each page, by channel, in bytes of payload.

use std::num::NonZeroUsize;

use lru::LruCache;
use perspective_session_info::report::{Count, Sent};
use serde::Serialize;

/// Pages whose counts are kept. Beyond it those of the page that was silent longest are dropped.
pub const MAX_PAGES: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// One page: the project that it runs, and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page {
    /// The project's name.
    pub project: String,
    /// The page's id.
    pub id: String,
}

/// The way that bytes took from a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A message of the page's WebSocket.
    WebSocket,
    /// The body of a `fetch` request.
    Fetch,
    /// The body of an `XMLHttpRequest` request.
    Xhr,
    /// The body of a `navigator.sendBeacon` request.
    Beacon,
}

/// What has arrived from one page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Names this series of counts. When another name stands here, the counts began again from zero:
    /// the gateway was started anew, or the page was forgotten ([`MAX_PAGES`]).
    pub since: String,
    /// Bytes of payload.
    #[serde(flatten)]
    pub bytes: Sent,
    /// Messages and requests that have arrived whole.
    pub sends: Sent,
}

/// What has arrived from all pages, [`MAX_PAGES`] at most.
#[derive(Debug)]
pub struct Pages {
    pages: LruCache<Page, Received>,
    start: u128,
    begun: u64,
}

impl Pages {
    /// No page yet; `start` tells this start of the server from any other.
    #[must_use]
    pub fn new(start: u128) -> Self {
        Self { pages: LruCache::new(MAX_PAGES), start, begun: 0 }
    }

    /// What has arrived from `page` so far.
    pub fn of(&mut self, page: &Page) -> &Received {
        self.page(page)
    }

    /// Counts bytes of payload that have arrived.
    pub fn add_bytes(&mut self, page: &Page, channel: Channel, bytes: usize) {
        *channel.of(&mut self.page(page).bytes) += Count::saturating(bytes as u64);
    }

    /// Counts a message or a request that has arrived whole.
    pub fn add_send(&mut self, page: &Page, channel: Channel) {
        *channel.of(&mut self.page(page).sends) += Count::saturating(1);
    }

    fn page(&mut self, page: &Page) -> &mut Received {
        let begun = &mut self.begun;
        let start = self.start;
        self.pages.get_or_insert_mut_ref(page, || {
            *begun += 1;
            Received {
                since: format!("{start}-{begun}"),
                bytes: Sent::default(),
                sends: Sent::default(),
            }
        })
    }
}

impl Channel {
    /// The channel of a request by its name in the URL; a WebSocket message has no URL of its own.
    #[must_use]
    pub fn of_request(name: &str) -> Option<Self> {
        match name {
            "fetch" => Some(Self::Fetch),
            "xhr" => Some(Self::Xhr),
            "beacon" => Some(Self::Beacon),
            _ => None,
        }
    }

    fn of(self, counts: &mut Sent) -> &mut Count {
        match self {
            Self::WebSocket => &mut counts.web_socket,
            Self::Fetch => &mut counts.fetch,
            Self::Xhr => &mut counts.xhr,
            Self::Beacon => &mut counts.beacon,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str) -> Page {
        Page { project: "MyProject".into(), id: id.into() }
    }

    #[test]
    fn bytes_and_sends_are_counted_by_page_and_channel() {
        let mut pages = Pages::new(7);
        pages.add_bytes(&page("a"), Channel::Fetch, 40);
        pages.add_bytes(&page("a"), Channel::Fetch, 2);
        pages.add_send(&page("a"), Channel::Fetch);
        pages.add_bytes(&page("a"), Channel::WebSocket, 1);
        pages.add_bytes(&page("b"), Channel::Xhr, 3);
        pages.add_bytes(&page("b"), Channel::Beacon, 4);
        assert_eq!(
            serde_json::to_string(pages.of(&page("a"))).unwrap(),
            r#"{"since":"7-1","webSocket":1,"fetch":42,"xhr":0,"beacon":0,"#.to_owned()
                + r#""sends":{"webSocket":0,"fetch":1,"xhr":0,"beacon":0}}"#
        );
        let b = pages.of(&page("b"));
        assert_eq!((b.bytes.xhr.get(), b.bytes.beacon.get(), b.bytes.total().get()), (3, 4, 7));
    }

    #[test]
    fn the_same_page_id_in_another_project_is_another_page() {
        let mut pages = Pages::new(7);
        pages.add_bytes(&page("a"), Channel::Fetch, 40);
        let elsewhere = Page { project: "OtherProject".into(), id: "a".into() };
        assert_eq!(pages.of(&elsewhere).bytes, Sent::default());
    }

    #[test]
    fn counts_that_begin_again_are_named_otherwise() {
        let since = |start| Pages::new(start).of(&page("a")).since.clone();
        assert_ne!(since(1), since(2));
        let mut pages = Pages::new(1);
        let first = pages.of(&page("a")).since.clone();
        for n in 0..MAX_PAGES.get() {
            pages.add_send(&page(&n.to_string()), Channel::Beacon);
        }
        assert_eq!(pages.pages.len(), MAX_PAGES.get());
        assert_ne!(pages.of(&page("a")).since, first);
    }
}
