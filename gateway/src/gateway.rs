//! The gateway without its sockets: the registry, and who may touch it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use perspective_session_info::report::{PageReport, ReportAnswer};
use perspective_session_info::session::{SessionFilter, SessionInfo, UNAUTHENTICATED};

use crate::clock::Clock;
use crate::files::Files;
use crate::http::Access;
use crate::identity::Identity;
use crate::limits::Limits;
use crate::proxy::{Proxies, Sender};
use crate::registry::{Arrival, Refusal, Registry};
use crate::settings::Settings;

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

    /// Keeps up to date, for ever, what changes outside: the identity provider's keys and the read tokens.
    pub async fn keep_up(&self) {
        tokio::join!(self.identity.keep_keys(&self.clock), self.access.keep_read_tokens());
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

    /// getSessionInfo.
    #[must_use]
    pub fn sessions(&self, filter: &SessionFilter, detail: bool) -> Vec<SessionInfo> {
        let registry = self.registry();
        registry.list(filter, detail, self.clock.now())
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic amid a join leaves the other sessions as they were.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
