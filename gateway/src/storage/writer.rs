//! The writer: a thread that writes what has changed in the registry, behind by half a second and a bit.
//!
//! Where nothing can be written, what it has taken goes back to the registry, and it tries again and again: the
//! sessions go on in memory meanwhile.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::TransactionBehavior;

use super::database::{Database, Identity};
use super::directory::Directory;
use super::health::Health;
use super::{StorageError, history, live, number};
use crate::clock::Clock;
use crate::registry::{Registry, Time, Unsaved};

/// How long to collect changes between two transactions.
const PAUSE: Duration = Duration::from_millis(500);
/// How long to wait where nothing can be written.
const PAUSE_WHILE_FAILING: Duration = Duration::from_secs(1);
/// How many sessions are taken under one lock of the registry.
const CHUNK: usize = 250;
/// How many sessions are written in one transaction.
const TRANSACTION: usize = 10_000;
/// The time is written this often at least: a restart has to know how long nobody was there, and a disk that
/// has filled up meanwhile shows by it.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// How often to look for what has been kept long enough.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// How many rows are removed in one transaction.
pub(super) const REMOVED_AT_ONCE: usize = 2_000;
/// An ended session can be reopened for so long at least, however short the history is.
const MIN_REOPENABLE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retention {
    /// How long a session stays history; where it is zero, none becomes any.
    pub history: Duration,
    /// How many sessions are history at most.
    pub sessions: usize,
}

/// The thread that writes. It ends, after a last time, when this is stopped or dropped.
#[derive(Debug)]
pub(super) struct Writer {
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    /// Says by its end that there is to be no more.
    stop: Sender<()>,
    /// Ends when the thread has written for the last time.
    ended: Receiver<()>,
}

/// What the writer writes, and where.
#[derive(Debug)]
pub(super) struct Task {
    /// The data directory.
    pub path: PathBuf,
    /// The data directory, taken.
    pub opened: Opened,
    pub registry: Arc<Mutex<Registry>>,
    pub clock: Clock,
    pub retention: Retention,
    pub health: Health,
}

/// A data directory that is taken, and its database.
#[derive(Debug)]
pub(super) struct Opened {
    // In this order: the database is closed before another gateway may have it.
    pub database: Database,
    _directory: Directory,
}

impl Opened {
    /// Takes a data directory and opens its database, a new one where there is none.
    pub(super) fn open(path: &Path) -> Result<Self, StorageError> {
        let directory = Directory::take(path)?;
        let database = Database::open(directory.database()?)?;
        Ok(Self { database, _directory: directory })
    }
}

impl Writer {
    /// Starts to write.
    pub(super) fn start(task: Task) -> Result<Self, StorageError> {
        let Task { path, opened, registry, clock, retention, health } = task;
        let (stop, stopped) = channel();
        let (ending, ended) = channel();
        let mut turns = Turns {
            path,
            identity: opened.database.identity(),
            opened: Some(opened),
            registry,
            clock,
            retention,
            health,
            buffer: Vec::new(),
            written: None,
            tidied: None,
        };
        thread::Builder::new()
            .name("storage".to_owned())
            .spawn(move || {
                turns.run(&stopped);
                // Before its end is told, so that the directory is free then.
                drop(turns);
                drop::<Sender<()>>(ending);
            })
            .map_err(StorageError::Writer)?;
        Ok(Self { running: Mutex::new(Some(Running { stop, ended })) })
    }

    /// Writes for the last time and gives the directory back. Whether that was done `within` the time given: past
    /// that it goes on by itself.
    pub(super) fn stop(&self, within: Duration) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { stop, ended }) = running else { return true };
        drop(stop);
        ended.recv_timeout(within) == Err(RecvTimeoutError::Disconnected)
    }
}

struct Turns {
    path: PathBuf,
    /// `None` after something went wrong: it is opened anew then, and may be another one.
    opened: Option<Opened>,
    /// Of the database that holds what was written.
    identity: Identity,
    registry: Arc<Mutex<Registry>>,
    clock: Clock,
    retention: Retention,
    health: Health,
    /// One session as it is written, for reuse.
    buffer: Vec<u8>,
    /// When a transaction was written last.
    written: Option<Instant>,
    /// When all was removed that had been kept long enough.
    tidied: Option<Instant>,
}

