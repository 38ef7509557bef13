//! Decisions of moderators: approving, marking as spam, deleting, sending back to the queue. All of it can be undone
//! by giving the status back, and all of it is recorded in the log.
//!
//! A decision is bound to the version of the comment that the moderator looked at ([`decide`], [`super::edit`]): where the
//! comment changed since, nothing is done. What was erased stays erased.

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

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It was taken.
    Decided {
        /// The status that the comment had, with which this is undone.
        was: Status,
        /// The version that it has now: an undo is bound to it.
        version: i64,
    },
    /// The comment changed since the moderator looked; nothing was done. [`crate::service::moderation::queue::changed_since`] tells what changed.
    Changed,
    /// The text is gone; nothing was done.
    Erased,
}

/// Gives a comment another status, if it still has the version that the moderator looked at.
/// Errors: `comment_not_found`.
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
