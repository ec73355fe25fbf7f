//! Who the user of a page is: a signed token (JWT, RFC 7519) says so, or nobody does.
//!
//! | module | what it is |
//! |---|---|
//! | [`keys`] | what tokens may be signed with, and which key a token has to be signed with |
//! | [`jwks`] | the keys in a JWK Set |
//! | [`provider`] | the identity provider that publishes one, and when it is asked |
//! | [`claims`] | what a token has to claim |
//! | [`verified`] | tokens that were verified already |
//! | `problem` | why a token does not hold |

pub mod claims;
pub mod jwks;
pub mod keys;
mod problem;
pub mod provider;
pub mod verified;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;

use self::claims::{Claimed, Rules};
use self::keys::{Key, Keys};
pub use self::problem::TokenProblem;
use self::provider::{Provider, Schedule};
use self::verified::{TokenHash, Verified};
use crate::clock::{Clock, unix_time};
use crate::secret::Secret;

/// How often it is looked whether the provider is due to be asked.
const LOOK: Duration = Duration::from_secs(1);

/// Where the keys come from that users' tokens are verified with.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// From nowhere: no token holds.
    None,
    /// A secret that the gateway shares with whoever signs.
    Secret(Secret),
    /// A public key.
    PublicKey(Key),
    /// Those of a JWK Set in a file.
    Published(Vec<Key>),
    /// Those that an identity provider publishes at a URL.
    Provider(Provider),
}

/// Verifies tokens signed with HS256, RS256 or ES256, by the wall clock.
#[derive(Debug)]
pub struct Identity {
    rules: Rules,
    trust: RwLock<Arc<Trust>>,
    provider: Option<Asking>,
}

/// Keys, and the tokens that were verified with them: with other keys none of those is verified.
#[derive(Debug)]
struct Trust {
    keys: Keys,
    verified: Verified,
}

#[derive(Debug)]
struct Asking {
    provider: Provider,
    schedule: Schedule,
    wake: Notify,
}

impl Identity {
    /// Verifies with the keys of this source, by these rules.
    #[must_use]
    pub fn new(source: KeySource, rules: Rules) -> Self {
        let (keys, provider) = match source {
            KeySource::None => (Keys::None, None),
            KeySource::Secret(secret) => (Keys::One(Key::of_secret(&secret)), None),
            KeySource::PublicKey(key) => (Keys::One(key), None),
            KeySource::Published(keys) => (Keys::Published(keys), None),
            KeySource::Provider(provider) => (Keys::NotYet, Some(provider)),
        };
        Self {
            rules,
            trust: RwLock::new(Arc::new(Trust { keys, verified: Verified::default() })),
            provider: provider.map(|provider| Asking {
                provider,
                schedule: Schedule::default(),
                wake: Notify::new(),
            }),
        }
    }

    /// The user that a token names. Never waits for the identity provider: where the token's key is not known, the
    /// provider is asked meanwhile, and the next report finds it.
    ///
    /// # Errors
    /// Why the token does not hold.
    pub fn user(&self, token: &str) -> Result<Arc<str>, TokenProblem> {
        let trust = self.trust();
        let hash = TokenHash::of(token);
        if let Some(user) = trust.verified.user(hash, unix_time()) {
            return Ok(user);
        }
        let Claimed { user, until } =
            self.verify(token, &trust.keys).inspect_err(|problem| self.want_keys(*problem))?;
        let user = Arc::<str>::from(user);
        trust.verified.remember(hash, Arc::clone(&user), until);
        Ok(user)
    }

    fn verify(&self, token: &str, keys: &Keys) -> Result<Claimed, TokenProblem> {
        if matches!(keys, Keys::None) {
            return Err(TokenProblem::NoKeys);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenProblem::Unreadable)?;
        // RFC 7515, section 4.1.11: who does not understand all of it must refuse the token.
        if header.crit.is_some() {
            return Err(TokenProblem::Critical);
        }
        let key = keys.fitting(&header)?;
        self.rules.check(token, key.algorithm(), key.decoding())
    }

    fn want_keys(&self, problem: TokenProblem) {
        let new_keys_may_help = matches!(
            problem,
            TokenProblem::UnknownKey | TokenProblem::AlgorithmOfNoKey | TokenProblem::OtherKey
        );
        if let Some(asking) = self.provider.as_ref().filter(|_| new_keys_may_help) {
            asking.schedule.want();
            asking.wake.notify_one();
        }
    }

