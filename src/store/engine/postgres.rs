//! PostgreSQL: workers that each own one connection, made and dropped on their own thread.
//!
//! The blocking client must not be opened or dropped inside the async runtime, hence the threads.
//! Units run at READ COMMITTED; one that meets a deadlock or a serialization failure runs again.
//! A connection lost while a commit is under way leaves its outcome unknown: the caller hears
//! `Failed`, and the idempotency key tells the truth when the request comes again.

mod dial;

use std::{collections::HashMap, thread, time::Duration};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use dial::Dial;
use postgres::{
    Client, Statement, Transaction,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut},
};

use super::{Engine, Job, Kind, full};
use crate::store::{Options, Row, StoreError, Tx, Value, meters::Meters, migrate, schema};

/// Times that a unit runs when others get in its way.
const TRIES: usize = 5;

/// See the module.
pub struct PostgresEngine {
    jobs: Sender<Job>,
    meters: Meters,
}

impl PostgresEngine {
    /// Connects and migrates. Must not be called inside an async runtime.
    /// Errors: a sentence without the password.
    pub fn open(url: &str, options: &Options) -> Result<Self, String> {
        let dial = Dial::new(url, options)?;
        let hosts = dial.hosts();
        let named = |error: &dyn std::fmt::Display| format!("cannot use PostgreSQL at {hosts}: {error}");
        let dial = thread::spawn(move || -> Result<Dial, String> {
            let mut worker = dial.connect().map_err(|error| words(&error))?;
            worker.migrate().map_err(|error| error.to_string())?;
            Ok(dial)
        })
        .join()
        .map_err(|_| named(&"the connecting thread died"))?
        .map_err(|error| named(&error))?;

        let (jobs, waiting) = bounded(options.queue);
        for n in 0..options.connections.max(1) {
            let (dial, waiting) = (dial.clone(), waiting.clone());
            thread::Builder::new()
                .name(format!("postgres-{n}"))
                .spawn(move || work(&dial, &waiting))
                .map_err(|error| named(&error))?;
        }
        Ok(Self {
            jobs,
            meters: Meters::default(),
        })
    }

    /// Looks at a database without changing anything: neither made nor migrated, in a transaction that only
    /// reads. Errors: a sentence without the password.
    pub fn examine<T: Send + 'static>(
        url: &str,
        options: &Options,
        look: impl FnOnce(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let dial = Dial::new(url, options)?;
        let named = |error: String| format!("cannot use PostgreSQL at {}: {error}", dial.hosts());
        let dialled = dial.clone();
        let looked = thread::spawn(move || -> Result<T, String> {
            let mut worker = dialled.connect().map_err(|error| words(&error))?;
            let tx = worker.client.build_transaction().read_only(true).start();
            let mut tx = PostgresTx {
                tx: tx.map_err(|error| words(&error))?,
                statements: &mut worker.statements,
            };
            look(&mut tx).map_err(|error| error.to_string())
        });
        let looked = looked
            .join()
            .map_err(|_| named("the connecting thread died".into()))?;
        looked.map_err(named)
    }
}

impl Engine for PostgresEngine {
    fn submit(&self, kind: Kind, job: Job) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.meters.refused(kind);
                full()
            }
            TrySendError::Disconnected(_) => StoreError::Failed("the database is closed".into()),
        })
    }

    fn health(&self) -> Result<(), String> {
        Ok(())
    }

    fn meters(&self) -> &Meters {
        &self.meters
    }

    fn waiting(&self) -> Vec<(&'static str, usize)> {
        vec![("all", self.jobs.len())]
    }

    fn file(&self) -> Option<&std::path::Path> {
        None
    }
}

fn work(dial: &Dial, waiting: &Receiver<Job>) {
    let mut worker = None;
    while let Ok(mut job) = waiting.recv() {
        if worker.as_ref().is_none_or(|w: &Worker| w.client.is_closed()) {
            worker = match dial.connect() {
                Ok(connected) => Some(connected),
                Err(error) => {
                    job.end(Err(StoreError::Busy(format!(
                        "PostgreSQL cannot be reached: {}",
                        words(&error)
                    ))));
                    thread::sleep(Duration::from_millis(200));
                    continue;
                }
            };
        }
        let Some(connected) = &mut worker else { continue };
        let mut outcome = connected.run(&mut job);
        if matches!(outcome, Err(Ended::Before(_))) {
            // The server went away while nobody used the connection; nothing of the unit has run.
            worker = dial.connect().ok();
            if let Some(again) = &mut worker {
                outcome = again.run(&mut job);
            }
        }
        job.end(outcome.map_err(|ended| match ended {
            Ended::Before(error) => {
                StoreError::Busy(format!("PostgreSQL cannot be reached: {}", words(&error)))
            }
            Ended::Within(error) => error,
        }));
    }
}

/// Why a unit of work did not end as it wished.
enum Ended {
    /// Its transaction could not begin.
    Before(postgres::Error),
    /// A statement or the commit failed.
    Within(StoreError),
}

