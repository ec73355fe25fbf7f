//! The gateway: joins the reports of pages into sessions and answers getSessionInfo.
//!
//! Data flows one way: a report comes in by [`http`], which checks who may ask; [`Gateway`] finds out who
//! the user is and joins the report into the [`registry`]; a question for the sessions reads from it.
//!
//! | module | what it is |
//! |---|---|
//! | [`settings`] | what whoever starts the gateway can set |
//! | [`server`](run) | sockets |
//! | [`announcement`](announcement()) | what is printed at the start |
//! | [`http`] | the table of routes: reports, sessions, pages, problems |
//! | [`gateway`] | the gateway without its sockets |
//! | [`registry`] | the live state; pure |
//! | [`storage`] | what is kept over a restart, and the history |
//! | [`limits`], `address_block` | how much of everything is kept, and what counts as one address for that |
//! | [`identity`] | who the user is, by signed tokens |
//! | [`proxy`] | what trusted proxies say: where a request comes from, and whose it is |
//! | [`read_tokens`] | who may read |
//! | [`events`] | the list as it changes, for those who follow it |
//! | `ticker` | what happens four times a second: what time brings about, alerts, events |
//! | [`metrics`], [`alerts`], [`log`] | numbers to watch, what is too many, what is written to stderr |
//! | [`demo`] | a stand-in for a Perspective page: the server side |
//! | [`files`] | the pages and bundles in the binary |
//! | [`origin`], [`secret`], [`clock`] | where a page comes from, what must not be seen, what time it is |

mod address_block;
pub mod alerts;
mod announcement;
pub mod clock;
pub mod demo;
pub mod events;
pub mod files;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod limits;
pub mod log;
pub mod metrics;
pub mod origin;
pub mod proxy;
pub mod read_tokens;
pub mod registry;
pub mod secret;
mod server;
pub mod settings;
pub mod storage;
mod ticker;

use std::io;
use std::sync::Arc;

pub use self::announcement::announcement;
use self::demo::Demo;
pub use self::gateway::{Gateway, Surroundings};
use self::http::Http;
use self::identity::KeySource;
pub use self::server::Listeners;
pub use self::settings::Settings;

/// Listens where the settings say.
///
/// # Errors
/// Why the gateway can not listen there, for a person to read.
pub async fn bind(settings: &Settings) -> io::Result<Listeners> {
    Listeners::bind(settings).await
}

/// Serves until `shutdown` resolves, then ends event streams, lets requests under way end and writes what is to be
/// kept, within 10 s.
///
/// # Errors
/// Why there are no threads to serve with.
pub async fn run(
    listeners: Listeners,
    settings: &Settings,
    gateway: Gateway,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let gateway = Arc::new(gateway);
    if gateway.storage().is_none() {
        tracing::info!("sessions are in memory only: there is no --data-dir");
    }
    let ending = gateway.ending().clone();
    let demo = match &settings.identity_keys {
        // The stand-in signs its users in with the very secret that the gateway verifies them by.
        KeySource::Secret(secret) if settings.demo => {
            Some(demo::routes(Demo::new(secret.reveal().into())))
        }
        _ => None,
    };
    gateway.prepare().await;
    let http = Http::new(Arc::clone(&gateway), settings.base_path.clone(), demo);
    let served = tokio::select! {
        served = server::serve(listeners, http, settings, &ending, shutdown) => served,
        () = gateway.keep_up() => Ok(()),
    };
    gateway.close();
    served
}
