//! Threads as owners arrange them: their address and title, more addresses, pages that moved, threads that are joined.
//!
//! Every use case here is one unit of work. A thread keeps all its names: whatever moved, the old address still finds it.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        moderation_log::ModerationAction,
        page::{PageKey, PageUrl},
        site::Site,
        text::Title,
        thread::Thread,
    },
    service::{
        audit::{self, Actor},
        sites::context::{self, SiteContext},
        threads::page::Page,
    },
    store::{StoreError, Tx, tables::threads},
};

/// What became of a page that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveOutcome {
    /// Its comments are now at the new address.
    Moved,
    /// They were there already.
    Already,
    /// The new address had comments too; both threads are one.
    Merged,
    /// Nobody has commented on it.
    NoComments,
}

/// A page that moves: from where, and to which page.
pub type PageMove = (PageKey, Page);

/// What a page's thread is found by: an address, of whichever origin, or `id:` and a page id.
/// Errors: `page_invalid`, `page_too_long`.
pub fn key_of(site: &Site, page: &str) -> Result<PageKey, Error> {
    Ok(match page.trim().strip_prefix(PageKey::ID) {
        Some(page_id) => PageKey::from_page_id(page_id)?,
        None => site.key_of(&PageUrl::parse(page.trim())?),
    })
}

/// The thread that a key leads to, whether or not readers see it.
pub async fn find(app: &App, site: SiteId, key: PageKey) -> Result<Option<Thread>, Error> {
    app.store
        .read(move |tx| Ok(threads::by_key(tx, site, key.as_str())?))
        .await
}

/// A thread with its names. Errors: `not_found`.
pub async fn with_keys(app: &App, site: SiteId, id: ThreadId) -> Result<(Thread, Vec<String>), Error> {
    app.store
        .read(move |tx| {
            let thread = threads::by_id(tx, site, id)?.ok_or_else(gone)?;
            Ok((thread, threads::keys(tx, site, id)?))
        })
        .await
}

/// A site's newest threads, also those that wait for a first approved comment; or the one that a page is found by, as
/// [`key_of`] reads it, if there is one.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn list(app: &App, site: &str, page: &str) -> Result<(SiteContext, Vec<Thread>), Error> {
    let page = page.to_owned();
    context::read(app, site, move |tx, site| {
        if page.is_empty() {
            return Ok(threads::newest(tx, site.id, 50)?);
        }
        let Ok(key) = key_of(site, &page) else {
            return Ok(Vec::new());
        };
        Ok(threads::by_key(tx, site.id, key.as_str())?.into_iter().collect())
    })
    .await
}

/// Gives a thread one more address or page id. Errors: `conflict` when it leads to another thread.
pub async fn add_alias(
    app: &App,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    key: PageKey,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            locked(tx, site, thread)?;
            let known = threads::by_key(tx, site, key.as_str())?.is_some_and(|found| found.id == thread);
            name(tx, site, thread, &key)?;
            if known {
                tx.emit(Event::of_thread(site, thread, Change::ThreadStale));
            } else {
                tx.emit(Event::of_thread(site, thread, Change::AliasAdded));
                let found = threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
                let (act, target) = (ModerationAction::AliasAdded, key.as_str());
                audit::record(&inner, tx, Some(site), &actor, act, target, &found.page_url)?;
            }
            Ok(threads::lock_and_bump(tx, site, thread)?)
        })
        .await
}

