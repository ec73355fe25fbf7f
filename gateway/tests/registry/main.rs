//! What the registry promises.

#![allow(clippy::unwrap_used)]

mod bounds;
mod hostile;
mod kept;
mod leases;
mod listed;
mod model;
mod promises;
mod reports;
mod stored;
