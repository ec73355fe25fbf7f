//! What tokens may be signed with, and which key a token has to be signed with.

use std::fmt;

use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Header};
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::server::ParsedCertificate;

use super::TokenProblem;
use crate::secret::Secret;

/// The size of an RSA key, in bits: at least what RFC 7518, section 3.3, demands, at most what aws-lc verifies with.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The length of an uncompressed point of P-256, in bytes (SEC 1, section 2.3.3).
const P256_POINT_BYTES: usize = 65;

/// One key, and the one algorithm that it is for.
#[derive(Clone, Debug)]
pub struct Key {
    id: Option<Box<str>>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// Why a key can not be used, for a person to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongKey(pub(super) &'static str);

impl fmt::Display for WrongKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for WrongKey {}

impl Key {
    /// A secret for HS256.
    #[must_use]
    pub fn of_secret(secret: &Secret) -> Self {
        let decoding = DecodingKey::from_secret(secret.reveal().as_bytes());
        Self { id: None, algorithm: Algorithm::HS256, decoding }
    }

    /// The public key in a PEM text (RFC 7468): RSA for RS256, P-256 for ES256; or that of the certificate in it,
    /// of which nothing else is looked at.
    ///
    /// # Errors
    /// What the text holds instead.
    pub fn of_pem(pem: &str) -> Result<Self, WrongKey> {
        let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.as_bytes());
        match (sections.next(), sections.next()) {
            (Some(Ok((SectionKind::PublicKey, der))), None) => Self::of_public_key(&der.into()),
            (Some(Ok((SectionKind::Certificate, der))), None) => {
                ParsedCertificate::try_from(&CertificateDer::from(der))
                    .map_err(|_| WrongKey("its certificate can not be read"))
                    .and_then(|parsed| Self::of_public_key(&parsed.subject_public_key_info()))
            }
            (
                Some(Ok((
                    SectionKind::PrivateKey
                    | SectionKind::RsaPrivateKey
                    | SectionKind::EcPrivateKey,
                    _,
                ))),
                _,
            ) => Err(WrongKey("it holds a private key, which is for whoever signs alone")),
            (Some(_), Some(_)) => Err(WrongKey("it holds more than one key")),
            _ => Err(WrongKey("it holds no PUBLIC KEY and no CERTIFICATE in PEM (RFC 7468)")),
        }
    }

    fn of_public_key(info: &SubjectPublicKeyInfoDer) -> Result<Self, WrongKey> {
        if ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, info).is_ok() {
            let decoding = DecodingKey::from_ec_der(info);
            return Ok(Self { id: None, algorithm: Algorithm::ES256, decoding });
        }
        match PublicEncryptingKey::from_der(info) {
            Ok(_) => {
                let decoding = DecodingKey::from_rsa_der(info);
                Ok(Self { id: None, algorithm: Algorithm::RS256, decoding })
            }
            Err(_) => Err(WrongKey("its key is neither RSA of 2048 to 8192 bits nor on P-256")),
        }
    }

    /// An RSA key for RS256, by its base64url modulus and exponent (RFC 7518, section 6.3.1).
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn rsa(modulus: &str, exponent: &str) -> Result<Self, WrongKey> {
        let decoding = DecodingKey::from_rsa_components(modulus, exponent)
            .map_err(|_| WrongKey("an RSA key's `n` and `e` are base64url"))?;
        let bits = match decoding.kind() {
            DecodingKeyKind::RsaModulusExponent { n, .. } => bits(n),
            DecodingKeyKind::SecretOrDer(_) => 0,
        };
        if !RSA_BITS.contains(&bits) {
            return Err(WrongKey("an RSA key has 2048 to 8192 bits"));
        }
        Ok(Self { id: None, algorithm: Algorithm::RS256, decoding })
    }

    /// A key on P-256 for ES256, by its base64url coordinates (RFC 7518, section 6.2.1).
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn p256(x: &str, y: &str) -> Result<Self, WrongKey> {
        const WRONG: WrongKey =
            WrongKey("a key's `x` and `y` are the base64url of a point of P-256");
        let decoding = DecodingKey::from_ec_components(x, y).map_err(|_| WRONG)?;
        let point = decoding.try_get_as_bytes().map_err(|_| WRONG)?;
        if point.len() != P256_POINT_BYTES
            || ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).is_err()
        {
            return Err(WRONG);
        }
        Ok(Self { id: None, algorithm: Algorithm::ES256, decoding })
    }

    /// Names the key as its publisher does (`kid`).
    #[must_use]
    pub(super) fn named(self, id: Option<String>) -> Self {
        Self { id: id.map(Into::into), ..self }
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// The bits of a big-endian number.
fn bits(number: &[u8]) -> usize {
    match number.iter().position(|byte| *byte != 0) {
        Some(zeros) => (number.len() - zeros) * 8 - number[zeros].leading_zeros() as usize,
        None => 0,
    }
}

/// All keys that a token can be signed with.
#[derive(Clone, Debug)]
pub enum Keys {
    /// None was given, so that no token holds.
    None,
    /// Those of a URL that has not answered yet.
    NotYet,
    /// The one key. What a token says of its key (`kid`) does not matter.
    One(Key),
    /// Those that an identity provider publishes.
    Published(Vec<Key>),
}

impl Keys {
    /// The key that a token with this header has to be signed with: always one of these, whatever key the header
    /// brings along (`jwk`, `x5c`) or points at (`jku`, `x5u`); and always with the key's own algorithm.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn fitting(&self, header: &Header) -> Result<&Key, TokenProblem> {
        let keys = match self {
            Self::None => return Err(TokenProblem::NoKeys),
            Self::NotYet => return Err(TokenProblem::KeysNotThere),
            Self::One(key) if key.algorithm == header.alg => return Ok(key),
            Self::One(key) => return Err(TokenProblem::OtherAlgorithm(key.algorithm)),
            Self::Published(keys) => keys,
        };
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(TokenProblem::NotPublicKeyAlgorithm);
        }
        let named = |key: &&Key| header.kid.is_none() || key.id.as_deref() == header.kid.as_deref();
        let mut fitting: Vec<&Key> = keys.iter().filter(named).collect();
        if fitting.is_empty() {
            return Err(TokenProblem::UnknownKey);
        }
        fitting.retain(|key| key.algorithm == header.alg);
        match fitting[..] {
            [key] => Ok(key),
            [] => Err(TokenProblem::AlgorithmOfNoKey),
            _ => Err(TokenProblem::UnnamedKey),
        }
    }
}
