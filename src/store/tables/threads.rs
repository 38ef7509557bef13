//! The tables `threads` and `thread_keys`.

use crate::{
    model::{
        id::{SiteId, ThreadId},
        page::PageKey,
        thread::Thread,
        time::Millis,
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.site_id, t.id, t.page_url, t.title, t.created_at, t.closed, t.comment_count, t.total_count, t.version, t.published_at, t.page_edited, \
             COALESCE((SELECT min(i.page_key) FROM thread_keys i WHERE i.site_id = t.site_id AND i.thread_id = t.id AND i.page_key LIKE 'id:%'), '') \
             FROM threads t ",
            $rest
        )
    };
}

/// The thread with this key.
pub fn by_key(tx: &mut dyn Tx, site: SiteId, page_key: &str) -> Result<Option<Thread>, StoreError> {
    row(tx, BY_KEY, params![site.0, page_key], from_row)
}

pub(crate) const BY_KEY: &str = select!(
    "JOIN thread_keys k ON k.site_id = t.site_id AND k.thread_id = t.id WHERE k.site_id = ?1 AND k.page_key = ?2"
);

/// The thread of this id.
pub fn by_id(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Option<Thread>, StoreError> {
    row(
        tx,
        select!("WHERE t.site_id = ?1 AND t.id = ?2"),
        params![site.0, id.0],
        from_row,
    )
}

/// The newest threads of a site, including those that readers do not see.
pub fn newest(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<Vec<Thread>, StoreError> {
    rows(
        tx,
        select!("WHERE t.site_id = ?1 ORDER BY t.id DESC LIMIT ?2"),
        params![site.0, limit],
        from_row,
    )
}

/// The newest threads of a site with approved comments.
pub fn newest_published(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<Vec<Thread>, StoreError> {
    rows(
        tx,
        select!("WHERE t.site_id = ?1 AND t.published_at > 0 ORDER BY t.id DESC LIMIT ?2"),
        params![site.0, limit],
        from_row,
    )
}

/// The threads of a site with ids after `after`, by id, up to `limit`.
pub fn after(tx: &mut dyn Tx, site: SiteId, after: i64, limit: i64) -> Result<Vec<Thread>, StoreError> {
    rows(tx, AFTER, params![site.0, after, limit], from_row)
}

pub(crate) const AFTER: &str = select!("WHERE t.site_id = ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3");

/// Stores a thread with its first key, and returns it. If another thread has the key, nothing is stored and the other
/// one is returned.
pub fn add(tx: &mut dyn Tx, thread: &Thread, page_key: &str) -> Result<Thread, StoreError> {
    tx.execute(
        "INSERT INTO threads (site_id, id, page_url, title, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            thread.site_id.0,
            thread.id.0,
            &thread.page_url,
            &thread.title,
            thread.created_at.0
        ],
    )?;
    if add_key(tx, thread.site_id, page_key, thread.id)? {
        return Ok(thread.clone());
    }
    tx.execute(
        "DELETE FROM threads WHERE site_id = ?1 AND id = ?2",
        params![thread.site_id.0, thread.id.0],
    )?;
    by_key(tx, thread.site_id, page_key)?
        .ok_or_else(|| StoreError::Failed("a thread's key leads nowhere".into()))
}

/// Adds a key to a thread. Returns false if a thread has it already.
pub fn add_key(tx: &mut dyn Tx, site: SiteId, page_key: &str, id: ThreadId) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO thread_keys (site_id, page_key, thread_id) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, page_key) DO NOTHING",
        params![site.0, page_key, id.0],
    )?;
    Ok(added > 0)
}

