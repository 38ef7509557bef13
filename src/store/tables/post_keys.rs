//! The table `post_keys`: idempotency keys and the comments that they created.

use crate::{
    model::{
        id::{CommentId, SiteId},
        time::Millis,
    },
    store::{StoreError, Tx, params, row},
};

/// The use of a key.
#[derive(Clone, Debug)]
pub struct UsedKey {
    /// Hash of the request.
    pub body_hash: String,
    /// The comment that it created.
    pub comment: CommentId,
}

/// The use of this key, if it was used.
pub fn find(tx: &mut dyn Tx, site: SiteId, key_hash: &str) -> Result<Option<UsedKey>, StoreError> {
    let sql = "SELECT body_hash, comment_id FROM post_keys WHERE site_id = ?1 AND key_hash = ?2";
    row(tx, sql, params![site.0, key_hash], |row| {
        Ok(UsedKey {
            body_hash: row.text(0)?.to_owned(),
            comment: CommentId(row.int(1)?),
        })
    })
}

/// Stores the use of a key. Returns false, and stores nothing, if it was used before.
pub fn claim(
    tx: &mut dyn Tx,
    site: SiteId,
    key_hash: &str,
    used: &UsedKey,
    now: Millis,
) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO post_keys (site_id, key_hash, body_hash, comment_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (site_id, key_hash) DO NOTHING",
        params![site.0, key_hash, &used.body_hash, used.comment.0, now.0],
    )?;
    Ok(added > 0)
}

pub(crate) const DATE_AHEAD: &str = "UPDATE post_keys SET created_at = ?2 WHERE created_at > ?1";

/// Sets keys that are dated after `ahead` to `now`, so that they are purged later, and returns their number.
pub fn date_ahead(tx: &mut dyn Tx, ahead: Millis, now: Millis) -> Result<u64, StoreError> {
    tx.execute(DATE_AHEAD, params![ahead.0, now.0])
}

/// Deletes keys that were used before `before`, and returns their number.
pub fn purge(tx: &mut dyn Tx, before: Millis) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM post_keys WHERE created_at < ?1", params![before.0])
}
