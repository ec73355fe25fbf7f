//! The server side of the demo page, a stand-in for a Perspective page. It is not Ignition: it is built
//! after what is publicly known of the real page, and promises nothing about the real one.
//!
//! - [`sessions`]: which session a browser has in a project, and who is signed in to it. Pure.
//! - [`received`]: what has arrived from each page, by channel. Pure.
//! - `token`: the signed tokens that name the user.
//! - `api`: the HTTP endpoints below `/demo/{project}/`.
//! - `socket`: the WebSocket at `/system/pws/{project}/{tab}`.
//!
//! Who may call is decided around these routes: the gateway refuses a foreign Host or Origin first.

mod api;
pub mod received;
pub mod sessions;
mod socket;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use received::Pages;
use sessions::Sessions;

use crate::clock::unix_time;

/// The longest project name and the longest name of a user, in bytes of UTF-8.
const MAX_NAME_BYTES: usize = 256;
/// The longest request body, in bytes. It is counted as it arrives; none of it is kept.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// The longest WebSocket message, in bytes. A message is held until it is whole.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// Sockets that can be open at once.
const MAX_SOCKETS: usize = 256;

/// The state of the stand-in, in memory only: it begins anew at each start of the gateway.
#[derive(Debug)]
pub struct Demo {
    secret: Vec<u8>,
    started: Instant,
    sessions: Mutex<Sessions>,
    pages: Mutex<Pages>,
    sockets: Arc<Semaphore>,
}

impl Demo {
    /// A stand-in that signs its tokens (HS256) with `secret`.
    #[must_use]
    pub fn new(secret: Vec<u8>) -> Arc<Self> {
        Arc::new(Self {
            secret,
            started: Instant::now(),
            sessions: Mutex::default(),
            pages: Mutex::new(Pages::new(unix_time().as_millis())),
            sockets: Arc::new(Semaphore::new(MAX_SOCKETS)),
        })
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        // Whatever panicked, the map is whole between two of its calls.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The stand-in's routes. Its pages `/demo/{project}[/{page path}]` and `/demo/assets/{file}` are files, which
/// the gateway serves: below `/demo/` every path here has three segments or more.
pub fn routes(demo: Arc<Demo>) -> Router {
    Router::new()
        .route("/system/pws/{project}/{tab}", get(socket::open))
        .route("/demo/{project}/session/{page}", get(api::session))
        .route("/demo/{project}/sign-in/{page}", post(api::sign_in))
        .route("/demo/{project}/sign-out/{page}", post(api::sign_out))
        .route("/demo/{project}/receive/{page}/{channel}", post(api::receive))
        .route("/demo/{project}/received/{page}", get(api::received))
        .with_state(demo)
}