/// The keys of a thread by which pages find it.
pub fn keys(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Vec<String>, StoreError> {
    rows(tx, KEYS, params![site.0, id.0], |row| Ok(row.text(0)?.to_owned()))
}

pub(crate) const KEYS: &str = "SELECT page_key FROM thread_keys WHERE site_id = ?1 AND thread_id = ?2 AND page_key NOT LIKE 'thread:%' ORDER BY page_key";

/// Locks a thread's row. First statement of every unit that changes a thread or its comments, so that such units of one
/// thread run one after the other on both engines. Returns false if the thread is gone because it was merged into
/// another one.
pub fn lock(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<bool, StoreError> {
    let found = tx.execute(
        "UPDATE threads SET version = version WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0],
    )?;
    Ok(found > 0)
}

/// Locks a thread's row and raises its version, for a change that readers see. Statements that change comments do so
/// themselves ([`super::comments`]). Changes that only moderators see do not raise the version.
pub fn lock_and_bump(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET version = version + 1 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0],
    )?;
    Ok(())
}

/// Adds to the counts. A change of `comments` (approved ones) raises the version and updates what depends on them: a
/// thread is published while it has approved comments, and its address and title are those of the earliest, unless the
/// owner set them.
pub(crate) fn add_to_counts(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
    comments: i64,
    total: i64,
    now: Millis,
) -> Result<(), StoreError> {
    if comments == 0 {
        tx.execute(
            "UPDATE threads SET total_count = total_count + ?3 WHERE site_id = ?1 AND id = ?2",
            params![site.0, id.0, total],
        )?;
        return Ok(());
    }
    let left = row(
        tx,
        "UPDATE threads SET comment_count = comment_count + ?3, total_count = total_count + ?4, version = version + 1, \
         published_at = CASE WHEN comment_count + ?3 <= 0 THEN 0 WHEN published_at = 0 THEN ?5 ELSE published_at END \
         WHERE site_id = ?1 AND id = ?2 RETURNING comment_count",
        params![site.0, id.0, comments, total, now.0],
        |row| row.int(0),
    )?;
    // A new comment is never earlier than an approved one.
    let is_only_later = total > 0 && left.is_some_and(|left| left > 1);
    if is_only_later {
        Ok(())
    } else {
        copy_page_of_first_comment(tx, site, id)
    }
}

/// The counts of a thread, counted from its comments.
pub(crate) struct Counted {
    /// Approved comments.
    pub comments: i64,
    /// All comments.
    pub total: i64,
    /// When the earliest approved comment was written.
    pub first_approved: Option<Millis>,
    /// True if the counts of a comment were corrected.
    pub replies_changed: bool,
}

/// Sets the counts, with the effects of [`add_to_counts`]. The version rises when a count that readers see changes.
pub(crate) fn set_counts(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
    counted: &Counted,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET comment_count = ?3, total_count = ?4, \
         version = version + CASE WHEN comment_count = ?3 THEN CAST(?5 AS BIGINT) ELSE 1 END, \
         published_at = CASE WHEN CAST(?6 AS BIGINT) = 0 THEN 0 WHEN published_at = 0 THEN ?6 ELSE published_at END \
         WHERE site_id = ?1 AND id = ?2",
        params![
            site.0,
            id.0,
            counted.comments,
            counted.total,
            counted.replies_changed,
            counted.first_approved.map_or(0, |at| at.0),
        ],
    )?;
    copy_page_of_first_comment(tx, site, id)
}

/// Sets address and title to those of the earliest approved comment. A comment without them (from an older version, or
/// imported) changes nothing.
pub(crate) fn copy_page_of_first_comment(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
) -> Result<(), StoreError> {
    let first = row(tx, FIRST_APPROVED, params![site.0, id.0], |row| {
        Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
    })?;
    if let Some((page_url, title)) = first.filter(|(page_url, _)| !page_url.is_empty()) {
        tx.execute(
            "UPDATE threads SET page_url = ?3, title = ?4 WHERE site_id = ?1 AND id = ?2 AND page_edited = 0",
            params![site.0, id.0, &page_url, &title],
        )?;
    }
    Ok(())
}

/// `CROSS JOIN` and `|| ''` make SQLite use the comments of the thread, not all approved ones.
pub(crate) const FIRST_APPROVED: &str = "SELECT d.page_url, d.page_title FROM comments c CROSS JOIN comment_details d \
     WHERE c.site_id = ?1 AND c.thread_id = ?2 AND c.status || '' = 'approved' AND d.site_id = c.site_id AND d.comment_id = c.id \
     ORDER BY c.id LIMIT 1";

