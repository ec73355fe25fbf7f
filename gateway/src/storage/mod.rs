//! What is kept in the data directory: the sessions of the registry, so that a restart brings them back, and as
//! history those that have ended.
//!
//! A thread writes behind what has changed; whoever reports waits for no disk. The database is SQLite's.
//!
//! | module | what it is |
//! |---|---|
//! | `directory` | the data directory, which one gateway has, and its read token |
//! | `database`, `schema` | its database: how it is opened, its form, older forms |
//! | `writer` | the thread that writes, and goes on where it can not |
//! | `checkpoint` | the thread that brings what is written from the log into the database |
//! | `live`, `history` | the two tables |
//! | `forget` | a command: one user's history is deleted |
//! | `health` | how the writing goes |
//! | `error` | what can go wrong |

mod checkpoint;
mod database;
mod directory;
mod error;
mod forget;
mod health;
mod history;
mod live;
mod number;
mod schema;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::sync::Semaphore;

use self::database::Database;
pub use self::directory::read_token_file;
pub use self::error::StorageError;
pub use self::forget::forget_user;
use self::health::Health;
pub use self::health::{Failing, Writing};
pub use self::history::{Cursor, HistoryPage, HistoryQuery, PastSession};
use self::writer::{Opened, Retention, Task, Writer};
use crate::clock::Clock;
use crate::registry::{Registry, Time};
use crate::settings::StorageSettings;

/// How many questions for the history are answered at one time.
const QUERIES: usize = 4;
/// How long a question waits for its turn, and how long its answer may take.
const QUERY_TIME: Duration = Duration::from_secs(2);
/// How many rows that can not be read are told of one by one.
const ROWS_TOLD: usize = 5;

/// A data directory that this gateway has taken, before it writes to it.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    opened: Opened,
}

impl Kept {
    /// Takes a data directory, a new one where there is none.
    ///
    /// # Errors
    /// It can not be used, another gateway uses it, or its database is damaged or of a later version.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        Ok(Self { path: path.to_owned(), opened: Opened::open(path)? })
    }

    /// Puts the sessions that are kept into the registry, which is empty, and has it note what changes from now on.
    /// One that can not be read is left out, and the log says so. Where somebody has set the clock back since
    /// something was last written, what would be still to come counts as of now.
    ///
    /// # Errors
    /// The database can not be read.
    pub fn restore(&self, registry: &mut Registry, now: Time) -> Result<(), StorageError> {
        let Opened { database, .. } = &self.opened;
        let restored = restore(&database.connection, registry, now);
        restored.map_err(|error| database.error(error))?;
        registry.track_unsaved(true);
        Ok(())
    }

    /// Starts to write what changes in the registry.
    ///
    /// # Errors
    /// The operating system has no thread to give.
    pub fn write(
        self,
        registry: Arc<Mutex<Registry>>,
        clock: Clock,
        settings: &StorageSettings,
    ) -> Result<Storage, StorageError> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let retention =
            Retention { history: DAY * settings.history_days, sessions: settings.history_sessions };
        let Self { path, opened } = self;
        let file = directory::database(&path);
        let health = Health::new(clock.now());
        let task = Task { path, opened, registry, clock, retention, health: health.clone() };
        let writer = Writer::start(task)?;
        Ok(Storage { file, writer, health, queries: Arc::new(Semaphore::new(QUERIES)) })
    }
}

fn restore(connection: &Connection, registry: &mut Registry, now: Time) -> rusqlite::Result<()> {
    let stopped: i64 = connection.query_row("SELECT at FROM written", (), |row| row.get(0))?;
    let stopped = number::time(stopped);
    if stopped > now {
        let back = Duration::from_millis(stopped.millis_since(now));
        tracing::warn!("the clock was set back by {back:?} or more since the gateway last ran");
    }
    registry.number_above(history::last(connection)?);
    let (mut restored, mut left_out) = (0_usize, 0_usize);
    live::each(connection, |row| {
        let (number, why) = match row {
            Ok(kept) => {
                let number = number::sql(kept.number);
                match registry.restore(kept, stopped, now) {
                    Ok(()) => {
                        restored += 1;
                        return;
                    }
                    Err(why) => (number, why.to_string()),
                }
            }
            Err(number) => (number, "it can not be read".to_owned()),
        };
        left_out += 1;
        if left_out <= ROWS_TOLD {
            tracing::error!("the kept session {number} is left out: {why}");
        }
    })?;
    if left_out > ROWS_TOLD {
        tracing::error!("{left_out} kept sessions are left out");
    }
    tracing::info!("{restored} sessions are back");
    Ok(())
}

/// What is kept, while the gateway runs.
#[derive(Debug)]
pub struct Storage {
    file: PathBuf,
    writer: Writer,
    health: Health,
    queries: Arc<Semaphore>,
}

impl Storage {
    /// How the writing goes.
    #[must_use]
    pub fn writing(&self) -> Writing {
        self.health.get()
    }

    /// Writes for the last time and gives the data directory back. Whether all was written `within` the time given;
    /// what was not written then is lost.
    pub fn close(&self, within: Duration) -> bool {
        self.writer.stop(within) && self.writing().failing.is_none()
    }

    /// Sessions that have ended, as far as they are written: up to a second late.
    ///
    /// # Errors
    /// Too many ask at once, the answer takes too long, or the database can not be read.
    pub async fn history(&self, query: HistoryQuery) -> Result<HistoryPage, HistoryError> {
        let permit = Arc::clone(&self.queries).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(QUERY_TIME, permit).await else {
            return Err(HistoryError::Busy);
        };
        let file = self.file.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Also where whoever asked has gone: the question goes on until its time is up.
            let _permit = permit;
            let mut connection = Database::open_to_read(&file).map_err(HistoryError::Storage)?;
            history::query(&mut connection, &query, QUERY_TIME).map_err(|source| {
                match source.sqlite_error_code() {
                    Some(ErrorCode::OperationInterrupted) => HistoryError::TooLong,
                    _ => HistoryError::Storage(StorageError::of(&file, source)),
                }
            })
        });
        // It ends so only where the gateway ends.
        answer.await.unwrap_or(Err(HistoryError::Busy))
    }
}

/// Why there is no answer from the history.
#[derive(Debug)]
pub enum HistoryError {
    /// Too many ask at once.
    Busy,
    /// To find the answer takes too long.
    TooLong,
    /// The database can not be read.
    Storage(StorageError),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("too many ask for the history at once"),
            Self::TooLong => {
                f.write_str("the answer takes too long: ask for one user, one project or less time")
            }
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HistoryError {}
