//! What the state machine promises, in a made-up browser whose time is driven by the tests.

pub mod browser;
mod closing;
mod identity;
// Property tests are native ones.
#[cfg(not(target_arch = "wasm32"))]
mod report;
mod reporting;
mod session;
