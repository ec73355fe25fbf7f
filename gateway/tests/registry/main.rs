//! What the registry promises.

#![allow(clippy::unwrap_used)]

mod model;
mod promises;
mod reports;
