//! Secrets, given as they are or in a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::SettingsError;
use crate::secret::Secret;

/// The longest file with a secret, in bytes.
const MAX_SECRET_FILE_BYTES: u64 = 64 * 1024;
/// The shortest identity secret, in bytes (RFC 7518, section 3.2: as long as the hash).
pub(super) const MIN_IDENTITY_SECRET_BYTES: usize = 32;

pub(super) fn read_token(setting: &'static str, token: Secret) -> Result<Secret, SettingsError> {
    // RFC 6750, section 2.1, b64token: what an Authorization header can carry.
    let body = token.reveal().trim_end_matches('=');
    if body.is_empty() || !body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
    {
        return Err(SettingsError::Wrong {
            setting,
            expected: "one or more of the characters A-Z a-z 0-9 - . _ ~ + / (RFC 6750, section 2.1)",
        });
    }
    Ok(token)
}

pub(super) fn identity_secret(
    setting: &'static str,
    secret: Secret,
) -> Result<Secret, SettingsError> {
    if secret.reveal().len() < MIN_IDENTITY_SECRET_BYTES {
        return Err(SettingsError::Wrong {
            setting,
            expected: "32 bytes or more (RFC 7518, section 3.2)",
        });
    }
    Ok(secret)
}

/// The text of a file without the line end that editors put at its end.
pub(super) fn secret_in(setting: &'static str, path: &Path) -> Result<Secret, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { setting, path: path.to_owned(), source };
    let mut text = String::new();
    let mut file = File::open(path).map_err(unreadable)?.take(MAX_SECRET_FILE_BYTES + 1);
    file.read_to_string(&mut text).map_err(unreadable)?;
    if file.limit() == 0 {
        return Err(unreadable(io::Error::other("the file is longer than 64 KiB")));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::from(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}
