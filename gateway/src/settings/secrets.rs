//! Secrets, given as they are or in a file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::SettingsError;
use crate::read_tokens::{SETTING, Tokens, is_b64token};
use crate::secret::Secret;
use crate::storage::read_token_file;

/// The longest file with secrets, in bytes.
pub(crate) const MAX_FILE_BYTES: u64 = 64 * 1024;
/// The shortest identity secret, in bytes (RFC 7518, section 3.2: as long as the hash).
pub(super) const MIN_IDENTITY_SECRET_BYTES: usize = 32;

/// Who may read.
#[derive(Args)]
#[command(next_help_heading = "Readers")]
pub(super) struct ReadTokenFlags {
    /// Who gives this token may read all sessions. Without one, a new token is made at each start; with
    /// --data-dir at the first start, and kept there.
    #[arg(long, env = "SESSION_GATEWAY_READ_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    read_token: Option<Secret>,

    /// A file with the read token, or with several of 32 characters or more, each on a line of its own behind a
    /// name and a colon. It is read again each second: a token that is taken out no longer holds.
    #[arg(
        long,
        env = "SESSION_GATEWAY_READ_TOKEN_FILE",
        value_name = "FILE",
        conflicts_with = "read_token"
    )]
    read_token_file: Option<PathBuf>,
}

/// Where the read tokens come from.
#[derive(Clone, Debug)]
pub enum ReadTokenSource {
    /// Made at the start, as none was given; or at an earlier one, and kept in the data directory.
    Minted(Secret),
    /// Given as it is.
    Given(Secret),
    /// Given in a file, with these tokens at the start.
    File(PathBuf, Arc<Tokens>),
}

impl ReadTokenFlags {
    /// Reads the file and checks the tokens, or mints one.
    pub(super) fn read(self, data_dir: Option<&Path>) -> Result<ReadTokenSource, SettingsError> {
        match (self.read_token, self.read_token_file) {
            (None, None) => Ok(ReadTokenSource::Minted(match data_dir {
                Some(directory) => kept_read_token(directory)?,
                None => Secret::mint()?,
            })),
            (Some(token), _) if is_b64token(token.reveal()) => Ok(ReadTokenSource::Given(token)),
            (Some(_), _) => Err(SettingsError::Wrong {
                setting: "--read-token",
                expected: "one or more of the characters A-Z a-z 0-9 - . _ ~ + / (RFC 6750, section 2.1)",
            }),
            (None, Some(file)) => {
                let tokens = Tokens::read(&file)?;
                if tokens.is_empty() {
                    return Err(SettingsError::unusable(SETTING, &file)("it holds no token"));
                }
                Ok(ReadTokenSource::File(file, Arc::new(tokens)))
            }
        }
    }
}

/// The read token that the data directory keeps; a new one where there is none yet.
fn kept_read_token(directory: &Path) -> Result<Secret, SettingsError> {
    let setting = "--data-dir";
    let file = read_token_file(directory).map_err(SettingsError::unusable(setting, directory))?;
    let token = secret_in(setting, &file)?;
    if is_b64token(token.reveal()) {
        Ok(token)
    } else {
        Err(SettingsError::unusable(setting, &file)("it holds no token"))
    }
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
    let text = read_text(setting, path, MAX_FILE_BYTES)?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::from(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

/// The text of a file of at most so many bytes.
pub(crate) fn read_text(
    setting: &'static str,
    path: &Path,
    max: u64,
) -> Result<String, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { setting, path: path.to_owned(), source };
    let mut text = String::new();
    let mut file = File::open(path).map_err(unreadable)?.take(max + 1);
    file.read_to_string(&mut text).map_err(unreadable)?;
    if file.limit() == 0 {
        let long = format!("the file is longer than {} KiB", max / 1024);
        return Err(unreadable(io::Error::other(long)));
    }
    Ok(text)
}
