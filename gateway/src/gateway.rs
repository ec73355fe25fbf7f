//! The gateway without its sockets: the registry, and who may touch it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use perspective_session_info::report::{PageReport, ReportAnswer};
use perspective_session_info::session::UNAUTHENTICATED;
use tokio_util::sync::CancellationToken;

use crate::alerts::{Alert, Alerts, Subject};
use crate::clock::Clock;
use crate::events::Events;
use crate::files::Files;
use crate::http::{Access, Refusals};
use crate::identity::Identity;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::proxy::{Proxies, Sender};
use crate::registry::{Arrival, Listing, Refusal, Registry, Time, Totals};
use crate::settings::Settings;
use crate::storage::{Kept, Storage, StorageError};
use crate::ticker;

/// Sessions that are written at one go: reports wait meanwhile, for less than a millisecond.
pub(crate) const PART: usize = 256;
/// How long the last writing of sessions may take when the gateway ends.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the gateway takes from the world around it; tests bring their own.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// What time it is.
    pub clock: Clock,
    /// The pages and bundles.
    pub files: Files,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { clock: Clock::system(), files: Files::embedded() }
    }
}

/// What all requests share.
#[derive(Debug)]
pub struct Gateway {
    registry: Arc<Mutex<Registry>>,
    storage: Option<Storage>,
    identity: Identity,
    clock: Clock,
    pub(crate) access: Access,
    pub(crate) proxies: Proxies,
    pub(crate) files: Files,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) refusals: Refusals,
    pub(crate) alerts: Alerts,
    pub(crate) events: Events,
    ending: CancellationToken,
}

impl Gateway {
    /// A gateway with the sessions that its data directory has kept, if it has one.
    ///
    /// # Errors
    /// The data directory can not be used.
    pub fn open(settings: &Settings, surroundings: Surroundings) -> Result<Self, StorageError> {
        let clock = surroundings.clock;
        let mut registry = Registry::new(settings.limits.clone(), settings.session_timeout);
        let kept = settings.storage.data_dir.as_deref().map(Kept::open).transpose()?;
        if let Some(kept) = &kept {
            kept.restore(&mut registry, clock.now())?;
        }
        let registry = Arc::new(Mutex::new(registry));
        let write =
            |kept: Kept| kept.write(Arc::clone(&registry), clock.clone(), &settings.storage);
        Ok(Self {
            storage: kept.map(write).transpose()?,
            registry,
            identity: Identity::new(
                settings.identity_keys.clone(),
                settings.identity_rules.clone(),
            ),
            clock,
            access: Access::new(settings),
            proxies: settings.proxies.clone(),
            files: surroundings.files,
            limits: settings.limits.clone(),
            metrics: Metrics::new(),
            refusals: Refusals::default(),
            alerts: Alerts::new(&settings.alerts),
            events: Events::new(settings.limits.event_subscribers),
            ending: CancellationToken::new(),
        })
    }

    /// What is kept, where there is a data directory.
    #[must_use]
    pub const fn storage(&self) -> Option<&Storage> {
        self.storage.as_ref()
    }

    /// Writes what is to be kept for the last time, for 2 s at most.
    pub fn close(&self) {
        if self.storage.as_ref().is_some_and(|storage| !storage.close(CLOSE_TIMEOUT)) {
            tracing::warn!("the last changes of sessions are lost: they were not written");
        }
    }

    /// Has the identity provider's keys fetched, where there is one, in 5 s at most: else a gateway that starts anew
    /// would take everybody for unverified until then.
    pub async fn prepare(&self) {
        self.identity.refresh(&self.clock).await;
    }

    /// Keeps up, for ever, with time, with the identity provider's keys and with the read tokens.
    pub async fn keep_up(&self) {
        tokio::join!(
            ticker::run(self),
            self.identity.keep_keys(&self.clock),
            self.access.keep_read_tokens()
        );
    }

    /// Joins a report whose bounds are checked, and says who its user is: whom its token names, and where there is
    /// none, whom a trusted proxy names.
    ///
    /// # Errors
    /// Why the registry refuses it.
    pub fn report(&self, report: &PageReport, sender: &Sender) -> Result<ReportAnswer, Refusal> {
        let started = Instant::now();
        let user = match report.token.as_deref() {
            Some(token) => self.identity.user(token).map(Some).map_err(|why| why.to_string()),
            None => sender.user.clone().map_err(|why| why.to_string()),
        };
        let (user, token_problem) = match user {
            Ok(user) => (user, None),
            Err(why) => (None, Some(why)),
        };
        let mut registry = self.registry();
        // Under the lock, so that time never runs backwards in the registry.
        let at = self.clock.now();
        registry.join(&Arrival { report, address: sender.address, user: user.as_deref(), at })?;
        drop(registry);
        self.metrics.reports.inc();
        self.metrics.report.observe(started.elapsed());
        Ok(ReportAnswer {
            authorized: user.is_some(),
            username: user.as_deref().unwrap_or(UNAUTHENTICATED).to_owned(),
            token_problem,
        })
    }

    /// Counts a report that is refused because of its form against the address that it comes from.
    ///
    /// # Errors
    /// There were too many.
    pub fn charge(&self, address: IpAddr) -> Result<(), Refusal> {
        let mut registry = self.registry();
        registry.charge(address, self.clock.now())
    }

    /// getSessionInfo, a part at a time: writes the next sessions as JSON, without brackets around the whole.
    /// Whether there may be more.
    pub fn write_list(&self, listing: &mut Listing, out: &mut Vec<u8>) -> bool {
        let registry = self.registry();
        registry.write_list(listing, self.clock.now(), PART, out)
    }

    /// Writes the session of this id as JSON, with its detail; whether there is one.
    pub fn write_session(&self, id: &str, out: &mut Vec<u8>) -> bool {
        let registry = self.registry();
        registry.write_session(id, true, self.clock.now(), out)
    }

    /// Cancelled when the gateway ends: what answers for as long as it is listened to ends then.
    #[must_use]
    pub const fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    /// Makes known a part of what time alone has brought about; whether there is more.
    pub fn advance(&self) -> bool {
        let mut registry = self.registry();
        registry.advance(self.clock.now())
    }

    /// Raises and clears the alerts as there are sessions and pages now; those that have turned.
    pub fn check_alerts(&self) -> Vec<Alert> {
        let (totals, now) = (self.totals(), self.now());
        let count_of = |subject| match subject {
            Subject::Sessions => totals.open_sessions as u64,
            Subject::Pages => totals.open_pages,
        };
        self.alerts.check(count_of, now)
    }

    /// Sums over all sessions.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.registry().totals()
    }

    /// All numbers to watch, in the text format of Prometheus.
    #[must_use]
    pub fn numbers(&self) -> String {
        let writing = self.storage.as_ref().map(Storage::writing);
        self.metrics.text(&self.totals(), &self.alerts.now(), writing.as_ref())
    }

    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic amid a join leaves the other sessions as they were.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
