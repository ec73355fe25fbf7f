//! The database: one file of SQLite's, with a log beside it that makes a transaction whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::checkpoint::Checkpoints;
use super::{StorageError, schema};

/// How long to wait for another connection's transaction: the command that forgets a user has short ones.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What of the log's file is kept for reuse, in bytes.
const LOG_BYTES: u32 = 64 * 1024 * 1024;
/// What is kept of the database in memory, in KiB.
const CACHE_KIB: i32 = 16 * 1024;

/// A connection to a database, and which file it is of.
#[derive(Debug)]
pub(super) struct Database {
    pub connection: Connection,
    checkpoints: Checkpoints,
    file: PathBuf,
    identity: Identity,
}

impl Database {
    /// Opens a database to write, and brings it to the schema of today. The file must be there: it can be
    /// empty.
    pub(super) fn open(file: PathBuf) -> Result<Self, StorageError> {
        let mut connection = connect(&file)?;
        let prepare = |connection: &mut Connection| {
            // With "normal" a transaction is safe from the death of the program as soon as it is written; a
            // power cut can take what came after the latest copying of the log, but damages nothing.
            connection.execute_batch(&format!(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = NORMAL;
                 PRAGMA journal_size_limit = {LOG_BYTES};
                 PRAGMA cache_size = -{CACHE_KIB};"
            ))?;
            schema::migrate(connection)?;
            schema::version(connection)
        };
        let found = prepare(&mut connection).map_err(|source| StorageError::of(&file, source))?;
        known(&file, found)?;
        let identity = Identity::of(&file)
            .map_err(|source| StorageError::Directory { path: file.clone(), source })?;
        let checkpoints = Checkpoints::start(&mut connection, &file)?;
        Ok(Self { connection, checkpoints, file, identity })
    }

    /// Opens a database to change what it holds while a gateway may be using it, which alone migrates it.
    pub(super) fn open_beside(file: &Path) -> Result<Connection, StorageError> {
        checked(file, connect(file)?)
    }

    /// Opens a database to read.
    pub(super) fn open_to_read(file: &Path) -> Result<Connection, StorageError> {
        checked(file, connect_to(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
    }

    /// What SQLite says of this database.
    pub(super) fn error(&self, source: rusqlite::Error) -> StorageError {
        StorageError::of(&self.file, source)
    }

    /// That the file still stands where it was opened: SQLite would write into one that is deleted.
    pub(super) fn check_place(&self) -> Result<(), StorageError> {
        match Identity::of(&self.file) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(StorageError::Moved { file: self.file.clone() }),
        }
    }

    /// Which file it is: another one holds other sessions.
    pub(super) fn identity(&self) -> Identity {
        self.identity
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.checkpoints.end(&mut self.connection);
    }
}

/// Opens a database to read and write, of whatever schema.
pub(super) fn connect(file: &Path) -> Result<Connection, StorageError> {
    connect_to(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn connect_to(file: &Path, access: OpenFlags) -> Result<Connection, StorageError> {
    let connect = || {
        let connection =
            Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // What is deleted is overwritten: it may be what somebody wants forgotten.
        connection.execute_batch("PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF;")?;
        Ok(connection)
    };
    connect().map_err(|source| StorageError::of(file, source))
}

fn checked(file: &Path, connection: Connection) -> Result<Connection, StorageError> {
    let found = schema::version(&connection).map_err(|source| StorageError::of(file, source))?;
    known(file, found)?;
    Ok(connection)
}

fn known(file: &Path, found: i64) -> Result<(), StorageError> {
    if found == schema::VERSION {
        return Ok(());
    }
    Err(StorageError::Schema { file: file.to_owned(), found, known: schema::VERSION })
}

/// What tells a file from another one that takes its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
    /// Elsewhere nobody can move a file that is open; it can have been while it was closed.
    #[cfg(not(unix))]
    created: Option<std::time::SystemTime>,
}

impl Identity {
    fn of(file: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(file)?;
        Ok(Self {
            #[cfg(unix)]
            device_and_inode: {
                use std::os::unix::fs::MetadataExt as _;
                (metadata.dev(), metadata.ino())
            },
            #[cfg(not(unix))]
            created: metadata.created().ok(),
        })
    }
}
