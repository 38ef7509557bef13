//! The PostgreSQL engine: some connections write, others read, each owned by one thread.
//!
//! What delays writes (a commit that waits for a standby, a lock of another program) does not delay reads. Units that
//! write run at READ COMMITTED; one that meets a deadlock or a serialization failure runs again. Units that only read run
//! at REPEATABLE READ: all of their statements see one state of the database. If the connection is lost during a commit,
//! its outcome is unknown: the caller gets `Unknown`, and the idempotency key tells on the next request whether
//! the comment is stored.
//!
//! While no server can be reached, every unit is refused at once ([`availability`]). So are writes (or reads) while all
//! connections for them are stuck ([`pool`]). [`connect`] sets the timeouts of statements; [`tx`] has statements and
//! errors. docs/durability.md describes the tests.

mod availability;
mod connect;
mod open_error;
mod opening;
mod pool;
mod tx;
mod worker;

use std::{sync::Arc, thread};

use connect::Connector;
use pool::Pool;

use super::{Engine, Job};
use crate::store::{
    Options, StoreError, Tx,
    engine::{UnitKind, worker_threads::WorkerThreads},
    metrics::StoreMetrics,
};

/// The PostgreSQL engine.
pub struct PostgresEngine {
    reads: Arc<Pool>,
    writes: Arc<Pool>,
    threads: WorkerThreads,
    metrics: StoreMetrics,
}

impl PostgresEngine {
    /// Connects, and creates or migrates the tables. Must not be called inside an async runtime.
    ///
    /// # Errors
    /// A sentence without the password.
    pub fn open(url: &str, options: &Options) -> Result<Self, String> {
        let connector = Connector::new(url, options)?;
        let hosts = connector.hosts();
        let named = |error: &dyn std::fmt::Display| format!("cannot use PostgreSQL at {hosts}: {error}");
        let may_migrate = options.migrate;
        let connector = thread::spawn(move || -> Result<Connector, String> {
            let mut worker = connector
                .connect()
                .map_err(|error| open_error::explain_open_error(&error))?;
            opening::recognise(&mut worker)?;
            worker.migrate(may_migrate)?;
            Ok(connector)
        })
        .join()
        .map_err(|_| named(&"the connecting thread died"))?
        .map_err(|error| named(&error))?;

        let metrics = StoreMetrics::default();
        let threads = WorkerThreads::new(metrics.clone());
        let (reading, writing) = shares(options.connections);
        let pool = |kind, connections| {
            Pool::start(kind, connections, options.queue, &connector, &threads).map_err(|error| named(&error))
        };
        let writes = pool(UnitKind::Write, writing)?;
        let reads = if reading == 0 {
            Arc::clone(&writes)
        } else {
            pool(UnitKind::Read, reading)?
        };
        Ok(Self {
            reads,
            writes,
            threads,
            metrics,
        })
    }

    /// Reads from a database without creating or migrating it, in a read-only transaction.
    ///
    /// # Errors
    /// A sentence without the password.
    pub fn examine<T: Send + 'static>(
        url: &str,
        options: &Options,
        read: impl FnOnce(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let connector = Connector::new(url, options)?;
        let named = |error: String| format!("cannot use PostgreSQL at {}: {error}", connector.hosts());
        let own_connector = connector.clone();
        let result = thread::spawn(move || -> Result<T, String> {
            let mut worker = own_connector
                .connect()
                .map_err(|error| open_error::explain_open_error(&error))?;
            let (mut tx, _) = worker.begin(UnitKind::Read).map_err(|error| error.to_string())?;
            read(&mut tx).map_err(|error| error.to_string())
        });
        let result = result
            .join()
            .map_err(|_| named("the connecting thread died".into()))?;
        result.map_err(named)
    }

    fn pool(&self, kind: UnitKind) -> &Pool {
        match kind {
            UnitKind::Read => &self.reads,
            UnitKind::Write => &self.writes,
        }
    }
}

/// The numbers of connections that read and that write. A single one does both.
fn shares(connections: usize) -> (usize, usize) {
    let writing = (connections / 2).max(1);
    (connections.saturating_sub(writing), writing)
}

impl Engine for PostgresEngine {
    fn submit(&self, kind: UnitKind, job: Job) -> Result<(), StoreError> {
        self.pool(kind).submit(job).inspect_err(|refused| {
            if refused.is_full() {
                self.metrics.refused(kind);
            }
        })?;
        Ok(())
    }

    fn alive(&self) -> Result<(), String> {
        self.threads.health()
    }

    fn health(&self) -> Result<(), String> {
        self.alive()?;
        self.reads.health()?;
        self.writes.health()
    }

    fn clean_up(&self) {}

    fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }

    fn waiting(&self) -> Vec<(&'static str, usize)> {
        vec![("read", self.reads.waiting()), ("write", self.writes.waiting())]
    }

    fn file(&self) -> Option<&std::path::Path> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_share_the_connections_and_never_one() {
        for (connections, expected) in [
            (1, (0, 1)),
            (2, (1, 1)),
            (3, (2, 1)),
            (4, (2, 2)),
            (5, (3, 2)),
            (500, (250, 250)),
        ] {
            assert_eq!(shares(connections), expected, "of {connections}");
        }
    }
}