    /// Asks the identity provider for its keys if it is time to. Those that are there stay until there are others.
    pub async fn refresh(&self, clock: &Clock) {
        let Some(Asking { provider, schedule, .. }) = &self.provider else { return };
        if !schedule.is_due(clock.now()) {
            return;
        }
        match provider.keys().await {
            Ok(keys) => {
                if schedule.answered() {
                    tracing::info!(url = %provider.url(), keys = keys.len(), "identity keys fetched");
                }
                let trust = Trust { keys: Keys::Published(keys), verified: Verified::default() };
                *self.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
            }
            Err(why) if schedule.failed(&why) => {
                tracing::warn!(url = %provider.url(), "no identity keys can be fetched: {why}");
            }
            Err(_) => {}
        }
    }

    /// Keeps the provider's keys up to date, for ever.
    pub async fn keep_keys(&self, clock: &Clock) {
        let Some(asking) = &self.provider else { return };
        loop {
            self.refresh(clock).await;
            // Whether it slept or was woken, the schedule says what to do.
            let _ = tokio::time::timeout(LOOK, asking.wake.notified()).await;
        }
    }

    fn trust(&self) -> Arc<Trust> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, get_current_timestamp};
    use perspective_session_info::report::MAX_ID_BYTES;
    use serde_json::{Value, json};

    use super::*;

    const SECRET: &str = "a secret of this test, 32 bytes or more";

    fn identity_by(rules: Rules) -> Identity {
        Identity::new(KeySource::Secret(Secret::from(SECRET.to_owned())), rules)
    }

    fn identity() -> Identity {
        identity_by(Rules::default())
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
            (json!({"sub": "billy", "exp": soon(), "nbf": "x"}), "is no time"),
            (json!({"sub": "billy", "exp": soon(), "aud": "mail"}), "not meant for this gateway"),
            (json!({"sub": "billy", "exp": soon(), "aud": 7}), "not meant for this gateway"),
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
            (
                sign(Algorithm::HS256, "another secret", &claims),
                "not signed with the gateway's identity key",
            ),
            (unsigned.to_owned(), "not signed with the gateway's identity key"),
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
    fn without_a_key_no_token_holds() {
        let token = token(&json!({"exp": soon(), "sub": "billy"}));
        let identity = Identity::new(KeySource::None, Rules::default());
        assert_eq!(identity.user(&token), Err(TokenProblem::NoKeys));
        assert_eq!(identity.user("no token"), Err(TokenProblem::NoKeys));
    }

    #[test]
    fn a_token_is_from_the_issuer_and_for_one_of_the_audiences_that_are_set() {
        let rules = Rules {
            issuer: Some("https://login.example".into()),
            audiences: vec!["gateway".into(), "panel".into()],
            username_claim: None,
        };
        let user = |issuer: Value, audience: Value| {
            let claims = json!({"exp": soon(), "sub": "billy", "iss": issuer, "aud": audience});
            identity_by(rules.clone()).user(&token(&claims))
        };
        let issuer = || json!("https://login.example");
        assert_eq!(user(issuer(), json!("gateway")), Ok("billy".into()));
        assert_eq!(user(issuer(), json!(["mail", "panel"])), Ok("billy".into()));
        for audience in
            [json!(null), json!("mail"), json!(["mail"]), json!([]), json!({}), json!("Gateway")]
        {
            assert_eq!(user(issuer(), audience), Err(TokenProblem::OtherAudience));
        }
        for issuer in [json!(null), json!("https://login.example/"), json!(7)] {
            assert_eq!(user(issuer, json!("gateway")), Err(TokenProblem::OtherIssuer));
        }
    }

    #[test]
    fn the_claim_that_names_the_user_can_be_set() {
        let rules = Rules { username_claim: Some("email".into()), ..Rules::default() };
        let user = |claims: Value| identity_by(rules.clone()).user(&token(&claims));
        let named = json!({"exp": soon(), "email": "billy@example", "preferred_username": "x"});
        assert_eq!(user(named), Ok("billy@example".into()));
        let unnamed = json!({"exp": soon(), "preferred_username": "billy", "sub": "billy"});
        assert_eq!(user(unnamed), Err(TokenProblem::NoUserClaim));
    }

    #[test]
    fn a_token_that_was_verified_is_remembered_as_long_as_it_holds() {
        let expiry = soon();
        let (identity, token) = (identity(), token(&json!({"exp": expiry, "sub": "billy"})));
        assert_eq!(identity.user(&token), Ok("billy".into()));
        let trust = identity.trust();
        let remembered = |seconds| {
            trust.verified.user(TokenHash::of(&token), Duration::from_secs(expiry + seconds))
        };
        assert_eq!(remembered(60), Some("billy".into()));
        assert_eq!(remembered(61), None);
    }
}
