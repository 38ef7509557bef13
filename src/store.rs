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
pub mod files;
pub mod inspect;
pub mod metrics;
pub mod migrate;
#[cfg(test)]
mod query_plans;
pub mod schema;
pub mod tables;

use std::{path::Path, sync::Arc, time::Duration};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::{model::time::Millis, store::tables::instance};
use engine::{Engine, Job, Kind, postgres::PostgresEngine, sqlite::SqliteEngine};

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A BIGINT.
    Int(i64),
    /// A TEXT.
    Text(&'a str),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

/// The parameters of a statement: `params![site.0, "approved"]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
pub(crate) use params;

/// A row of an answer; columns count from 0.
pub trait Row {
    /// A BIGINT column.
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    /// A TEXT column.
    fn text(&self, column: usize) -> Result<&str, StoreError>;
}

/// One transaction of one engine.
pub trait Tx {
    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError>;
    /// Runs a query and hands each row to `row`.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// All rows of a query, each mapped by `map`.
pub(crate) fn rows<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    tx.query(sql, params, &mut |row| {
        found.push(map(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// The only row of a query, if there is one.
pub(crate) fn row<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(rows(tx, sql, params, map)?.pop())
}

/// What a caller can act on; everything else is `Failed`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique or check constraint refused the row. Carries the engine's words.
    #[error("a constraint refused the row: {0}")]
    Conflict(String),
    /// Too many units wait, or the disk is full: the same unit works later.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The engine failed before the commit: nothing is stored.
    #[error("the database failed: {0}")]
    Failed(String),
    /// The engine failed at the commit: what was to be written may or may not be there.
    #[error("the database failed at a commit: {0}")]
    Unknown(String),
}

/// The database, open.
#[derive(Clone)]
pub struct Store(Arc<dyn Engine>);

/// How to open a database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections that read (SQLite), or connections in all: half of them read, half write (PostgreSQL).
    pub connections: usize,
    /// Units that may wait before the next is refused with [`StoreError::Busy`].
    pub queue: usize,
    /// PostgreSQL only: a file of CA certificates in PEM; none: the usual roots.
    pub ca_file: Option<std::path::PathBuf>,
    /// Whether a database of an older schema may be migrated. An empty one is always given its tables.
    pub migrate: Migrate,
    /// SQLite only: in the first pause after so long its log is emptied, in which text that was erased may still stand.
    pub log_emptied_after: Duration,
}

/// Who may migrate a database of an older schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Whoever opens it: the server, which holds the lock.
    Always,
    /// A command, where no server uses the database: SQLite's lock tells. Which nodes use a PostgreSQL database
    /// nothing tells, so there only the server migrates.
    Unserved,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 4,
            queue: 1_024,
            ca_file: None,
            migrate: Migrate::Always,
            log_emptied_after: Duration::from_secs(300),
        }
    }
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
        self.submit(Kind::Write, unit).await
    }

    /// Runs a unit that only reads; it sees one state of the database.
    pub async fn read<T, E, F>(&self, unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.submit(Kind::Read, unit).await
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
        self.0.meters().register(registry);
        let waiting = Family::<metrics::Queue, Gauge>::default();
        for (queue, units) in self.0.waiting() {
            waiting
                .get_or_create(&metrics::Queue { queue })
                .set(i64::try_from(units).unwrap_or(i64::MAX));
        }
        registry.register(
            "afterword_store_waiting_units",
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

    async fn submit<T, E, F>(&self, kind: Kind, mut unit: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let (mut answer, mut result) = (Some(answer), None);
        let job = Job::new(move |step| match step {
            engine::Step::Run(tx) => {
                let done = unit(tx);
                let keep = done.is_ok();
                result = Some(done);
                keep
            }
            engine::Step::End(outcome) => {
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
