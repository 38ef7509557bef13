//! A cache of compressed responses: the first page of a thread, in each encoding that was asked for.
//!
//! The cache key contains the thread's page key and not the spelling of the page in a request, so that a new spelling
//! (`?utm_source=…`, another case of the host) neither renders nor stores a thread again. A second table maps each spelling
//! to its response: the common case is one lookup without parsing the address.
//!
//! An entry is valid while the epoch of its thread is the same ([`crate::app::events::Changes`]), and is fresh for
//! [`entry::FRESH_FOR_MS`]. After that the thread's version and the site's rules are compared with the database, since
//! another node or the command line may have changed them. While the database is unavailable, cached responses up to
//! [`entry::MAX_AGE_MS`] old are served. The cache is bounded in bytes; evicted responses are rendered again.

mod entry;
mod key;
mod table;

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

pub use key::{CacheRequest, ResponseFormat};
pub use table::ThreadCache;

use crate::{
    app::{App, Error, context::Client},
    model::site::Site,
    service::threads::{
        page::Page,
        read::{self, ThreadView},
        tree,
    },
    web::{
        http::encoded_response::{EncodedResponse, Encoding},
        thread_cache::entry::{CachedResponse, revalidate},
    },
};
use entry::{Entry, Validators};
use key::CacheKey;

/// Writes the uncompressed body of a response, for a base URL and a page of a thread.
pub type Render = fn(&str, &ThreadView) -> Result<Vec<u8>, Error>;

/// The response with a page of a thread: from the cache if it is valid, else rendered and cached. What is rendered counts
/// against the limits of `client`. Pages after the first one are not cached.
///
/// # Errors
///
/// `site_not_found`, `page_invalid`, `page_not_of_site`, `rate_limited`, `busy`.
pub async fn thread(
    app: &App,
    cache: &ThreadCache,
    client: &Client,
    wanted: CacheRequest,
    make: Render,
) -> Result<CachedResponse, Error> {
    if wanted.cursor.is_some() {
        let found = resolve(app, &wanted).await?;
        return Ok(CachedResponse(
            Box::pin(render_entry(app, client, &wanted, found, make)).await?,
        ));
    }
    // Nearly always there is a fresh entry, and nothing has to be awaited.
    if let Some(kept) = cache.get_fresh(app, &wanted) {
        return Ok(kept);
    }
    // Boxed: the future is far larger than that of the common case, which would have its size otherwise.
    Box::pin(revalidate_or_render(app, cache, client, wanted, make)).await
}

/// The site and the page of a request.
struct Resolved {
    site: Site,
    page: Page,
    /// The epoch of all sites before the site was read.
    sites_epoch: u64,
}

/// Finds the site and the page of a request. Errors: `site_not_found`, `page_invalid`, `page_not_of_site`.
async fn resolve(app: &App, wanted: &CacheRequest) -> Result<Resolved, Error> {
    let sites_epoch = app.changes.sites_epoch();
    let site = read::site_of_page(app, &wanted.site, Some(&wanted.page)).await?;
    let page = Page::of(&site, &wanted.page, wanted.page_id.as_deref())?;
    Ok(Resolved {
        site,
        page,
        sites_epoch,
    })
}

/// The response where there is no fresh entry: a stale one is compared with the database, a missing one is rendered.
async fn revalidate_or_render(
    app: &App,
    cache: &ThreadCache,
    client: &Client,
    wanted: CacheRequest,
    make: Render,
) -> Result<CachedResponse, Error> {
    // First without the site from the database: while that is unavailable, cached responses are served.
    if let Some(entry) = cache.spelled(&wanted)
        && revalidate(app, &entry).await?
    {
        return Ok(cache.hit(wanted, entry));
    }
    let found = resolve(app, &wanted).await?;
    let key = CacheKey::of(&wanted, &found.site, &found.page);
    let without_thread = key.without_thread(&found.page);
    for key in [&key, &without_thread] {
        if let Some(entry) = cache.current(app, key).await? {
            return Ok(cache.hit(wanted, entry));
        }
    }
    // Of many requests for a missing entry one renders it, the others wait for it.
    let guard =
        match tokio::time::timeout(Duration::from_secs(5), cache.kept.get_value_or_guard_async(&key)).await {
            Ok(Ok(entry)) => {
                if revalidate(app, &entry).await? {
                    return Ok(cache.hit(wanted, entry));
                }
                cache.stale.inc();
                None
            }
            Ok(Err(guard)) => {
                // The previous holder of the guard may have found that the page has no thread.
                if let Some(entry) = cache.current(app, &without_thread).await? {
                    return Ok(cache.hit(wanted, entry));
                }
                cache.misses.inc();
                Some(guard)
            }
            Err(_) => None,
        };
    let entry = render_entry(app, client, &wanted, found, make).await?;
    match guard {
        // An error means that the placeholder was evicted; the response is correct nevertheless.
        Some(guard) if entry.key == key => drop(guard.insert(Arc::clone(&entry))),
        _ => cache.kept.insert(entry.key.clone(), Arc::clone(&entry)),
    }
    Ok(cache.remember(wanted, entry))
}

/// Reads a page of a thread and renders the entry for it.
async fn render_entry(
    app: &App,
    client: &Client,
    wanted: &CacheRequest,
    mut found: Resolved,
    make: Render,
) -> Result<Arc<Entry>, Error> {
    // The epoch is from before the read, so that a change in between makes the entry stale. The site was read earlier, up
    // to seconds ago if another request rendered the page: if a site changed since then, it is read again.
    let epoch = loop {
        let epoch = app.changes.epoch(found.site.id, found.page.key.as_str());
        if app.changes.sites_epoch() == found.sites_epoch {
            break epoch;
        }
        found = resolve(app, wanted).await?;
    };
    let Resolved { site, page, .. } = found;
    let (now, key) = (app.clock.now().0, CacheKey::of(wanted, &site, &page));
    let view = read::thread(app, site, page, wanted.sort, wanted.cursor).await?;
    let thread = view.state;
    let (base_url, kind, encoding) = (app.base_url.clone(), wanted.form.kind(), wanted.encoding);
    let bytes = tree::content_bytes(&view.comments);
    let (prepared, view) = app
        .run_cpu_bound_read(client, bytes, encoding.work(bytes), move || {
            make(&base_url, &view).map(|plain| (EncodedResponse::new(plain, kind, encoding), view))
        })
        .await??;
    Ok(Arc::new(Entry {
        key: match thread {
            Some(_) => key,
            None => key.without_thread(&view.page),
        },
        prepared,
        view: Validators {
            site: view.site,
            page: view.page,
            thread,
            epoch,
        },
        made_at: now,
        checked_at: AtomicI64::new(now),
    }))
}
