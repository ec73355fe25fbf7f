//! Who the user of a page is: a signed token says so, or nobody does.

use std::fmt;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use perspective_session_info::report::MAX_ID_BYTES;
use serde::Deserialize;
use serde_json::Value;

use crate::secret::Secret;

/// Verifies tokens: JWTs (RFC 7519) signed with HS256, of which `exp` is required. `exp` and `nbf` are
/// checked by the wall clock with a minute's leeway, for clocks that disagree.
pub struct Identity {
    key: Option<DecodingKey>,
    validation: Validation,
}

/// Why a token does not hold, for a person to read. It says nothing that the token's sender did not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenProblem(&'static str);

impl fmt::Display for TokenProblem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for TokenProblem {}

/// The claims that can name the user. Of any type, so that a wrong one is named in words.
#[derive(Deserialize)]
struct Claims {
    preferred_username: Option<Value>,
    sub: Option<Value>,
}

impl Identity {
    /// Verifies with this secret; without one no token holds.
    #[must_use]
    pub fn new(secret: Option<&Secret>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_nbf = true;
        Self {
            key: secret.map(|secret| DecodingKey::from_secret(secret.reveal().as_bytes())),
            validation,
        }
    }

    /// The user that a token names: its `preferred_username`, else its `sub`.
    ///
    /// # Errors
    /// Why the token does not hold.
    pub fn user(&self, token: &str) -> Result<String, TokenProblem> {
        let key =
            self.key.as_ref().ok_or(TokenProblem("the gateway was given no identity secret"))?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation)
            .map_err(|error| TokenProblem(in_words(error.kind())))?
            .claims;
        match claims.preferred_username.or(claims.sub) {
            Some(Value::String(user)) if user.is_empty() => {
                Err(TokenProblem("the token's user is empty"))
            }
            Some(Value::String(user)) if user.len() > MAX_ID_BYTES => {
                Err(TokenProblem("the token's user is too long"))
            }
            Some(Value::String(user)) => Ok(user),
            Some(_) => Err(TokenProblem("the token's user is not text")),
            None => Err(TokenProblem("the token has neither `preferred_username` nor `sub`")),
        }
    }
}

fn in_words(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidAlgorithm
        | ErrorKind::InvalidAlgorithmName
        | ErrorKind::UnsupportedAlgorithm
        | ErrorKind::MissingAlgorithm => "the token is not signed with HS256",
        ErrorKind::InvalidSignature => "the token is not signed with the gateway's identity secret",
        ErrorKind::MissingRequiredClaim(_) => "the token does not say when it expires (`exp`)",
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet (`nbf`)",
        ErrorKind::InvalidClaimFormat(_) => "the token's `exp` or `nbf` is no time",
        // RFC 7519, section 4.1.3: who is not the audience must refuse the token.
        ErrorKind::InvalidAudience => "the token is meant for somebody else (`aud`)",
        _ => "the token is not a signed JWT that can be read",
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Identity").field("has_secret", &self.key.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, get_current_timestamp};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a secret of this test, 32 bytes or more";

    fn identity() -> Identity {
        Identity::new(Some(&Secret::from(SECRET.to_owned())))
    }

    fn sign(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    fn token(claims: &Value) -> String {
        sign(Algorithm::HS256, SECRET, claims)
    }

    fn problem(token: &str) -> String {
        identity().user(token).unwrap_err().to_string()
    }

    fn soon() -> u64 {
        get_current_timestamp() + 600
    }

    #[test]
    fn a_token_names_its_preferred_username_else_its_subject() {
        let user = |claims: Value| identity().user(&token(&claims));
        assert_eq!(user(json!({"exp": soon(), "sub": "billy"})), Ok("billy".into()));
        assert_eq!(
            user(json!({"exp": soon(), "sub": "42", "preferred_username": "billy π"})),
            Ok("billy π".into())
        );
        assert_eq!(
            user(json!({"exp": soon(), "sub": "billy", "preferred_username": null})),
            Ok("billy".into())
        );
    }

    #[test]
    fn a_token_must_say_when_it_expires_and_hold_now() {
        let now = get_current_timestamp();
        for (claims, words) in [
            (json!({"sub": "billy"}), "does not say when it expires"),
            (json!({"sub": "billy", "exp": "tomorrow"}), "does not say when it expires"),
            (json!({"sub": "billy", "exp": -1}), "does not say when it expires"),
            (json!({"sub": "billy", "exp": now - 3600}), "has expired"),
            (json!({"sub": "billy", "exp": now + 7200, "nbf": now + 3600}), "not valid yet"),
            (json!({"sub": "billy", "exp": soon(), "aud": "mail"}), "somebody else"),
        ] {
            assert!(
                problem(&token(&claims)).contains(words),
                "{claims}: {}",
                problem(&token(&claims))
            );
        }
    }

    #[test]
    fn a_token_must_name_a_user() {
        for (user, words) in [
            (json!(""), "empty"),
            (json!("x".repeat(MAX_ID_BYTES + 1)), "too long"),
            (json!(["billy"]), "not text"),
            (json!(null), "neither"),
        ] {
            let problem = problem(&token(&json!({"exp": soon(), "preferred_username": user})));
            assert!(problem.contains(words), "{user}: {problem}");
        }
    }

    #[test]
    fn a_token_must_be_signed_with_the_secret_and_with_hs256() {
        let claims = json!({"exp": soon(), "sub": "billy"});
        let good = token(&claims);
        let unsigned = &good[..=good.rfind('.').unwrap()];
        let payload = good.split('.').nth(1).unwrap();
        // {"alg":"none"} and {"alg":"RS256"}
        let none = format!("eyJhbGciOiJub25lIn0.{payload}.");
        let rs256 = format!("eyJhbGciOiJSUzI1NiJ9.{payload}.{}", "A".repeat(342));
        for (token, words) in [
            (sign(Algorithm::HS256, "another secret", &claims), "not signed with the gateway's"),
            (unsigned.to_owned(), "not signed with the gateway's"),
            (sign(Algorithm::HS512, SECRET, &claims), "not signed with HS256"),
            (rs256, "not signed with HS256"),
            (none, "not a signed JWT"),
            (String::new(), "not a signed JWT"),
            ("a.b".into(), "not a signed JWT"),
            ("π.π.π".into(), "not a signed JWT"),
            (format!("{good}.x"), "not a signed JWT"),
        ] {
            assert!(problem(&token).contains(words), "{token}: {}", problem(&token));
        }
    }

    #[test]
    fn without_a_secret_no_token_holds() {
        let token = token(&json!({"exp": soon(), "sub": "billy"}));
        let problem = Identity::new(None).user(&token).unwrap_err().to_string();
        assert!(problem.contains("no identity secret"), "{problem}");
    }
}