impl Turns {
    fn run(&mut self, stopped: &Receiver<()>) {
        let mut pause = PAUSE;
        loop {
            let stop = stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout);
            pause = if self.turn() { PAUSE } else { PAUSE_WHILE_FAILING };
            if stop {
                return;
            }
        }
    }

    /// Writes what there is to write. Whether it could.
    fn turn(&mut self) -> bool {
        let done = self.write();
        let now = self.clock.now();
        let pending = self.registry().unsaved();
        match done {
            Ok(()) => {
                if let Some(trouble) = self.health.succeeded(now, pending) {
                    let ms = now.millis_since(trouble.since);
                    tracing::info!("sessions are written again, after {ms} ms");
                }
                true
            }
            Err(error) => {
                let reason = error.to_string();
                if self.health.failed(now, pending, &reason) {
                    tracing::error!("sessions are in memory only: {reason}");
                }
                false
            }
        }
    }

    fn write(&mut self) -> Result<(), StorageError> {
        let mut opened = match self.opened.take() {
            Some(opened) => opened,
            None => Opened::open(&self.path)?,
        };
        let Opened { database, .. } = &mut opened;
        database.check_place()?;
        if database.identity() != self.identity {
            self.registry().mark_all_unsaved();
            self.identity = database.identity();
        }
        while self.registry().advance(self.clock.now()) {}
        while self.write_some(database)? {}
        self.tidy(database)?;
        self.opened = Some(opened);
        Ok(())
    }

    /// Writes one transaction. Whether there may be more.
    fn write_some(&mut self, database: &mut Database) -> Result<bool, StorageError> {
        let (batch, more) = self.take();
        if batch.is_empty() && self.written.is_some_and(|at| at.elapsed() < SIGN_OF_LIFE) {
            return Ok(false);
        }
        match self.write_batch(database, &batch) {
            Ok(()) => {
                self.written = Some(Instant::now());
                Ok(more)
            }
            Err(error) => {
                self.registry().mark_unsaved(batch);
                Err(database.error(error))
            }
        }
    }

    /// What fits into a transaction, and whether there may be more.
    fn take(&self) -> (Vec<Unsaved>, bool) {
        let mut batch = Vec::new();
        while batch.len() < TRANSACTION {
            let mut taken = self.registry().take_unsaved(CHUNK);
            // Fewer than asked for are the last ones: what changes from now on is for the next turn.
            let last = taken.len() < CHUNK;
            batch.append(&mut taken);
            if last {
                return (batch, false);
            }
        }
        (batch, true)
    }

    fn write_batch(&mut self, database: &mut Database, batch: &[Unsaved]) -> rusqlite::Result<()> {
        let now = number::millis(self.clock.now());
        let keeps_history = !self.retention.history.is_zero();
        let transaction =
            database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for unsaved in batch {
            let (session, ended) = match unsaved {
                Unsaved::Session { kept, ended } => {
                    live::write(&transaction, kept, &mut self.buffer)?;
                    (kept.number, ended)
                }
                Unsaved::Forgotten { number, ended } => {
                    live::remove(&transaction, *number)?;
                    (*number, ended)
                }
            };
            match (ended, unsaved) {
                (Some(ended), _) if keeps_history => history::write(&transaction, ended)?,
                // It may have been history before.
                (_, Unsaved::Session { .. }) => history::remove(&transaction, session)?,
                (_, Unsaved::Forgotten { .. }) => {}
            }
        }
        transaction.prepare_cached("UPDATE written SET at = ?1")?.execute([now])?;
        transaction.commit()
    }

    /// Removes what has been kept long enough, a part at a time.
    fn tidy(&mut self, database: &Database) -> Result<(), StorageError> {
        if self.tidied.is_some_and(|at| at.elapsed() < TIDY_EVERY) {
            return Ok(());
        }
        let Retention { history, sessions } = self.retention;
        let now = self.clock.now();
        let before = |kept: Duration| now.minus_millis(Time::default().plus(kept).millis());
        let connection = &database.connection;
        let old = history::prune(connection, before(history), REMOVED_AT_ONCE);
        let old = old.map_err(|error| database.error(error))?;
        let many = history::prune_above(connection, sessions, REMOVED_AT_ONCE);
        let many = many.map_err(|error| database.error(error))?;
        let gone =
            self.registry().forget_ended(before(history.max(MIN_REOPENABLE)), REMOVED_AT_ONCE);
        let more = [old, many, gone].contains(&REMOVED_AT_ONCE);
        self.tidied = (!more).then(Instant::now);
        Ok(())
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic amid a join leaves the other sessions as they were.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
