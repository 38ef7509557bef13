//! How connections to a SQLite file are opened, and what is done with its log.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

/// How long a statement waits for what another process has locked.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The connection that writes; public for the benchmarks, whose floor is this and nothing around it.
///
/// # Errors
/// What SQLite says of the file.
pub fn open_to_write(file: &Path) -> rusqlite::Result<Connection> {
    let writer = Connection::open(file)?;
    make_durable(&writer)?;
    Ok(writer)
}

pub(super) fn make_durable(writer: &Connection) -> rusqlite::Result<()> {
    prepare(writer)?;
    // Under load a page is changed by many comments before it is copied from the log into the database: 32 MB of log,
    // eight times SQLite's default, where the disk has room for it (`log_limit`). And 8 MB of pages, since a post changes
    // one of each index: it takes them only when there is much to write. Together about half as many posts again; a longer
    // log gives more, and longer pauses.
    writer.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864; \
         PRAGMA wal_autocheckpoint=8000; PRAGMA cache_size=-8000; PRAGMA secure_delete=ON;",
    )
}

/// A connection that only reads.
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
    // Else every statement with a bound LIMIT is compiled again whenever it is bound: its plan might be a better one.
    // Ours have one good plan each (store/query_plans.rs), and compiling was two fifths of a read.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; \
         PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;",
    )
}

/// Copies what the log holds into the database, as far as readers let it. What the disk refuses now stays in the log,
/// which was synced at the commit.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)")
}

/// Writes the log back and cuts it to nothing, unless readers are still in it after this patience.
pub(super) fn truncate_wal(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(patience)?;
    let emptied = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    emptied
}
