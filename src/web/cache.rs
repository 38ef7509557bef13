//! Answers that are kept ready, already compressed: a thread's first pages, in each encoding that was asked for.
//!
//! They are kept by the thread's key and not by how a request spells the page, so that a new spelling (`?utm_source=…`,
//! another case of the host) neither renders nor stores a thread again. A second table remembers which answer a
//! spelling leads to: the common case is one look-up without parsing the address.
//!
//! An entry is true while nothing changed its thread ([`App::epoch`]) and is believed for
//! [`BELIEVED`]; then the thread's version and the site are looked up again, since another node or the
//! command line may have changed them. While the database cannot be asked, readers get what is kept, but
//! nothing older than [`LIVES`]. The cache is bounded in bytes; what is not kept is made again.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};
use quick_cache::{
    DefaultHashBuilder, Lifecycle, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use warp::{http::HeaderMap, reply::Response};

use super::prepared::{Encoding, Prepared};
use crate::{
    model::{
        id::{SiteId, ThreadId},
        page::PageKey,
        site::{Site, Sort},
    },
    service::{
        App, Error, Kind,
        app::Client,
        read::{self, Cursor, Page, ThreadView},
        tree,
    },
};

/// What an entry takes beside its bytes, as measured: headers, the site that it was made for, the key, places in the table.
const BESIDE: u64 = 4_096;
/// What a remembered spelling takes beside its text.
const SPELLING_OVERHEAD_BYTES: u64 = 768;
/// The share of the cache that spellings may take.
const SPELLING_SHARE: u64 = 16;
/// How long an entry is believed, in milliseconds.
const BELIEVED: i64 = 1_000;
/// How long an entry lives, in milliseconds, whatever the version says: threads close by age.
const LIVES: i64 = 60_000;
/// How long readers wait for the look at the version.
const PATIENCE: Duration = Duration::from_secs(2);

/// What an answer is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// JSON, for the widget and for programs.
    Json,
    /// A fragment of HTML, for builds.
    Html,
}

impl Form {
    fn kind(self) -> &'static str {
        match self {
            Form::Json => "application/json",
            Form::Html => "text/html; charset=utf-8",
        }
    }
}

/// Which page of which thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// How it is written.
    pub form: Form,
    /// The site's name.
    pub site: String,
    /// The article's address, as asked.
    pub page: String,
    /// The page id that wins over it.
    pub page_id: Option<String>,
    /// The order asked for.
    pub sort: Option<Sort>,
    /// Where the page begins; only first pages are kept.
    pub cursor: Option<Cursor>,
    /// How the answer is compressed.
    pub encoding: Encoding,
}

/// What an answer depends on beside what the database holds: requests with the same key get the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CacheKey {
    form: Form,
    site: SiteId,
    page: PageKey,
    /// The address as it was spelled, for a page without a thread: the answer repeats it. Else the thread's own is shown.
    spelled: Option<String>,
    sort: Option<Sort>,
    encoding: Encoding,
}

impl CacheKey {
    fn of(wanted: &Wanted, site: &Site, page: &Page) -> Self {
        Self {
            form: wanted.form,
            site: site.id,
            page: page.key.clone(),
            spelled: None,
            sort: wanted.sort,
            encoding: wanted.encoding,
        }
    }

    /// The same for a page without a thread.
    fn without_thread(&self, page: &Page) -> Self {
        Self {
            spelled: Some(page.url.as_str().to_owned()),
            ..self.clone()
        }
    }
}

struct Entry {
    key: CacheKey,
    prepared: Prepared,
    view: Basis,
    made_at: i64,
    checked_at: AtomicI64,
}

/// What an entry was made from.
struct Basis {
    site: Site,
    page: Page,
    thread: Option<(ThreadId, i64)>,
    epoch: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<CacheKey, Arc<Entry>> for ByBytes {
    fn weight(&self, key: &CacheKey, entry: &Arc<Entry>) -> u64 {
        let key = key.page.as_str().len() + key.spelled.as_ref().map_or(0, String::len);
        entry.prepared.weight() + 2 * key as u64 + BESIDE
    }
}

impl Weighter<Wanted, Weak<Entry>> for ByBytes {
    fn weight(&self, key: &Wanted, _: &Weak<Entry>) -> u64 {
        let key = key.site.len() + key.page.len() + key.page_id.as_ref().map_or(0, String::len);
        key as u64 + SPELLING_OVERHEAD_BYTES
    }
}

/// Counts what has to go.
#[derive(Clone)]
struct Evictions(Counter);

impl Lifecycle<CacheKey, Arc<Entry>> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: CacheKey, _: Arc<Entry>) {
        self.0.inc();
    }
}

