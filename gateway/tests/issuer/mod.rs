//! Whoever signs users' tokens: keys made anew for each test, and an identity provider that publishes them.

pub mod provider;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};

/// What stands before an RSA key of 2048 bits in PKCS #8 (RFC 5208): the key itself, which jsonwebtoken signs with, follows.
const PKCS8_RSA_BYTES: usize = 26;

/// A key that signs tokens.
pub struct Signer {
    pub algorithm: Algorithm,
    key: EncodingKey,
    pair: KeyPair,
}

impl Signer {
    /// An RSA key of 2048 bits, for RS256.
    pub fn rsa() -> Self {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let key = EncodingKey::from_rsa_der(&pair.serialized_der()[PKCS8_RSA_BYTES..]);
        Self { algorithm: Algorithm::RS256, key, pair }
    }

    /// A key on P-256, for ES256.
    pub fn p256() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let key = EncodingKey::from_ec_der(pair.serialized_der());
        Self { algorithm: Algorithm::ES256, key, pair }
    }

    /// A token with these claims that says nothing of its key.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_under(&Header::new(self.algorithm), claims)
    }

    /// A token with these claims that names its key.
    pub fn sign_as(&self, id: &str, claims: &Value) -> String {
        let header = Header { kid: Some(id.to_owned()), ..Header::new(self.algorithm) };
        self.sign_under(&header, claims)
    }

    pub fn sign_under(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }

    /// The public key as PEM.
    pub fn public_key(&self) -> String {
        self.pair.public_key_pem()
    }

    /// The private key as PEM.
    pub fn private_key(&self) -> String {
        self.pair.serialize_pem()
    }

    /// A certificate of the key as PEM.
    pub fn certificate(&self) -> String {
        CertificateParams::new(vec!["login.example".to_owned()])
            .unwrap()
            .self_signed(&self.pair)
            .unwrap()
            .pem()
    }

    pub fn jwk(&self) -> Jwk {
        Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()
    }

    /// The public key as providers publish it, under this id.
    pub fn published_as(&self, id: &str) -> Value {
        let mut jwk = serde_json::to_value(self.jwk()).unwrap();
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        jwk
    }
}

/// The claims of a token that names this user for the next ten minutes, as a provider makes them for the gateway.
pub fn claims(user: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": [AUDIENCE, "account"], "sub": "42", "preferred_username": user,
        "exp": jsonwebtoken::get_current_timestamp() + 600
    })
}

/// Who issues the tokens.
pub const ISSUER: &str = "https://login.example/realms/plant";
/// Whom they are meant for.
pub const AUDIENCE: &str = "session-gateway";
/// The flags that say so.
pub const EXPECTED: [&str; 4] = ["--identity-issuer", ISSUER, "--identity-audience", AUDIENCE];

/// A file that is there as long as this.
pub struct TempFile(pub PathBuf);

impl TempFile {
    pub fn new(text: &str) -> Self {
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("gateway-{}-{}", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
        let file = Self(std::env::temp_dir().join(name));
        std::fs::write(&file.0, text).unwrap();
        file
    }

    pub fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
