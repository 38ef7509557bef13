//! The moderation queue: the comments of one status, with everything that a decision needs.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::{Comment, Details, Revision, Status},
        id::{CommentId, SiteId},
        site::Site,
        thread::Thread,
    },
    service::{
        moderation::vote_stuffing,
        sites::context::{self, SiteContext},
    },
    store::{
        Tx,
        tables::{comments, details, revisions, threads, votes::OfNetwork},
    },
};

/// Comments on a page of the queue.
pub const PAGE_SIZE: i64 = 25;

/// The greatest exact count of a status.
pub const MAX_COUNT: i64 = 1_000;

/// Earlier versions of a comment that the queue shows.
const MAX_REVISIONS: i64 = 5;

/// A comment of the queue.
#[derive(Clone, Debug)]
pub struct QueueItem {
    /// The comment.
    pub comment: Comment,
    /// The part of it that readers never see.
    pub details: Details,
    /// Its thread.
    pub thread: Thread,
    /// Its content before its newest edits, newest first.
    pub revisions: Vec<Revision>,
    /// The networks of most of its votes, if they are few ([`vote_stuffing`]).
    pub few_networks: Vec<OfNetwork>,
}

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The site.
    pub site: Site,
    /// The status of the comments.
    pub status: Status,
    /// The number of comments of each status, up to [`MAX_COUNT`].
    pub counts: Vec<(Status, i64)>,
    /// The comments, newest first.
    pub items: Vec<QueueItem>,
    /// Their parents, each once.
    pub parents: Vec<Comment>,
    /// The id before which the next page begins; `None` on the last page.
    pub next: Option<CommentId>,
    /// The comment of [`QueueQuery::seen`]; `None` without one, and when it was removed with its site.
    pub changed: Option<ChangedSince>,
}

/// A page of the queue to read.
#[derive(Clone, Copy, Debug)]
pub struct QueueQuery {
    /// The status of the comments.
    pub status: Status,
    /// Only comments with ids below this one; `None` for the newest.
    pub before: Option<CommentId>,
    /// A comment and the version of it that a moderator saw, to be compared with its present state.
    pub seen: Option<(CommentId, i64)>,
}

/// A comment, compared with the version that a moderator saw.
#[derive(Clone, Debug)]
pub struct ChangedSince {
    /// The comment now.
    pub item: QueueItem,
    /// Its content when the moderator saw it; `None` when text and author are still the same.
    pub seen: Option<Revision>,
}

/// Reads a page of a site's queue, in one unit of work.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn page(app: &App, site: &str, wanted: QueueQuery) -> Result<(SiteContext, Queue), Error> {
    context::read(app, site, move |tx, site| {
        let (site, status) = (site.clone(), wanted.status);
        let before = wanted.before.map_or(i64::MAX, |id| id.0);
        let mut found = comments::by_status(tx, site.id, status, before, PAGE_SIZE + 1)?;
        let more = found.len() > PAGE_SIZE as usize;
        found.truncate(PAGE_SIZE as usize);
        let next = found.last().filter(|_| more).map(|comment| comment.id);
        let mut items = Vec::with_capacity(found.len());
        let mut parents: Vec<Comment> = Vec::new();
        for comment in found {
            if let Some(parent) = comment.parent_id
                && !parents.iter().any(|known| known.id == parent)
            {
                parents.extend(comments::by_id(tx, site.id, parent)?);
            }
            items.push(with_details(tx, comment)?);
        }
        let mut counts = Vec::new();
        for status in Status::ALL {
            counts.push((*status, comments::count_status(tx, site.id, *status, MAX_COUNT)?));
        }
        let changed = match wanted.seen {
            None => None,
            Some((id, version)) => compare(tx, site.id, id, version)?,
        };
        Ok(Queue {
            site,
            status,
            counts,
            items,
            parents,
            next,
            changed,
        })
    })
    .await
}

/// Reads one comment of a site, in one unit of work with the sites.
///
/// # Errors
/// `site_not_found`, `comment_not_found`, and those of the store.
pub async fn item_page(app: &App, site: &str, id: CommentId) -> Result<(SiteContext, QueueItem), Error> {
    context::read(app, site, move |tx, site| {
        find(tx, site.id, id)?.ok_or_else(|| ErrorKind::CommentNotFound.into())
    })
    .await
}

/// Reads one comment of a site.
///
/// # Errors
/// `comment_not_found`, and those of the store.
pub async fn item(app: &App, site: SiteId, id: CommentId) -> Result<QueueItem, Error> {
    app.store
        .read(move |tx| find(tx, site, id)?.ok_or_else(|| ErrorKind::CommentNotFound.into()))
        .await
}

/// Compares a comment with the version of it that a moderator saw.
///
/// # Errors
/// `comment_not_found`, and those of the store.
pub async fn changed_since(
    app: &App,
    site: SiteId,
    id: CommentId,
    version: i64,
) -> Result<ChangedSince, Error> {
    app.store
        .read(move |tx| compare(tx, site, id, version)?.ok_or_else(|| ErrorKind::CommentNotFound.into()))
        .await
}

/// A comment compared with a version of it; `None` if there is no such comment.
fn compare(
    tx: &mut dyn Tx,
    site: SiteId,
    id: CommentId,
    version: i64,
) -> Result<Option<ChangedSince>, Error> {
    let Some(item) = find(tx, site, id)? else {
        return Ok(None);
    };
    let seen = revisions::at(tx, site, id, version)?;
    Ok(Some(ChangedSince { item, seen }))
}

/// A comment as an item of the queue; `None` if there is no such comment.
fn find(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Option<QueueItem>, Error> {
    match comments::by_id(tx, site, id)? {
        Some(comment) => Ok(Some(with_details(tx, comment)?)),
        None => Ok(None),
    }
}

fn with_details(tx: &mut dyn Tx, comment: Comment) -> Result<QueueItem, Error> {
    let (site, id) = (comment.site_id, comment.id);
    let details = details_of(tx, &comment)?;
    let thread = threads::by_id(tx, site, comment.thread_id)?
        .ok_or_else(|| Error::internal("a comment without thread"))?;
    let revisions = match comment.edited_at {
        Some(_) => revisions::newest(tx, site, id, MAX_REVISIONS)?,
        None => Vec::new(),
    };
    let few_networks = vote_stuffing::few_networks(tx, &comment)?;
    Ok(QueueItem {
        comment,
        details,
        thread,
        revisions,
        few_networks,
    })
}

/// The details of a comment. A comment without details is an internal error.
pub(super) fn details_of(tx: &mut dyn Tx, comment: &Comment) -> Result<Details, Error> {
    details::of(tx, comment.site_id, comment.id)?.ok_or_else(|| Error::internal("a comment without details"))
}
