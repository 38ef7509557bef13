//! The table `comment_revisions`: the text of comments before each edit. Only moderators see it.

use crate::{
    model::{
        comment::Revision,
        id::{CommentId, SiteId},
        time::Millis,
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT version, author_name, author_website, source, created_at FROM comment_revisions ",
            $rest
        )
    };
}

/// Stores the text that a comment had at the revision's version.
pub fn add(tx: &mut dyn Tx, site: SiteId, comment: CommentId, revision: &Revision) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO comment_revisions (site_id, comment_id, version, author_name, author_website, source, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            site.0,
            comment.0,
            revision.version,
            &revision.author_name,
            &revision.author_website,
            &revision.source,
            revision.replaced_at.0,
        ],
    )?;
    Ok(())
}

/// The text of a comment at this version; none if no edit has replaced it since.
pub fn at(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    version: i64,
) -> Result<Option<Revision>, StoreError> {
    row(
        tx,
        select!("WHERE site_id = ?1 AND comment_id = ?2 AND version >= ?3 ORDER BY version LIMIT 1"),
        params![site.0, comment.0, version],
        from_row,
    )
}

/// The newest revisions of a comment, newest first.
pub fn newest(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    limit: i64,
) -> Result<Vec<Revision>, StoreError> {
    rows(
        tx,
        select!("WHERE site_id = ?1 AND comment_id = ?2 ORDER BY version DESC LIMIT ?3"),
        params![site.0, comment.0, limit],
        from_row,
    )
}

/// Deletes all revisions of a comment.
pub fn erase(tx: &mut dyn Tx, site: SiteId, comment: CommentId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM comment_revisions WHERE site_id = ?1 AND comment_id = ?2",
        params![site.0, comment.0],
    )?;
    Ok(())
}

pub(crate) const PURGE: &str = "DELETE FROM comment_revisions WHERE created_at < ?1";
pub(crate) const PURGE_AHEAD: &str = "DELETE FROM comment_revisions WHERE created_at > ?1";

/// Deletes revisions that were replaced before `before`, and those that a wrong clock dated after `ahead`; returns
/// their number.
pub fn purge(tx: &mut dyn Tx, before: Millis, ahead: Millis) -> Result<u64, StoreError> {
    let due = tx.execute(PURGE, params![before.0])?;
    Ok(due + tx.execute(PURGE_AHEAD, params![ahead.0])?)
}

fn from_row(row: &dyn Row) -> Result<Revision, StoreError> {
    Ok(Revision {
        version: row.int(0)?,
        author_name: row.text(1)?.to_owned(),
        author_website: row.text(2)?.to_owned(),
        source: row.text(3)?.to_owned(),
        replaced_at: Millis(row.int(4)?),
    })
}
