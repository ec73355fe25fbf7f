//! Why a token does not hold.

use std::fmt;

use jsonwebtoken::Algorithm;
use jsonwebtoken::errors::ErrorKind;

/// Why a token does not hold, for a person to read. It says nothing that the token's sender did not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProblem {
    /// The gateway has nothing to verify tokens with.
    NoKeys,
    /// The identity provider's keys are not there yet.
    KeysNotThere,
    /// It is no JWT, or not signed.
    Unreadable,
    /// Its header demands what nobody here understands (RFC 7515, section 4.1.11).
    Critical,
    /// It is signed with another algorithm than the gateway's only key is for.
    OtherAlgorithm(Algorithm),
    /// It is signed with an algorithm that no published key can be for.
    NotPublicKeyAlgorithm,
    /// It is signed with another algorithm than its key is for, or, where it names none, than any key is for.
    AlgorithmOfNoKey,
    /// It names a key that the identity provider does not publish.
    UnknownKey,
    /// It does not name its key, of which there are several.
    UnnamedKey,
    /// It is signed with another key, or was changed.
    OtherKey,
    /// It does not say when it expires.
    NoExpiry,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// One of its times is none.
    NoTime,
    /// It was issued by somebody else, or does not say by whom.
    OtherIssuer,
    /// It is meant for somebody else, or does not say for whom.
    OtherAudience,
    /// It names no user.
    NoUser,
    /// It lacks the claim that is set to name the user.
    NoUserClaim,
    /// The name of its user is empty.
    EmptyUser,
    /// The name of its user is too long.
    LongUser,
    /// The name of its user is not text.
    UserNotText,
}

impl TokenProblem {
    /// What jsonwebtoken says of a token that claims its key's algorithm.
    pub(super) fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidSignature => Self::OtherKey,
            ErrorKind::MissingRequiredClaim(claim) if claim == "iss" => Self::OtherIssuer,
            ErrorKind::MissingRequiredClaim(claim) if claim == "aud" => Self::OtherAudience,
            ErrorKind::MissingRequiredClaim(_) => Self::NoExpiry,
            ErrorKind::ExpiredSignature => Self::Expired,
            ErrorKind::ImmatureSignature => Self::NotYetValid,
            ErrorKind::InvalidClaimFormat(_) => Self::NoTime,
            ErrorKind::InvalidIssuer => Self::OtherIssuer,
            ErrorKind::InvalidAudience => Self::OtherAudience,
            _ => Self::Unreadable,
        }
    }
}

impl fmt::Display for TokenProblem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::NoKeys => "the gateway was given no identity secret and no identity key",
            Self::KeysNotThere => {
                "the gateway does not have the identity provider's keys yet; it keeps asking for them"
            }
            Self::Unreadable => "the token is not a signed JWT that can be read",
            Self::Critical => "the token's header demands what the gateway does not know (`crit`)",
            Self::OtherAlgorithm(Algorithm::HS256) => "the token is not signed with HS256",
            Self::OtherAlgorithm(Algorithm::RS256) => "the token is not signed with RS256",
            Self::OtherAlgorithm(Algorithm::ES256) => "the token is not signed with ES256",
            Self::OtherAlgorithm(_) => "the token is not signed with the key's algorithm",
            Self::NotPublicKeyAlgorithm => "the token is signed with neither RS256 nor ES256",
            Self::AlgorithmOfNoKey => "the token is signed with an algorithm that its key is not for",
            Self::UnknownKey => {
                "the token is signed with a key (`kid`) that the identity provider does not publish"
            }
            Self::UnnamedKey => "the token does not say which key it is signed with (`kid`)",
            Self::OtherKey => "the token is not signed with the gateway's identity key, or was changed",
            Self::NoExpiry => "the token does not say when it expires (`exp`)",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet (`nbf`)",
            Self::NoTime => "the token's `exp` or `nbf` is no time",
            Self::OtherIssuer => "the token is not from the issuer that the gateway trusts (`iss`)",
            Self::OtherAudience => "the token is not meant for this gateway (`aud`)",
            Self::NoUser => "the token has neither `preferred_username` nor `sub`",
            Self::NoUserClaim => "the token lacks the claim that is to name the user",
            Self::EmptyUser => "the token's user is empty",
            Self::LongUser => "the token's user is too long",
            Self::UserNotText => "the token's user is not text",
        })
    }
}

impl std::error::Error for TokenProblem {}
