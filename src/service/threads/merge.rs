//! Merging two threads into one.

use super::{
    label::{comment_count, label},
    locking::{lock_both, thread_gone},
};
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        moderation_log::ModerationAction,
        thread::Thread,
    },
    service::audit::{self, Actor},
    store::{StoreError, Tx, tables::threads},
};

/// Merges the thread `from` into the thread `into`. All comments of `from` move with their replies, votes and links, in
/// the order in which they were written; every key of either thread finds `into`.
///
/// # Errors
/// `not_found`; `conflict` when both are the same thread; and those of the store.
pub async fn merge(
    app: &App,
    actor: &Actor,
    site: SiteId,
    from: ThreadId,
    into: ThreadId,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| merge_locked(&inner, tx, &actor, site, (from, into), None))
        .await
}

/// Merges two threads within a unit of work. The address becomes `address`, or stays that of `into`; the title is that of
/// `into`, or that of `from` if `into` has none. Comments no longer change them: the earliest may be of the other page.
///
/// # Errors
/// `not_found`; `conflict` when both are the same thread; and those of the store.
pub(super) fn merge_locked(
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
    let (from, into) = lock_both(tx, site, from, into)?;
    move_comments(tx, &from, &into)?;
    // A title counts once a moderator approved a comment of the thread, or an owner set it.
    let has_title =
        |thread: &Thread| (thread.is_published() || thread.page_edited) && !thread.title.is_empty();
    let title = if has_title(&from) && !has_title(&into) {
        &from.title
    } else {
        &into.title
    };
    threads::set_page(tx, site, into.id, address.unwrap_or(&into.page_url), title)?;
    record_merge(app, tx, actor, &from, &into)
}

/// Moves everything of a thread into another one; both are locked.
///
/// # Errors
/// Those of the store.
pub(super) fn move_comments(tx: &mut dyn Tx, from: &Thread, into: &Thread) -> Result<(), StoreError> {
    threads::merge(tx, from, into)?;
    let change = Change::ThreadsMerged { from: from.id };
    tx.emit(Event::of_thread(into.site_id, into.id, change));
    Ok(())
}

/// Records a merge; `from` and `into` are the threads as they were before it.
///
/// # Errors
/// `not_found`, and those of the store.
pub(super) fn record_merge(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    from: &Thread,
    into: &Thread,
) -> Result<(), Error> {
    let now = threads::by_id(tx, into.site_id, into.id)?.ok_or_else(thread_gone)?;
    let with_count = |thread: &Thread| format!("{} with {}", label(thread), comment_count(thread));
    let (target, before) = (label(&now), format!("{}; {}", with_count(from), with_count(into)));
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
