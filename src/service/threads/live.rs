//! What readers hear of a thread while they look at it: how many comments, and which are new.
//!
//! One task watches each thread that anyone looks at, however many do; it ends with the last of them.
//! It wakes when this server changes the thread and looks by itself every [`POLL_INTERVAL`], since another
//! node or the command line may have changed it. It never holds up a write, and a burst of writes is one
//! piece of news. Where it goes out: `web::api::live`.

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

/// How long a change of another node may stay unheard.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);
/// The least time between two pieces of news of a thread.
const DEBOUNCE: Duration = Duration::from_millis(250);
/// Ids of new comments that are told of.
const MAX_NEWEST_IDS: i64 = 50;
/// Looks between two signs of life.
const HEARTBEAT_EVERY_POLLS: u32 = 5;

/// A thread as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveState {
    /// Rises with every change; 0 while no comment is approved.
    pub version: i64,
    /// Comments that readers see.
    pub count: i64,
    /// Whether it takes new ones.
    pub open: bool,
    /// The newest approved comments, newest first.
    pub newest: Vec<CommentId>,
}

/// What goes to the readers of a thread.
#[derive(Clone, Debug)]
pub struct LiveUpdate<T> {
    /// The thread, made ready to be sent. A new reader gets it at once.
    pub state: Arc<T>,
    /// Rises with each sign of life, so that whoever carries the connection does not take it for dead.
    pub beat: u32,
}

type Key = (SiteId, String);

/// Threads that somebody looks at. `T` is what the readers get, made once for all of them.
pub struct Hub<T>(Arc<Mutex<HashMap<Key, watch::Sender<LiveUpdate<T>>>>>);

impl<T> Default for Hub<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Send + Sync + 'static> Hub<T> {
    /// Joins the readers of a page's thread. `make` is the same function for all of a hub.
    pub async fn join(
        &self,
        app: &App,
        site: Site,
        page: PageKey,
        make: fn(&LiveState) -> T,
    ) -> Result<watch::Receiver<LiveUpdate<T>>, Error> {
        let key = (site.id, page.as_str().to_owned());
        if let Some(news) = self.receiver(&key) {
            return Ok(news);
        }
        // Before the first look, so that nothing falls between the two.
        let change = app.changes.listen(site.id, page.as_str());
        let state = look(app, &key)
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

    /// How many threads are watched.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn receiver(&self, key: &Key) -> Option<watch::Receiver<LiveUpdate<T>>> {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.get(key).map(watch::Sender::subscribe)
    }

    /// Tells the readers; false when there are none left, and then the thread is not watched any more.
    fn tell(&self, key: &Key, state: Option<T>) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = watched.get(key) else {
            return false;
        };
        if sender.receiver_count() == 0 {
            watched.remove(key);
            return false;
        }
        sender.send_modify(|news| match state {
            Some(state) => news.state = Arc::new(state),
            None => news.beat = news.beat.wrapping_add(1),
        });
        true
    }

    fn anybody(&self, key: &Key) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let anybody = watched.get(key).is_some_and(|sender| sender.receiver_count() > 0);
        if !anybody {
            watched.remove(key);
        }
        anybody
    }

    fn end(&self, key: &Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// A thread that nobody follows any more must not be taken for one that is watched: its readers are let go, and
/// connect again.
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
    let _forgotten = RemoveOnPanic(&hub, &key);
    let mut looks = 0;
    loop {
        {
            let changed = change.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match look(&app, &key).await {
                Ok(Some(state)) if state != known => {
                    if !hub.tell(&key, Some(make(&state))) {
                        return;
                    }
                    known = state;
                }
                // The site is gone, and with it everything about it.
                Ok(None) => return hub.end(&key),
                // A busy or broken database: readers keep what they have, and the next look tells.
                Ok(Some(_)) | Err(_) => (),
            }
            tokio::select! {
                _ = timeout(POLL_INTERVAL, changed) => (),
                () = app.stopping.cancelled() => return hub.end(&key),
            }
        }
        looks += 1;
        if looks % HEARTBEAT_EVERY_POLLS == 0 && !hub.tell(&key, None) || !hub.anybody(&key) {
            return;
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}

/// The thread as it is now; none when the site is gone.
async fn look(app: &App, key: &Key) -> Result<Option<LiveState>, Error> {
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
