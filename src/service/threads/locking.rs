//! Threads with their rows locked, for units of work that change them.

use crate::{
    app::error::{Error, ErrorKind},
    model::{
        id::{SiteId, ThreadId},
        thread::Thread,
    },
    store::{Tx, tables::threads},
};

/// The error for a thread that does not exist any more.
pub(super) fn thread_gone() -> Error {
    let message = "This thread is gone. It may have been merged into another one.";
    Error::with_message(ErrorKind::NotFound, message)
}

/// Locks the row of a thread until the unit ends, and reads it.
///
/// # Errors
/// `not_found`, and those of the store.
pub(super) fn lock_thread(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Thread, Error> {
    threads::lock(tx, site, id)?;
    threads::by_id(tx, site, id)?.ok_or_else(thread_gone)
}

/// Locks two threads in the order of their ids, so that two merges cannot wait for each other, and reads them.
///
/// # Errors
/// `not_found`, and those of the store.
pub(super) fn lock_both(
    tx: &mut dyn Tx,
    site: SiteId,
    from: ThreadId,
    into: ThreadId,
) -> Result<(Thread, Thread), Error> {
    lock_thread(tx, site, from.min(into))?;
    lock_thread(tx, site, from.max(into))?;
    let from = threads::by_id(tx, site, from)?.ok_or_else(thread_gone)?;
    let into = threads::by_id(tx, site, into)?.ok_or_else(thread_gone)?;
    Ok((from, into))
}
