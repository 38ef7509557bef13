//! The table `moderation_log`: actors, actions and targets. Rows are only added.

use super::sites::invalid_column;
use crate::{
    model::{
        comment::Status,
        id::{CommentId, SiteId},
        moderation_log::{Before, LogEntry, ModerationAction},
        time::Millis,
    },
    store::{StoreError, Tx, params, rows},
};

/// The site of entries about the whole instance.
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
            entry.before.as_str(),
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
        let comment = Some(row.int(1)?).filter(|id| *id != 0).map(CommentId);
        let before = row.text(4)?;
        Ok(LogEntry {
            id: row.int(0)?,
            comment,
            actor: row.text(2)?.to_owned(),
            act: ModerationAction::parse(row.text(3)?)
                .ok_or_else(|| invalid_column("moderation_log.action"))?,
            before: match Status::parse(before) {
                Some(status) if comment.is_some() => Before::Status(status),
                _ => Before::Text(before.to_owned()),
            },
            created_at: Millis(row.int(5)?),
            target: row.text(6)?.to_owned(),
        })
    })
}
