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

use crate::{model::id::SiteId, store::Committed};

/// Number of slots for page keys. Two threads in one slot invalidate each other's cache entries.
const PAGE_SLOTS: usize = 8_192;

/// Number of slots for sites. A prime, since ids of sites differ in their upper bits.
const SITE_SLOTS: u64 = 251;

/// The epochs and listeners of all page keys.
#[derive(Debug)]
pub struct Changes {
    pages: Vec<AtomicU64>,
    sites: Vec<AtomicU64>,
    listeners: Mutex<HashMap<usize, Weak<Notify>>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            pages: (0..PAGE_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            sites: (0..SITE_SLOTS).map(|_| AtomicU64::new(0)).collect(),
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

    /// A notification of each change of the thread of a page key, of its site, and of threads in the same slot.
    #[must_use]
    pub fn listen(&self, site: SiteId, key: &str) -> Arc<Notify> {
        let slot = page_slot(site, key);
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
            self.site_changed(event.site);
        }
    }

    fn page_changed(&self, site: SiteId, key: &str) {
        let slot = page_slot(site, key);
        self.pages[slot].fetch_add(1, Ordering::AcqRel);
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        match listeners.get(&slot).map(Weak::upgrade) {
            Some(Some(listener)) => listener.notify_waiters(),
            Some(None) => drop(listeners.remove(&slot)),
            None => (),
        }
    }

    /// Notifies all listeners: sites change rarely, and listeners do not say of which site they are.
    fn site_changed(&self, site: SiteId) {
        self.sites[site_slot(site)].fetch_add(1, Ordering::AcqRel);
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|_, listener| match listener.upgrade() {
            Some(listener) => {
                listener.notify_waiters();
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
    use crate::{
        model::{
            event::{Change, Event},
            id::ThreadId,
        },
        store::ChangedThread,
    };

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
    async fn a_change_of_a_site_raises_all_of_its_pages_and_wakes_its_listeners() {
        let changes = Changes::default();
        let listener = changes.listen(SITE, "//a.example/tea");
        let woken = listener.notified();
        changes.apply(&committed(Event::of_site(SITE, Change::SiteChanged), &[]));
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
}
