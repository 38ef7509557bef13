//! Threads as moderators and the command line look them up: by page, by id, and as a list.
//!
//! Unlike readers, they see threads without an approved comment too.

use super::locking::thread_gone;
use crate::{
    app::{context::App, error::Error},
    model::{
        id::{SiteId, ThreadId},
        page::{PageKey, PageUrl},
        site::Site,
        thread::Thread,
    },
    service::sites::context::{self, SiteContext},
    store::tables::threads,
};

/// Threads of a list.
const MAX_LISTED: i64 = 50;

/// A thread and all keys that lead to it.
#[derive(Clone, Debug)]
pub struct ThreadKeys {
    /// The thread.
    pub thread: Thread,
    /// Its keys, as stored.
    pub keys: Vec<String>,
}

/// The key of a page that is typed as an address, of any origin, or as `id:` and a page id.
///
/// # Errors
/// `page_invalid`, `page_too_long`.
pub fn key_of(site: &Site, page: &str) -> Result<PageKey, Error> {
    Ok(match page.trim().strip_prefix(PageKey::ID) {
        Some(page_id) => PageKey::from_page_id(page_id)?,
        None => site.key_of(&PageUrl::parse(page.trim())?),
    })
}

/// The thread that a key leads to, published or not.
///
/// # Errors
/// Those of the store.
pub async fn find(app: &App, site: SiteId, key: PageKey) -> Result<Option<Thread>, Error> {
    app.store
        .read(move |tx| Ok(threads::by_key(tx, site, key.as_str())?))
        .await
}

/// A thread with its keys.
///
/// # Errors
/// `not_found`, and those of the store.
pub async fn with_keys(app: &App, site: SiteId, id: ThreadId) -> Result<ThreadKeys, Error> {
    app.store
        .read(move |tx| {
            Ok(ThreadKeys {
                thread: threads::by_id(tx, site, id)?.ok_or_else(thread_gone)?,
                keys: threads::keys(tx, site, id)?,
            })
        })
        .await
}

/// The newest threads of a site, published or not; or the one of `page`, as [`key_of`] reads it, if there is one.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn list(app: &App, site: &str, page: &str) -> Result<(SiteContext, Vec<Thread>), Error> {
    let page = page.to_owned();
    context::read(app, site, move |tx, site| {
        if page.is_empty() {
            return Ok(threads::newest(tx, site.id, MAX_LISTED)?);
        }
        let Ok(key) = key_of(site, &page) else {
            return Ok(Vec::new());
        };
        Ok(threads::by_key(tx, site.id, key.as_str())?.into_iter().collect())
    })
    .await
}
