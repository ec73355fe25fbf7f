//! The gateway without its sockets: the registry, and who may touch it.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use perspective_session_info::report::{PageReport, ReportAnswer};
use perspective_session_info::session::UNAUTHENTICATED;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::files::Files;
use crate::http::Access;
use crate::identity::Identity;
use crate::limits::Limits;
use crate::proxy::{Proxies, Sender};
use crate::registry::{Arrival, Listing, Refusal, Registry};
use crate::settings::Settings;

/// Sessions of a list that are written at one go: reports wait meanwhile, for less than a millisecond.
const PART: usize = 256;

/// How often what time alone has brought about is made known.
const ADVANCE_EVERY: Duration = Duration::from_millis(250);

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
    registry: Mutex<Registry>,
    identity: Identity,
    clock: Clock,
    ending: CancellationToken,
    pub(crate) access: Access,
    pub(crate) proxies: Proxies,
    pub(crate) files: Files,
    pub(crate) limits: Limits,
}

impl Gateway {
    /// A gateway whose registry is empty.
    #[must_use]
    pub fn new(settings: &Settings, surroundings: Surroundings) -> Self {
        Self {
            registry: Mutex::new(Registry::new(settings.limits.clone(), settings.session_timeout)),
            identity: Identity::new(
                settings.identity_keys.clone(),
                settings.identity_rules.clone(),
            ),
            clock: surroundings.clock,
            ending: CancellationToken::new(),
            access: Access::new(settings),
            proxies: settings.proxies.clone(),
            files: surroundings.files,
            limits: settings.limits.clone(),
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
            self.advance(),
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

    /// Makes known what time alone brings about.
    async fn advance(&self) {
        let mut due = tokio::time::interval(ADVANCE_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            while self.advance_a_part() {
                tokio::task::yield_now().await;
            }
        }
    }

    fn advance_a_part(&self) -> bool {
        let mut registry = self.registry();
        registry.advance(self.clock.now())
    }

    /// Cancelled when the gateway ends: what answers for as long as it is listened to ends then.
    #[must_use]
    pub const fn ending(&self) -> &CancellationToken {
        &self.ending
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic amid a join leaves the other sessions as they were.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
