//! Edits by moderators: the text and the author of a reader's comment.

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

/// The result of a moderator's edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// It was saved; the status of the comment.
    Saved(Status),
    /// The comment changed since the moderator saw it; nothing was saved.
    Changed,
    /// The text is erased; nothing was saved.
    Erased,
}

/// Sets the text and the author of a comment, if it still has the version `seen` or has that content already. The checks
/// are those of an author's edit, except that the name may be the moderator's own.
///
/// # Errors
/// `comment_not_found`, `site_not_found`, those of [`ValidatedComment::check`], and those of the store.
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
