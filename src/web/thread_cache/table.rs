//! The tables of the cache, bounded in bytes: responses by key, and responses by the spelling of a request.

use std::sync::{Arc, Weak};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};
use quick_cache::{
    DefaultHashBuilder, Lifecycle, Weighter,
    sync::{Cache, DefaultLifecycle},
};

use super::key::{CacheKey, CacheRequest};
use crate::{
    app::{App, Error},
    web::thread_cache::entry::{CachedResponse, Entry, revalidate},
};

/// The memory of an entry beside its body, as measured: headers, validators, key, and its slots in the table.
const ENTRY_OVERHEAD_BYTES: u64 = 4_096;
/// The memory of a spelling beside its text.
const SPELLING_OVERHEAD_BYTES: u64 = 768;
/// Spellings may use one part in this number of the cache.
const SPELLING_SHARE: u64 = 16;

/// Weighs entries and spellings by the bytes of memory that they use.
#[derive(Clone)]
pub(super) struct WeighBytes;

impl Weighter<CacheKey, Arc<Entry>> for WeighBytes {
    fn weight(&self, key: &CacheKey, entry: &Arc<Entry>) -> u64 {
        let key = key.page.as_str().len() + key.spelled.as_ref().map_or(0, String::len);
        entry.prepared.weight() + 2 * key as u64 + ENTRY_OVERHEAD_BYTES
    }
}

impl Weighter<CacheRequest, Weak<Entry>> for WeighBytes {
    fn weight(&self, key: &CacheRequest, _: &Weak<Entry>) -> u64 {
        let key = key.site.len() + key.page.len() + key.page_id.as_ref().map_or(0, String::len);
        key as u64 + SPELLING_OVERHEAD_BYTES
    }
}

/// Counts evicted entries.
#[derive(Clone)]
pub(super) struct CountEvictions(Counter);

impl Lifecycle<CacheKey, Arc<Entry>> for CountEvictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: CacheKey, _: Arc<Entry>) {
        self.0.inc();
    }
}

/// The cache of thread responses; one per server.
pub struct ThreadCache {
    pub(super) kept: Cache<CacheKey, Arc<Entry>, WeighBytes, DefaultHashBuilder, CountEvictions>,
    /// The entry of each spelling, by a weak reference, so that `kept` alone decides on eviction.
    pub(super) spellings: Cache<CacheRequest, Weak<Entry>, WeighBytes>,
    pub(super) hits: Counter,
    pub(super) misses: Counter,
    pub(super) stale: Counter,
    pub(super) evictions: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    result: &'static str,
}

impl ThreadCache {
    /// A cache of at most `room` bytes. With 0 it stores nothing, but simultaneous requests for a thread still render it
    /// once.
    #[must_use]
    pub fn new(room: u64) -> Self {
        let evictions = Counter::default();
        let counting = CountEvictions(evictions.clone());
        Self {
            kept: Cache::with(
                2_000,
                room - room / SPELLING_SHARE,
                WeighBytes,
                DefaultHashBuilder::default(),
                counting,
            ),
            spellings: Cache::with(
                2_000,
                room / SPELLING_SHARE,
                WeighBytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            hits: Counter::default(),
            misses: Counter::default(),
            stale: Counter::default(),
            evictions,
        }
    }

    /// The number of cached responses and the bytes that the cache uses.
    #[must_use]
    pub fn kept(&self) -> (usize, u64) {
        (self.kept.len(), self.weight())
    }

    fn weight(&self) -> u64 {
        self.kept.weight() + self.spellings.weight()
    }

    /// Adds the cache's metrics to a registry.
    pub fn register(&self, registry: &mut Registry) {
        let lookups = Family::<LookupLabels, Counter>::default();
        for (result, counted) in [
            ("hit", &self.hits),
            ("miss", &self.misses),
            ("stale", &self.stale),
        ] {
            lookups
                .get_or_create(&LookupLabels { result })
                .inc_by(counted.get());
        }
        registry.register(
            "afterword_cache_lookups",
            "Pages of threads looked for in the cache",
            lookups,
        );
        registry.register(
            "afterword_cache_evictions",
            "Entries that had to make room for others",
            self.evictions.clone(),
        );
        for (name, help, value) in [
            (
                "afterword_cache_bytes",
                "Bytes that the cache holds",
                self.weight(),
            ),
            (
                "afterword_cache_max_bytes",
                "Bytes that the cache holds at the most",
                self.kept.capacity() + self.spellings.capacity(),
            ),
            (
                "afterword_cache_entries",
                "Entries that the cache holds",
                self.kept.len() as u64,
            ),
        ] {
            registry.register(name, help, ConstGauge::new(value));
        }
    }
}

impl ThreadCache {
    /// The entry for this spelling if it is fresh: nothing has to be compared with the database.
    #[must_use]
    pub fn get_fresh(&self, app: &App, wanted: &CacheRequest) -> Option<CachedResponse> {
        let entry = self.spelled(wanted).filter(|entry| entry.is_fresh(app))?;
        self.hits.inc();
        Some(CachedResponse(entry))
    }

    /// The entry that this spelling led to before, if it is still cached.
    pub(super) fn spelled(&self, wanted: &CacheRequest) -> Option<Arc<Entry>> {
        self.spellings.get(wanted)?.upgrade()
    }

    /// Counts a hit, marks the entry as used so that others are evicted first, and stores the spelling.
    pub(super) fn hit(&self, wanted: CacheRequest, entry: Arc<Entry>) -> CachedResponse {
        self.hits.inc();
        let _ = self.kept.get(&entry.key);
        self.remember(wanted, entry)
    }

    /// Stores the spelling of a request for the entry.
    pub(super) fn remember(&self, wanted: CacheRequest, entry: Arc<Entry>) -> CachedResponse {
        self.spellings.insert(wanted, Arc::downgrade(&entry));
        CachedResponse(entry)
    }

    /// The valid entry of this key. A stale one is removed, so that of many readers of the thread one renders it again.
    /// Errors: those of [`revalidate`].
    pub(super) async fn current(&self, app: &App, key: &CacheKey) -> Result<Option<Arc<Entry>>, Error> {
        let Some(entry) = self.kept.get(key) else {
            return Ok(None);
        };
        if revalidate(app, &entry).await? {
            return Ok(Some(entry));
        }
        self.stale.inc();
        self.kept.remove_if(key, |kept| Arc::ptr_eq(kept, &entry));
        Ok(None)
    }
}
