//! Pages that move to another address, with their threads.

use super::{alias::claim_key, label::comment_count, locking::lock_thread, merge::merge_locked, page::Page};
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::SiteId,
        moderation_log::ModerationAction,
        page::PageKey,
    },
    service::audit::{self, Actor},
    store::{StoreError, Tx, tables::threads},
};

/// The result of moving one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveOutcome {
    /// The thread is at the new address.
    Moved,
    /// The thread was at the new address before.
    Already,
    /// The new address had a thread too; the two are one.
    Merged,
    /// The page has no thread.
    NoComments,
}

/// A page that moves: its key, and the page that it becomes.
pub type PageMove = (PageKey, Page);

/// Moves pages to new addresses, all or none. Links lead to the new addresses, and the old ones still find the threads.
/// With `join`, a thread that the new address has already is merged with the page's own; with `dry`, nothing is changed,
/// and the result is that of a real run.
///
/// # Errors
/// `conflict` when both addresses have a thread and `join` is false; and those of the store.
pub async fn move_pages(
    app: &App,
    actor: &Actor,
    site: SiteId,
    moves: Vec<PageMove>,
    join: bool,
    dry: bool,
) -> Result<Vec<MoveOutcome>, Error> {
    /// Reasons to roll the unit back.
    enum Rollback {
        Dry(Vec<MoveOutcome>),
        Failed(Error),
    }
    impl From<StoreError> for Rollback {
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
                let moved =
                    move_page(&inner, tx, &actor, site, (from, to), join).map_err(Rollback::Failed)?;
                done.push(moved);
            }
            // A dry run does everything and is rolled back, so that its result is exact.
            if dry { Err(Rollback::Dry(done)) } else { Ok(done) }
        })
        .await;
    match done {
        Ok(done) | Err(Rollback::Dry(done)) => Ok(done),
        Err(Rollback::Failed(error)) => Err(error),
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
                comment_count(&found),
                there.page_url,
                comment_count(&there),
            );
            return Err(Error::with_message(ErrorKind::Conflict, message));
        }
        let address = Some(to.url.as_str());
        merge_locked(app, tx, actor, site, (found.id, there.id), address)?;
        return Ok(MoveOutcome::Merged);
    }
    let thread = lock_thread(tx, site, found.id)?;
    let is_there = threads::by_key(tx, site, to.key.as_str())?.is_some_and(|there| there.id == thread.id);
    if is_there && thread.page_url == to.url.as_str() {
        return Ok(MoveOutcome::Already);
    }
    claim_key(tx, site, thread.id, &to.key)?.require()?;
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