struct Worker {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Worker {
    fn migrate(&mut self) -> Result<(), StoreError> {
        // Nodes that start together take turns; the lock goes with the transaction.
        let mut tx = self.client.transaction().map_err(|error| failed(&error))?;
        tx.execute("SELECT pg_advisory_xact_lock(726172797)", &[])
            .map_err(|error| failed(&error))?;
        let mut tx = PostgresTx {
            tx,
            statements: &mut self.statements,
        };
        migrate::bring_up(
            &mut tx,
            schema::to_postgres,
            migrate::STEPS,
            &|_| Ok(()),
            &|tx, sql| tx.tx.batch_execute(sql).map_err(|error| failed(&error)),
        )
        .map_err(StoreError::Failed)?;
        tx.tx.commit().map_err(|error| failed(&error))
    }

    fn run(&mut self, job: &mut Job) -> Result<(), Ended> {
        let mut tries = 0;
        loop {
            tries += 1;
            let tx = self.client.transaction().map_err(Ended::Before)?;
            let mut tx = PostgresTx {
                tx,
                statements: &mut self.statements,
            };
            let mut collided = false;
            let kept = job.run(&mut Watch {
                tx: &mut tx,
                collided: &mut collided,
            });
            let again = match kept {
                Ok(true) => match tx.tx.commit() {
                    Ok(()) => return Ok(()),
                    Err(error) if may_run_again(&error) => true,
                    Err(error) => return Err(Ended::Within(failed(&error))),
                },
                Ok(false) => {
                    let _ = tx.tx.rollback();
                    if !collided {
                        return Ok(());
                    }
                    true
                }
                Err(error) => return Err(Ended::Within(error)),
            };
            if again && tries == TRIES {
                return Err(Ended::Within(StoreError::Busy(
                    "others kept getting in the way".into(),
                )));
            }
        }
    }
}

/// Notes whether a statement of the unit collided with another transaction.
struct Watch<'a, 'b> {
    tx: &'a mut PostgresTx<'b>,
    collided: &'a mut bool,
}

impl Tx for Watch<'_, '_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let done = self.tx.run_execute(sql, params);
        done.map_err(|error| self.note(&error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let found = self
            .tx
            .run_query(sql, params)
            .map_err(|error| self.note(&error))?;
        found.iter().try_for_each(|next| row(next))
    }
}

impl Watch<'_, '_> {
    fn note(&mut self, error: &postgres::Error) -> StoreError {
        *self.collided |= may_run_again(error);
        failed(error)
    }
}

fn may_run_again(error: &postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE)
    )
}

/// What a caller can make of PostgreSQL's error.
fn failed(error: &postgres::Error) -> StoreError {
    match error.code() {
        Some(&SqlState::UNIQUE_VIOLATION | &SqlState::CHECK_VIOLATION | &SqlState::FOREIGN_KEY_VIOLATION) => {
            StoreError::Conflict(words(error))
        }
        Some(
            &SqlState::DISK_FULL
            | &SqlState::OUT_OF_MEMORY
            | &SqlState::TOO_MANY_CONNECTIONS
            | &SqlState::READ_ONLY_SQL_TRANSACTION,
        ) => StoreError::Busy(words(error)),
        _ => StoreError::Failed(words(error)),
    }
}

/// The error with its cause; the client's own text says only “db error”.
fn words(error: &postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

struct PostgresTx<'a> {
    tx: Transaction<'a>,
    statements: &'a mut HashMap<&'static str, Statement>,
}

impl PostgresTx<'_> {
    fn statement(&mut self, sql: &'static str) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let made = self.tx.prepare(&schema::postgres_parameters(sql))?;
        self.statements.insert(sql, made.clone());
        Ok(made)
    }

    fn run_execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql)?;
        let params: Vec<Param<'_>> = params.iter().map(|value| Param(*value)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        self.tx.execute(&statement, &params)
    }

    fn run_query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<Vec<postgres::Row>, postgres::Error> {
        let statement = self.statement(sql)?;
        let params: Vec<Param<'_>> = params.iter().map(|value| Param(*value)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        self.tx.query(&statement, &params)
    }
}

impl Tx for PostgresTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_execute(sql, params).map_err(|error| failed(&error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let found = self.run_query(sql, params).map_err(|error| failed(&error))?;
        found.iter().try_for_each(|next| row(next))
    }
}

#[derive(Debug)]
struct Param<'a>(Value<'a>);

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <i64 as ToSql>::accepts(ty) || <&str as ToSql>::accepts(ty)
    }

    postgres::types::to_sql_checked!();
}

impl Row for postgres::Row {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        // A bare number in a statement is an int4; every column of a table is a BIGINT.
        let read = match self.columns().get(column).map(postgres::Column::type_) {
            Some(&Type::INT4) => self.try_get::<_, i32>(column).map(i64::from),
            _ => self.try_get(column),
        };
        read.map_err(|error| StoreError::Failed(words(&error)))
    }

    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.try_get(column)
            .map_err(|error| StoreError::Failed(words(&error)))
    }
}