/// The cache itself; one in each running server.
pub struct Threads {
    kept: Cache<CacheKey, Arc<Entry>, ByBytes, DefaultHashBuilder, Evictions>,
    /// Which of `kept` a spelling leads to. Keeps none of them alive.
    spellings: Cache<Wanted, Weak<Entry>, ByBytes>,
    hits: Counter,
    misses: Counter,
    stale: Counter,
    evictions: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Lookup {
    result: &'static str,
}

impl Threads {
    /// Keeps so many bytes at the most; with 0 it keeps nothing, and still makes once what many ask for at once.
    #[must_use]
    pub fn new(room: u64) -> Self {
        let evictions = Counter::default();
        let counting = Evictions(evictions.clone());
        Self {
            kept: Cache::with(
                2_000,
                room - room / SPELLING_SHARE,
                ByBytes,
                DefaultHashBuilder::default(),
                counting,
            ),
            spellings: Cache::with(
                2_000,
                room / SPELLING_SHARE,
                ByBytes,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
            hits: Counter::default(),
            misses: Counter::default(),
            stale: Counter::default(),
            evictions,
        }
    }

    /// How many answers are kept, and how many bytes they take.
    #[must_use]
    pub fn kept(&self) -> (usize, u64) {
        (self.kept.len(), self.weight())
    }

    fn weight(&self) -> u64 {
        self.kept.weight() + self.spellings.weight()
    }

    /// Adds what the cache did and holds to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        let lookups = Family::<Lookup, Counter>::default();
        for (result, counted) in [
            ("hit", &self.hits),
            ("miss", &self.misses),
            ("stale", &self.stale),
        ] {
            lookups.get_or_create(&Lookup { result }).inc_by(counted.get());
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
                "afterword_cache_most_bytes",
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

impl Threads {
    /// What is kept and need not be compared with the database. Only first pages are kept.
    #[must_use]
    pub fn believed(&self, app: &App, wanted: &Wanted) -> Option<Kept> {
        let entry = self.spelled(wanted).filter(|entry| entry.is_believed(app))?;
        self.hits.inc();
        Some(Kept(entry))
    }

    /// The answer that this spelling led to before, as long as it is kept.
    fn spelled(&self, wanted: &Wanted) -> Option<Arc<Entry>> {
        self.spellings.get(wanted)?.upgrade()
    }

    /// Counts an answer from the cache. It was used: what is not, is the first to make room for others.
    fn hit(&self, wanted: Wanted, entry: Arc<Entry>) -> Kept {
        self.hits.inc();
        let _ = self.kept.get(&entry.key);
        self.remember(wanted, entry)
    }

    fn remember(&self, wanted: Wanted, entry: Arc<Entry>) -> Kept {
        self.spellings.insert(wanted, Arc::downgrade(&entry));
        Kept(entry)
    }

    /// What is kept under this key and still true. What is not true any more is dropped, so that a thread that many
    /// read is made again once and not by each of them.
    async fn current(&self, app: &App, key: &CacheKey) -> Result<Option<Arc<Entry>>, Error> {
        let Some(entry) = self.kept.get(key) else {
            return Ok(None);
        };
        if is_true(app, &entry).await? {
            return Ok(Some(entry));
        }
        self.stale.inc();
        self.kept.remove_if(key, |kept| Arc::ptr_eq(kept, &entry));
        Ok(None)
    }
}

/// Makes the bytes of an answer.
pub type Make = fn(&str, &ThreadView) -> Result<Vec<u8>, Error>;

/// A page of a thread, from the cache where it is still true; `client` pays for what has to be rendered.
/// Errors: `site_not_found`, `page_invalid`, `page_not_of_site`, `rate_limited`, `busy`.
pub async fn thread(
    app: &App,
    cache: &Threads,
    client: &Client,
    wanted: Wanted,
    make: Make,
) -> Result<Kept, Error> {
    if wanted.cursor.is_some() {
        let (site, page) = resolve(app, &wanted).await?;
        return Ok(Kept(
            Box::pin(fill(app, client, &wanted, site, page, make)).await?,
        ));
    }
    // Nearly always it is there and true, and nothing needs to be awaited.
    if let Some(kept) = cache.believed(app, &wanted) {
        return Ok(kept);
    }
    // Boxed: that work has far more to hold on to than the common case, which must not carry room for it.
    Box::pin(checked_or_made(app, cache, client, wanted, make)).await
}

/// The site and the page that a request is about.
async fn resolve(app: &App, wanted: &Wanted) -> Result<(Site, Page), Error> {
    let site = read::site_of_page(app, &wanted.site, Some(&wanted.page)).await?;
    let page = Page::of(&site, &wanted.page, wanted.page_id.as_deref())?;
    Ok((site, page))
}

async fn checked_or_made(
    app: &App,
    cache: &Threads,
    client: &Client,
    wanted: Wanted,
    make: Make,
) -> Result<Kept, Error> {
    // Without the database's help, which may be away: then readers get what is kept.
    if let Some(entry) = cache.spelled(&wanted)
        && is_true(app, &entry).await?
    {
        return Ok(cache.hit(wanted, entry));
    }
    let (site, page) = resolve(app, &wanted).await?;
    let key = CacheKey::of(&wanted, &site, &page);
    let without_thread = key.without_thread(&page);
    for key in [&key, &without_thread] {
        if let Some(entry) = cache.current(app, key).await? {
            return Ok(cache.hit(wanted, entry));
        }
    }
    // Many may ask for what is not there; one makes it, the others wait for that.
    let guard =
        match tokio::time::timeout(Duration::from_secs(5), cache.kept.get_value_or_guard_async(&key)).await {
            Ok(Ok(entry)) => {
                if is_true(app, &entry).await? {
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
    let entry = fill(app, client, &wanted, site, page, make).await?;
    match guard {
        // The guard may have lost its place meanwhile; the answer is right all the same.
        Some(guard) if entry.key == key => drop(guard.insert(Arc::clone(&entry))),
        _ => cache.kept.insert(entry.key.clone(), Arc::clone(&entry)),
    }
    Ok(cache.remember(wanted, entry))
}

/// A cached answer.
pub struct Kept(Arc<Entry>);

impl Kept {
    /// See [`Prepared::answer`].
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        self.0.prepared.answer(asked)
    }
}

async fn fill(
    app: &App,
    client: &Client,
    wanted: &Wanted,
    site: Site,
    page: Page,
    make: Make,
) -> Result<Arc<Entry>, Error> {
    let (now, key) = (app.clock.now().0, CacheKey::of(wanted, &site, &page));
    // Before the read: a change that comes between makes the entry untrue.
    let epoch = app.epoch(site.id, page.key.as_str());
    let view = read::thread(app, site, page, wanted.sort, wanted.cursor).await?;
    let thread = view.thread.as_ref().map(|thread| (thread.id, thread.version));
    let (base_url, kind, encoding) = (app.base_url.clone(), wanted.form.kind(), wanted.encoding);
    let bytes = tree::bytes(&view.comments);
    let (prepared, view) = app
        .rendering_read(client, bytes, encoding.work(bytes), move || {
            make(&base_url, &view).map(|plain| (Prepared::new(plain, kind, encoding), view))
        })
        .await??;
    Ok(Arc::new(Entry {
        key: match thread {
            Some(_) => key,
            None => key.without_thread(&view.page),
        },
        prepared,
        view: Basis {
            site: view.site,
            page: view.page,
            thread,
            epoch,
        },
        made_at: now,
        checked_at: AtomicI64::new(now),
    }))
}

impl Entry {
    /// Nothing here changed its thread, and it is not too old.
    fn is_current(&self, app: &App, now: i64) -> bool {
        let basis = &self.view;
        app.epoch(basis.site.id, basis.page.key.as_str()) == basis.epoch
            && is_within(now, self.made_at, LIVES)
    }

    /// The same, and it was compared with the database a moment ago.
    fn is_believed(&self, app: &App) -> bool {
        let now = app.clock.now().0;
        self.is_current(app, now) && is_within(now, self.checked_at.load(Ordering::Relaxed), BELIEVED)
    }
}

/// A clock that was set back is not younger: a negative age is no age.
fn is_within(now: i64, since: i64, most: i64) -> bool {
    (0..=most).contains(&(now - since))
}

async fn is_true(app: &App, entry: &Entry) -> Result<bool, Error> {
    if entry.is_believed(app) {
        return Ok(true);
    }
    let (basis, now) = (&entry.view, app.clock.now().0);
    if !entry.is_current(app, now) {
        return Ok(false);
    }
    let look = read::state(app, basis.site.name.as_str(), basis.page.key.as_str());
    let state = match tokio::time::timeout(PATIENCE, look).await {
        Ok(Err(error)) if error.kind == Kind::Busy => return Ok(true),
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
