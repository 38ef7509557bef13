//! The table `comment_details`: the columns of a comment that readers never see.

use std::sync::LazyLock;

use super::{revisions, sites::invalid_column};
use crate::{
    model::{
        comment::{Details, Format, HoldReason, Status},
        id::{CommentId, SiteId},
        time::Millis,
    },
    store::{Row, StoreError, Tx, Value, multi_row::Insert, params, row},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT source, format, author_email, author_key, token_hash, address_key, removed_at, held_because, page_url, page_title FROM comment_details ",
            $rest
        )
    };
}

const COLUMNS: [&str; 12] = [
    "site_id",
    "comment_id",
    "source",
    "format",
    "author_email",
    "author_key",
    "token_hash",
    "address_key",
    "removed_at",
    "held_because",
    "page_url",
    "page_title",
];

static INSERT: LazyLock<Insert> = LazyLock::new(|| Insert::new("comment_details", &COLUMNS));

/// The values of [`COLUMNS`].
fn values(site: SiteId, id: CommentId, details: &Details) -> [Value<'_>; COLUMNS.len()] {
    [
        site.0.into(),
        id.0.into(),
        (&details.source).into(),
        details.format.as_str().into(),
        (&details.author_email).into(),
        (&details.author_key).into(),
        (&details.token_hash).into(),
        (&details.address_key).into(),
        details.removed_at.map_or(0, |at| at.0).into(),
        word_of(details.held_because).into(),
        (&details.page_url).into(),
        (&details.page_title).into(),
    ]
}

/// Stores the details of a new comment.
///
/// # Errors
/// `Conflict` when the comment has details already.
pub fn add(tx: &mut dyn Tx, site: SiteId, id: CommentId, details: &Details) -> Result<(), StoreError> {
    INSERT.add(tx, &values(site, id, details))
}

/// Stores the details of many new comments of a site.
///
/// # Errors
/// `Conflict` when one of the comments has details already.
pub fn add_all(tx: &mut dyn Tx, site: SiteId, all: &[(CommentId, Details)]) -> Result<(), StoreError> {
    let rows: Vec<_> = all
        .iter()
        .map(|(id, details)| values(site, *id, details))
        .collect();
    INSERT.add_all(tx, &rows)
}

/// The details of a comment.
pub fn of(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Option<Details>, StoreError> {
    row(
        tx,
        select!("WHERE site_id = ?1 AND comment_id = ?2"),
        params![site.0, id.0],
        from_row,
    )
}

/// Replaces the source.
pub fn set_source(
    tx: &mut dyn Tx,
    site: SiteId,
    id: CommentId,
    source: &str,
    format: Format,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comment_details SET source = ?3, format = ?4 WHERE site_id = ?1 AND comment_id = ?2",
        params![site.0, id.0, source, format.as_str()],
    )?;
    Ok(())
}

/// Sets the reason why a comment is held (none: it is not) and when it was removed (none: it is not).
pub fn set_hold_and_removal(
    tx: &mut dyn Tx,
    site: SiteId,
    id: CommentId,
    held_because: Option<HoldReason>,
    removed_at: Option<Millis>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comment_details SET held_because = ?3, removed_at = ?4 WHERE site_id = ?1 AND comment_id = ?2",
        params![site.0, id.0, word_of(held_because), removed_at.map_or(0, |at| at.0)],
    )?;
    Ok(())
}

/// Erases the text and the author of a comment with its revisions, and raises its version.
pub fn erase(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comment_details SET source = '', author_email = '', author_key = '', address_key = '', page_url = '', page_title = '' WHERE site_id = ?1 AND comment_id = ?2",
        params![site.0, id.0],
    )?;
    tx.execute(
        "UPDATE comments SET body = '[]', author_name = '', author_website = '', author_avatar = '', version = version + 1 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0],
    )?;
    revisions::erase(tx, site, id)
}

