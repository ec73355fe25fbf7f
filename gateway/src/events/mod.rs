//! The list as it changes, for those who follow it.
//!
//! Whoever asks for the same (the filters, and whether with detail) follows one topic: what has changed is
//! looked up and written once for all of them, four times a second at most. A follower takes the list first and
//! then one batch after the other, at its own pace; one that is too slow for the batches that are kept takes the
//! list anew. So nothing grows with how slow anybody is.
//!
//! | module | what it is |
//! |---|---|
//! | `topic` | what is told to all who ask for the same |
//! | `batch` | what has changed, and how it is written |
//! | `follower` | one who follows: first the list, then the batches |

mod batch;
mod follower;
mod topic;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use perspective_session_info::session::SessionFilter;
use tokio::sync::Semaphore;

use self::batch::Changes;
pub use self::follower::Follower;
use self::topic::Topic;
use crate::alerts::Alert;
use crate::gateway::Gateway;
use crate::registry::Version;

/// What is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which sessions.
    pub filter: SessionFilter,
    /// Whether they have the key `detail`.
    pub detail: bool,
}

/// All topics that anybody follows.
#[derive(Debug)]
pub struct Events {
    topics: Mutex<Topics>,
    /// One for each follower that there can be.
    places: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Topics {
    /// Up to where all topics have been told; none as long as nobody follows.
    told: Option<Version>,
    topics: Vec<Arc<Topic>>,
}

impl Events {
    /// Nobody follows yet; so many can at one time.
    #[must_use]
    pub fn new(max_followers: usize) -> Self {
        let places = Arc::new(Semaphore::new(max_followers.min(Semaphore::MAX_PERMITS)));
        Self { topics: Mutex::default(), places }
    }

    /// The topic of this query, as it was or begun now.
    fn topic(&self, query: &Query, gateway: &Gateway) -> Arc<Topic> {
        let mut topics = self.lock();
        if let Some(topic) = topics.topics.iter().find(|topic| topic.query == *query) {
            return Arc::clone(topic);
        }
        let mut registry = gateway.registry();
        if topics.told.is_none() {
            registry.observe(true);
            topics.told = Some(registry.version());
        }
        let topic = Arc::new(Topic::new(query.clone(), registry.matching(&query.filter)));
        topics.topics.push(Arc::clone(&topic));
        topic
    }

    /// Tells all topics what has changed since this was called last, and which alerts have turned.
    pub fn tell(&self, gateway: &Gateway, turned: &[Alert]) {
        let Some((topics, changes)) = self.news(gateway) else { return };
        let alerts: Vec<u8> = turned.iter().flat_map(batch::alert).collect();
        for topic in topics {
            match &changes {
                Some(changes) => topic.tell(gateway, changes, &alerts),
                None => topic.restart(gateway),
            }
        }
    }

    /// The topics and what they have not been told; no changes where there were more than are remembered.
    fn news(&self, gateway: &Gateway) -> Option<(Vec<Arc<Topic>>, Option<Changes>)> {
        let mut topics = self.lock();
        let told = topics.told?;
        topics.topics.retain(|topic| Arc::strong_count(topic) > 1);
        let mut registry = gateway.registry();
        if topics.topics.is_empty() {
            topics.told = None;
            registry.observe(false);
            return None;
        }
        topics.told = Some(registry.version());
        let changes = registry.changes_since(told).map(|changes| changes.cloned().collect());
        let time = gateway.now();
        drop(registry);
        // Reports are joined while what has changed is put in order.
        let changes = changes.map(|changes: Vec<_>| Changes::new(changes, time));
        Some((topics.topics.clone(), changes))
    }

    fn lock(&self) -> MutexGuard<'_, Topics> {
        // What a panic leaves is at worst a topic that is told again.
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use perspective_session_info::report::{Count, PageReport};
    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::proxy::Sender;
    use crate::registry::Time;
    use crate::registry::feed::MAX_CHANGES;
    use crate::{Settings, Surroundings};

    fn report(session: &str, project: &str) -> PageReport {
        serde_json::from_value(json!({
            "v": 1, "project": project, "sessionId": session, "key": "0".repeat(32), "token": null,
            "pageId": "page", "load": "load", "seq": 1, "leaseMs": 1000, "closing": false,
            "scope": "browser", "userAgent": "", "path": "/", "visible": true,
            "sent": {"webSocket": 0, "fetch": 0, "xhr": 0, "beacon": 0},
            "received": {"webSocket": 0, "http": 0},
            "recentSent": 0, "recentAgeMs": 0, "unmeasured": 0
        }))
        .unwrap()
    }

    /// The next piece of the stream that has data of this event.
    async fn data(follower: &mut Follower, event: &str) -> String {
        loop {
            let piece = follower.piece().await.unwrap();
            let text = String::from_utf8(piece.to_vec()).unwrap();
            if text.contains(event) {
                return text;
            }
        }
    }

    #[tokio::test]
    async fn where_more_has_changed_than_is_remembered_the_list_is_taken_anew() {
        let flags = ["session-gateway", "--reports-per-second-per-session", "1000000"];
        let settings = Settings::read(flags).unwrap();
        let now = Arc::new(AtomicU64::new(1));
        let clock = Arc::clone(&now);
        let clock = Clock::new(move || Time::from_millis(clock.load(Ordering::Relaxed)));
        let surroundings = Surroundings { clock, ..Surroundings::default() };
        let gateway = Arc::new(Gateway::open(&settings, surroundings).unwrap());
        let sender = Sender { address: [192, 0, 2, 1].into(), user: Ok(None) };

        let filter = SessionFilter { project: "Seen".into(), ..SessionFilter::default() };
        let query = Query { filter, detail: false };
        let mut follower = Follower::new(Arc::clone(&gateway), &query, || true).unwrap();
        data(&mut follower, "]}").await;
        gateway.report(&report("seen", "Seen"), &sender).unwrap();
        let mut other = report("other", "Other");
        for seq in 0..=MAX_CHANGES as u64 {
            other.seq = Count::saturating(seq);
            gateway.report(&other, &sender).unwrap();
        }
        gateway.events.tell(&gateway, &[]);
        assert!(data(&mut follower, "\"id\":").await.contains("\"id\":\"seen\""));

        // What came by the list alone is told of like the rest.
        now.fetch_add(1_000_000, Ordering::Relaxed);
        assert!(!gateway.advance());
        gateway.events.tell(&gateway, &[]);
        assert!(data(&mut follower, "changes").await.contains("\"gone\":[\"seen\"]"));
    }
}
