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
