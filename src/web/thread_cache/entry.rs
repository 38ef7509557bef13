//! A cached response with what it was made from, and whether it is still true.

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
    service::threads::{page::Page, read},
    web::{http::encoded_response::EncodedResponse, thread_cache::key::CacheKey},
};
use warp::{http::HeaderMap, reply::Response};

pub(super) struct Entry {
    pub(super) key: CacheKey,
    pub(super) prepared: EncodedResponse,
    pub(super) view: Validators,
    pub(super) made_at: i64,
    pub(super) checked_at: AtomicI64,
}

/// What an entry was made from.
pub(super) struct Validators {
    pub(super) site: Site,
    pub(super) page: Page,
    pub(super) thread: Option<(ThreadId, i64)>,
    pub(super) epoch: u64,
}

/// How long an entry is believed, in milliseconds.
pub(super) const FRESH_FOR_MS: i64 = 1_000;

/// How long an entry lives, in milliseconds, whatever the version says: threads close by age.
pub(super) const MAX_AGE_MS: i64 = 60_000;

/// How long readers wait for the look at the version.
const REVALIDATE_TIMEOUT: Duration = Duration::from_secs(2);

/// A cached answer.
pub struct CachedResponse(pub(super) Arc<Entry>);

impl CachedResponse {
    /// See [`EncodedResponse::answer`].
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        self.0.prepared.answer(asked)
    }
}

impl Entry {
    /// Nothing here changed its thread, and it is not too old.
    fn is_unchanged(&self, app: &App, now: i64) -> bool {
        let basis = &self.view;
        app.changes.epoch(basis.site.id, basis.page.key.as_str()) == basis.epoch
            && is_within(now, self.made_at, MAX_AGE_MS)
    }

    /// The same, and it was compared with the database a moment ago.
    pub(super) fn is_fresh(&self, app: &App) -> bool {
        let now = app.clock.now().0;
        self.is_unchanged(app, now) && is_within(now, self.checked_at.load(Ordering::Relaxed), FRESH_FOR_MS)
    }
}

/// A clock that was set back is not younger: a negative age is no age.
fn is_within(now: i64, since: i64, most: i64) -> bool {
    (0..=most).contains(&(now - since))
}

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
    let same = state.is_some_and(|(site, thread)| {
        site.rules == basis.site.rules && site.origins == basis.site.origins && thread == basis.thread
    });
    if same {
        entry.checked_at.store(now, Ordering::Relaxed);
    }
    Ok(same)
}
