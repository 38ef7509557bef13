//! Removes a site in batches, each a unit of work of its own, so that other units run between them. The next removal
//! continues an interrupted one.

use crate::{
    model::id::SiteId,
    store::{StoreError, Tx, params, row},
};

/// Removes the origins of a site, so that nobody can write to it.
pub fn close(tx: &mut dyn Tx, site: SiteId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM site_origins WHERE site_id = ?1", params![site.0])?;
    Ok(())
}

/// Removes the oldest comments of a site with their votes, details and revisions, up to `limit`, and returns their
/// number.
pub fn comments(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<u64, StoreError> {
    let sql = "SELECT MAX(id) FROM (SELECT id FROM comments WHERE site_id = ?1 ORDER BY id LIMIT ?2) AS oldest HAVING COUNT(*) > 0";
    let Some(last) = row(tx, sql, params![site.0, limit], |row| row.int(0))? else {
        return Ok(0);
    };
    for sql in [
        "DELETE FROM votes WHERE site_id = ?1 AND comment_id <= ?2",
        "DELETE FROM comment_revisions WHERE site_id = ?1 AND comment_id <= ?2",
        "DELETE FROM comment_details WHERE site_id = ?1 AND comment_id <= ?2",
    ] {
        tx.execute(sql, params![site.0, last])?;
    }
    tx.execute(
        "DELETE FROM comments WHERE site_id = ?1 AND id <= ?2",
        params![site.0, last],
    )
}

/// Removes threads of a site whose comments are gone, and keys, up to `limit` of each; returns the number of rows.
pub fn threads(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<u64, StoreError> {
    let mut removed = 0;
    for sql in [
        "DELETE FROM post_keys WHERE site_id = ?1 AND key_hash IN (SELECT key_hash FROM post_keys WHERE site_id = ?1 ORDER BY key_hash LIMIT ?2)",
        "DELETE FROM comment_names WHERE site_id = ?1 AND name IN (SELECT name FROM comment_names WHERE site_id = ?1 ORDER BY name LIMIT ?2)",
        "DELETE FROM thread_keys WHERE site_id = ?1 AND thread_id IN (SELECT id FROM threads WHERE site_id = ?1 ORDER BY id LIMIT ?2)",
        "DELETE FROM threads WHERE site_id = ?1 AND id IN (SELECT id FROM threads WHERE site_id = ?1 ORDER BY id LIMIT ?2)",
    ] {
        removed += tx.execute(sql, params![site.0, limit])?;
    }
    Ok(removed)
}

/// Removes the site itself and its log, after everything else.
pub fn site(tx: &mut dyn Tx, site: SiteId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM votes WHERE site_id = ?1",
        "DELETE FROM comment_revisions WHERE site_id = ?1",
        "DELETE FROM comment_details WHERE site_id = ?1",
        "DELETE FROM moderation_log WHERE site_id = ?1",
        "DELETE FROM account_roles WHERE site_id = ?1",
        "DELETE FROM outbox WHERE site_id = ?1",
        "DELETE FROM site_origins WHERE site_id = ?1",
        "DELETE FROM sites WHERE id = ?1",
    ] {
        tx.execute(sql, params![site.0])?;
    }
    Ok(())
}
