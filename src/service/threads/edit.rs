//! The title and the address of a thread, as an owner sets them.

use super::{
    alias::{KeyClaim, claim_key},
    label::label,
    locking::{lock_thread, thread_gone},
    page::Page,
};
use crate::{
    app::{context::App, error::Error},
    model::{
        event::{Change, Event},
        id::ThreadId,
        moderation_log::ModerationAction,
        page::PageKey,
        site::Site,
        text::Title,
        thread::Thread,
    },
    service::audit::{self, Actor},
    store::tables::threads,
};

/// Sets the address and the title of a thread; comments no longer change them. The address leads to the thread from
/// then on.
///
/// # Errors
/// Those of [`Page::of`] and [`Title::parse`]; `not_found`; `conflict` when the address leads to another thread, unless
/// this one has a page id: pages with page ids may share an address; and those of the store.
pub async fn set_page(
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
            let before = lock_thread(tx, site, id)?;
            let has_page_id = threads::keys(tx, site, id)?
                .iter()
                .any(|key| key.starts_with(PageKey::ID));
            match claim_key(tx, site, id, &page.key)? {
                KeyClaim::Taken if has_page_id => (),
                claim => {
                    claim.require()?;
                }
            }
            threads::set_page(tx, site, id, page.url.as_str(), &title)?;
            threads::lock_and_bump(tx, site, id)?;
            let thread = threads::by_id(tx, site, id)?.ok_or_else(thread_gone)?;
            let (was, now) = (label(&before), label(&thread));
            // The same words are a change if no owner had chosen them.
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
