//! PostgreSQL: some connections write, others read, each owned by one thread.
//!
//! So what holds up writes (a commit that waits for a standby, a lock that another program holds) leaves the reads
//! alone. Units run at READ COMMITTED; one that meets a deadlock or a serialization failure runs again.
//! A connection lost while a commit is under way leaves its outcome unknown: the caller hears
//! `Unknown`, and the idempotency key tells the truth when the request comes again.
//!
//! While no server can be reached everything is refused at once instead of waiting ([`availability`]), and so are writes
//! (or reads) while each connection for them is held up ([`pool`]). How long a statement may take: [`connect`].
//! Statements and errors: [`tx`]. How it is tested: docs/durability.md.

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

/// See the module.
pub struct PostgresEngine {
    reads: Arc<Pool>,
    writes: Arc<Pool>,
    threads: WorkerThreads,
    meters: StoreMetrics,
}

impl PostgresEngine {
    /// Connects and migrates. Must not be called inside an async runtime.
    /// Errors: a sentence without the password.
    pub fn open(url: &str, options: &Options) -> Result<Self, String> {
        let dial = Connector::new(url, options)?;
        let hosts = dial.hosts();
        let named = |error: &dyn std::fmt::Display| format!("cannot use PostgreSQL at {hosts}: {error}");
        let may_migrate = options.migrate;
        let dial = thread::spawn(move || -> Result<Connector, String> {
            let mut worker = dial
                .connect()
                .map_err(|error| open_error::explain_open_error(&error))?;
            opening::recognise(&mut worker)?;
            worker.migrate(may_migrate)?;
            Ok(dial)
        })
        .join()
        .map_err(|_| named(&"the connecting thread died"))?
        .map_err(|error| named(&error))?;

        let meters = StoreMetrics::default();
        let threads = WorkerThreads::new(meters.clone());
        let (reading, writing) = shares(options.connections);
        let pool = |kind, connections| {
            Pool::start(kind, connections, options.queue, &dial, &threads).map_err(|error| named(&error))
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
            meters,
        })
    }

    /// Looks at a database without changing anything: neither made nor migrated, in a transaction that only
    /// reads. Errors: a sentence without the password.
    pub fn examine<T: Send + 'static>(
        url: &str,
        options: &Options,
        look: impl FnOnce(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let dial = Connector::new(url, options)?;
        let named = |error: String| format!("cannot use PostgreSQL at {}: {error}", dial.hosts());
        let dialled = dial.clone();
        let looked = thread::spawn(move || -> Result<T, String> {
            let mut worker = dialled
                .connect()
                .map_err(|error| open_error::explain_open_error(&error))?;
            let (mut tx, _) = worker.begin(true).map_err(|error| error.to_string())?;
            look(&mut tx).map_err(|error| error.to_string())
        });
        let looked = looked
            .join()
            .map_err(|_| named("the connecting thread died".into()))?;
        looked.map_err(named)
    }

    fn pool(&self, kind: UnitKind) -> &Pool {
        match kind {
            UnitKind::Read => &self.reads,
            UnitKind::Write => &self.writes,
        }
    }
}

/// How many of all connections read, and how many write. A single one does both.
fn shares(connections: usize) -> (usize, usize) {
    let writing = (connections / 2).max(1);
    (connections.saturating_sub(writing), writing)
}

impl Engine for PostgresEngine {
    fn submit(&self, kind: UnitKind, job: Job) -> Result<(), StoreError> {
        self.pool(kind).submit(job).inspect_err(|refused| {
            if refused.is_full() {
                self.meters.refused(kind);
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

    fn rest(&self) {}

    fn metrics(&self) -> &StoreMetrics {
        &self.meters
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
