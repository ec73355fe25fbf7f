//! Text that must not be seen.

use std::fmt;

/// A token or a signing secret. `Debug` does not show it, and it has no `Display`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A new secret of 128 random bits, as hexadecimal digits.
    ///
    /// # Errors
    /// The operating system has no random numbers.
    pub fn mint() -> Result<Self, getrandom::Error> {
        Ok(Self(format!("{:032x}", random_bits()?)))
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// 128 random bits that nobody can guess.
///
/// # Errors
/// The operating system has no random numbers.
pub fn random_bits() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_be_bytes(bytes))
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minted_secret_has_128_bits_and_is_never_the_same() {
        let (one, other) = (Secret::mint().unwrap(), Secret::mint().unwrap());
        assert_eq!(one.reveal().len(), 32);
        assert_ne!(one.reveal(), other.reveal());
    }

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::from("hunter2".to_owned());
        assert!(!format!("{secret:?}").contains("hunter"));
    }
}
