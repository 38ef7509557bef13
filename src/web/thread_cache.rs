//! Answers that are kept ready, already compressed: a thread's first pages, in each encoding that was asked for.
//!
//! They are kept by the thread's key and not by how a request spells the page, so that a new spelling (`?utm_source=…`,
//! another case of the host) neither renders nor stores a thread again. A second table remembers which answer a
//! spelling leads to: the common case is one look-up without parsing the address.
//!
//! An entry is true while nothing changed its thread ([`crate::app::events::Changes`]) and is believed for
//! [`entry::FRESH_FOR_MS`]; then the thread's version and the site are looked up again, since another node or the
//! command line may have changed them. While the database cannot be asked, readers get what is kept, but
//! nothing older than [`entry::MAX_AGE_MS`]. The cache is bounded in bytes; what is not kept is made again.

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

/// Makes the bytes of an answer.
pub type Render = fn(&str, &ThreadView) -> Result<Vec<u8>, Error>;

/// A page of a thread, from the cache where it is still true; `client` pays for what has to be rendered.
/// Errors: `site_not_found`, `page_invalid`, `page_not_of_site`, `rate_limited`, `busy`.
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
    // Nearly always it is there and true, and nothing needs to be awaited.
    if let Some(kept) = cache.get_fresh(app, &wanted) {
        return Ok(kept);
    }
    // Boxed: that work has far more to hold on to than the common case, which must not carry room for it.
    Box::pin(revalidate_or_render(app, cache, client, wanted, make)).await
}

/// The site and the page that a request is about.
struct Resolved {
    site: Site,
    page: Page,
    /// The epoch of all sites before the site was read.
    sites_epoch: u64,
}

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

async fn revalidate_or_render(
    app: &App,
    cache: &ThreadCache,
    client: &Client,
    wanted: CacheRequest,
    make: Render,
) -> Result<CachedResponse, Error> {
    // Without the database's help, which may be away: then readers get what is kept.
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
    // Many may ask for what is not there; one makes it, the others wait for that.
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
                // Whoever had the guard before may have found that the page has no thread.
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
        // The guard may have lost its place meanwhile; the answer is right all the same.
        Some(guard) if entry.key == key => drop(guard.insert(Arc::clone(&entry))),
        _ => cache.kept.insert(entry.key.clone(), Arc::clone(&entry)),
    }
    Ok(cache.remember(wanted, entry))
}

async fn render_entry(
    app: &App,
    client: &Client,
    wanted: &CacheRequest,
    mut found: Resolved,
    make: Render,
) -> Result<Arc<Entry>, Error> {
    // Before the read: a change that comes between makes the entry untrue. The site was read earlier, up to seconds ago
    // if another request rendered the page: if a site changed since then, it is read again.
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
