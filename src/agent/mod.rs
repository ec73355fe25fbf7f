//! The agent: runs in every page, finds out who the page is, and reports what it has counted.
//!
//! JavaScript (www/agent/) holds what must run in the page's own calls: the patches, the length of a
//! body, the counters, and the calls to the browser. Everything that is decided is decided here, by a
//! state machine that knows no browser and no clock: what happened and when comes in, and goes out
//! through a [`Host`]. No call of the page's ever gets here.
//!
//! | module | what it is |
//! |---|---|
//! | [`lifecycle`] | [`Agent`]: what happens to the page, and what is reported when |
//! | [`load`] | one document's life as one page, and its reports |
//! | [`identity`] | who the page is: project, session, page, key |
//! | [`delivery`] | one report in flight, lease and cadence, backoff |
//! | [`store`] | what is kept in localStorage: the minted session, keys |
//! | [`kept`] | what a tab keeps for its next load: its page's id, closing reports |
//! | [`text`], [`writer`] | texts of bounded length, and JSON |
//! | [`host`] | [`Host`]: what the state machine asks of the page and the browser |
//! | [`bindings`] | the state machine as www/agent/ calls it, in wasm |

pub mod bindings;
pub mod delivery;
pub mod host;
pub mod identity;
pub mod kept;
pub mod lifecycle;
pub mod load;
pub mod store;
pub mod text;
pub mod writer;

#[cfg(test)]
mod tests;

pub use host::Host;
pub use lifecycle::Agent;
