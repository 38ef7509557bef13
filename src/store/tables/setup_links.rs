//! The table `setup_links`: links that create the account of the first owner.

use crate::{
    model::time::Millis,
    store::{StoreError, Tx, params, row},
};

/// Stores a setup link, and deletes all earlier ones.
pub fn add(tx: &mut dyn Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute("DELETE FROM setup_links", params![])?;
    tx.execute(
        "INSERT INTO setup_links (token_hash, created_at) VALUES (?1, ?2)",
        params![token_hash, now.0],
    )?;
    Ok(())
}

/// Returns true if this setup link is unused, and was created after `after` and not after `ahead`.
pub fn works(tx: &mut dyn Tx, token_hash: &str, after: Millis, ahead: Millis) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM setup_links WHERE token_hash = ?1 AND created_at > ?2 AND created_at <= ?3";
    Ok(row(tx, sql, params![token_hash, after.0, ahead.0], |row| row.int(0))?.is_some())
}

/// Uses up a setup link. Returns false if it was used before.
pub fn redeem(tx: &mut dyn Tx, token_hash: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(
        "DELETE FROM setup_links WHERE token_hash = ?1",
        params![token_hash],
    )? > 0)
}
