//! Decisions of moderators: approving, marking as spam, deleting, returning to the queue. Each can be undone by setting
//! the status before, and each is recorded in the log.
//!
//! A decision is bound to the version of the comment that the moderator saw ([`decide`], [`super::edit`]): if the comment
//! changed since, nothing is done. An erased comment stays erased.

use crate::{
    app::{context::App, error::Error},
    model::{
        comment::{HoldReason, Status},
        id::{CommentId, SiteId},
    },
    service::{
        audit::{self, Actor},
        comments::edit::{change_status, lock_comment, reread},
        moderation::queue::details_of,
    },
    store::tables::details,
};

/// The result of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The comment has the status, now or already before.
    Decided {
        /// The status before; setting it undoes the decision.
        was: Status,
        /// The version now; an undo is bound to it.
        version: i64,
    },
    /// The comment changed since the moderator saw it; nothing was done. [`super::queue::changed_since`] reads the change.
    Changed,
    /// The text is erased; nothing was done.
    Erased,
}

/// Sets the status of a comment, if it still has the version `seen`.
///
/// # Errors
/// `comment_not_found`, and those of the store.
pub async fn decide(
    app: &App,
    actor: &Actor,
    site: SiteId,
    id: CommentId,
    to: Status,
    seen: i64,
) -> Result<Decision, Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let comment = lock_comment(tx, site, id)?;
            if details_of(tx, &comment)?.is_erased() {
                return Ok(Decision::Erased);
            }
            if comment.version != seen {
                return Ok(Decision::Changed);
            }
            let was = comment.status;
            if was == to {
                return Ok(Decision::Decided { was, version: seen });
            }
            let at = inner.clock.now();
            change_status(tx, &comment, to, at)?;
            let removed_at = matches!(to, Status::Deleted | Status::Spam).then_some(at);
            let held_because = (to == Status::Held).then_some(HoldReason::Moderator);
            details::set_hold_and_removal(tx, site, id, held_because, removed_at)?;
            audit::record_comment(&inner, tx, &actor, to, &comment)?;
            let version = reread(tx, &comment)?.version;
            Ok(Decision::Decided { was, version })
        })
        .await
}
