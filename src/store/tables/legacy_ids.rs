//! The table `comment_names`: ids of imported comments in the system that they came from.

use crate::{
    model::id::{CommentId, SiteId},
    store::{StoreError, Tx, params, row},
};

pub(crate) const FIND: &str = "SELECT comment_id FROM comment_names WHERE site_id = ?1 AND name = ?2";

/// The comment that had this id. It may be gone.
pub fn find(tx: &mut dyn Tx, site: SiteId, name: &str) -> Result<Option<CommentId>, StoreError> {
    row(tx, FIND, params![site.0, name], |row| Ok(CommentId(row.int(0)?)))
}

/// Stores an id of at most 100 characters. One that is stored already stays, so that an archive can be imported twice.
pub fn add(tx: &mut dyn Tx, site: SiteId, name: &str, comment: CommentId) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO comment_names (site_id, name, comment_id) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, name) DO NOTHING",
        params![site.0, name, comment.0],
    )?;
    Ok(())
}
