//! One who follows: first the list, then the batches.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::Query;
use super::batch;
use super::topic::{Next, Topic};
use crate::gateway::{Gateway, PART};
use crate::registry::{Listing, Time};

/// How long it can be silent: proxies cut off what is silent for longer, and who is not there any more is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often it is asked whether the follower may still read.
const CHECK: Duration = Duration::from_secs(1);
/// How long a client should wait before it comes again, in milliseconds.
const RETRY_MS: u64 = 2_000;

/// One who follows a topic. It is asked for the next piece when there is room for it, and not before.
pub struct Follower {
    may_read: Box<dyn Fn() -> bool + Send + Sync>,
    gateway: Arc<Gateway>,
    topic: Arc<Topic>,
    news: watch::Receiver<u64>,
    /// The number of the batch that it needs next.
    next: u64,
    stage: Stage,
    silent_since: Instant,
    _place: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Stage {
    /// The list is to be taken.
    Begin,
    /// The list is being taken, as it was at this time.
    List(Box<Listing>, Time),
    /// The list is taken; the batches follow.
    Batches,
}

impl Follower {
    /// One who follows this query from now on, as long as `may_read` says so; none where there are as many as
    /// there can be.
    #[must_use]
    pub fn new(
        gateway: Arc<Gateway>,
        query: &Query,
        may_read: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Option<Self> {
        let place = Arc::clone(&gateway.events.places).try_acquire_owned().ok()?;
        let topic = gateway.events.topic(query, &gateway);
        gateway.metrics.event_subscribers.inc();
        let news = topic.watch();
        Some(Self {
            may_read: Box::new(may_read),
            gateway,
            topic,
            news,
            next: 0,
            stage: Stage::Begin,
            silent_since: Instant::now(),
            _place: place,
        })
    }

    /// The next piece of the stream, once there is one; none where it ends, because the gateway does or because
    /// this one may read no more.
    pub async fn piece(&mut self) -> Option<Bytes> {
        let gateway = Arc::clone(&self.gateway);
        loop {
            if gateway.ending().is_cancelled() || !(self.may_read)() {
                return None;
            }
            if matches!(self.stage, Stage::List(..)) {
                // Reports have their turn between two parts, however fast this one takes them.
                tokio::task::yield_now().await;
            }
            // First, so that a batch that comes now wakes it at once.
            self.news.borrow_and_update();
            if let Some(piece) = self.ready() {
                self.silent_since = Instant::now();
                return Some(piece);
            }
            tokio::select! {
                _ = self.news.changed() => {}
                () = tokio::time::sleep(CHECK) => {}
                () = gateway.ending().cancelled() => {}
            }
        }
    }

    /// What there is to say now.
    fn ready(&mut self) -> Option<Bytes> {
        match &mut self.stage {
            Stage::Begin => {
                // Before the list: what changes while it is taken comes again in a batch.
                self.next = *self.news.borrow();
                let Query { filter, detail } = self.topic.query.clone();
                let time = self.gateway.now();
                self.stage = Stage::List(Box::new(Listing::new(filter, detail)), time);
                let start = format!(
                    "retry: {RETRY_MS}\n\nevent: snapshot\ndata: {{\"time\":{},\"sessions\":[",
                    time.millis()
                );
                Some(start.into())
            }
            Stage::List(listing, time) => {
                let mut piece = Vec::new();
                if !self.gateway.registry().write_list(listing, *time, PART, &mut piece) {
                    piece.extend_from_slice(b"]}\n\n");
                    let raised = self.gateway.alerts.now().into_iter().filter(|alert| alert.raised);
                    piece.extend(raised.flat_map(|alert| batch::alert(&alert)));
                    self.stage = Stage::Batches;
                }
                Some(piece.into())
            }
            Stage::Batches => match self.topic.batch(self.next) {
                Next::Batch(batch) => {
                    self.next += 1;
                    Some(batch)
                }
                Next::Missed => {
                    self.stage = Stage::Begin;
                    self.ready()
                }
                Next::NotYet => {
                    (self.silent_since.elapsed() >= HEARTBEAT).then(|| Bytes::from_static(b":\n\n"))
                }
            },
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.gateway.metrics.event_subscribers.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::alerts::{Alert, Subject};
    use crate::{Settings, Surroundings};

    fn gateway(flags: &[&str]) -> Arc<Gateway> {
        let settings = Settings::read(["session-gateway"].iter().chain(flags)).unwrap();
        Arc::new(Gateway::open(&settings, Surroundings::default()).unwrap())
    }

    fn follower(gateway: &Arc<Gateway>) -> Follower {
        Follower::new(Arc::clone(gateway), &Query::default(), || true).unwrap()
    }

    /// Tells all followers of one alert, and gives the batch.
    fn tell(gateway: &Gateway, count: u64) -> Vec<u8> {
        let alert = Alert { time: 1, alert: Subject::Pages, raised: true, count, threshold: 1 };
        gateway.events.tell(gateway, &[alert]);
        batch::alert(&alert)
    }

    async fn text(follower: &mut Follower) -> String {
        String::from_utf8(follower.piece().await.unwrap().to_vec()).unwrap()
    }

    /// Reads the list, which is empty.
    async fn list(follower: &mut Follower) {
        assert!(text(follower).await.contains("event: snapshot\ndata: {\"time\":"));
        assert_eq!(text(follower).await, "]}\n\n");
    }

    #[tokio::test]
    async fn a_slow_one_gets_each_batch_that_is_kept_else_the_list_anew() {
        let gateway = gateway(&[]);
        let mut follower = follower(&gateway);
        list(&mut follower).await;
        let batches: Vec<_> = (0..40).map(|count| tell(&gateway, count)).collect();
        for batch in batches {
            assert_eq!(follower.piece().await.unwrap(), batch);
        }
        for count in 0..41 {
            tell(&gateway, count);
        }
        list(&mut follower).await;
        let batch = tell(&gateway, 1);
        assert_eq!(follower.piece().await.unwrap(), batch);
    }

    #[tokio::test]
    async fn what_changes_while_the_list_is_taken_comes_after_it() {
        let gateway = gateway(&[]);
        let mut follower = follower(&gateway);
        tell(&gateway, 1);
        assert!(text(&mut follower).await.contains("snapshot"));
        let batch = tell(&gateway, 2);
        assert_eq!(text(&mut follower).await, "]}\n\n");
        assert_eq!(follower.piece().await.unwrap(), batch);
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_changes_there_is_a_sign_of_life() {
        let gateway = gateway(&[]);
        let mut follower = follower(&gateway);
        list(&mut follower).await;
        for _ in 0..3 {
            let before = Instant::now();
            assert_eq!(text(&mut follower).await, ":\n\n");
            let silence = before.elapsed();
            assert!(silence >= HEARTBEAT && silence < HEARTBEAT + 2 * CHECK, "{silence:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_may_read_no_more_is_told_no_more() {
        let gateway = gateway(&[]);
        let may_read = Arc::new(AtomicBool::new(true));
        let says = Arc::clone(&may_read);
        let mut follower =
            Follower::new(gateway, &Query::default(), move || says.load(Ordering::Relaxed))
                .unwrap();
        list(&mut follower).await;
        let revoke = async {
            tokio::time::sleep(3 * CHECK / 2).await;
            may_read.store(false, Ordering::Relaxed);
        };
        let before = Instant::now();
        let (piece, ()) = tokio::join!(follower.piece(), revoke);
        assert_eq!(piece, None);
        assert!(before.elapsed() <= 2 * CHECK);
    }

    #[tokio::test]
    async fn nothing_is_remembered_where_nobody_follows() {
        let gateway = gateway(&["--event-subscribers", "1"]);
        let first = follower(&gateway);
        assert!(Follower::new(Arc::clone(&gateway), &Query::default(), || true).is_none());
        let version = gateway.registry().version();
        drop(first);
        gateway.events.tell(&gateway, &[]);
        assert!(gateway.registry().changes_since(version).is_none());
        let mut second = follower(&gateway);
        list(&mut second).await;
        let batch = tell(&gateway, 1);
        assert_eq!(second.piece().await.unwrap(), batch);
    }
}
