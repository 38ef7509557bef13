//! The table `instance`: numbers about the database as a whole.

use super::{StoreError, Tx, params, row};

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

/// How many bytes the database has; on PostgreSQL only.
pub(super) fn postgres_size(tx: &mut dyn Tx) -> Result<u64, StoreError> {
    let size = row(
        tx,
        "SELECT pg_database_size(current_database())",
        params![],
        |row| row.int(0),
    )?;
    Ok(size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0))
}
