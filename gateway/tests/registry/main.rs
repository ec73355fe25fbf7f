//! What the registry promises.

#![allow(clippy::unwrap_used)]

mod listed;
mod model;
mod promises;
mod reports;
