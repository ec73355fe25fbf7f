//! The data directory: one gateway at a time has it, and nobody else reads it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::StorageError;
use crate::secret::Secret;

/// The database's file name in the data directory.
const DATABASE: &str = "sessions.db";
/// The file whose lock says that a gateway uses the directory. The operating system lets go of the lock when
/// the program ends, however it ends.
const LOCK: &str = "lock";
/// The file that keeps the read token.
const READ_TOKEN: &str = "read-token";

/// A data directory that this gateway alone uses, until this is dropped.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory where there is none, and takes it.
    pub(super) fn take(path: &Path) -> Result<Self, StorageError> {
        let unusable = |source| StorageError::Directory { path: path.to_owned(), source };
        create(path).map_err(unusable)?;
        let lock = private_file(&path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    /// The database, an empty file at first.
    pub(super) fn database(&self) -> Result<PathBuf, StorageError> {
        let file = database(&self.path);
        // SQLite gives the files that it puts beside this one the same mode.
        match private_file(&file) {
            Ok(_) => Ok(file),
            Err(source) => Err(StorageError::Directory { path: file, source }),
        }
    }
}

/// Where a data directory has its database.
pub(super) fn database(directory: &Path) -> PathBuf {
    directory.join(DATABASE)
}

/// The file of a data directory that keeps the read token; a new token where there is none yet. Makes the
/// directory where there is none.
///
/// # Errors
/// The directory or the file can not be made or read, or there are no random numbers.
pub fn read_token_file(directory: &Path) -> io::Result<PathBuf> {
    create(directory)?;
    let path = directory.join(READ_TOKEN);
    let mut file = private_file(&path)?;
    // So that of two gateways that start at once the second finds the first one's token.
    file.lock()?;
    // One byte says enough: a file that is empty is one that somebody was killed over.
    if file.read(&mut [0])? == 0 {
        let token = Secret::mint().map_err(io::Error::other)?;
        writeln!(file, "{}", token.reveal())?;
        file.sync_all()?;
    }
    Ok(path)
}

/// Makes a directory that only its owner can enter.
fn create(path: &Path) -> io::Result<()> {
    let mut directory = fs::DirBuilder::new();
    directory.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        directory.mode(0o700);
    }
    directory.create(path)
}

/// Opens a file, a new one so that only its owner can open it.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