/// Sets the address and title that the owner chose. Comments do not change them any more.
pub fn set_page(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
    page_url: &str,
    title: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET page_url = ?3, title = ?4, page_edited = 1 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0, page_url, title],
    )?;
    Ok(())
}

/// Sets the address, whether the owner chose it or not.
pub fn set_address(tx: &mut dyn Tx, site: SiteId, id: ThreadId, page_url: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET page_url = ?3 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0, page_url],
    )?;
    Ok(())
}

/// The keys of a site that contain `.html` or `.htm`.
pub fn html_keys(tx: &mut dyn Tx, site: SiteId) -> Result<Vec<String>, StoreError> {
    let sql =
        "SELECT page_key FROM thread_keys WHERE site_id = ?1 AND page_key LIKE '//%.htm%' ORDER BY page_key";
    rows(tx, sql, params![site.0], |row| Ok(row.text(0)?.to_owned()))
}

/// The key by which a merged thread is found: its feed and links with its id lead to the other thread.
fn merged_key(id: ThreadId) -> String {
    format!("{MERGED_KEY_PREFIX}{id}")
}

/// The prefix of such a key. No key of a page begins like this.
const MERGED_KEY_PREFIX: &str = "thread:";

/// The thread of this id, or the one that it was merged into.
pub fn by_id_or_merged(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Option<Thread>, StoreError> {
    match by_id(tx, site, id)? {
        None => by_key(tx, site, &merged_key(id)),
        found => Ok(found),
    }
}

/// Moves all comments and keys of `from` to `into`, adds the counts, and removes `from`. The caller has locked both.
/// The new version of the thread is above both, so that caches of either are stale; versions of the moved comments rise
/// as well.
pub fn merge(tx: &mut dyn Tx, from: &Thread, into: &Thread) -> Result<(), StoreError> {
    let site = from.site_id.0;
    for sql in [
        "UPDATE comments SET thread_id = ?3, version = version + 1 WHERE site_id = ?1 AND thread_id = ?2",
        "UPDATE thread_keys SET thread_id = ?3 WHERE site_id = ?1 AND thread_id = ?2",
    ] {
        tx.execute(sql, params![site, from.id.0, into.id.0])?;
    }
    let published_at = match (from.published_at, into.published_at) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    tx.execute(
        "UPDATE threads SET comment_count = comment_count + ?3, total_count = total_count + ?4, version = ?5, \
         created_at = ?6, published_at = ?7 WHERE site_id = ?1 AND id = ?2",
        params![
            site,
            into.id.0,
            from.comment_count,
            from.total_count,
            from.version.max(into.version) + 1,
            from.created_at.min(into.created_at).0,
            published_at.map_or(0, |at| at.0),
        ],
    )?;
    tx.execute(
        "DELETE FROM threads WHERE site_id = ?1 AND id = ?2",
        params![site, from.id.0],
    )?;
    add_key(tx, from.site_id, &merged_key(from.id), into.id)?;
    copy_page_of_first_comment(tx, into.site_id, into.id)
}

/// Closes or opens a thread.
pub fn set_closed(tx: &mut dyn Tx, site: SiteId, id: ThreadId, closed: bool) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET closed = ?3 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0, closed],
    )?;
    Ok(())
}

fn from_row(row: &dyn Row) -> Result<Thread, StoreError> {
    Ok(Thread {
        site_id: SiteId(row.int(0)?),
        id: ThreadId(row.int(1)?),
        page_url: row.text(2)?.to_owned(),
        title: row.text(3)?.to_owned(),
        created_at: Millis(row.int(4)?),
        closed: row.int(5)? != 0,
        comment_count: row.int(6)?,
        total_count: row.int(7)?,
        version: row.int(8)?,
        published_at: Some(row.int(9)?).filter(|at| *at != 0).map(Millis),
        page_edited: row.int(10)? != 0,
        page_id: row.text(11)?.strip_prefix(PageKey::ID).map(str::to_owned),
    })
}
