//! Edits and deletes a comment for its author, by its edit token and within the edit window of the site.

use crate::{
    app::{
        context::{App, Client},
        error::{Error, ErrorKind},
        secret::{constant_time_eq, hash},
    },
    config::Action,
    content,
    model::{
        comment::{Author, Comment, Details, Revision, Status},
        event::{Change, Event},
        id::{CommentId, SiteId},
        site::Site,
        time::{DAY, Millis, SECOND},
    },
    service::{
        accounts::directory,
        comments::input::{CommentInput, NameRules, ValidatedComment, rules_for_edit},
        moderation::hold::{self, Candidate},
    },
    store::{
        StoreError, Tx,
        tables::{comments, details, revisions, threads},
    },
};

/// The changes of an edit; absent fields stay as they are.
#[derive(Clone, Debug, Default)]
pub struct CommentChanges {
    /// The new text.
    pub text: String,
    /// The new name.
    pub name: Option<String>,
    /// The new website.
    pub website: Option<String>,
    /// The version that the author saw; `None` to edit any version.
    pub version: Option<i64>,
}

/// Edits a comment; by the moderation rule of the site it may be held again. An edit without a difference changes nothing.
///
/// # Errors
/// Those of [`own_comment`] and of [`ValidatedComment::check`]; `comment_not_found` for a deleted or erased comment;
/// `conflict` of the field `version` when the comment changed since; `rate_limited`, `busy`; and those of the store.
pub async fn edit(
    app: &App,
    site: Site,
    client: &Client,
    id: CommentId,
    token: &str,
    change: CommentChanges,
) -> Result<Comment, Error> {
    app.limits.check(Action::Edit, client.network)?;
    let _permit = app.admit(client)?;
    let now = app.clock.now();
    let (find, proof) = (site.clone(), token.to_owned());
    // Read first, so that the text is rendered outside the transaction; checked again inside.
    let (found, secret): (Comment, Details) = app
        .store
        .read(move |tx| own_undeleted_comment(tx, &find, id, &proof, now))
        .await?;
    let rules = rules_for_edit(&site.rules, &found.author.name);
    let naming = NameRules {
        reserved: directory::reserved_names(app).await?,
        present: found.author.name.clone(),
        own: String::new(),
    };
    let raw = CommentInput {
        name: change.name.unwrap_or(found.author.name),
        email: secret.author_email,
        website: change.website.unwrap_or(found.author.website),
        text: change.text,
        format: None,
    };
    let draft = app
        .run_cpu_bound(raw.text.len(), move || {
            ValidatedComment::check(&raw, &rules, &naming)
        })
        .await??;
    let proof = token.to_owned();
    let reserved = app.limits.reserve(Action::Edit, Some(site.id))?;
    let comment = app
        .store
        .write(move |tx| {
            lock_comment(tx, site.id, id)?;
            let (comment, secret) = own_undeleted_comment(tx, &site, id, &proof, now)?;
            if has_content_of(&comment, &secret, &draft) {
                tx.emit(Event::of_comment(&comment, Change::ThreadStale));
                return Ok(comment);
            }
            if change.version.is_some_and(|seen| seen != comment.version) {
                return Err(Error::of_field(ErrorKind::Conflict, "version"));
            }
            rewrite(tx, &comment, &secret, &draft, now)?;
            let candidate = Candidate::Edited { was: comment.status };
            let verdict = hold::verdict(tx, &site, &secret.author_key, candidate)?;
            if verdict.held_because().is_some() {
                change_status(tx, &comment, verdict.status, now)?;
                details::set_hold_and_removal(tx, site.id, id, verdict.held_because(), None)?;
            }
            Ok::<_, Error>(reread(tx, &comment)?)
        })
        .await?;
    reserved.keep();
    Ok(comment)
}

/// The effect of a delete by the author.
enum Deletion {
    /// The comment was deleted or erased now.
    Done,
    /// It was deleted and erased before; nothing was done.
    Before,
}

/// Deletes a comment and erases its content, whatever its status: also one that a moderator deleted or marked as spam.
/// Deleting it again is no error.
///
/// # Errors
/// Those of [`own_comment`], `rate_limited`, and those of the store.
pub async fn delete(
    app: &App,
    site: Site,
    client: &Client,
    id: CommentId,
    token: &str,
) -> Result<Comment, Error> {
    app.limits.check(Action::Edit, client.network)?;
    let (proof, now) = (token.to_owned(), app.clock.now());
    let reserved = app.limits.reserve(Action::Edit, Some(site.id))?;
    let (deletion, comment) = app
        .store
        .write(move |tx| {
            lock_comment(tx, site.id, id)?;
            let (comment, secret) = own_comment(tx, &site, id, &proof, now)?;
            let (was_deleted, was_erased) = (comment.status == Status::Deleted, secret.is_erased());
            if !was_deleted {
                change_status(tx, &comment, Status::Deleted, now)?;
            }
            if !was_erased {
                details::set_hold_and_removal(tx, site.id, id, None, Some(now))?;
                erase(tx, &comment)?;
            }
            let deletion = if was_deleted && was_erased {
                tx.emit(Event::of_comment(&comment, Change::ThreadStale));
                Deletion::Before
            } else {
                Deletion::Done
            };
            Ok::<_, Error>((deletion, reread(tx, &comment)?))
        })
        .await?;
    reserved.keep_if(matches!(deletion, Deletion::Done));
    Ok(comment)
}

