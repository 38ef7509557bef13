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

pub mod engine;
mod error;
pub mod files;
pub mod inspect;
pub mod metrics;
pub mod migrate;
mod options;
#[cfg(test)]
mod query_plans;
pub mod schema;
pub mod tables;
mod tx;

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
    model::time::Millis,
    store::{engine::UnitKind, tables::instance},
};
use engine::{Engine, Job, postgres::PostgresEngine, sqlite::SqliteEngine};

/// The database, open.
#[derive(Clone)]
pub struct Store(Arc<dyn Engine>);

impl Store {
    /// Opens `database` (`postgres://…`, else a file; a relative one lies in `folder`), creating or
    /// migrating it. Errors: a sentence that names the database and what to do.
    pub fn open(database: &str, folder: &Path, options: &Options) -> Result<Self, String> {
        let engine: Arc<dyn Engine> = if is_postgres(database) {
            Arc::new(PostgresEngine::open(database, options)?)
        } else {
            Arc::new(SqliteEngine::open(&folder.join(database), options)?)
        };
        Ok(Self(engine))
    }

    /// Runs a unit that changes something and commits it. The unit may run again when another one got
    /// in its way, so it must do nothing but use its transaction. What it answers with an error leaves
    /// nothing behind.
    pub async fn write<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(UnitKind::Write, unit).await
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
        self.0.rest();
    }

    /// Do all threads of the database run? The reason if not.
    pub fn alive(&self) -> Result<(), String> {
        self.0.alive()
    }

    /// Can it write, as far as is known without trying? The reason if not.
    pub fn health(&self) -> Result<(), String> {
        self.0.health()
    }

    /// The database's file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.file()
    }

    /// Adds what the store counts, and how many units wait, to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        self.0.metrics().register(registry);
        let waiting = Family::<metrics::QueueLabels, Gauge>::default();
        for (queue, units) in self.0.waiting() {
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
        let Some(file) = self.0.file() else {
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
        match self.0.file() {
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
        let (mut answer, mut result) = (Some(answer), None);
        let job = Job::new(move |step| match step {
            engine::JobStep::Run(tx) => {
                let done = unit(tx);
                let keep = done.is_ok();
                result = Some(done);
                keep
            }
            engine::JobStep::End(outcome) => {
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
        self.0.submit(kind, job)?;
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
