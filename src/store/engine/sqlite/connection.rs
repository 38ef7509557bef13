//! Opens connections to a SQLite file, and checkpoints its log.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

/// Time that a statement waits for a lock of another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a connection that writes. Public for the benchmarks, whose baseline is this connection alone.
///
/// # Errors
/// Those of SQLite.
pub fn open_to_write(file: &Path) -> rusqlite::Result<Connection> {
    let writer = Connection::open(file)?;
    make_durable(&writer)?;
    Ok(writer)
}

pub(super) fn make_durable(writer: &Connection) -> rusqlite::Result<()> {
    prepare(writer)?;
    // Under load a page is changed by many comments before it is copied from the log into the database: 32 MB of log,
    // eight times SQLite's default, if the disk has space for it (`wal_limit`). And a cache of 8 MB, since a post
    // changes one page of each index; it is allocated as needed. Together they allow about half as many posts again. A
    // longer log allows more, with longer pauses.
    writer.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; \
         PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-8000; PRAGMA secure_delete=ON;",
    )
}

/// Opens a connection that only reads.
///
/// # Errors
/// Those of SQLite.
pub(super) fn open_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(file, flags)?;
    prepare(&reader)?;
    reader.execute_batch("PRAGMA query_only=ON")?;
    Ok(reader)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Otherwise SQLite compiles each statement with a bound LIMIT again whenever it is bound, to find a better plan.
    // Each of ours has one good plan (store/query_plans.rs), and compiling took two fifths of a read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; \
         PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;",
    )
}

/// Copies the log into the database, as far as readers permit. Pages that the disk refuses stay in the log, which was
/// synced at the commit.
///
/// # Errors
/// Those of SQLite.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
}

/// Writes the log back and truncates it, unless readers still use it after this time.
///
/// # Errors
/// Those of SQLite.
pub(super) fn truncate_wal(connection: &Connection, wait: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(wait)?;
    let emptied = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    emptied
}
