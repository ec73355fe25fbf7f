//! A command: one user's history is deleted, also while a gateway runs.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use super::database::Database;
use super::writer::REMOVED_AT_ONCE;
use super::{StorageError, directory, history, live};

/// How often to try to empty the log, which a gateway that writes keeps for a moment.
const TRIES: usize = 50;
/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// Deletes a user's history from a data directory and overwrites it; gives how many sessions it was. With it goes
/// what would bring ended sessions of the user's back after a restart. Open ones are not touched, and become
/// history when they end.
///
/// # Errors
/// There is no database, it can not be written to, or it was in use so much that not all is overwritten.
pub fn forget_user(directory: &Path, username: &str) -> Result<usize, StorageError> {
    let file = directory::database(directory);
    let connection = Database::open_beside(&file)?;
    let error = |source| StorageError::of(&file, source);
    let sessions = forget(&connection, username).map_err(error)?;
    for _ in 0..TRIES {
        if empty_log(&connection).map_err(error)? {
            return Ok(sessions);
        }
        thread::sleep(PAUSE);
    }
    Err(StorageError::NotOverwritten { sessions })
}

fn forget(connection: &Connection, username: &str) -> rusqlite::Result<usize> {
    let mut ended = Vec::new();
    live::each(connection, |row| {
        if let Ok(kept) = row
            && kept.ended.is_some()
            && kept.user.as_deref() == Some(username)
        {
            ended.push(kept.number);
        }
    })?;
    ended.into_iter().try_for_each(|number| live::remove(connection, number))?;
    let mut sessions = 0;
    loop {
        // A part at a time, so that the gateway can write in between.
        let removed = history::forget(connection, username, REMOVED_AT_ONCE)?;
        sessions += removed;
        if removed < REMOVED_AT_ONCE {
            return Ok(sessions);
        }
    }
}

/// Copies the log into the database and empties it: it holds what was there before it was deleted. Whether
/// nobody was in the way.
fn empty_log(connection: &Connection) -> rusqlite::Result<bool> {
    let busy = |row: &rusqlite::Row| row.get::<_, i64>(0);
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), busy)? == 0)
}
