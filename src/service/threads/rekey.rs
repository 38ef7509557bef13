//! Brings the keys and addresses of threads to today's rules: after a setting of their site changed, or after an upgrade.

use super::{
    locking::{lock_both, lock_thread},
    merge::{move_comments, record_merge},
};
use crate::{
    app::{context::App, error::Error},
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        page::{PageKey, PageUrl},
        site::Site,
    },
    service::audit::Actor,
    store::{Tx, tables::threads},
};

/// Adds the key without `.html` to all threads of a site. Threads of `/tea.html` and `/tea` are merged.
///
/// # Errors
/// Those of the store.
pub(crate) fn fold_html_endings(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
) -> Result<(), Error> {
    for key in threads::html_keys(tx, site)? {
        // Looked up each time: a merge in an earlier round may have moved it.
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

/// The result of assigning a key to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyAssignment {
    /// The thread had it before.
    Present,
    /// It is a new alias of the thread.
    Added,
    /// Another thread had it; the thread was merged into that one.
    Merged,
}

/// Assigns a key to a thread; a thread that has the key already is merged with it.
fn assign_key(
    app: &App,
    tx: &mut dyn Tx,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    key: &PageKey,
) -> Result<KeyAssignment, Error> {
    match threads::by_key(tx, site, key.as_str())? {
        Some(there) if there.id == thread => Ok(KeyAssignment::Present),
        Some(there) => {
            let (from, into) = lock_both(tx, site, thread, there.id)?;
            move_comments(tx, &from, &into)?;
            record_merge(app, tx, actor, &from, &into)?;
            Ok(KeyAssignment::Merged)
        }
        None => {
            lock_thread(tx, site, thread)?;
            threads::add_key(tx, site, key.as_str(), thread)?;
            threads::lock_and_bump(tx, site, thread)?;
            tx.emit(Event::of_thread(site, thread, Change::AliasAdded));
            Ok(KeyAssignment::Added)
        }
    }
}

/// A batch of threads that was brought to today's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RekeyedBatch {
    /// The id after which the next batch begins; `None` when there are no more threads.
    pub(crate) last: Option<ThreadId>,
    /// Threads that changed.
    pub(crate) changed: u64,
}

/// Brings the keys and addresses of up to `limit` threads with ids above `after` to today's rules. Two threads whose
/// addresses differ by a dropped parameter stay two, since the parameter may have told pages apart; all other pairs that
/// are one page now are merged.
///
/// # Errors
/// Those of the store.
pub(crate) fn rekey_threads(
    app: &App,
    tx: &mut dyn Tx,
    site: &Site,
    after: i64,
    limit: i64,
) -> Result<RekeyedBatch, Error> {
    let actor = Actor::upgrade();
    let found = threads::after(tx, site.id, after, limit)?;
    let mut changed = 0;
    for thread in &found {
        let mut is_changed = false;
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
                let assigned = assign_key(app, tx, &actor, site.id, thread.id, &new)?;
                is_changed |= assigned != KeyAssignment::Present;
            }
        }
        if let Ok(url) = PageUrl::parse(&thread.page_url)
            && url.as_str() != thread.page_url
        {
            threads::set_address(tx, site.id, thread.id, url.as_str())?;
            tx.emit(Event::of_thread(site.id, thread.id, Change::ThreadEdited));
            is_changed = true;
        }
        changed += u64::from(is_changed);
    }
    Ok(RekeyedBatch {
        last: found.last().map(|thread| thread.id),
        changed,
    })
}
