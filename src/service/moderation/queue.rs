//! The moderation queue: comments of one status with all that a decision needs.

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

/// Counts are exact up to here.
pub const MAX_COUNT: i64 = 1_000;

/// Earlier versions of a comment that the queue shows.
const MAX_REVISIONS: i64 = 5;

/// A comment as a moderator sees it.
#[derive(Clone, Debug)]
pub struct QueueItem {
    /// The comment.
    pub comment: Comment,
    /// What readers never see.
    pub details: Details,
    /// Where it stands.
    pub thread: Thread,
    /// What it said before its newest edits, newest first.
    pub revisions: Vec<Revision>,
    /// The few networks that most of its votes come from ([`vote_stuffing`]).
    pub few_networks: Vec<OfNetwork>,
}

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The site.
    pub site: Site,
    /// The status looked at.
    pub status: Status,
    /// How many of each status there are, up to [`MAX_COUNT`].
    pub counts: Vec<(Status, i64)>,
    /// Newest first.
    pub items: Vec<QueueItem>,
    /// What they answer, each once.
    pub parents: Vec<Comment>,
    /// Before which id the next page begins; none: this is the last.
    pub next: Option<CommentId>,
    /// What became of the comment that was asked about.
    pub changed: Option<ChangedSince>,
}

/// Which page of the queue.
#[derive(Clone, Copy, Debug)]
pub struct QueueQuery {
    /// The status of its comments.
    pub status: Status,
    /// Only comments before this one; none: the newest.
    pub before: Option<CommentId>,
    /// A comment, and the version of it that a moderator looked at: what changed since.
    pub seen: Option<(CommentId, i64)>,
}

/// A comment that changed after a moderator looked at it.
#[derive(Clone, Debug)]
pub struct ChangedSince {
    /// As it is now.
    pub item: QueueItem,
    /// What it said when the moderator looked; none when its text and author are still the same.
    pub seen: Option<Revision>,
}

/// A page of a site's queue, with all that stands on it.
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
            Some((id, version)) => match compare(tx, site.id, id, version) {
                // Removed with its site since: then there is nothing to say of it.
                Err(error) if error.kind == ErrorKind::CommentNotFound => None,
                compared => Some(compared?),
            },
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

/// One comment of a site for a moderator, and the sites.
///
/// # Errors
/// `site_not_found`, `comment_not_found`, and those of the store.
pub async fn item_page(app: &App, site: &str, id: CommentId) -> Result<(SiteContext, QueueItem), Error> {
    context::read(app, site, move |tx, site| find(tx, site.id, id)).await
}

/// One comment for a moderator. Errors: `comment_not_found`.
pub async fn item(app: &App, site: SiteId, id: CommentId) -> Result<QueueItem, Error> {
    app.store.read(move |tx| find(tx, site, id)).await
}

/// What became of a comment since a moderator looked at this version of it. Errors: `comment_not_found`.
pub async fn changed_since(
    app: &App,
    site: SiteId,
    id: CommentId,
    version: i64,
) -> Result<ChangedSince, Error> {
    app.store.read(move |tx| compare(tx, site, id, version)).await
}

fn compare(tx: &mut dyn Tx, site: SiteId, id: CommentId, version: i64) -> Result<ChangedSince, Error> {
    let item = find(tx, site, id)?;
    let seen = revisions::at(tx, site, id, version)?;
    Ok(ChangedSince { item, seen })
}

fn find(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<QueueItem, Error> {
    let comment = comments::by_id(tx, site, id)?.ok_or(ErrorKind::CommentNotFound)?;
    with_details(tx, comment)
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

pub(super) fn details_of(tx: &mut dyn Tx, comment: &Comment) -> Result<Details, Error> {
    details::of(tx, comment.site_id, comment.id)?.ok_or_else(|| Error::internal("a comment without details"))
}
