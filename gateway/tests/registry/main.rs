//! What the registry promises.

#![allow(clippy::unwrap_used)]

mod hostile;
mod listed;
mod model;
mod promises;
mod reports;
