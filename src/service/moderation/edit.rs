//! Edits by moderators: another text or author of somebody else's comment.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::Status,
        id::{CommentId, SiteId},
        moderation_log::ModerationAction,
    },
    service::{
        accounts::directory,
        audit::{self, Actor},
        comments::{
            edit::{has_content_of, lock_comment, rewrite},
            input::{CommentInput, NameRules, ValidatedComment, rules_for_edit},
        },
        moderation::queue::{details_of, item},
    },
    store::tables::sites,
};

/// What became of a moderator's edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// It was saved; the comment's status.
    Saved(Status),
    /// The comment changed since the moderator looked; nothing was saved.
    Changed,
    /// The text is gone; nothing was saved.
    Erased,
}

/// Changes what a comment says, through the same checks as its author's edit, if it still has the version that
/// the moderator looked at; what it says already is saved as it is. The name may be the moderator's own. Errors: `comment_not_found`, and those of
/// [`ValidatedComment::check`].
pub async fn edit(
    app: &App,
    actor: &Actor,
    site: SiteId,
    id: CommentId,
    seen: i64,
    raw: CommentInput,
) -> Result<EditOutcome, Error> {
    let found = item(app, site, id).await?;
    if found.details.is_erased() {
        return Ok(EditOutcome::Erased);
    }
    let rules = app
        .store
        .read(move |tx| sites::by_id(tx, site)?.ok_or(Error::from(ErrorKind::SiteNotFound)))
        .await?
        .rules;
    let rules = rules_for_edit(&rules, &found.comment.author.name);
    let raw = CommentInput {
        email: found.details.author_email,
        format: Some(found.details.format),
        ..raw
    };
    let naming = NameRules {
        reserved: directory::reserved_names(app).await?,
        present: found.comment.author.name,
        own: actor.name().to_owned(),
    };
    let draft = app
        .run_blocking(move || ValidatedComment::check(&raw, &rules, &naming))
        .await??;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let comment = lock_comment(tx, site, id)?;
            let details = details_of(tx, &comment)?;
            if details.is_erased() {
                return Ok(EditOutcome::Erased);
            }
            if has_content_of(&comment, &details, &draft) {
                return Ok(EditOutcome::Saved(comment.status));
            }
            if comment.version != seen {
                return Ok(EditOutcome::Changed);
            }
            rewrite(tx, &comment, &details, &draft, inner.clock.now())?;
            audit::record_comment(&inner, tx, &actor, ModerationAction::Edited, &comment)?;
            Ok(EditOutcome::Saved(comment.status))
        })
        .await
}
