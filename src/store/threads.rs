//! The tables `threads` and `thread_keys`.

use super::{Row, StoreError, Tx, params, row, rows};
use crate::model::{
    id::{SiteId, ThreadId},
    thread::Thread,
    time::Millis,
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.site_id, t.id, t.page_url, t.title, t.created_at, t.closed, t.comment_count, t.total_count, t.version FROM threads t ",
            $rest
        )
    };
}

/// The thread that is found under this key.
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

/// A site's newest threads.
pub fn newest(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<Vec<Thread>, StoreError> {
    rows(
        tx,
        select!("WHERE t.site_id = ?1 ORDER BY t.id DESC LIMIT ?2"),
        params![site.0, limit],
        from_row,
    )
}

/// A site's threads with ids after `after`, by id.
pub fn after(tx: &mut dyn Tx, site: SiteId, after: i64, limit: i64) -> Result<Vec<Thread>, StoreError> {
    rows(tx, AFTER, params![site.0, after, limit], from_row)
}

pub(crate) const AFTER: &str = select!("WHERE t.site_id = ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3");

/// Stores a thread under its first key. Where another one has that key already, nothing is stored and
/// the other is answered.
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

/// Gives a thread one more name. False when the name is taken, by whichever thread.
pub fn add_key(tx: &mut dyn Tx, site: SiteId, page_key: &str, id: ThreadId) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO thread_keys (site_id, page_key, thread_id) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, page_key) DO NOTHING",
        params![site.0, page_key, id.0],
    )?;
    Ok(added > 0)
}

/// All names of a thread.
pub fn keys(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Vec<String>, StoreError> {
    rows(tx, KEYS, params![site.0, id.0], |row| Ok(row.text(0)?.to_owned()))
}

pub(crate) const KEYS: &str =
    "SELECT page_key FROM thread_keys WHERE site_id = ?1 AND thread_id = ?2 ORDER BY page_key";

/// Raises the version. First statement of every unit that changes what readers of the thread see: it
/// takes the row's lock, so that such units of one thread follow one another on both engines.
pub fn touch(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET version = version + 1 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0],
    )?;
    Ok(())
}

/// Moves the counts.
pub fn count(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
    comments: i64,
    total: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE threads SET comment_count = comment_count + ?3, total_count = total_count + ?4 WHERE site_id = ?1 AND id = ?2",
        params![site.0, id.0, comments, total],
    )?;
    Ok(())
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
    })
}
