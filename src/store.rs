//! Where everything is kept: one set of SQL statements behind units of work, on two engines.
//!
//! A **unit of work** is a closure over one transaction. It happens whole or not at all:
//!
//! ```text
//! store.write(move |tx| comments::add(tx, &comment)).await?;
//! ```
//!
//! The store keeps what it is given; it makes no decisions. Rules live in [`crate::service`].
//! Statements are written once, with `?1` parameters, in one file per table; [`engine`] runs them on
//! SQLite or PostgreSQL. The tables themselves are described in `schema.sql`.

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

/// The database, open.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    subscribers: Arc<Subscribers>,
}

impl Store {
    /// Opens `database` (`postgres://…`, else a file; a relative one lies in `folder`), creating or
    /// migrating it. Errors: a sentence that names the database and what to do.
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

    /// Runs a unit that changes something and commits it. The unit may run again when another one got
    /// in its way, so it must do nothing but use its transaction. What it answers with an error leaves
    /// nothing behind. The events that it emits ([`Tx::emit`]) go to the listeners of [`Store::on_commit`] once it is
    /// committed, also when the caller went away.
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(UnitKind::Write, unit).await
    }

    /// Calls `listener` after each commit of a unit that emitted events, on the thread of the engine and before the unit's
    /// caller is answered. It must be quick. To be called once at the start; listeners stay as long as the store.
    pub fn on_commit(&self, listener: impl Fn(&Committed) + Send + Sync + 'static) {
        self.subscribers.add_listener(Arc::new(listener));
    }

    /// Writes a row of the table `outbox` for each event that `consumer` takes, in the unit of work that emits the event;
    /// `clock` dates the row. To be called at the start. A consumer of the same name is replaced.
    pub fn add_consumer(&self, consumer: Consumer, clock: Clock) {
        self.subscribers.consumers.register(consumer, clock);
    }

    /// Runs a unit that only reads; it sees one state of the database.
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(UnitKind::Read, unit).await
    }

    /// Leaves nothing behind that is not needed. To be called when the server has stopped; blocks.
    pub fn rest(&self) {
        self.engine.rest();
    }

    /// Do all threads of the database run? The reason if not.
    pub fn alive(&self) -> Result<(), String> {
        self.engine.alive()
    }

    /// Can it write, as far as is known without trying? The reason if not.
    pub fn health(&self) -> Result<(), String> {
        self.engine.health()
    }

    /// The database's file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.engine.file()
    }

    /// Adds what the store counts, and how many units wait, to what an operator is shown.
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

    /// How large the database is now. Errors: PostgreSQL does not say.
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

    /// The clock of the database server; none for SQLite, which has none of its own.
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
        let job = Job::new(move |step| match step {
            engine::JobStep::Run(tx) => {
                // Of a try before, which was rolled back.
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
                    // A caller who went away has no use for the answer.
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

/// How many bytes a database has.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The database itself.
    pub database: u64,
    /// SQLite's write-ahead log beside it; none for PostgreSQL.
    pub log: Option<u64>,
}

/// Does this name a PostgreSQL server?
#[must_use]
pub fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}
