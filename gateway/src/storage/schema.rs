//! The form of the database, and how an older one becomes the one of today.

use rusqlite::{Connection, TransactionBehavior};

/// How each version of the schema is made of the one before it, the first of an empty database. Only ever
/// added to: databases of every version are out there.
const MIGRATIONS: [(i64, &str); 1] = [(1, VERSION_1)];

/// The schema that this program knows: what `PRAGMA user_version` says.
pub(super) const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Times are milliseconds since the Unix epoch. Each way to ask for history has an index that holds its filter,
/// its order and its time range, so that an answer costs what it holds and not what there is.
const VERSION_1: &str = "
    CREATE TABLE live (
        number INTEGER PRIMARY KEY,
        kept BLOB NOT NULL
    ) STRICT;

    CREATE TABLE history (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        username TEXT NOT NULL,
        authorized INTEGER NOT NULL,
        project TEXT NOT NULL,
        client_address TEXT NOT NULL,
        user_agent TEXT NOT NULL,
        scope TEXT NOT NULL,
        pages INTEGER NOT NULL,
        bytes_sent INTEGER NOT NULL,
        bytes_received INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX history_by_end ON history (end, start);
    CREATE INDEX history_by_username ON history (username, end, start);
    CREATE INDEX history_by_project ON history (project, end, start);
    CREATE INDEX history_by_both ON history (username, project, end, start);
    CREATE INDEX history_by_address ON history (client_address, end);

    CREATE TABLE written (at INTEGER NOT NULL) STRICT;
    INSERT INTO written VALUES (0);
";

/// The version of a database; 0 where it is empty.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", (), |row| row.get(0))
}

/// Brings a database to [`VERSION`], step by step, each of them whole or not at all. One of a later version
/// stays as it is.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    apply(connection, &MIGRATIONS)
}

fn apply(connection: &mut Connection, migrations: &[(i64, &str)]) -> rusqlite::Result<()> {
    let before = version(connection)?;
    for (after, migration) in migrations.iter().filter(|(after, _)| before < *after) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(migration)?;
        step.pragma_update(None, "user_version", after)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENAME: &str = "ALTER TABLE history RENAME COLUMN pages TO page_count";

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_empty_database_comes_to_the_version_of_today_and_stays_there() {
        let mut connection = empty();
        assert_eq!(version(&connection).unwrap(), 0);
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), VERSION);
    }

    #[test]
    fn an_older_database_takes_the_steps_that_it_lacks_and_keeps_what_it_holds() {
        let mut connection = empty();
        apply(&mut connection, &[(1, VERSION_1)]).unwrap();
        connection
            .execute(
                "INSERT INTO history VALUES (1, 'i', 2, 3, 'u', 1, 'p', 'a', 'd', 's', 7, 0, 0)",
                (),
            )
            .unwrap();
        apply(&mut connection, &[(1, VERSION_1), (2, RENAME)]).unwrap();
        let pages = |row: &rusqlite::Row| row.get::<_, u32>(0);
        assert_eq!(connection.query_row("SELECT page_count FROM history", (), pages), Ok(7));
        assert_eq!(version(&connection).unwrap(), 2);
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let mut connection = empty();
        apply(&mut connection, &[(1, VERSION_1)]).unwrap();
        let broken = format!("{RENAME}; DROP TABLE no_such_table");
        assert!(apply(&mut connection, &[(1, VERSION_1), (2, &broken)]).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT pages FROM history").is_ok());
    }

    #[test]
    fn a_later_database_stays_as_it_is() {
        let mut connection = empty();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), VERSION + 1);
    }
}
