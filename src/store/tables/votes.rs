//! The table `votes`: the vote of a reader on a comment, one at most.

use crate::{
    model::{
        id::{CommentId, SiteId},
        time::Millis,
    },
    store::{StoreError, Tx, params, row, rows},
};

pub(crate) const PURGE_ADDRESSES: &str =
    "UPDATE votes SET address_key = '' WHERE created_at < ?1 AND address_key <> ''";
pub(crate) const PURGE_ADDRESSES_AHEAD: &str =
    "UPDATE votes SET address_key = '' WHERE created_at > ?1 AND address_key <> ''";

/// The reader's vote: 1, -1, or 0 for none.
pub fn of(tx: &mut dyn Tx, site: SiteId, comment: CommentId, reader_key: &str) -> Result<i64, StoreError> {
    let sql = "SELECT value FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND reader_key = ?3";
    Ok(row(tx, sql, params![site.0, comment.0, reader_key], |row| row.int(0))?.unwrap_or(0))
}

/// The recent votes of a network on a comment.
#[derive(Clone, Copy, Debug)]
pub struct RecentVotes {
    /// Number of votes.
    pub count: i64,
    /// When the first of them was cast; 0 if there is none.
    pub first: Millis,
}

/// The votes on a comment by readers of this network that were cast after `since`.
pub fn recent(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    address_key: &str,
    since: Millis,
) -> Result<RecentVotes, StoreError> {
    let sql = "SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM votes \
        WHERE site_id = ?1 AND comment_id = ?2 AND address_key = ?3 AND created_at > ?4";
    let found = row(tx, sql, params![site.0, comment.0, address_key, since.0], |row| {
        Ok(RecentVotes {
            count: row.int(0)?,
            first: Millis(row.int(1)?),
        })
    })?;
    Ok(found.unwrap_or(RecentVotes {
        count: 0,
        first: Millis(0),
    }))
}

/// The votes of one network on a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfNetwork {
    /// The keyed hash of the network.
    pub address_key: String,
    /// Number of up-votes.
    pub up: i64,
    /// Number of down-votes.
    pub down: i64,
}

impl OfNetwork {
    /// Number of all votes.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.up + self.down
    }
}

/// The networks with the most votes on a comment. Votes whose address key was purged do not count.
pub fn by_network(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    limit: i64,
) -> Result<Vec<OfNetwork>, StoreError> {
    let sql = "SELECT address_key, SUM(CASE WHEN value = 1 THEN 1 ELSE 0 END), SUM(CASE WHEN value = 1 THEN 0 ELSE 1 END) \
        FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND address_key <> '' \
        GROUP BY address_key ORDER BY COUNT(*) DESC, address_key LIMIT ?3";
    rows(tx, sql, params![site.0, comment.0, limit], |row| {
        Ok(OfNetwork {
            address_key: row.text(0)?.to_owned(),
            up: row.int(1)?,
            down: row.int(2)?,
        })
    })
}

/// Deletes the votes of a network on a comment, and returns them.
pub fn discard(
    tx: &mut dyn Tx,
    site: SiteId,
    comment: CommentId,
    address_key: &str,
) -> Result<OfNetwork, StoreError> {
    let mut of = |value: i64| {
        let sql =
            "DELETE FROM votes WHERE site_id = ?1 AND comment_id = ?2 AND address_key = ?3 AND value = ?4";
        tx.execute(sql, params![site.0, comment.0, address_key, value])
            .map(|count| i64::try_from(count).unwrap_or(i64::MAX))
    };
    Ok(OfNetwork {
        up: of(1)?,
        down: of(-1)?,
        address_key: address_key.to_owned(),
    })
}

/// Sets the vote of a reader; 0 removes it.
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

/// Empties the address keys of votes cast before `before`, and returns their number.
pub fn purge_addresses(tx: &mut dyn Tx, before: Millis) -> Result<u64, StoreError> {
    tx.execute(PURGE_ADDRESSES, params![before.0])
}

/// Empties the address keys of votes that are dated after `ahead`, and returns their number.
pub fn purge_addresses_ahead(tx: &mut dyn Tx, ahead: Millis) -> Result<u64, StoreError> {
    tx.execute(PURGE_ADDRESSES_AHEAD, params![ahead.0])
}
