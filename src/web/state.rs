//! What all requests share: the application, the thread cache and the readers who listen.

use bytes::Bytes;

use crate::{
    app::{App, fair_share::Pool},
    config::Config,
    service::threads::live::Hub,
    web::thread_cache::ThreadCache,
};
use std::sync::Arc;

/// All who listen.
pub struct LiveReaders {
    pub(crate) hub: Hub<Bytes>,
    pub(crate) places: Pool,
}

impl LiveReaders {
    /// Half of the connections at the most: those who read and write need the others.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let most = (config.max_connections / 2).max(1);
        Self {
            hub: Hub::default(),
            places: Pool::new(most, usize::MAX),
        }
    }

    /// How many readers listen.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.places.held()
    }

    /// How many threads are watched.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.hub.watched()
    }
}

/// What all requests share.
#[derive(Clone)]
pub struct Shared {
    /// The application.
    pub app: App,
    /// Threads that are kept ready.
    pub threads: Arc<ThreadCache>,
    /// Readers who listen for news.
    pub listeners: Arc<LiveReaders>,
}
