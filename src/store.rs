//! The database: one set of SQL statements behind units of work, on two engines.
//!
//! A **unit of work** is a closure over one transaction. It happens whole or not at all:
//!
//! ```text
//! store.write(move |tx| comments::add(tx, &comment)).await?;
//! ```
//!
//! The store stores and reads; it makes no decisions. Rules are in [`crate::service`]. Statements are written once,
//! with `?1` parameters, in one file per table; [`engine`] runs them on SQLite or PostgreSQL. `schema.sql` describes
//! the tables.

mod after_commit;
mod consumers;
pub mod engine;
mod error;
pub mod files;
pub mod inspect;
pub mod metrics;
pub mod migrate;
mod multi_row;
mod options;
#[cfg(test)]
mod query_plans;
pub mod schema;
pub mod tables;
mod tx;

pub use after_commit::{ChangedThread, Committed};
pub use consumers::Consumer;
pub use options::{Migrate, Options};

pub use tx::{Row, Tx, Value};
pub(crate) use tx::{params, row, rows};

pub use error::StoreError;

use std::{path::Path, sync::Arc};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::{
    model::time::{Clock, Millis},
    store::{engine::UnitKind, tables::instance},
};
use after_commit::{Subscribers, UnitTx};
use engine::{Engine, Job, postgres::PostgresEngine, sqlite::SqliteEngine};

/// An open database. Clones share it.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    subscribers: Arc<Subscribers>,
}

impl Store {
    /// Opens `database`, and creates or migrates its tables. A name that begins with `postgres://` is a server's URL,
    /// any other one a file, relative to `folder`. Must not be called inside an async runtime.
    ///
    /// # Errors
    /// A sentence that names the database and the remedy.
    pub fn open(database: &str, folder: &Path, options: &Options) -> Result<Self, String> {
        let engine: Arc<dyn Engine> = if is_postgres(database) {
            Arc::new(PostgresEngine::open(database, options)?)
        } else {
            Arc::new(SqliteEngine::open(&folder.join(database), options)?)
        };
        Ok(Self {
            engine,
            subscribers: Arc::default(),
        })
    }

    /// Runs a unit that may change something, and commits it. A unit that returns an error leaves nothing behind. It
    /// may run again after a conflict with another one, so it must have no effect but on its transaction. Its events
    /// ([`Tx::emit`]) go to the listeners of [`Store::on_commit`] after the commit. A caller that drops the future
    /// cancels nothing once the unit is queued.
    ///
    /// # Errors
    /// Those of the unit, and those of the store as [`StoreError`].
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(UnitKind::Write, unit).await
    }

    /// Calls `listener` after each commit of a unit that emitted events, on the engine's thread and before the unit's
    /// caller gets its result. It must be quick. To be called once at the start: a listener cannot be removed.
    pub fn on_commit(&self, listener: impl Fn(&Committed) + Send + Sync + 'static) {
        self.subscribers.add_listener(Arc::new(listener));
    }

    /// Writes a row of the table `outbox` for each event that `consumer` takes, in the unit of work that emits the
    /// event; `clock` dates the row. To be called at the start. A consumer of the same name is replaced.
    pub fn add_consumer(&self, consumer: Consumer, clock: Clock) {
        self.subscribers.consumers.register(consumer, clock);
    }

    /// Runs a unit that only reads. On SQLite it reads from one snapshot; on PostgreSQL each statement reads what is
    /// committed when it begins.
    ///
    /// # Errors
    /// Those of the unit, and those of the store as [`StoreError`].
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(UnitKind::Read, unit).await
    }

    /// Cleans up after the server has stopped: SQLite empties its log. Blocks.
    pub fn clean_up(&self) {
        self.engine.clean_up();
    }

    /// Checks that all threads of the database run.
    ///
    /// # Errors
    /// The reason why one does not.
    pub fn alive(&self) -> Result<(), String> {
        self.engine.alive()
    }

    /// Checks that the database takes writes, as far as is known without a try.
    ///
    /// # Errors
    /// The reason why it does not.
    pub fn health(&self) -> Result<(), String> {
        self.engine.health()
    }

    /// The database's file; none for PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.engine.file()
    }

    /// Registers the metrics of the store, and the length of its queues now.
    pub fn register(&self, registry: &mut Registry) {
        self.engine.metrics().register(registry);
        let waiting = Family::<metrics::QueueLabels, Gauge>::default();
        for (queue, units) in self.engine.waiting() {
            waiting
                .get_or_create(&metrics::QueueLabels { queue })
                .set(i64::try_from(units).unwrap_or(i64::MAX));
        }
        registry.register(
            "afterword_store_queue_length",
            "Units of work that wait now",
            waiting,
        );
    }

    /// The size of the database now.
    ///
    /// # Errors
    /// PostgreSQL does not answer.
    pub async fn size(&self) -> Result<Size, StoreError> {
        let Some(file) = self.engine.file() else {
            let database = self.read(instance::postgres_size).await?;
            return Ok(Size { database, log: None });
        };
        let length = |file: &Path| std::fs::metadata(file).map_or(0, |found| found.len());
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        Ok(Size {
            database: length(file),
            log: Some(length(Path::new(&log))),
        })
    }

    /// The clock of the database server; none for SQLite, which has no clock of its own.
    ///
    /// # Errors
    /// PostgreSQL does not answer.
    pub async fn clock(&self) -> Result<Option<Millis>, StoreError> {
        match self.engine.file() {
            Some(_) => Ok(None),
            None => self.read(instance::postgres_clock).await,
        }
    }

    async fn submit<T, E, F>(&self, kind: UnitKind, mut unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let (mut answer, mut result, mut committed) = (Some(answer), None, None);
        let subscribers = Arc::clone(&self.subscribers);
        let job = Job::new(kind, move |step| match step {
            engine::JobStep::Run(tx) => {
                // Events of an earlier attempt, which was rolled back.
                committed = None;
                let done = match kind {
                    UnitKind::Read => unit(tx),
                    UnitKind::Write => {
                        let mut tx = UnitTx::new(tx);
                        unit(&mut tx).and_then(|value| {
                            committed = tx.finish(&subscribers.consumers)?;
                            Ok(value)
                        })
                    }
                };
                let keep = done.is_ok();
                result = Some(done);
                keep
            }
            engine::JobStep::End(outcome) => {
                if let (Ok(()), Some(committed)) = (&outcome, committed.take()) {
                    subscribers.notify(&committed);
                }
                let answered = match outcome {
                    Ok(()) => result.take().unwrap_or_else(|| {
                        Err(StoreError::Failed("the unit of work ended early".into()).into())
                    }),
                    Err(error) => Err(error.into()),
                };
                if let Some(answer) = answer.take() {
                    // A caller that is gone needs no result.
                    let _ = answer.send(answered);
                }
                false
            }
        });
        self.engine.metrics().submitted(kind);
        self.engine.submit(kind, job)?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Unknown("a worker of the database died".into()).into()))
    }
}

/// The size of a database in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The database itself.
    pub database: u64,
    /// SQLite's write-ahead log; none for PostgreSQL.
    pub log: Option<u64>,
}

/// Returns true for the URL of a PostgreSQL server.
#[must_use]
pub fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}
