//! Aliases: further keys by which the thread of a page is found.

use super::locking::lock_thread;
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::{SiteId, ThreadId},
        moderation_log::ModerationAction,
        page::PageKey,
    },
    service::audit::{self, Actor},
    store::{StoreError, Tx, tables::threads},
};

/// The result of a thread's claim to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyClaim {
    /// The key was free, and leads to the thread now.
    Added,
    /// The key led to the thread before.
    Present,
    /// The key leads to another thread; nothing was done.
    Taken,
}

impl KeyClaim {
    /// Refuses a key of another thread.
    ///
    /// # Errors
    /// `conflict`.
    pub(super) fn require(self) -> Result<Self, Error> {
        match self {
            Self::Added | Self::Present => Ok(self),
            Self::Taken => Err(Error::with_message(
                ErrorKind::Conflict,
                "Another thread is found under this address already. Merge the two instead.",
            )),
        }
    }
}

/// Adds a key to a locked thread, unless it leads to another one.
///
/// # Errors
/// Those of the store.
pub(super) fn claim_key(
    tx: &mut dyn Tx,
    site: SiteId,
    thread: ThreadId,
    key: &PageKey,
) -> Result<KeyClaim, StoreError> {
    if threads::add_key(tx, site, key.as_str(), thread)? {
        return Ok(KeyClaim::Added);
    }
    let found = threads::by_key(tx, site, key.as_str())?;
    Ok(match found {
        Some(found) if found.id == thread => KeyClaim::Present,
        Some(_) | None => KeyClaim::Taken,
    })
}

/// Adds an address or a page id to a thread. One that the thread has already changes nothing.
///
/// # Errors
/// `not_found`; `conflict` when the key leads to another thread; and those of the store.
pub async fn add(
    app: &App,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    key: PageKey,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let found = lock_thread(tx, site, thread)?;
            match claim_key(tx, site, thread, &key)?.require()? {
                KeyClaim::Added => {
                    tx.emit(Event::of_thread(site, thread, Change::AliasAdded));
                    let (act, target) = (ModerationAction::AliasAdded, key.as_str());
                    audit::record(&inner, tx, Some(site), &actor, act, target, &found.page_url)?;
                }
                KeyClaim::Present | KeyClaim::Taken => {
                    tx.emit(Event::of_thread(site, thread, Change::ThreadStale));
                }
            }
            Ok(threads::lock_and_bump(tx, site, thread)?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_of_another_thread_is_refused() {
        assert_eq!(KeyClaim::Added.require().unwrap(), KeyClaim::Added);
        assert_eq!(KeyClaim::Present.require().unwrap(), KeyClaim::Present);
        assert_eq!(KeyClaim::Taken.require().unwrap_err().kind, ErrorKind::Conflict);
    }
}
