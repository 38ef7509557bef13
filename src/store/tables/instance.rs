//! The table `instance`: numbers about the database as a whole, by name.

use crate::{
    model::time::Millis,
    store::{StoreError, Tx, params, row},
};

/// The number of this name.
pub fn get(tx: &mut dyn Tx, name: &str) -> Result<Option<i64>, StoreError> {
    row(
        tx,
        "SELECT value FROM instance WHERE name = ?1",
        params![name],
        |row| row.int(0),
    )
}

/// Sets the number of this name.
pub fn set(tx: &mut dyn Tx, name: &str, value: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO instance (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?;
    Ok(())
}

/// Sets the number of this name unless it is set already, and returns the stored one.
pub fn set_once(tx: &mut dyn Tx, name: &str, value: i64) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO instance (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    )?;
    Ok(get(tx, name)?.unwrap_or(value))
}

/// Returns true if a row contains a hash that is keyed with the secret.
pub fn has_keyed_rows(tx: &mut dyn Tx) -> Result<bool, StoreError> {
    for sql in [
        "SELECT 1 FROM comment_details WHERE token_hash <> '' LIMIT 1",
        "SELECT 1 FROM votes LIMIT 1",
    ] {
        if row(tx, sql, params![], |row| row.int(0))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Writes a number without meaning, so that a commit shows whether the database takes writes.
pub fn try_write(tx: &mut dyn Tx, value: i64) -> Result<(), StoreError> {
    set(tx, "write_check", value)
}

/// The size of a PostgreSQL database in bytes.
pub(crate) fn postgres_size(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    let size = row(
        tx,
        "SELECT pg_database_size(current_database())",
        params![],
        |row| row.int(0),
    )?;
    Ok(size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0))
}

/// The clock of a PostgreSQL server.
pub(crate) fn postgres_clock(tx: &mut dyn Tx) -> Result<Option<Millis>, StoreError> {
    let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
    Ok(row(tx, sql, params![], |row| row.int(0))?.map(Millis))
}

/// The time of the newest row, as a sign of the last use; none if there are no rows.
pub fn newest_row(tx: &mut dyn Tx) -> Result<Option<Millis>, StoreError> {
    let sql = "SELECT COALESCE(MAX(at), 0) FROM (\
               SELECT MAX(created_at) AS at FROM sites \
               UNION ALL SELECT MAX(created_at) FROM post_keys \
               UNION ALL SELECT MAX(seen_at) FROM sessions \
               UNION ALL SELECT MAX((SELECT c.created_at FROM comments c WHERE c.site_id = s.id ORDER BY c.id DESC LIMIT 1)) FROM sites s\
               ) AS newest";
    let newest = row(tx, sql, params![], |row| row.int(0))?;
    Ok(newest.filter(|at| *at > 0).map(Millis))
}
