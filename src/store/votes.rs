//! The table `votes`: one vote of one reader on one comment.

use super::{StoreError, Tx, params, row};
use crate::model::{
    id::{CommentId, SiteId},
    time::Millis,
};

pub(crate) const FORGET_ADDRESSES: &str =
    "UPDATE votes SET address_key = '' WHERE created_at < ?1 AND address_key <> ''";
pub(crate) const FORGET_ADDRESSES_AHEAD: &str =
    "UPDATE votes SET address_key = '' WHERE created_at > ?1 AND address_key <> ''";

/// The reader's vote: 1, -1, or 0 for none.
pub fn of(tx: &mut dyn Tx, site: SiteId, comment: CommentId, reader_key: &str) -> Result<i64, StoreError> {
    let sql = "SELECT value FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND reader_key = ?3";
    Ok(row(tx, sql, params![site.0, comment.0, reader_key], |row| row.int(0))?.unwrap_or(0))
}

/// How many readers behind this address voted on the comment?
pub fn from_address(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    address_key: &str,
) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND address_key = ?3";
    Ok(row(tx, sql, params![site.0, comment.0, address_key], |row| row.int(0))?.unwrap_or(0))
}

/// Sets the reader's vote; 0 takes it back.
pub fn set(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    reader_key: &str,
    value: i64,
    address_key: &str,
    now: Millis,
) -> Result<(), StoreError> {
    if value == 0 {
        tx.execute(
            "DELETE FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND reader_key = ?3",
            params![site.0, comment.0, reader_key],
        )?;
        return Ok(());
    }
    tx.execute(
        "INSERT INTO votes (site_id, comment_id, reader_key, value, address_key, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (site_id, comment_id, reader_key) DO UPDATE SET value = excluded.value",
        params![site.0, comment.0, reader_key, value, address_key, now.0],
    )?;
    Ok(())
}

/// Empties the address keys of votes cast before `before`; answers how many.
pub fn forget_addresses(tx: &mut dyn Tx, before: Millis) -> Result<u64, StoreError> {
    tx.execute(FORGET_ADDRESSES, params![before.0])
}

/// The same for votes that are dated after `ahead`.
pub fn forget_addresses_ahead(tx: &mut dyn Tx, ahead: Millis) -> Result<u64, StoreError> {
    tx.execute(FORGET_ADDRESSES_AHEAD, params![ahead.0])
}
