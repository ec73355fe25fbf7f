//! Who is in which Perspective session: the browser crate.
//!
//! Data flows one way: a page's traffic, the agent, a report, the gateway's registry, a result, the panel.
//!
//! | module | what it is | who uses it |
//! |---|---|---|
//! | [`session`] | what getSessionInfo returns; pure | gateway, panel |
//! | [`report`] | what one page tells the gateway; pure | agent, gateway |
//! | `agent` | runs in every page (feature `agent`) | www/agent/ |
//! | `panel` | runs in designer tooling (feature `panel`) | www/panel/ |

// A bundle has no standard library: what that brings for a panic is as large as the agent.
#![cfg_attr(not(any(test, feature = "openapi", all(feature = "agent", feature = "panel"))), no_std)]

extern crate alloc;

#[cfg(feature = "agent")]
pub mod agent;
#[cfg(feature = "panel")]
pub mod panel;
pub mod report;
pub mod session;

#[cfg(all(
    any(feature = "agent", feature = "panel"),
    not(all(feature = "agent", feature = "panel")),
    target_arch = "wasm32"
))]
mod bare;
