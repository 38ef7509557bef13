//! Closing a thread to new comments, and opening it.

use super::locking::thread_gone;
use crate::{
    app::{context::App, error::Error},
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        moderation_log::ModerationAction,
    },
    service::audit::{self, Actor},
    store::tables::threads,
};

/// Closes a thread, or opens it.
///
/// # Errors
/// `not_found`, and those of the store.
pub async fn set_closed(
    app: &App,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    closed: bool,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            threads::by_id(tx, site, thread)?.ok_or_else(thread_gone)?;
            threads::lock_and_bump(tx, site, thread)?;
            // Read again: it may have changed before the lock was granted.
            let found = threads::by_id(tx, site, thread)?.ok_or_else(thread_gone)?;
            if found.closed == closed {
                tx.emit(Event::of_thread(site, thread, Change::ThreadStale));
            } else {
                threads::set_closed(tx, site, thread, closed)?;
                let (act, change) = if closed {
                    (ModerationAction::ThreadClosed, Change::ThreadClosed)
                } else {
                    (ModerationAction::ThreadOpened, Change::ThreadOpened)
                };
                tx.emit(Event::of_thread(site, thread, change));
                audit::record(&inner, tx, Some(site), &actor, act, &found.page_url, "")?;
            }
            Ok(())
        })
        .await
}
