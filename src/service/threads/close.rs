//! Closing and opening threads.

use crate::{
    app::{context::App, error::Error},
    model::{
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
    let keys = app
        .store
        .write(move |tx| {
            threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            threads::lock_and_bump(tx, site, thread)?;
            // Again: it may have changed while the lock was waited for.
            let found = threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            if found.closed != closed {
                threads::set_closed(tx, site, thread, closed)?;
                let act = if closed {
                    ModerationAction::ThreadClosed
                } else {
                    ModerationAction::ThreadOpened
                };
                audit::record(&inner, tx, Some(site), &actor, act, &found.page_url, "")?;
            }
            Ok::<_, Error>(threads::keys(tx, site, thread)?)
        })
        .await?;
    app.changed(site, &keys);
    Ok(())
}
