//! Moderating: the queue, approving, calling spam, deleting, editing, closing threads; all of it can be
//! undone by giving the status back, and all of it is written to the log.

use super::{
    app::App,
    draft::{Draft, Raw, rules_of_an_edit},
    edit::{lock, reread, rewrite},
    error::{Error, Kind},
};
use crate::{
    model::{
        comment::{Comment, Details, Status},
        id::{CommentId, SiteId, ThreadId},
        site::Site,
        thread::Thread,
        user::User,
    },
    store::{
        Tx, comments, details,
        moderation_log::{self, Entry},
        sites, threads,
    },
};

/// Comments on a page of the queue.
pub const PAGE: i64 = 25;
/// Counts are exact up to here.
pub const COUNTED: i64 = 1_000;

/// A comment as a moderator sees it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The comment.
    pub comment: Comment,
    /// What readers never see.
    pub details: Details,
    /// Where it stands.
    pub thread: Thread,
}

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The site.
    pub site: Site,
    /// The status looked at.
    pub status: Status,
    /// How many of each status there are, up to [`COUNTED`].
    pub counts: Vec<(Status, i64)>,
    /// Newest first.
    pub items: Vec<Item>,
    /// Before which id the next page begins; none: this is the last.
    pub next: Option<CommentId>,
}

/// Comments of a site in one status, before an id.
pub async fn queue(
    app: &App,
    site: SiteId,
    status: Status,
    before: Option<CommentId>,
) -> Result<Queue, Error> {
    app.store
        .read(move |tx| {
            let site = sites::by_id(tx, site)?.ok_or(Kind::SiteNotFound)?;
            let mut found =
                comments::by_status(tx, site.id, status, before.map_or(i64::MAX, |id| id.0), PAGE + 1)?;
            let more = found.len() > PAGE as usize;
            found.truncate(PAGE as usize);
            let next = found.last().filter(|_| more).map(|comment| comment.id);
            let mut items = Vec::with_capacity(found.len());
            for comment in found {
                items.push(with_details(tx, comment)?);
            }
            let mut counts = Vec::new();
            for status in Status::ALL {
                counts.push((*status, comments::count_status(tx, site.id, *status, COUNTED)?));
            }
            Ok(Queue {
                site,
                status,
                counts,
                items,
                next,
            })
        })
        .await
}

/// One comment for a moderator. Errors: `comment_not_found`.
pub async fn item(app: &App, site: SiteId, id: CommentId) -> Result<Item, Error> {
    app.store
        .read(move |tx| {
            let comment = comments::by_id(tx, site, id)?.ok_or(Error::from(Kind::CommentNotFound))?;
            with_details(tx, comment)
        })
        .await
}

fn with_details(tx: &mut dyn Tx, comment: Comment) -> Result<Item, Error> {
    let details = details::of(tx, comment.site_id, comment.id)?
        .ok_or_else(|| Error::internal("a comment without details"))?;
    let thread = threads::by_id(tx, comment.site_id, comment.thread_id)?
        .ok_or_else(|| Error::internal("a comment without thread"))?;
    Ok(Item {
        comment,
        details,
        thread,
    })
}

/// Gives a comment another status; answers the one that it had, with which this is undone.
///
/// Errors: `conflict` when it is not in the status `expected` (somebody else was there first), or when
/// its text is gone.
pub async fn set_status(
    app: &App,
    user: &User,
    site: SiteId,
    id: CommentId,
    to: Status,
    expected: Option<Status>,
) -> Result<Status, Error> {
    let (name, now) = (user.name.clone(), app.clock.now());
    let entry_id = app.ids.next(now, 0);
    let (keys, before) = app
        .store
        .write(move |tx| {
            let comment = lock(tx, site, id)?;
            let before = comment.status;
            if expected.is_some_and(|expected| expected != before) {
                return Err(Kind::Conflict.into());
            }
            let secret =
                details::of(tx, site, id)?.ok_or_else(|| Error::internal("a comment without details"))?;
            if before == Status::Deleted && to != Status::Deleted && secret.source.is_empty() {
                return Err(Error::with_message(
                    Kind::Conflict,
                    "Its author deleted this comment, and its text is gone.",
                ));
            }
            if before != to {
                comments::set_status(tx, &comment, to)?;
                let removed_at = matches!(to, Status::Deleted | Status::Spam).then_some(now);
                let held_because = if to == Status::Held { "moderator" } else { "" };
                details::set_standing(tx, site, id, held_because, removed_at)?;
                let entry = Entry {
                    id: entry_id,
                    comment: id,
                    user_name: name.clone(),
                    action: to.as_str().to_owned(),
                    before: before.as_str().to_owned(),
                    created_at: now,
                };
                moderation_log::add(tx, site, &entry)?;
            }
            Ok((threads::keys(tx, site, comment.thread_id)?, before))
        })
        .await?;
    app.changed(site, &keys);
    Ok(before)
}

/// Changes what a comment says, through the same door as its author's edit.
pub async fn edit(app: &App, user: &User, site: SiteId, id: CommentId, raw: Raw) -> Result<Comment, Error> {
    let found = item(app, site, id).await?;
    let rules = app
        .store
        .read(move |tx| sites::by_id(tx, site)?.ok_or(Error::from(Kind::SiteNotFound)))
        .await?
        .rules;
    let rules = rules_of_an_edit(&rules, &found.comment.author.name);
    let raw = Raw {
        email: found.details.author_email,
        format: Some(found.details.format),
        ..raw
    };
    let draft = app.blocking(move || Draft::check(&raw, &rules)).await??;
    let (name, now) = (user.name.clone(), app.clock.now());
    let entry_id = app.ids.next(now, 0);
    let (comment, keys) = app
        .store
        .write(move |tx| {
            let comment = lock(tx, site, id)?;
            rewrite(tx, &comment, &draft, now)?;
            let entry = Entry {
                id: entry_id,
                comment: id,
                user_name: name.clone(),
                action: "edited".to_owned(),
                before: comment.status.as_str().to_owned(),
                created_at: now,
            };
            moderation_log::add(tx, site, &entry)?;
            reread::<Error>(tx, &comment)
        })
        .await?;
    app.changed(site, &keys);
    Ok(comment)
}

/// Closes a thread, or opens it again.
pub async fn set_closed(app: &App, site: SiteId, thread: ThreadId, closed: bool) -> Result<(), Error> {
    let keys = app
        .store
        .write(move |tx| {
            threads::by_id(tx, site, thread)?.ok_or(Error::from(Kind::NotFound))?;
            threads::touch(tx, site, thread)?;
            threads::set_closed(tx, site, thread, closed)?;
            Ok::<_, Error>(threads::keys(tx, site, thread)?)
        })
        .await?;
    app.changed(site, &keys);
    Ok(())
}

/// The newest lines of a site's log.
pub async fn log(app: &App, site: SiteId) -> Result<Vec<Entry>, Error> {
    app.store
        .read(move |tx| Ok(moderation_log::newest(tx, site, 100)?))
        .await
}
