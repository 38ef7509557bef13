//! Moderating: the queue, approving, marking as spam, deleting, editing, closing threads. All of it can be undone
//! by giving the status back, and all of it is recorded in the log.
//!
//! A decision is bound to the version of the comment that the moderator looked at ([`decide`], [`edit`]): where the
//! comment changed since, nothing is done. What was erased stays erased.

use crate::{
    app::{
        context::App,
        error::{Error, Kind},
    },
    model::{
        comment::{Comment, Details, Revision, Status},
        id::{CommentId, SiteId, ThreadId},
        moderation_log::Act,
        site::Site,
        thread::Thread,
    },
    service::{
        accounts::session,
        audit::{self, Actor},
        comments::{
            edit::{lock, reread, rewrite, says},
            input::{Draft, Naming, Raw, rules_of_an_edit},
        },
        moderation::vote_stuffing,
        threads::manage::gone,
    },
    store::{
        Tx,
        tables::{comments, details, revisions, sites, threads, votes::OfNetwork},
    },
};

/// Comments on a page of the queue.
pub const PAGE: i64 = 25;
/// Counts are exact up to here.
pub const COUNTED: i64 = 1_000;
/// Earlier versions of a comment that the queue shows.
const REVISIONS_SHOWN: i64 = 5;

/// A comment as a moderator sees it.
#[derive(Clone, Debug)]
pub struct Item {
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
    /// How many of each status there are, up to [`COUNTED`].
    pub counts: Vec<(Status, i64)>,
    /// Newest first.
    pub items: Vec<Item>,
    /// Before which id the next page begins; none: this is the last.
    pub next: Option<CommentId>,
}

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
    /// The comment changed since the moderator looked; nothing was done. [`since`] tells what changed.
    Changed,
    /// The text is gone; nothing was done.
    Erased,
}

/// What became of a moderator's edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It was saved; the comment's status.
    Saved(Status),
    /// The comment changed since the moderator looked; nothing was saved.
    Changed,
    /// The text is gone; nothing was saved.
    Erased,
}

/// A comment that changed after a moderator looked at it.
#[derive(Clone, Debug)]
pub struct Since {
    /// As it is now.
    pub item: Item,
    /// What it said when the moderator looked; none when its text and author are still the same.
    pub seen: Option<Revision>,
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

/// What became of a comment since a moderator looked at this version of it. Errors: `comment_not_found`.
pub async fn since(app: &App, site: SiteId, id: CommentId, version: i64) -> Result<Since, Error> {
    app.store
        .read(move |tx| {
            let comment = comments::by_id(tx, site, id)?.ok_or(Error::from(Kind::CommentNotFound))?;
            let item = with_details(tx, comment)?;
            let seen = revisions::at(tx, site, id, version)?;
            Ok(Since { item, seen })
        })
        .await
}

fn with_details(tx: &mut dyn Tx, comment: Comment) -> Result<Item, Error> {
    let (site, id) = (comment.site_id, comment.id);
    let details = details_of(tx, &comment)?;
    let thread = threads::by_id(tx, site, comment.thread_id)?
        .ok_or_else(|| Error::internal("a comment without thread"))?;
    let revisions = match comment.edited_at {
        Some(_) => revisions::newest(tx, site, id, REVISIONS_SHOWN)?,
        None => Vec::new(),
    };
    let few_networks = vote_stuffing::few_networks(tx, &comment)?;
    Ok(Item {
        comment,
        details,
        thread,
        revisions,
        few_networks,
    })
}

fn details_of(tx: &mut dyn Tx, comment: &Comment) -> Result<Details, Error> {
    details::of(tx, comment.site_id, comment.id)?.ok_or_else(|| Error::internal("a comment without details"))
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
    let (keys, decision) = app
        .store
        .write(move |tx| {
            let comment = lock(tx, site, id)?;
            if details_of(tx, &comment)?.is_erased() {
                return Ok((Vec::new(), Decision::Erased));
            }
            if comment.version != seen {
                return Ok((Vec::new(), Decision::Changed));
            }
            let was = comment.status;
            if was == to {
                return Ok((Vec::new(), Decision::Decided { was, version: seen }));
            }
            let at = inner.clock.now();
            comments::set_status(tx, &comment, to, at)?;
            let removed_at = matches!(to, Status::Deleted | Status::Spam).then_some(at);
            let held_because = if to == Status::Held { "moderator" } else { "" };
            details::set_standing(tx, site, id, held_because, removed_at)?;
            audit::of_comment(&inner, tx, &actor, to, &comment)?;
            let (now, keys) = reread::<Error>(tx, &comment)?;
            let version = now.version;
            Ok::<_, Error>((keys, Decision::Decided { was, version }))
        })
        .await?;
    app.changed(site, &keys);
    Ok(decision)
}

/// Changes what a comment says, through the same checks as its author's edit, if it still has the version that
/// the moderator looked at; what it says already is saved as it is. The name may be the moderator's own. Errors: `comment_not_found`, and those of
/// [`Draft::check`].
pub async fn edit(
    app: &App,
    actor: &Actor,
    site: SiteId,
    id: CommentId,
    seen: i64,
    raw: Raw,
) -> Result<Edited, Error> {
    let found = item(app, site, id).await?;
    if found.details.is_erased() {
        return Ok(Edited::Erased);
    }
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
    let naming = Naming {
        reserved: session::reserved_names(app).await?,
        present: found.comment.author.name,
        own: actor.name().to_owned(),
    };
    let draft = app
        .blocking(move || Draft::check(&raw, &rules, &naming))
        .await??;
    let (inner, actor) = (app.clone(), actor.clone());
    let (keys, edited) = app
        .store
        .write(move |tx| {
            let comment = lock(tx, site, id)?;
            let details = details_of(tx, &comment)?;
            if details.is_erased() {
                return Ok((Vec::new(), Edited::Erased));
            }
            if says(&comment, &details, &draft) {
                return Ok((Vec::new(), Edited::Saved(comment.status)));
            }
            if comment.version != seen {
                return Ok((Vec::new(), Edited::Changed));
            }
            rewrite(tx, &comment, &details, &draft, inner.clock.now())?;
            audit::of_comment(&inner, tx, &actor, Act::Edited, &comment)?;
            let keys = threads::keys(tx, site, comment.thread_id)?;
            Ok::<_, Error>((keys, Edited::Saved(comment.status)))
        })
        .await?;
    app.changed(site, &keys);
    Ok(edited)
}

/// Closes a thread, or opens it again. Errors: `not_found`.
pub async fn set_closed(
    app: &App,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    closed: bool,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    let keys = app
        .store
        .write(move |tx| {
            threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            threads::touch(tx, site, thread)?;
            // Again: it may have changed while the lock was waited for.
            let found = threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            if found.closed != closed {
                threads::set_closed(tx, site, thread, closed)?;
                let act = if closed {
                    Act::ThreadClosed
                } else {
                    Act::ThreadOpened
                };
                audit::record(&inner, tx, Some(site), &actor, act, &found.page_url, "")?;
            }
            Ok::<_, Error>(threads::keys(tx, site, thread)?)
        })
        .await?;
    app.changed(site, &keys);
    Ok(())
}
