//! The gateway: keeps the registry of Perspective sessions and answers getSessionInfo.

pub mod demo;
pub mod limits;
pub mod registry;