/// Sets where a thread is read and what its article is called; from then on no comment changes them. An address that
/// did not lead to the thread does so now. Errors: those of [`Page::of`] and [`Title::parse`]; `conflict` when the
/// address leads to another thread.
pub async fn edit(
    app: &App,
    actor: &Actor,
    site: &Site,
    id: ThreadId,
    address: &str,
    title: &str,
) -> Result<Thread, Error> {
    let page = Page::of(site, address.trim(), None)?;
    let title = Title::parse(title)?
        .map(|title| title.as_str().to_owned())
        .unwrap_or_default();
    let site = site.id;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let before = locked(tx, site, id)?;
            let by_id = threads::keys(tx, site, id)?
                .iter()
                .any(|key| key.starts_with(PageKey::ID));
            match name(tx, site, id, &page.key) {
                // Pages that their id names may share an address.
                Err(error) if error.kind == ErrorKind::Conflict && by_id => (),
                named => named?,
            }
            threads::set_page(tx, site, id, page.url.as_str(), &title)?;
            threads::lock_and_bump(tx, site, id)?;
            let thread = threads::by_id(tx, site, id)?.ok_or_else(gone)?;
            let (was, now) = (describe(&before), describe(&thread));
            // The same words are a change where no owner had chosen them.
            if was == now && before.page_edited {
                tx.emit(Event::of_thread(site, id, Change::ThreadStale));
            } else {
                tx.emit(Event::of_thread(site, id, Change::ThreadEdited));
                audit::record(
                    &inner,
                    tx,
                    Some(site),
                    &actor,
                    ModerationAction::ThreadEdited,
                    &now,
                    &was,
                )?;
            }
            Ok(thread)
        })
        .await
}

/// Moves pages to new addresses, all or none: links lead to the new ones, and the old ones still find the threads.
/// With `join`, a thread that the new address has already becomes one with the page's own; with `dry`, nothing is
/// changed and the answer is what would be. Errors: `conflict` when both addresses have a thread and `join` is false.
pub async fn move_pages(
    app: &App,
    actor: &Actor,
    site: SiteId,
    moves: Vec<PageMove>,
    join: bool,
    dry: bool,
) -> Result<Vec<MoveOutcome>, Error> {
    enum End {
        Dry(Vec<MoveOutcome>),
        Failed(Error),
    }
    impl From<StoreError> for End {
        fn from(error: StoreError) -> Self {
            Self::Failed(error.into())
        }
    }
    let (inner, actor) = (app.clone(), actor.clone());
    let done = app
        .store
        .write(move |tx| {
            let mut done = Vec::with_capacity(moves.len());
            for (from, to) in &moves {
                let moved = move_page(&inner, tx, &actor, site, (from, to), join).map_err(End::Failed)?;
                done.push(moved);
            }
            // What fails leaves nothing: that is how a dry run is exact.
            if dry { Err(End::Dry(done)) } else { Ok(done) }
        })
        .await;
    match done {
        Ok(done) | Err(End::Dry(done)) => Ok(done),
        Err(End::Failed(error)) => Err(error),
    }
}

fn move_page(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
    (from, to): (&PageKey, &Page),
    join: bool,
) -> Result<MoveOutcome, Error> {
    let Some(found) = threads::by_key(tx, site, from.as_str())? else {
        return Ok(MoveOutcome::NoComments);
    };
    let there = threads::by_key(tx, site, to.key.as_str())?;
    if let Some(there) = there.filter(|there| there.id != found.id) {
        if !join {
            let message = format!(
                "Both pages have a thread: {} with {} and {} with {}. Merge them into one instead.",
                found.page_url,
                comments(&found),
                there.page_url,
                comments(&there),
            );
            return Err(Error::with_message(ErrorKind::Conflict, message));
        }
        let address = Some(to.url.as_str());
        join_into(app, tx, actor, site, (found.id, there.id), address)?;
        return Ok(MoveOutcome::Merged);
    }
    let thread = locked(tx, site, found.id)?;
    let is_there = threads::by_key(tx, site, to.key.as_str())?.is_some_and(|there| there.id == thread.id);
    if is_there && thread.page_url == to.url.as_str() {
        return Ok(MoveOutcome::Already);
    }
    name(tx, site, thread.id, &to.key)?;
    if let Some(key) = to.unfolded() {
        threads::add_key(tx, site, key.as_str(), thread.id)?;
    }
    threads::set_page(tx, site, thread.id, to.url.as_str(), &thread.title)?;
    threads::lock_and_bump(tx, site, thread.id)?;
    let (act, target) = (ModerationAction::ThreadMoved, to.url.as_str());
    audit::record(app, tx, Some(site), actor, act, target, &thread.page_url)?;
    tx.emit(Event::of_thread(site, thread.id, Change::ThreadMoved));
    Ok(MoveOutcome::Moved)
}

/// Makes one thread of two: all comments of `from` with their replies, votes and links stand in `into`, in the order
/// in which they were written, and every address of either finds them. Errors: `not_found`; `conflict` for one thread.
pub async fn merge(
    app: &App,
    actor: &Actor,
    site: SiteId,
    from: ThreadId,
    into: ThreadId,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| join_into(&inner, tx, &actor, site, (from, into), None))
        .await
}

