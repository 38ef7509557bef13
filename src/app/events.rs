//! Changes of threads on this server: epochs, which caches compare, and notifications, which live readers wait for.
//!
//! Both follow from the events of committed units of work ([`Changes::apply`]) and from nothing else.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

use crate::{
    model::{
        event::{Change, Event},
        id::SiteId,
    },
    store::Committed,
};

/// Number of slots for page keys. Two threads in one slot invalidate each other's cache entries.
const PAGE_SLOTS: usize = 8_192;

/// Number of slots for sites. A prime, since ids of sites differ in their upper bits.
const SITE_SLOTS: u64 = 251;

/// The epochs and listeners of all page keys.
#[derive(Debug)]
pub struct Changes {
    pages: Vec<AtomicU64>,
    sites: Vec<AtomicU64>,
    all_sites: AtomicU64,
    listeners: Mutex<HashMap<(SiteId, usize), Weak<Notify>>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            pages: (0..PAGE_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            sites: (0..SITE_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            all_sites: AtomicU64::new(0),
            listeners: Mutex::default(),
        }
    }
}

impl Changes {
    /// The epoch of a page key: it rises with each change of its thread and of its site. A response that was made at
    /// the same epoch is valid, unless another node has changed the thread. The thread need not exist.
    #[must_use]
    pub fn epoch(&self, site: SiteId, key: &str) -> u64 {
        // Both only rise, so an equal sum means that both are equal.
        let page = self.pages[page_slot(site, key)].load(Ordering::Acquire);
        page + self.sites[site_slot(site)].load(Ordering::Acquire)
    }

    /// A number that rises with each change of any site. If it is the same before a site is read and after the call of
    /// [`Self::epoch`], that epoch is older than any later change of the site.
    #[must_use]
    pub fn sites_epoch(&self) -> u64 {
        self.all_sites.load(Ordering::Acquire)
    }

    /// A notification of each change of the thread of a page key, of threads in the same slot, and of the end of its site.
    #[must_use]
    pub fn listen(&self, site: SiteId, key: &str) -> Arc<Notify> {
        let slot = (site, page_slot(site, key));
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = listeners.get(&slot).and_then(Weak::upgrade) {
            return known;
        }
        let new = Arc::new(Notify::new());
        listeners.insert(slot, Arc::downgrade(&new));
        new
    }

    /// Raises the epochs of what a committed unit of work changed, and notifies its listeners.
    pub fn apply(&self, committed: &Committed) {
        for thread in &committed.threads {
            for key in &thread.keys {
                self.page_changed(thread.site, key);
            }
        }
        for event in committed.events.iter().filter(|event| event.thread.is_none()) {
            self.site_changed(event);
        }
    }

    fn page_changed(&self, site: SiteId, key: &str) {
        let slot = page_slot(site, key);
        self.pages[slot].fetch_add(1, Ordering::AcqRel);
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = (site, slot);
        match listeners.get(&slot).map(Weak::upgrade) {
            Some(Some(listener)) => listener.notify_waiters(),
            Some(None) => drop(listeners.remove(&slot)),
            None => (),
        }
    }

    /// Raises the epoch of a site, and notifies the listeners of its pages if it is gone. A changed setting is seen at their
    /// next look: a look at all threads of a site at once can fill the queue of the database, and then it refuses other
    /// reads.
    fn site_changed(&self, event: &Event) {
        // In this order: a caller that sees the new epoch of the site also sees the new one of all sites.
        self.all_sites.fetch_add(1, Ordering::AcqRel);
        self.sites[site_slot(event.site)].fetch_add(1, Ordering::AcqRel);
        let is_gone = matches!(event.change, Change::SiteRemoved | Change::DemoEnded);
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|(site, _), listener| match listener.upgrade() {
            Some(listener) => {
                if is_gone && *site == event.site {
                    listener.notify_waiters();
                }
                true
            }
            None => false,
        });
    }
}

fn page_slot(site: SiteId, key: &str) -> usize {
    let mut hasher = DefaultHasher::new();
    (site.0, key).hash(&mut hasher);
    usize::try_from(hasher.finish() % PAGE_SLOTS as u64).unwrap_or(0)
}

fn site_slot(site: SiteId) -> usize {
    usize::try_from(site.0.unsigned_abs() % SITE_SLOTS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::id::ThreadId, store::ChangedThread};

    const SITE: SiteId = SiteId(1_790_000_000_000 << 11);
    const OTHER: SiteId = SiteId((1_790_000_000_000 << 11) + 1);

    fn committed(event: Event, keys: &[&str]) -> Committed {
        let threads = event.thread.map(|id| ChangedThread {
            site: event.site,
            id,
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        });
        Committed {
            events: vec![event],
            threads: threads.into_iter().collect(),
            statements: 0,
        }
    }

    #[test]
    fn a_change_of_a_thread_raises_each_of_its_keys_and_no_other() {
        let changes = Changes::default();
        let event = Event::of_thread(SITE, ThreadId(1), Change::ThreadEdited);
        changes.apply(&committed(event, &["//a.example/tea", "id:tea"]));
        assert_eq!(changes.epoch(SITE, "//a.example/tea"), 1);
        assert_eq!(changes.epoch(SITE, "id:tea"), 1);
        assert_eq!(changes.epoch(SITE, "//a.example/coffee"), 0);
        assert_eq!(changes.epoch(OTHER, "id:tea"), 0);
    }

    #[tokio::test]
    async fn the_end_of_a_site_raises_all_of_its_pages_and_wakes_its_listeners() {
        let changes = Changes::default();
        let listener = changes.listen(SITE, "//a.example/tea");
        let woken = listener.notified();
        changes.apply(&committed(Event::of_site(SITE, Change::SiteRemoved), &[]));
        woken.await;
        assert_eq!(changes.epoch(SITE, "//a.example/tea"), 1);
        assert_eq!(changes.epoch(SITE, "//a.example/coffee"), 1);
        assert_eq!(changes.epoch(OTHER, "//a.example/tea"), 0);
        drop(listener);
        changes.apply(&committed(Event::of_site(SITE, Change::SiteChanged), &[]));
        assert!(
            changes.listeners.lock().unwrap().is_empty(),
            "dropped listeners are removed"
        );
    }

    #[tokio::test]
    async fn a_change_of_a_site_wakes_no_listener_of_another_site() {
        use futures_util::FutureExt as _;
        let changes = Changes::default();
        let listener = changes.listen(SITE, "//a.example/tea");
        let mut woken = Box::pin(listener.notified());
        woken.as_mut().enable();
        changes.apply(&committed(Event::of_site(OTHER, Change::SiteRemoved), &[]));
        assert!(woken.as_mut().now_or_never().is_none(), "another site");
        changes.apply(&committed(Event::of_site(SITE, Change::SiteChanged), &[]));
        assert!(
            woken.as_mut().now_or_never().is_none(),
            "a setting is seen at the next look: all threads of a site at once would fill the queue of the database"
        );
        changes.apply(&committed(Event::of_site(SITE, Change::SiteRemoved), &[]));
        assert!(woken.as_mut().now_or_never().is_some(), "control");
    }
}
