//! The table `moderation_log`: who did what to which comment. Rows are only ever added.

use super::{StoreError, Tx, params, rows};
use crate::model::{
    id::{CommentId, SiteId},
    time::Millis,
};

/// One line of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// The comment.
    pub comment: CommentId,
    /// Who did it.
    pub user_name: String,
    /// The status that it got, or `edited`.
    pub action: String,
    /// The status that it had.
    pub before: String,
    /// When.
    pub created_at: Millis,
}

/// Adds a line.
pub fn add(tx: &mut dyn Tx, site: SiteId, entry: &Entry) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO moderation_log (site_id, id, comment_id, user_name, action, before, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![site.0, entry.id, entry.comment.0, &entry.user_name, &entry.action, &entry.before, entry.created_at.0],
    )?;
    Ok(())
}

/// The newest lines of a site.
pub fn newest(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT id, comment_id, user_name, action, before, created_at FROM moderation_log WHERE site_id = ?1 ORDER BY id DESC LIMIT ?2";
    rows(tx, sql, params![site.0, limit], |row| {
        Ok(Entry {
            id: row.int(0)?,
            comment: CommentId(row.int(1)?),
            user_name: row.text(2)?.to_owned(),
            action: row.text(3)?.to_owned(),
            before: row.text(4)?.to_owned(),
            created_at: Millis(row.int(5)?),
        })
    })
}
