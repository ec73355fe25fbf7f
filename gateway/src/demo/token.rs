//! The signed tokens (JWT, RFC 7519) that name the user of a session to the gateway.

use std::time::Duration;

use jsonwebtoken::errors::Error;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

/// How long a token holds.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

#[derive(Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
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

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};

    use super::*;
    use crate::clock::unix_time;

    #[test]
    fn a_token_names_its_user_for_its_life_whatever_the_name_holds() {
        let key = DecodingKey::from_secret(b"secret");
        let now = unix_time();
        for name in ["billy", "Bräunlich, π 😀", "\"\\\u{1}"] {
            let token = sign(b"secret", name, now).unwrap();
            let token = decode::<Claims>(token, &key, &Validation::new(Algorithm::HS256)).unwrap();
            assert_eq!(token.claims.preferred_username, name);
            assert_eq!(token.claims.exp, now.as_secs() + LIFE.as_secs());
        }
    }
}
