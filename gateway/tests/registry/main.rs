//! What the registry promises.

#![allow(clippy::unwrap_used)]

mod promises;
mod reports;
