//! Changing and deleting one's own comment, by its edit token and within the site's window.

use super::{
    app::{App, Client},
    draft::{Draft, Raw, rules_of_an_edit},
    error::{Error, Kind},
    post::held_because,
    secret::{hash, same},
};
use crate::{
    config::Action,
    content,
    model::{
        comment::{Author, Comment, Details, Status},
        id::{CommentId, SiteId},
        site::Site,
        time::{Millis, SECOND},
    },
    store::{StoreError, Tx, comments, details, threads},
};

/// What the author wants changed; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The new text.
    pub text: String,
    /// The new name.
    pub name: Option<String>,
    /// The new website.
    pub website: Option<String>,
}

/// Changes a comment; where approval is needed, it waits again.
pub async fn edit(
    app: &App,
    site: Site,
    client: &Client,
    id: CommentId,
    token: &str,
    change: Change,
) -> Result<Comment, Error> {
    app.limits.check(Action::Edit, client.network, Some(site.id))?;
    let _place = app.let_in()?;
    let now = app.clock.now();
    let (find, proof) = (site.clone(), token.to_owned());
    // Read first, so that the text is rendered outside the transaction; checked again inside.
    let (found, secret): (Comment, Details) =
        app.store.read(move |tx| own(tx, &find, id, &proof, now)).await?;
    if matches!(found.status, Status::Deleted) {
        return Err(Kind::CommentNotFound.into());
    }
    let rules = rules_of_an_edit(&site.rules, &found.author.name);
    let raw = Raw {
        name: change.name.unwrap_or(found.author.name),
        email: secret.author_email,
        website: change.website.unwrap_or(found.author.website),
        text: change.text,
        format: None,
    };
    let draft = app
        .rendering(raw.text.len(), move || Draft::check(&raw, &rules))
        .await??;
    let proof = token.to_owned();
    let (comment, keys) = app
        .store
        .write(move |tx| {
            lock(tx, site.id, id)?;
            let (comment, secret) = own(tx, &site, id, &proof, now)?;
            if comment.status == Status::Deleted {
                return Err(Error::from(Kind::CommentNotFound));
            }
            rewrite(tx, &comment, &draft, now)?;
            if comment.status == Status::Approved && !held_because(tx, &site, &secret.author_key)?.is_empty()
            {
                comments::set_status(tx, &comment, Status::Held)?;
                details::set_standing(tx, site.id, id, "edited", None)?;
            }
            reread::<Error>(tx, &comment)
        })
        .await?;
    app.changed(comment.site_id, &keys);
    Ok(comment)
}

/// Deletes a comment and erases what it said. Deleting it again is no error.
pub async fn delete(
    app: &App,
    site: Site,
    client: &Client,
    id: CommentId,
    token: &str,
) -> Result<Comment, Error> {
    app.limits.check(Action::Edit, client.network, Some(site.id))?;
    let (proof, now) = (token.to_owned(), app.clock.now());
    let (comment, keys) = app
        .store
        .write(move |tx| {
            lock(tx, site.id, id)?;
            let (comment, _) = own(tx, &site, id, &proof, now)?;
            if comment.status != Status::Deleted {
                comments::set_status(tx, &comment, Status::Deleted)?;
                details::set_standing(tx, site.id, id, "", Some(now))?;
                details::erase(tx, site.id, id)?;
            }
            reread::<Error>(tx, &comment)
        })
        .await?;
    app.changed(comment.site_id, &keys);
    Ok(comment)
}

/// The comment, if the token is its own and the window is open.
/// Errors: `comment_not_found`, `token_wrong`, `token_expired`.
pub(super) fn own(
    tx: &mut dyn Tx,
    site: &Site,
    id: CommentId,
    token: &str,
    now: Millis,
) -> Result<(Comment, Details), Error> {
    let (comment, details) = by_token(tx, site, id, token)?.ok_or(Kind::TokenWrong)?;
    if now > comment.created_at.plus(site.rules.edit_window * SECOND) {
        return Err(Kind::TokenExpired.into());
    }
    Ok((comment, details))
}

/// The comment, if the token is its own; the window may be closed. Errors: `comment_not_found`.
pub(super) fn by_token(
    tx: &mut dyn Tx,
    site: &Site,
    id: CommentId,
    token: &str,
) -> Result<Option<(Comment, Details)>, Error> {
    let comment = comments::by_id(tx, site.id, id)?.ok_or(Kind::CommentNotFound)?;
    let details =
        details::of(tx, site.id, id)?.ok_or_else(|| Error::internal("a comment without details"))?;
    let right = !details.token_hash.is_empty() && same(&details.token_hash, &hash(token));
    Ok(right.then_some((comment, details)))
}

/// The comment as it is now, and the keys of its thread.
pub(super) fn reread<E: From<StoreError>>(
    tx: &mut dyn Tx,
    comment: &Comment,
) -> Result<(Comment, Vec<String>), E> {
    let gone = || StoreError::Failed("a comment vanished".into());
    let comment = comments::by_id(tx, comment.site_id, comment.id)?.ok_or_else(gone)?;
    let keys = threads::keys(tx, comment.site_id, comment.thread_id)?;
    Ok((comment, keys))
}

/// The comment, with its thread locked: until the unit ends nobody else changes either.
/// Errors: `comment_not_found`.
pub(super) fn lock(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Comment, Error> {
    let found = comments::by_id(tx, site, id)?.ok_or(Kind::CommentNotFound)?;
    threads::touch(tx, site, found.thread_id)?;
    // Again: it may have changed while the lock was waited for.
    comments::by_id(tx, site, id)?.ok_or_else(|| Kind::CommentNotFound.into())
}

/// Replaces what a comment says and who says it; the picture stays.
pub(super) fn rewrite(
    tx: &mut dyn Tx,
    comment: &Comment,
    draft: &Draft,
    now: Millis,
) -> Result<(), StoreError> {
    let author = Author {
        name: draft.name.clone(),
        website: draft.website.clone(),
        avatar: comment.author.avatar.clone(),
    };
    let body = draft.tree.to_json();
    comments::set_content(tx, comment, &author, &body, content::POLICY, Some(now))?;
    details::set_source(tx, comment.site_id, comment.id, &draft.source, draft.format)
}
