//! Live updates of a thread for its readers: the number of comments, and the ids of new ones.
//!
//! One task follows each thread that has live readers, however many they are, and ends with the last of them. It wakes
//! when this server changes the thread, and reads the thread every [`POLL_INTERVAL`], since another node or the command
//! line may have changed it. It never delays a write, and a burst of writes is one update. `web::api::live` sends the
//! updates.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use super::read;
use crate::{
    app::{context::App, error::Error},
    model::{
        id::{CommentId, SiteId},
        page::PageKey,
        site::Site,
        thread::Thread,
    },
    service::sites::demo,
    store::tables::{comments, threads},
};

/// The time between two reads of a thread, and so the delay of a change by another node.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// The least time between two updates of a thread.
const DEBOUNCE: Duration = Duration::from_millis(250);
/// Ids of new comments in an update.
const MAX_NEWEST_IDS: i64 = 50;
/// Reads of the thread between two heartbeats.
const HEARTBEAT_EVERY_POLLS: u32 = 5;

/// The state of a thread in an update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveState {
    /// Rises with every change; 0 until a comment is approved.
    pub version: i64,
    /// Comments that readers see.
    pub count: i64,
    /// True if the thread takes new comments.
    pub open: bool,
    /// The newest approved comments, newest first.
    pub newest: Vec<CommentId>,
}

/// An update for the readers of a thread.
#[derive(Clone, Debug)]
pub struct LiveUpdate<T> {
    /// The encoded state of the thread. A new reader gets it at once.
    pub state: Arc<T>,
    /// Rises with each heartbeat, so that proxies do not close the connection as idle.
    pub beat: u32,
}

type Key = (SiteId, String);

/// The threads that have live readers. `T` is the encoded state, made once for all readers of a thread.
pub struct Hub<T>(Arc<Mutex<HashMap<Key, watch::Sender<LiveUpdate<T>>>>>);

impl<T> Default for Hub<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Send + Sync + 'static> Hub<T> {
    /// Joins the readers of a page's thread. `make` encodes the state; it is the same function for all of a hub.
    ///
    /// # Errors
    /// `site_not_found`, and those of the store.
    pub async fn join(
        &self,
        app: &App,
        site: Site,
        page: PageKey,
        make: fn(&LiveState) -> T,
    ) -> Result<watch::Receiver<LiveUpdate<T>>, Error> {
        let key = (site.id, page.as_str().to_owned());
        if let Some(receiver) = self.receiver(&key) {
            return Ok(receiver);
        }
        // Before the first read, so that no change between the two is missed.
        let change = app.changes.listen(site.id, page.as_str());
        let state = read_state(app, &key)
            .await?
            .ok_or(crate::app::ErrorKind::SiteNotFound)?;
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.get(&key) {
            return Ok(sender.subscribe());
        }
        let (sender, receiver) = watch::channel(LiveUpdate {
            state: Arc::new(make(&state)),
            beat: 0,
        });
        watched.insert(key.clone(), sender);
        drop(watched);
        tokio::spawn(follow(
            app.clone(),
            Self(Arc::clone(&self.0)),
            key,
            change,
            state,
            make,
        ));
        Ok(receiver)
    }

    /// The number of threads that have live readers.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn receiver(&self, key: &Key) -> Option<watch::Receiver<LiveUpdate<T>>> {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(key).map(watch::Sender::subscribe)
    }

    /// Sends a state, or a heartbeat without one. Returns false, and removes the thread, when it has no readers left.
    fn send(&self, key: &Key, state: Option<T>) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = watched.get(key) else {
            return false;
        };
        if sender.receiver_count() == 0 {
            watched.remove(key);
            return false;
        }
        sender.send_modify(|update| match state {
            Some(state) => update.state = Arc::new(state),
            None => update.beat = update.beat.wrapping_add(1),
        });
        true
    }

    /// Returns true if the thread has live readers; otherwise removes it.
    fn has_readers(&self, key: &Key) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_readers = watched.get(key).is_some_and(|sender| sender.receiver_count() > 0);
        if !has_readers {
            watched.remove(key);
        }
        has_readers
    }

    fn end(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Removes a thread from the hub when its task panics: its readers are disconnected, and connect again.
struct RemoveOnPanic<'a, T: Send + Sync + 'static>(&'a Hub<T>, &'a Key);

impl<T: Send + Sync + 'static> Drop for RemoveOnPanic<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end(self.1);
        }
    }
}

async fn follow<T: Send + Sync + 'static>(
    app: App,
    hub: Hub<T>,
    key: Key,
    change: Arc<tokio::sync::Notify>,
    mut known: LiveState,
    make: fn(&LiveState) -> T,
) {
    let _remove = RemoveOnPanic(&hub, &key);
    let mut polls = 0;
    loop {
        {
            let changed = change.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match read_state(&app, &key).await {
                Ok(Some(state)) if state != known => {
                    if !hub.send(&key, Some(make(&state))) {
                        return;
                    }
                    known = state;
                }
                // The site was removed.
                Ok(None) => return hub.end(&key),
                // On an error readers keep their state; the next read updates it.
                Ok(Some(_)) | Err(_) => (),
            }
            tokio::select! {
                _ = timeout(POLL_INTERVAL, changed) => (),
                () = app.stopping.cancelled() => return hub.end(&key),
            }
        }
        polls += 1;
        if polls % HEARTBEAT_EVERY_POLLS == 0 && !hub.send(&key, None) || !hub.has_readers(&key) {
            return;
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}

/// The present state of a thread; `None` when the site was removed.
async fn read_state(app: &App, key: &Key) -> Result<Option<LiveState>, Error> {
    let (site, page) = key.clone();
    let (inner, now) = (app.clone(), app.clock.now());
    app.store
        .read(move |tx| {
            let found = crate::store::tables::sites::by_id(tx, site)?;
            let Some(site) = demo::hide_if_over(&inner, tx, found)? else {
                return Ok(None);
            };
            let thread = threads::by_key(tx, site.id, &page)?;
            let open = read::is_open(&site, thread.as_ref(), now);
            let Some(thread) = thread.filter(Thread::is_published) else {
                return Ok(Some(LiveState {
                    open,
                    ..LiveState::default()
                }));
            };
            let newest = comments::newest_in(tx, site.id, thread.id, MAX_NEWEST_IDS)?;
            Ok(Some(LiveState {
                version: thread.version,
                count: thread.comment_count,
                open,
                newest: newest.iter().map(|comment| comment.id).collect(),
            }))
        })
        .await
}
