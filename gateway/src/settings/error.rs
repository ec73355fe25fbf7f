//! Why there are no settings.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there are no [`Settings`](super::Settings). No error shows a secret.
#[derive(Debug)]
pub enum SettingsError {
    /// The command line or the environment does not parse, or asks for help or the version.
    Usage(clap::Error),
    /// A secret can not be one.
    Wrong {
        /// The flag.
        setting: &'static str,
        /// What its secret has to be.
        expected: &'static str,
    },
    /// A file with a secret can not be read.
    Unreadable {
        /// The flag.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file does not hold what it should.
    Unusable {
        /// The flag.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no TLS to be had.
    NoTls(rustls::Error),
    /// The operating system has no random numbers.
    NoRandomness(getrandom::Error),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Usage(error) => error.fmt(f),
            Self::Wrong { setting, expected } => {
                let variable = setting.trim_start_matches('-').replace('-', "_").to_uppercase();
                write!(f, "{setting} (SESSION_GATEWAY_{variable}) must hold {expected}")
            }
            Self::Unreadable { setting, path, source } => {
                write!(f, "{setting}: can not read {path:?}: {source}")
            }
            Self::Unusable { setting, path, why } => write!(f, "{setting}: {path:?}: {why}"),
            Self::NoTls(error) => write!(f, "no TLS: {error}"),
            Self::NoRandomness(error) => write!(f, "no random numbers for a secret: {error}"),
        }
    }
}

impl std::error::Error for SettingsError {}

impl SettingsError {
    /// Says that this file does not hold what it should, and why.
    pub(crate) fn unusable<W: ToString>(setting: &'static str, path: &Path) -> impl Fn(W) -> Self {
        move |why| Self::Unusable { setting, path: path.to_owned(), why: why.to_string() }
    }
}

impl From<clap::Error> for SettingsError {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<getrandom::Error> for SettingsError {
    fn from(error: getrandom::Error) -> Self {
        Self::NoRandomness(error)
    }
}
