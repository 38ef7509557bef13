//! The table `moderation_log`: who did what, to what. Rows are only ever added.

use super::sites::invalid_column;
use crate::{
    model::{
        id::{CommentId, SiteId},
        moderation_log::{LogEntry, ModerationAction},
        time::Millis,
    },
    store::{StoreError, Tx, params, rows},
};

/// Stands for the whole instance where an entry is about no site.
pub const INSTANCE: SiteId = SiteId(0);

/// Adds an entry.
pub fn add(tx: &mut dyn Tx, site: SiteId, entry: &LogEntry) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO moderation_log (site_id, id, comment_id, actor, action, before, created_at, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            site.0,
            entry.id,
            entry.comment.map_or(0, |comment| comment.0),
            &entry.actor,
            entry.act.as_str(),
            &entry.before,
            entry.created_at.0,
            &entry.target,
        ],
    )?;
    Ok(())
}

/// The newest entries of a site, or of the instance.
pub fn newest(tx: &mut dyn Tx, site: SiteId, limit: i64) -> Result<Vec<LogEntry>, StoreError> {
    let sql = "SELECT id, comment_id, actor, action, before, created_at, target FROM moderation_log WHERE site_id = ?1 ORDER BY id DESC LIMIT ?2";
    rows(tx, sql, params![site.0, limit], |row| {
        Ok(LogEntry {
            id: row.int(0)?,
            comment: Some(row.int(1)?).filter(|id| *id != 0).map(CommentId),
            actor: row.text(2)?.to_owned(),
            act: ModerationAction::parse(row.text(3)?)
                .ok_or_else(|| invalid_column("moderation_log.action"))?,
            before: row.text(4)?.to_owned(),
            created_at: Millis(row.int(5)?),
            target: row.text(6)?.to_owned(),
        })
    })
}