/// The unit of work of a merge. The address is that of `into`, or the one given; the title is its title, or that of
/// the other where it has none. From then on no comment changes them: the earliest may be of the other page.
fn join_into(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
    (from, into): (ThreadId, ThreadId),
    address: Option<&str>,
) -> Result<(), Error> {
    if from == into {
        return Err(Error::with_message(
            ErrorKind::Conflict,
            "Both addresses lead to the same thread already.",
        ));
    }
    let (from, into) = both_locked(tx, site, from, into)?;
    join(tx, &from, &into)?;
    // A title that nobody approved counts for nothing.
    let says = |thread: &Thread| (thread.is_published() || thread.page_edited) && !thread.title.is_empty();
    let title = if says(&from) && !says(&into) {
        &from.title
    } else {
        &into.title
    };
    threads::set_page(tx, site, into.id, address.unwrap_or(&into.page_url), title)?;
    record_merge(app, tx, actor, &from, &into)
}

/// Moves everything of a thread into another one; both are locked.
pub(crate) fn join(tx: &mut dyn Tx, from: &Thread, into: &Thread) -> Result<(), StoreError> {
    threads::merge(tx, from, into)?;
    let change = Change::ThreadsMerged { from: from.id };
    tx.emit(Event::of_thread(into.site_id, into.id, change));
    Ok(())
}

/// The refusal of what was asked of a thread that there is none of any more.
pub(crate) fn gone() -> Error {
    let message = "This thread is gone. It may have been merged into another one.";
    Error::with_message(ErrorKind::NotFound, message)
}

/// The thread, with its row locked. Errors: `not_found`.
pub(crate) fn locked(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Thread, Error> {
    threads::lock(tx, site, id)?;
    threads::by_id(tx, site, id)?.ok_or_else(gone)
}

/// Two threads, both locked, in one order everywhere, so that two merges cannot wait for each other.
/// Errors: `not_found`.
pub(crate) fn both_locked(
    tx: &mut dyn Tx,
    site: SiteId,
    from: ThreadId,
    into: ThreadId,
) -> Result<(Thread, Thread), Error> {
    locked(tx, site, from.min(into))?;
    locked(tx, site, from.max(into))?;
    let from = threads::by_id(tx, site, from)?.ok_or_else(gone)?;
    let into = threads::by_id(tx, site, into)?.ok_or_else(gone)?;
    Ok((from, into))
}

/// Records that two threads, given as they were, are one now.
pub(crate) fn record_merge(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    from: &Thread,
    into: &Thread,
) -> Result<(), Error> {
    let now = threads::by_id(tx, into.site_id, into.id)?.ok_or_else(gone)?;
    let with = |thread: &Thread| format!("{} with {}", describe(thread), comments(thread));
    let (target, before) = (describe(&now), format!("{}; {}", with(from), with(into)));
    let act = ModerationAction::ThreadsMerged;
    Ok(audit::record(
        app,
        tx,
        Some(into.site_id),
        actor,
        act,
        &target,
        &before,
    )?)
}

/// Address and title, as the log names a thread.
fn describe(thread: &Thread) -> String {
    if thread.title.is_empty() {
        thread.page_url.clone()
    } else {
        format!("{} “{}”", thread.page_url, thread.title)
    }
}

/// Gives a locked thread a name. Errors: `conflict` when it is another thread's.
fn name(tx: &mut dyn Tx, site: SiteId, thread: ThreadId, key: &PageKey) -> Result<(), Error> {
    let is_mine = threads::add_key(tx, site, key.as_str(), thread)?
        || threads::by_key(tx, site, key.as_str())?.is_some_and(|found| found.id == thread);
    if is_mine {
        Ok(())
    } else {
        Err(Error::with_message(
            ErrorKind::Conflict,
            "Another thread is found under this address already. Merge the two instead.",
        ))
    }
}

/// “59 comments”, all of them counted.
fn comments(thread: &Thread) -> String {
    match thread.total_count {
        1 => "one comment".to_owned(),
        count => format!("{count} comments"),
    }
}
