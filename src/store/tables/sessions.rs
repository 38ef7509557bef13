//! The table `sessions`: signed-in browsers. [`super::accounts::by_session`] finds the account of a session.

use crate::{
    model::{id::AccountId, time::Millis},
    store::{StoreError, Tx, params},
};

/// Starts a session.
pub fn add(tx: &mut dyn Tx, token_hash: &str, account: AccountId, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions (token_hash, account_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?3)",
        params![token_hash, account.0, now.0],
    )?;
    Ok(())
}

/// Sets when a session was last seen.
pub fn set_seen(tx: &mut dyn Tx, token_hash: &str, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET seen_at = ?2 WHERE token_hash = ?1",
        params![token_hash, now.0],
    )?;
    Ok(())
}

/// Ends a session.
pub fn end(tx: &mut dyn Tx, token_hash: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE token_hash = ?1", params![token_hash])?;
    Ok(())
}

/// Ends all sessions of an account, and returns their number.
pub(super) fn end_all(tx: &mut dyn Tx, account: AccountId) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM sessions WHERE account_id = ?1", params![account.0])
}

/// Deletes sessions that began before `begun` or were last seen before `seen`, and returns their number.
pub fn purge(tx: &mut dyn Tx, begun: Millis, seen: Millis) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM sessions WHERE created_at < ?1 OR seen_at < ?2",
        params![begun.0, seen.0],
    )
}
