//! What can go wrong with what is kept.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why the data directory, or the database in it, can not be used. For an administrator to read.
#[derive(Debug)]
pub enum StorageError {
    /// The data directory, or a file in it, can not be made or opened.
    Directory {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another gateway uses the data directory.
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// The file is no database any more.
    Damaged {
        /// The database.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The database's schema is not the one that this program knows.
    Schema {
        /// The database.
        file: PathBuf,
        /// The version that it has.
        found: i64,
        /// The version that this program knows.
        known: i64,
    },
    /// The database has gone, or another stands in its place.
    Moved {
        /// Where it stood.
        file: PathBuf,
    },
    /// The database does not do what it is asked, now: the disk is full, or can only be read.
    Database {
        /// The database.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The writer could not be started.
    Writer(io::Error),
    /// What was deleted stands in the log beside the database still, which somebody was using all the time.
    NotOverwritten {
        /// How many sessions were deleted.
        sessions: usize,
    },
}

impl StorageError {
    /// What SQLite says of this database.
    pub(super) fn of(file: &std::path::Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let file = file.to_owned();
        match source.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged { file, source },
            _ => Self::Database { file, source },
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Directory { path, source } => {
                write!(f, "--data-dir: can not use {path:?}: {source}")
            }
            Self::InUse { path } => write!(f, "--data-dir: another gateway uses {path:?}"),
            Self::Damaged { file, source } => write!(
                f,
                "--data-dir: the database {file:?} is damaged: {source}. Put a copy in its place, or move it away \
                 (with the files beside it whose names begin with its own) to start with no sessions and no history"
            ),
            Self::Schema { file, found, known } if found > known => write!(
                f,
                "--data-dir: a later version of the gateway has written {file:?} (schema {found}; this one knows \
                 {known}). Run that version, or give another directory"
            ),
            Self::Schema { file, found, known } => write!(
                f,
                "--data-dir: {file:?} has the schema {found}, this program {known}: start the gateway with it once"
            ),
            Self::Moved { file } => write!(f, "the database {file:?} has been moved or deleted"),
            Self::Database { file, source } => write!(f, "the database {file:?}: {source}"),
            Self::NotOverwritten { sessions } => write!(
                f,
                "{sessions} sessions are deleted, but the log beside the database, which holds them still, was in use \
                 all the time: try again"
            ),
            Self::Writer(source) => write!(f, "--data-dir: nothing can be written: {source}"),
        }
    }
}

impl std::error::Error for StorageError {}
