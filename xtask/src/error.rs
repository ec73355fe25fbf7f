//! What can go wrong, each with what to do about it.

use std::path::PathBuf;

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that the project needs is not on this machine and can't be installed from here.
    #[error("{what}\nInstall it by hand:\n{by_hand}")]
    Missing {
        /// What is missing, as a sentence.
        what: String,
        /// The commands or the address, a line for each kind of system.
        by_hand: String,
    },
    /// A program that was started said no.
    #[error(transparent)]
    Command(#[from] xshell::Error),
    /// A file or folder can't be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Cargo.lock is not what cargo writes.
    #[error("Cargo.lock: {0}")]
    Lockfile(#[from] toml::de::Error),
    /// wasm-opt does not say, or not in a known form, how it has renamed imports and exports.
    #[error("wasm-opt: the names that it gave can't be read: {0}")]
    Renamed(serde_json::Error),
    /// Cargo.lock does not name exactly one version of a package.
    #[error("Cargo.lock names {found} versions of {package}, not one")]
    Versions {
        /// The package.
        package: &'static str,
        /// How many versions of it there are.
        found: usize,
    },
    /// The gateway ended with an error.
    #[cfg(not(unix))]
    #[error("the gateway ended with {0}")]
    Gateway(std::process::ExitStatus),
    /// A page would download more than it may.
    #[error(
        "{parts} = {total} bytes after brotli, {} more than the {budget} that a page may download",
        total - budget
    )]
    Budget {
        /// The files with their sizes.
        parts: String,
        /// The sum of these.
        total: usize,
        /// What it may be.
        budget: usize,
    },
    /// A folder of tests holds none.
    #[error("{} holds no file that ends in {suffix}", folder.display())]
    NoTests {
        /// The folder.
        folder: PathBuf,
        /// What a test's name ends in.
        suffix: &'static str,
    },
    /// A step of `cargo xtask test` failed.
    #[error("step `{step}` failed: {source}\nAlone it runs with `cargo xtask test {step}`.")]
    Step {
        /// The step's name on the command line.
        step: String,
        /// Why.
        source: Box<Error>,
    },
}

impl Error {
    /// For `map_err`: what went wrong with the file at `path`.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
