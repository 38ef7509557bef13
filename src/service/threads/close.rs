//! Closing and opening threads.

use crate::{
    app::{context::App, error::Error},
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        moderation_log::ModerationAction,
    },
    service::{
        audit::{self, Actor},
        threads::manage::gone,
    },
    store::tables::threads,
};

/// Closes a thread, or opens it again. Errors: `not_found`.
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
            threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            threads::lock_and_bump(tx, site, thread)?;
            // Again: it may have changed while the lock was waited for.
            let found = threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
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
