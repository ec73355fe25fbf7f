//! JSON Web Key Sets (RFC 7517): the keys that an identity provider publishes.

use std::fmt;

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use serde::Deserialize;
use serde_json::Value;

use super::keys::{Key, WrongKey};

/// The most keys that a set can have. Providers publish a handful.
const MAX_KEYS: usize = 64;

/// Why there is nothing in a text to verify tokens with.
#[derive(Debug)]
pub enum WrongKeySet {
    /// It is no JWK Set.
    Unreadable(serde_json::Error),
    /// It has more keys than 64.
    TooManyKeys,
    /// None of its keys can be used: why not, of each.
    NoKey(Vec<WrongKey>),
}

impl fmt::Display for WrongKeySet {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "it is no JWK Set (RFC 7517): {error}"),
            Self::TooManyKeys => write!(f, "it has more than {MAX_KEYS} keys"),
            Self::NoKey(reasons) if reasons.is_empty() => f.write_str("it has no key"),
            Self::NoKey(reasons) => {
                f.write_str("it has no key for RS256 or ES256")?;
                reasons.iter().try_for_each(|reason| write!(f, "; {reason}"))
            }
        }
    }
}

impl std::error::Error for WrongKeySet {}

#[derive(Deserialize)]
struct Set {
    // Each is read on its own: a key of a kind that nobody knows here must not hide the others.
    keys: Vec<Value>,
}

/// The keys of a set that tokens can be verified with, for RS256 and ES256. Others are passed over (RFC 7517,
/// section 5): keys for encryption above all, which providers publish beside, and secrets, which are none once
/// they are published.
///
/// # Errors
/// There is no such key.
pub fn keys_of(text: &[u8]) -> Result<Vec<Key>, WrongKeySet> {
    let Set { keys } = serde_json::from_slice(text).map_err(WrongKeySet::Unreadable)?;
    if keys.len() > MAX_KEYS {
        return Err(WrongKeySet::TooManyKeys);
    }
    let (mut usable, mut reasons) = (Vec::new(), Vec::new());
    for key in keys {
        match key_of(key) {
            Ok(key) => usable.push(key),
            Err(reason) => reasons.push(reason),
        }
    }
    if usable.is_empty() {
        return Err(WrongKeySet::NoKey(reasons));
    }
    Ok(usable)
}

fn key_of(key: Value) -> Result<Key, WrongKey> {
    let Jwk { common, algorithm } =
        serde_json::from_value(key).map_err(|_| WrongKey("a key can not be read"))?;
    let verifies = |operations: &Vec<KeyOperations>| operations.contains(&KeyOperations::Verify);
    if common.public_key_use.is_some_and(|usage| usage != PublicKeyUse::Signature)
        || !common.key_operations.as_ref().is_none_or(verifies)
    {
        return Err(WrongKey("a key is not for signatures (`use`, `key_ops`)"));
    }
    let is_for = |wanted| common.key_algorithm.is_none_or(|algorithm| algorithm == wanted);
    let key = match &algorithm {
        AlgorithmParameters::RSA(rsa) if is_for(KeyAlgorithm::RS256) => Key::rsa(&rsa.n, &rsa.e)?,
        AlgorithmParameters::EllipticCurve(ec)
            if ec.curve == EllipticCurve::P256 && is_for(KeyAlgorithm::ES256) =>
        {
            Key::p256(&ec.x, &ec.y)?
        }
        AlgorithmParameters::OctetKey(_) => return Err(WrongKey("a published secret is none")),
        _ => return Err(WrongKey("a key is for another algorithm (`kty`, `crv`, `alg`)")),
    };
    Ok(key.named(common.key_id))
}