/// The comment, if the token is its own and the edit window is open. With a wrong token, a held, spam or deleted comment
/// is refused like an unknown id.
///
/// # Errors
/// `comment_not_found`, `token_wrong`, `token_expired`, and those of the store.
pub(crate) fn own_comment(
    tx: &mut dyn Tx,
    site: &Site,
    id: CommentId,
    token: &str,
    now: Millis,
) -> Result<(Comment, Details), Error> {
    let Some((comment, details)) = find_by_token(tx, site, id, token)? else {
        let public = comments::by_id(tx, site.id, id)?.is_some_and(|found| found.status == Status::Approved);
        let kind = if public {
            ErrorKind::TokenWrong
        } else {
            ErrorKind::CommentNotFound
        };
        return Err(kind.into());
    };
    // A comment from the future, written while the clock was wrong, would have an open window for a long time.
    if now > comment.created_at.plus(site.rules.edit_window * SECOND) || comment.created_at > now.plus(DAY) {
        return Err(ErrorKind::TokenExpired.into());
    }
    Ok((comment, details))
}

/// [`own_comment`], unless it is deleted or erased.
///
/// # Errors
/// Those of [`own_comment`], and `comment_not_found` for a deleted or erased comment.
fn own_undeleted_comment(
    tx: &mut dyn Tx,
    site: &Site,
    id: CommentId,
    token: &str,
    now: Millis,
) -> Result<(Comment, Details), Error> {
    let (comment, details) = own_comment(tx, site, id, token, now)?;
    if comment.status == Status::Deleted || details.is_erased() {
        return Err(ErrorKind::CommentNotFound.into());
    }
    Ok((comment, details))
}

/// Returns true if a comment has this text, name and website already.
pub(crate) fn has_content_of(comment: &Comment, details: &Details, draft: &ValidatedComment) -> bool {
    comment.author.name == draft.name
        && comment.author.website == draft.website
        && details.source == draft.source
        && details.format == draft.format
}

/// The comment, if there is one and the token is its own; the edit window may be closed.
///
/// # Errors
/// Those of the store.
pub(crate) fn find_by_token(
    tx: &mut dyn Tx,
    site: &Site,
    id: CommentId,
    token: &str,
) -> Result<Option<(Comment, Details)>, Error> {
    let Some(comment) = comments::by_id(tx, site.id, id)? else {
        return Ok(None);
    };
    let details =
        details::of(tx, site.id, id)?.ok_or_else(|| Error::internal("a comment without details"))?;
    let right = !details.token_hash.is_empty() && constant_time_eq(&details.token_hash, &hash(token));
    Ok(right.then_some((comment, details)))
}

/// Reads a comment again, after a change within the unit.
///
/// # Errors
/// Those of the store.
pub(crate) fn reread(tx: &mut dyn Tx, comment: &Comment) -> Result<Comment, StoreError> {
    let gone = || StoreError::Failed("a comment vanished".into());
    comments::by_id(tx, comment.site_id, comment.id)?.ok_or_else(gone)
}

/// Sets the status of a comment of a locked thread.
///
/// # Errors
/// Those of the store.
pub(crate) fn change_status(
    tx: &mut dyn Tx,
    comment: &Comment,
    to: Status,
    now: Millis,
) -> Result<(), StoreError> {
    comments::set_status(tx, comment, to, now)?;
    let from = comment.status;
    tx.emit(Event::of_comment(comment, Change::StatusChanged { from, to }));
    Ok(())
}

/// Erases text and author of a comment of a locked thread.
///
/// # Errors
/// Those of the store.
pub(crate) fn erase(tx: &mut dyn Tx, comment: &Comment) -> Result<(), StoreError> {
    details::erase(tx, comment.site_id, comment.id)?;
    tx.emit(Event::of_comment(comment, Change::CommentErased));
    Ok(())
}

/// Locks the thread of a comment until the unit ends, and reads the comment.
///
/// # Errors
/// `comment_not_found`, and those of the store.
pub(crate) fn lock_comment(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Comment, Error> {
    let mut found = comments::by_id(tx, site, id)?.ok_or(ErrorKind::CommentNotFound)?;
    loop {
        let is_locked = threads::lock(tx, site, found.thread_id)?;
        // Read again: before the lock was granted, it may have changed, and a merge may have moved it to another thread.
        let now = comments::by_id(tx, site, id)?.ok_or(ErrorKind::CommentNotFound)?;
        match (is_locked, now.thread_id == found.thread_id) {
            (true, true) => return Ok(now),
            (false, true) => return Err(Error::internal("a comment without thread")),
            (_, false) => found = now,
        }
    }
}

/// Sets text and author of a comment, and stores the content before as a revision. The avatar stays.
///
/// # Errors
/// Those of the store.
pub(crate) fn rewrite(
    tx: &mut dyn Tx,
    comment: &Comment,
    before: &Details,
    draft: &ValidatedComment,
    now: Millis,
) -> Result<(), StoreError> {
    let revision = Revision {
        version: comment.version,
        author_name: comment.author.name.clone(),
        author_website: comment.author.website.clone(),
        source: before.source.clone(),
        replaced_at: now,
    };
    revisions::add(tx, comment.site_id, comment.id, &revision)?;
    let author = Author {
        name: draft.name.clone(),
        website: draft.website.clone(),
        avatar: comment.author.avatar.clone(),
    };
    let body = draft.tree.to_json();
    comments::set_content(tx, comment, &author, &body, content::POLICY, Some(now))?;
    details::set_source(tx, comment.site_id, comment.id, &draft.source, draft.format)?;
    tx.emit(Event::of_comment(comment, Change::CommentEdited));
    Ok(())
}
