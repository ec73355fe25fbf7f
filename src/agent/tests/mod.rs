//! What the state machine promises, in a made-up browser whose time is driven by the tests.

mod browser;
mod closing;
mod identity;
mod reporting;
mod session;
