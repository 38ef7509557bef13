//! The state that all requests share: the application, the thread cache and the live readers.

use bytes::Bytes;

use crate::{
    app::{App, fair_share::Pool},
    config::Config,
    service::threads::live::Hub,
    web::thread_cache::ThreadCache,
};
use std::sync::Arc;

/// The readers who receive events of threads.
pub struct LiveReaders {
    pub(crate) hub: Hub<Bytes>,
    pub(crate) permits: Pool,
}

impl LiveReaders {
    /// No live readers yet. They may take half of the connections, so that the other half is free for reads and writes.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let max = (config.max_connections / 2).max(1);
        Self {
            hub: Hub::default(),
            permits: Pool::new(max, usize::MAX),
        }
    }

    /// The number of live readers.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.permits.held()
    }

    /// The number of threads that have live readers.
    #[must_use]
    pub fn watched(&self) -> usize {
        self.hub.watched()
    }
}

/// The state that all requests share.
#[derive(Clone)]
pub struct Shared {
    /// The application.
    pub app: App,
    /// Cached responses for threads.
    pub threads: Arc<ThreadCache>,
    /// The live readers.
    pub listeners: Arc<LiveReaders>,
}
