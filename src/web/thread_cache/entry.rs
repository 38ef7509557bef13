//! A cached response with its validators, and its revalidation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::{
    app::{App, Error, ErrorKind},
    model::{id::ThreadId, site::Site},
    service::threads::{
        page::Page,
        read::{self, PageState},
    },
    web::{http::encoded_response::EncodedResponse, thread_cache::key::CacheKey},
};
use warp::{http::HeaderMap, reply::Response};

/// A cached response.
pub(super) struct Entry {
    pub(super) key: CacheKey,
    pub(super) prepared: EncodedResponse,
    pub(super) view: Validators,
    pub(super) made_at: i64,
    pub(super) checked_at: AtomicI64,
}

/// The state of the site and the thread that an entry was rendered from.
pub(super) struct Validators {
    pub(super) site: Site,
    pub(super) page: Page,
    pub(super) thread: Option<(ThreadId, i64)>,
    pub(super) epoch: u64,
}

/// The time in which an entry is not compared with the database, in milliseconds.
pub(super) const FRESH_FOR_MS: i64 = 1_000;

/// The lifetime of an entry in milliseconds. It ends also if the version is the same, because threads close by age.
pub(super) const MAX_AGE_MS: i64 = 60_000;

/// The time limit for comparing an entry with the database; then it is served as it is.
const REVALIDATE_TIMEOUT: Duration = Duration::from_secs(2);

/// A cached response, to be answered to a request.
pub struct CachedResponse(pub(super) Arc<Entry>);

impl CachedResponse {
    /// The response to a request with these headers, as [`EncodedResponse::answer`] makes it.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        self.0.prepared.answer(asked)
    }
}

impl Entry {
    /// True if this process did not change the thread and the entry is within its lifetime.
    fn is_unchanged(&self, app: &App, now: i64) -> bool {
        let basis = &self.view;
        app.changes.epoch(basis.site.id, basis.page.key.as_str()) == basis.epoch
            && is_within(now, self.made_at, MAX_AGE_MS)
    }

    /// True if the entry is unchanged and was compared with the database within [`FRESH_FOR_MS`].
    pub(super) fn is_fresh(&self, app: &App) -> bool {
        let now = app.clock.now().0;
        self.is_unchanged(app, now) && is_within(now, self.checked_at.load(Ordering::Relaxed), FRESH_FOR_MS)
    }
}

/// True if `since` is at most `max` milliseconds ago; false for a time in the future, after the clock was set back.
fn is_within(now: i64, since: i64, max: i64) -> bool {
    (0..=max).contains(&(now - since))
}

/// Compares an entry with the database unless it is fresh; true if it is valid. It is also valid while the database is
/// busy or does not answer in time. Errors: those of [`read::state`].
pub(crate) async fn revalidate(app: &App, entry: &Entry) -> Result<bool, Error> {
    if entry.is_fresh(app) {
        return Ok(true);
    }
    let (basis, now) = (&entry.view, app.clock.now().0);
    if !entry.is_unchanged(app, now) {
        return Ok(false);
    }
    let look = read::state(app, basis.site.name.as_str(), basis.page.key.as_str());
    let state = match tokio::time::timeout(REVALIDATE_TIMEOUT, look).await {
        Ok(Err(error)) if error.kind == ErrorKind::Busy => return Ok(true),
        Ok(looked) => looked?,
        Err(_) => return Ok(true),
    };
    let same = state.is_some_and(|PageState { site, thread }| {
        site.rules == basis.site.rules && site.origins == basis.site.origins && thread == basis.thread
    });
    if same {
        entry.checked_at.store(now, Ordering::Relaxed);
    }
    Ok(same)
}
