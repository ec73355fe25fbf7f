//! The secret that keeps other browsers out of a session.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The hash of a session's key: the key itself is never kept. The first 128 bits of its SHA-256, as many as
/// the key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyHash([u8; 16]);

impl KeyHash {
    pub(super) fn of(key: &str) -> Self {
        let bytes: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        Self(bytes.first_chunk().copied().unwrap_or_default())
    }
}
