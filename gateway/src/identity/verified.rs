//! Tokens that were verified already: a page sends the same one with each of its reports.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lru::LruCache;
use sha2::{Digest as _, Sha256};

/// Tokens that are remembered at most; beyond it the one that was used longest ago goes.
pub const MAX_TOKENS: usize = SHARDS * SHARD_TOKENS.get();
const SHARDS: usize = 16;
const SHARD_TOKENS: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// Users by the hashes of their tokens, in shards, so that one report seldom waits for another. Only tokens that
/// hold get in, so that nobody can crowd it who has none.
pub struct Verified([Mutex<LruCache<TokenHash, Entry>>; SHARDS]);

/// SHA-256 of a token, for two tokens to be never taken for one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of this token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

struct Entry {
    user: Arc<str>,
    until: Duration,
}

impl Default for Verified {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(LruCache::new(SHARD_TOKENS))))
    }
}

impl Verified {
    /// The user of a token that holds still, at `now` since 1970.
    #[must_use]
    pub fn user(&self, token: TokenHash, now: Duration) -> Option<Arc<str>> {
        let mut shard = self.shard(token).lock().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(&token)?;
        if now <= entry.until {
            return Some(Arc::clone(&entry.user));
        }
        shard.pop(&token);
        None
    }

    /// Remembers the user of a token that holds `until` then, since 1970.
    pub fn remember(&self, token: TokenHash, user: Arc<str>, until: Duration) {
        let mut shard = self.shard(token).lock().unwrap_or_else(PoisonError::into_inner);
        shard.put(token, Entry { user, until });
    }

    fn shard(&self, TokenHash(hash): TokenHash) -> &Mutex<LruCache<TokenHash, Entry>> {
        &self.0[usize::from(hash[0]) % SHARDS]
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Verified").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_until_it_expires() {
        let (verified, token) = (Verified::default(), TokenHash::of("token"));
        verified.remember(token, "billy".into(), Duration::from_secs(10));
        let at = |seconds| verified.user(token, Duration::from_secs(seconds));
        assert_eq!(at(10).as_deref(), Some("billy"));
        assert_eq!(verified.user(TokenHash::of("Token"), Duration::ZERO), None);
        assert_eq!(at(11), None);
        assert_eq!(at(10), None, "it is forgotten");
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let verified = Verified::default();
        let token = |n: usize| {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_le_bytes());
            TokenHash(hash)
        };
        for n in 0..MAX_TOKENS + 1024 {
            verified.remember(token(n), "billy".into(), Duration::MAX);
        }
        let known = |n| verified.user(token(n), Duration::ZERO).is_some();
        assert!(!known(0) && !known(1023));
        assert!(known(1024) && known(MAX_TOKENS + 1023));
    }
}
