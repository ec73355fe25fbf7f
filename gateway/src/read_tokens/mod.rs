//! Who may read the sessions: whoever gives a read token. There can be several, named, and a file of them can be
//! changed while the gateway runs.
//!
//! | module | what it is |
//! |---|---|
//! | `file` | what a file of read tokens has to look like |

mod file;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::secret::Secret;
use crate::settings::{MAX_FILE_BYTES, ReadTokenSource, SettingsError, read_text};

/// The name of a token that was given none.
const DEFAULT_NAME: &str = "default";
/// How often the file is read again.
const LOOK: Duration = Duration::from_secs(1);
/// The flag that names the file.
pub(crate) const SETTING: &str = "--read-token-file";

/// A token's hash: the token itself is not kept, and hashes are all of one length.
type TokenHash = [u8; 32];

/// The read tokens that hold at one time.
#[derive(Default)]
pub struct Tokens {
    tokens: Vec<Token>,
    /// The hash of the file that they were read from.
    text: TokenHash,
}

#[derive(Debug)]
struct Token {
    name: Arc<str>,
    hash: TokenHash,
    used: AtomicBool,
}

impl Tokens {
    /// The tokens in a file.
    ///
    /// # Errors
    /// The file can not be read, or is no file of read tokens.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = read_text(SETTING, path, MAX_FILE_BYTES)?;
        let tokens = file::tokens_in(&text).map_err(SettingsError::unusable(SETTING, path))?;
        let tokens = tokens.into_iter().map(|(name, token)| Token::new(name, token)).collect();
        Ok(Self { tokens, text: hash_of(text.as_bytes()) })
    }

    fn of(token: &Secret) -> Self {
        let tokens = vec![Token::new(DEFAULT_NAME, token.reveal())];
        Self { tokens, text: TokenHash::default() }
    }

    /// Whether nobody may read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The token with this hash, in a time that does not tell which it is, or how much of it is right.
    fn find(&self, hash: &TokenHash) -> Option<&Token> {
        let mut found = None;
        for token in &self.tokens {
            if bool::from(token.hash.ct_eq(hash)) {
                found = Some(token);
            }
        }
        found
    }
}

impl Token {
    fn new(name: &str, token: &str) -> Self {
        Self { name: name.into(), hash: hash_of(token.as_bytes()), used: AtomicBool::new(false) }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self.tokens.iter().map(|token| &token.name)).finish()
    }
}

/// The read tokens that hold now.
#[derive(Debug)]
pub struct ReadTokens {
    file: Option<PathBuf>,
    now: RwLock<Arc<Tokens>>,
    /// What was wrong with the file when it was last read: said once for one cause.
    failure: Mutex<Option<String>>,
}

/// Who may read, by a token that held when it was given.
#[derive(Clone, Debug)]
pub struct Reader {
    name: Arc<str>,
    hash: TokenHash,
    tokens: Arc<ReadTokens>,
}

impl Reader {
    /// The token's name, for logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the token holds still: what goes on for long has to ask again and again.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.tokens.now().find(&self.hash).is_some()
    }
}

impl ReadTokens {
    /// The tokens of this source.
    #[must_use]
    pub fn new(source: &ReadTokenSource) -> Arc<Self> {
        let (file, tokens) = match source {
            ReadTokenSource::Minted(token) | ReadTokenSource::Given(token) => {
                (None, Arc::new(Tokens::of(token)))
            }
            ReadTokenSource::File(file, tokens) => (Some(file.clone()), Arc::clone(tokens)),
        };
        Arc::new(Self { file, now: RwLock::new(tokens), failure: Mutex::default() })
    }

    /// Whose token this is.
    #[must_use]
    pub fn reader(self: &Arc<Self>, token: &str) -> Option<Reader> {
        let hash = hash_of(token.as_bytes());
        let tokens = self.now();
        let token = tokens.find(&hash)?;
        if !token.used.swap(true, Ordering::Relaxed) {
            tracing::info!(
                reader = &*token.name,
                "reads the sessions for the first time since its token was read"
            );
        }
        Some(Reader { name: Arc::clone(&token.name), hash, tokens: Arc::clone(self) })
    }

    /// Reads the file again each second, for ever: a token that was taken out no longer holds.
    pub async fn keep_reading(self: &Arc<Self>) {
        if self.file.is_none() {
            return;
        }
        loop {
            tokio::time::sleep(LOOK).await;
            let tokens = Arc::clone(self);
            // A file can be slow, where it is on the network. Where the runtime ends, so does this.
            let _ = tokio::task::spawn_blocking(move || tokens.look_again()).await;
        }
    }

    /// Reads the file again. Where it can not be read or is wrong, the tokens that hold go on holding.
    pub fn look_again(&self) {
        let Some(file) = &self.file else { return };
        let read = Tokens::read(file);
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(tokens) => {
                *failure = None;
                if tokens.text != self.now().text {
                    tracing::info!(readers = ?tokens, "the read tokens have changed");
                    *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tokens);
                }
            }
            Err(error) => {
                let error = Some(error.to_string());
                if let Some(error) = error.as_ref().filter(|_| *failure != error) {
                    tracing::warn!("the read tokens stay as they were: {error}");
                }
                *failure = error;
            }
        }
    }

    fn now(&self) -> Arc<Tokens> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether an Authorization header can carry this as a bearer token (RFC 6750, section 2.1, b64token).
#[must_use]
pub fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

fn hash_of(text: &[u8]) -> TokenHash {
    Sha256::digest(text).into()
}
