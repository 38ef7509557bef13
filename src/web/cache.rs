//! Answers that are kept ready, already compressed: a thread's first pages, in each encoding that was asked for.
//!
//! An entry is true while nothing changed its thread ([`App::epoch`]) and is believed for
//! [`BELIEVED`]; then the thread's version and the site are looked up again, since another node or the
//! command line may have changed them. While the database cannot be asked, readers get what is kept, but
//! nothing older than [`LIVES`]. The cache is bounded in bytes; what is not kept is made again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter, sync::Cache};
use warp::{http::HeaderMap, reply::Response};

use super::prepared::{Encoding, Prepared};
use crate::{
    model::site::Sort,
    service::{
        App, Error, Kind,
        read::{self, Cursor, Page, ThreadView},
        tree::Node,
    },
};

/// What an entry takes beside its bytes, as measured: headers, the site that it was made for, the key, places in the table.
const BESIDE: u64 = 4_096;
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

struct Entry {
    prepared: Prepared,
    view: Basis,
    made_at: i64,
    checked_at: AtomicI64,
}

/// What an entry was made from.
struct Basis {
    site: crate::model::site::Site,
    page: Page,
    thread: Option<(crate::model::id::ThreadId, i64)>,
    epoch: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Wanted, Arc<Entry>> for ByBytes {
    fn weight(&self, key: &Wanted, entry: &Arc<Entry>) -> u64 {
        let key = key.site.len() + key.page.len() + key.page_id.as_ref().map_or(0, String::len);
        entry.prepared.weight() + 2 * key as u64 + BESIDE
    }
}

/// Counts what has to go.
#[derive(Clone)]
struct Evictions(Counter);

impl Lifecycle<Wanted, Arc<Entry>> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: Wanted, _: Arc<Entry>) {
        self.0.inc();
    }
}

/// The cache itself; one in each running server.
pub struct Threads {
    kept: Cache<Wanted, Arc<Entry>, ByBytes, DefaultHashBuilder, Evictions>,
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
            kept: Cache::with(2_000, room, ByBytes, DefaultHashBuilder::default(), counting),
            hits: Counter::default(),
            misses: Counter::default(),
            stale: Counter::default(),
            evictions,
        }
    }

    /// How many answers are kept, and how many bytes they take.
    #[must_use]
    pub fn kept(&self) -> (usize, u64) {
        (self.kept.len(), self.kept.weight())
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
                self.kept.weight(),
            ),
            (
                "afterword_cache_most_bytes",
                "Bytes that the cache holds at the most",
                self.kept.capacity(),
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
        let entry = self.kept.get(wanted).filter(|entry| entry.is_believed(app))?;
        self.hits.inc();
        Some(Kept(entry))
    }
}

/// Makes the bytes of an answer.
pub type Make = fn(&str, &ThreadView) -> Result<Vec<u8>, Error>;

/// A page of a thread, from the cache where it is still true.
pub async fn thread(app: &App, cache: &Threads, wanted: Wanted, make: Make) -> Result<Kept, Error> {
    if wanted.cursor.is_some() {
        return Ok(Kept(Box::pin(fill(app, &wanted, make)).await?));
    }
    // Nearly always it is there and true, and nothing needs to be awaited.
    if let Some(kept) = cache.believed(app, &wanted) {
        return Ok(kept);
    }
    // Boxed: that work has far more to hold on to than the common case, which must not carry room for it.
    Box::pin(checked_or_made(app, cache, wanted, make)).await
}

async fn checked_or_made(app: &App, cache: &Threads, wanted: Wanted, make: Make) -> Result<Kept, Error> {
    if let Some(entry) = cache.kept.get(&wanted) {
        if is_true(app, &entry).await? {
            cache.hits.inc();
            return Ok(Kept(entry));
        }
        cache.stale.inc();
        // Out of the way, so that a thread that many read is made anew once and not by each of them.
        cache.kept.remove_if(&wanted, |kept| Arc::ptr_eq(kept, &entry));
    }
    // Many may ask for what is not there; one makes it, the others wait for that.
    let guard = match tokio::time::timeout(
        Duration::from_secs(5),
        cache.kept.get_value_or_guard_async(&wanted),
    )
    .await
    {
        Ok(Ok(entry)) => {
            if is_true(app, &entry).await? {
                cache.hits.inc();
                return Ok(Kept(entry));
            }
            cache.stale.inc();
            None
        }
        Ok(Err(guard)) => {
            cache.misses.inc();
            Some(guard)
        }
        Err(_) => None,
    };
    let entry = fill(app, &wanted, make).await?;
    match guard {
        // The guard may have lost its place meanwhile; the answer is right all the same.
        Some(guard) => drop(guard.insert(Arc::clone(&entry))),
        None => cache.kept.insert(wanted, Arc::clone(&entry)),
    }
    Ok(Kept(entry))
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

async fn fill(app: &App, wanted: &Wanted, make: Make) -> Result<Arc<Entry>, Error> {
    let now = app.clock.now().0;
    let site = read::site_of_page(app, &wanted.site, Some(&wanted.page)).await?;
    let page = Page::of(&site, &wanted.page, wanted.page_id.as_deref())?;
    // Before the read: a change that comes between makes the entry untrue.
    let epoch = app.epoch(site.id, page.key.as_str());
    let view = read::thread(app, site, page, wanted.sort, wanted.cursor).await?;
    let thread = view.thread.as_ref().map(|thread| (thread.id, thread.version));
    let (base_url, kind, encoding) = (app.base_url.clone(), wanted.form.kind(), wanted.encoding);
    let (prepared, view) = app
        .rendering(work_in(&view.comments, encoding), move || {
            make(&base_url, &view).map(|plain| (Prepared::new(plain, kind, encoding), view))
        })
        .await??;
    Ok(Arc::new(Entry {
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

/// Bytes to write and compress, in those of a comment that is rendered: either takes a tenth of the time, unless by
/// Brotli.
fn work_in(nodes: &[Node], encoding: Encoding) -> usize {
    fn bytes(nodes: &[Node]) -> usize {
        let one = |node: &Node| node.comment.body.len() + 256 + bytes(&node.replies);
        nodes.iter().map(one).sum()
    }
    let share = if encoding == Encoding::Brotli { 2 } else { 10 };
    bytes(nodes) / share
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
