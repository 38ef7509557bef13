//! Threads brought to today's rules of names and addresses: by a setting of their site, or by an upgrade.

use crate::{
    app::{context::App, error::Error},
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        page::{PageKey, PageUrl},
        site::Site,
    },
    service::{
        audit::Actor,
        threads::manage::{both_locked, join, locked, record_merge},
    },
    store::{Tx, tables::threads},
};

/// Gives all threads of a site their names without `.html`. Threads of `/tea.html` and `/tea` become one.
pub(crate) fn fold_html_endings(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
) -> Result<(), Error> {
    for key in threads::html_keys(tx, site)? {
        // Asked again each time: a merge before may have moved it.
        let Some(thread) = threads::by_key(tx, site, &key)? else {
            continue;
        };
        let Some(folded) = PageUrl::current_key(&key).map(|key| key.without_html()) else {
            continue;
        };
        if folded.as_str() != key {
            assign_key(app, tx, actor, site, thread.id, &folded)?;
        }
    }
    Ok(())
}

/// Gives a thread a name by which its page is found from now on; a thread that has it already becomes one with it.
/// Answers whether anything changed.
fn assign_key(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    key: &PageKey,
) -> Result<bool, Error> {
    match threads::by_key(tx, site, key.as_str())? {
        Some(there) if there.id == thread => Ok(false),
        Some(there) => {
            let (from, into) = both_locked(tx, site, thread, there.id)?;
            join(tx, &from, &into)?;
            record_merge(app, tx, actor, &from, &into)?;
            Ok(true)
        }
        None => {
            locked(tx, site, thread)?;
            threads::add_key(tx, site, key.as_str(), thread)?;
            threads::lock_and_bump(tx, site, thread)?;
            tx.emit(Event::of_thread(site, thread, Change::AliasAdded));
            Ok(true)
        }
    }
}

/// Brings names and addresses of some threads to today's rules: those with ids after `after`. Answers the last id, if
/// there may be more, and how many threads changed. Two threads whose addresses differ by a dropped parameter stay
/// two, since it may have told pages apart; all other pairs that are one page now become one thread.
pub(crate) fn rekey_threads(
    app: &App,
    tx: &mut dyn Tx,
    site: &Site,
    after: i64,
    limit: i64,
) -> Result<(Option<ThreadId>, u64), Error> {
    let actor = Actor::upgrade();
    let found = threads::after(tx, site.id, after, limit)?;
    let mut renewed = 0;
    for thread in &found {
        let mut changed = false;
        for key in threads::keys(tx, site.id, thread.id)? {
            let Some(mut new) = PageUrl::current_key(&key) else {
                continue;
            };
            if site.rules.html_folds {
                new = new.without_html();
            }
            if new.as_str() == key {
                continue;
            }
            let query = |key: &str| key.split_once('?').map(|(_, query)| query.to_owned());
            let is_free = threads::by_key(tx, site.id, new.as_str())?.is_none();
            if is_free || query(&key) == query(new.as_str()) {
                changed |= assign_key(app, tx, &actor, site.id, thread.id, &new)?;
            }
        }
        if let Ok(url) = PageUrl::parse(&thread.page_url)
            && url.as_str() != thread.page_url
        {
            threads::set_address(tx, site.id, thread.id, url.as_str())?;
            tx.emit(Event::of_thread(site.id, thread.id, Change::ThreadEdited));
            changed = true;
        }
        renewed += u64::from(changed);
    }
    Ok((found.last().map(|thread| thread.id), renewed))
}
