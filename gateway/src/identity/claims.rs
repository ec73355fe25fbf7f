//! What a token has to claim.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use perspective_session_info::report::MAX_ID_BYTES;
use serde_json::{Map, Value};

use super::TokenProblem;

/// For clocks that disagree: how much longer a token holds than it says, and how much earlier.
const LEEWAY: Duration = Duration::from_secs(60);

/// What a token has to claim, besides that it has not expired (`exp`) and is valid already (`nbf`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Who has to have issued it (`iss`); anybody where there is none.
    pub issuer: Option<String>,
    /// Whom it has to be meant for (`aud`), one of these. Where there are none, it must be meant for nobody in
    /// particular (RFC 7519, section 4.1.3).
    pub audiences: Vec<String>,
    /// The claim that names the user; else `preferred_username`, else `sub`.
    pub username_claim: Option<String>,
}

/// What a token says that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) user: String,
    /// Until when it holds, since 1970.
    pub(super) until: Duration,
}

impl Rules {
    /// Checks a token's signature by this key and then its claims, by the wall clock.
    ///
    /// # Errors
    /// Why it does not hold.
    pub(super) fn check(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &DecodingKey,
    ) -> Result<Claimed, TokenProblem> {
        let validation = self.validation(algorithm);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, key, &validation)
            .map_err(|error| TokenProblem::of(error.kind()))?
            .claims;
        if self.audiences.is_empty() && claims.contains_key("aud") {
            return Err(TokenProblem::OtherAudience);
        }
        let expiry = claims.get("exp").and_then(Value::as_f64).unwrap_or_default();
        let expiry = Duration::try_from_secs_f64(expiry).unwrap_or(Duration::MAX);
        Ok(Claimed { user: self.user(claims)?, until: expiry.saturating_add(LEEWAY) })
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        if !self.audiences.is_empty() {
            validation.set_audience(&self.audiences);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        validation
    }

    fn user(&self, mut claims: Map<String, Value>) -> Result<String, TokenProblem> {
        let mut claim = |name: &str| claims.remove(name).filter(|value| !value.is_null());
        let user = match &self.username_claim {
            Some(name) => claim(name).ok_or(TokenProblem::NoUserClaim)?,
            None => {
                claim("preferred_username").or_else(|| claim("sub")).ok_or(TokenProblem::NoUser)?
            }
        };
        match user {
            Value::String(user) if user.is_empty() => Err(TokenProblem::EmptyUser),
            Value::String(user) if user.len() > MAX_ID_BYTES => Err(TokenProblem::LongUser),
            Value::String(user) => Ok(user),
            _ => Err(TokenProblem::UserNotText),
        }
    }
}
