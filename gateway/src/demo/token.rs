//! The signed tokens (JWT, RFC 7519) that name the user of a session to the gateway.

use std::time::Duration;

use jsonwebtoken::errors::Error;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

/// How long a token holds.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

#[derive(Serialize, Deserialize)]
struct Claims {
    preferred_username: String,
    iat: u64,
    exp: u64,
}

/// A token that names `username`, from `now` (since 1970) for [`LIFE`].
pub fn sign(secret: &[u8], username: &str, now: Duration) -> Result<String, Error> {
    let claims = Claims {
        preferred_username: username.to_owned(),
        iat: now.as_secs(),
        exp: (now + LIFE).as_secs(),
    };
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret))
}

/// Whom a token names, where it is one of ours and still holds.
pub fn username(secret: &[u8], token: &str) -> Option<String> {
    let key = DecodingKey::from_secret(secret);
    decode::<Claims>(token, &key, &Validation::new(Algorithm::HS256))
        .ok()
        .map(|token| token.claims.preferred_username)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::unix_time;

    #[test]
    fn a_token_names_its_user_whatever_the_name_holds() {
        for name in ["billy", "Bräunlich, π 😀", "\"\\\u{1}"] {
            let token = sign(b"secret", name, unix_time()).unwrap();
            assert_eq!(username(b"secret", &token).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_token_of_another_start_or_an_old_one_names_nobody() {
        let token = sign(b"secret", "billy", unix_time()).unwrap();
        assert_eq!(username(b"another", &token), None);
        let old = sign(b"secret", "billy", unix_time() - LIFE - LIFE).unwrap();
        assert_eq!(username(b"secret", &old), None);
        assert_eq!(username(b"secret", "no token"), None);
    }
}