/// Returns true if this author has an approved comment on the site.
pub fn author_is_known(tx: &mut dyn Tx, site: SiteId, author_key: &str) -> Result<bool, StoreError> {
    let found = row(
        tx,
        AUTHOR_IS_KNOWN,
        params![site.0, author_key, Status::Approved.as_str()],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

pub(crate) const PURGE_ADDRESSES: &str =
    "UPDATE comment_details SET address_key = '' WHERE comment_id < ?1 AND address_key <> ''";
pub(crate) const PURGE_ADDRESSES_AHEAD: &str = "UPDATE comment_details SET address_key = '' WHERE comment_id > ?1 AND address_key <> '' \
     AND EXISTS (SELECT 1 FROM comments c WHERE c.site_id = comment_details.site_id AND c.id = comment_details.comment_id AND (c.created_at < ?2 OR c.created_at > ?3))";
pub(crate) const DATE_REMOVED_AHEAD: &str =
    "UPDATE comment_details SET removed_at = ?2 WHERE removed_at > ?1 AND removed_at > 0 AND source <> ''";
pub(crate) const REMOVED_BEFORE: &str = "SELECT site_id, comment_id FROM comment_details WHERE removed_at > 0 AND removed_at < ?1 AND source <> '' LIMIT ?2";
/// `CROSS JOIN` makes SQLite begin with the few comments of the author, not with all approved ones.
pub(crate) const AUTHOR_IS_KNOWN: &str = "SELECT 1 FROM comment_details d CROSS JOIN comments c \
     WHERE d.site_id = ?1 AND d.author_key = ?2 AND c.site_id = d.site_id AND c.id = d.comment_id AND c.status = ?3 LIMIT 1";

/// Empties the address keys of comments with ids below `before`, and returns their number.
pub fn purge_addresses(tx: &mut dyn Tx, before: CommentId) -> Result<u64, StoreError> {
    tx.execute(PURGE_ADDRESSES, params![before.0])
}

/// Empties the address keys of comments with ids above `after` (ahead of the clock) that were written before `before`
/// or are dated after `ahead`, and returns their number. They were written while the clock was wrong, or in a thread
/// with such a comment.
pub fn purge_addresses_ahead(
    tx: &mut dyn Tx,
    after: CommentId,
    before: Millis,
    ahead: Millis,
) -> Result<u64, StoreError> {
    tx.execute(PURGE_ADDRESSES_AHEAD, params![after.0, before.0, ahead.0])
}

/// Sets removals that are dated after `ahead` to `now`, and returns their number.
pub fn date_removed_ahead(tx: &mut dyn Tx, ahead: Millis, now: Millis) -> Result<u64, StoreError> {
    tx.execute(DATE_REMOVED_AHEAD, params![ahead.0, now.0])
}

/// Comments that were removed before `before` and still have their text, up to `limit`.
pub fn removed_before(
    tx: &mut dyn Tx,
    before: Millis,
    limit: i64,
) -> Result<Vec<(SiteId, CommentId)>, StoreError> {
    crate::store::tx::rows(tx, REMOVED_BEFORE, params![before.0, limit], |row| {
        Ok((SiteId(row.int(0)?), CommentId(row.int(1)?)))
    })
}

fn word_of(reason: Option<HoldReason>) -> &'static str {
    reason.map_or("", HoldReason::as_str)
}

fn from_row(row: &dyn Row) -> Result<Details, StoreError> {
    Ok(Details {
        source: row.text(0)?.to_owned(),
        format: Format::parse(row.text(1)?).ok_or_else(|| invalid_column("comment_details.format"))?,
        author_email: row.text(2)?.to_owned(),
        author_key: row.text(3)?.to_owned(),
        token_hash: row.text(4)?.to_owned(),
        address_key: row.text(5)?.to_owned(),
        removed_at: Some(row.int(6)?).filter(|at| *at != 0).map(Millis),
        held_because: match row.text(7)? {
            "" => None,
            word => {
                Some(HoldReason::parse(word).ok_or_else(|| invalid_column("comment_details.held_because"))?)
            }
        },
        page_url: row.text(8)?.to_owned(),
        page_title: row.text(9)?.to_owned(),
    })
}
