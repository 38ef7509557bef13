//! Runs units of work on one connection. Every wait for the server is bounded, except that for a commit.
//!
//! The wait for a commit is unbounded: only the server can tell whether it took place, and each connection that is
//! closed before would leave a backend behind that still waits.

use std::{collections::HashMap, future::Future, time::Duration};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, IsolationLevel, Statement, error::SqlState};

use super::tx::{BoundedWait, Fault, PostgresTx};
use crate::store::{
    Migrate, Row, StoreError, Tx, Value,
    engine::{Job, UnitKind, postgres::open_error},
    migrate, schema,
};

/// Attempts to run a unit that conflicts with others.
const MAX_ATTEMPTS: usize = 5;

/// The failure of a unit of work.
pub(super) enum UnitFailure {
    /// The transaction could not begin.
    Before(Fault),
    /// A statement or the commit failed.
    Within(StoreError),
}

/// One connection with its prepared statements. Must not be used or dropped inside an async runtime.
pub(super) struct Worker {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Drives the connection during a wait. The connection ends with it.
    runtime: Runtime,
    /// The timeout of a statement.
    timeout: Option<Duration>,
    /// The server takes no more writes (another one does), or does not answer.
    unusable: bool,
}

impl Worker {
    pub(super) fn new(client: Client, runtime: Runtime, timeout: Option<Duration>) -> Self {
        Self {
            client,
            statements: HashMap::new(),
            runtime,
            timeout,
            unusable: false,
        }
    }

    /// Returns true if the connection cannot be used any more.
    pub(super) fn is_unusable(&self) -> bool {
        self.unusable || self.client.is_closed()
    }

    /// Runs statements outside of a unit.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) fn set_up(&mut self, sql: &str) -> Result<(), Fault> {
        let waiting = BoundedWait(&self.runtime, self.timeout);
        waiting.on(self.client.batch_execute(sql))
    }

    /// Begins a transaction. Returns with it the flag that marks the connection as unusable. One that only reads sees the
    /// state of its first statement; each statement of one that writes sees what was committed before it.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) fn begin(&mut self, kind: UnitKind) -> Result<(PostgresTx<'_>, &mut bool), Fault> {
        let waiting = BoundedWait(&self.runtime, self.timeout);
        let beginning = self.client.build_transaction();
        let beginning = match kind {
            UnitKind::Read => beginning
                .isolation_level(IsolationLevel::RepeatableRead)
                .read_only(true),
            UnitKind::Write => beginning,
        };
        let tx = PostgresTx {
            tx: waiting.on(beginning.start())?,
            statements: &mut self.statements,
            waiting,
        };
        Ok((tx, &mut self.unusable))
    }

    /// Runs a query outside of a unit, and returns its only row.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) fn query_one(&mut self, sql: &str) -> Result<tokio_postgres::Row, Fault> {
        let waiting = BoundedWait(&self.runtime, self.timeout);
        waiting.on(self.client.query_one(sql, &[]))
    }

    /// Creates or migrates the tables.
    ///
    /// # Errors
    /// A sentence with the remedy.
    pub(super) fn migrate(&mut self, may: Migrate) -> Result<(), String> {
        let refused = |error: Fault| open_error::explain_open_error(&error);
        // Nodes that start together migrate one after the other; the lock ends with the transaction.
        let (mut tx, _) = self.begin(UnitKind::Write).map_err(refused)?;
        tx.execute_batch("SELECT pg_advisory_xact_lock(726172797)")
            .map_err(refused)?;
        migrate::upgrade(
            &mut tx,
            schema::to_postgres,
            migrate::STEPS,
            &|from| match may {
                Migrate::Always => Ok(()),
                Migrate::Unserved => Err(format!(
                    "its schema version is {from}, and other nodes may be using it: start the server of this version (afterword serve), which migrates it, then run the command again"
                )),
            },
            &|tx, sql| {
                let run = tx.execute_batch(sql);
                run.map_err(|error| StoreError::Failed(refused(error)))
            },
        )?;
        tx.commit().map_err(refused)
    }

    pub(super) fn run(&mut self, job: &mut Job) -> Result<(), UnitFailure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (mut tx, unusable) = self.begin(job.kind()).map_err(UnitFailure::Before)?;
            let mut collided = false;
            let kept = job.run(&mut ObservedTx {
                tx: &mut tx,
                collided: &mut collided,
                unusable,
            });
            let again = match kept {
                Ok(true) => match tx.commit() {
                    Ok(()) => return Ok(()),
                    Err(error) if error.may_run_again() => true,
                    Err(error) if error.is_loss() => {
                        return Err(UnitFailure::Within(StoreError::Unknown(error.to_string())));
                    }
                    Err(error) => return Err(UnitFailure::Within(error.into())),
                },
                Ok(false) => {
                    *unusable |= tx.rollback().is_err_and(|error| error.is_silence());
                    if !collided {
                        return Ok(());
                    }
                    true
                }
                Err(error) => {
                    // Without it the server would keep the locks of the unit until the connection is used again.
                    *unusable |= tx.rollback().is_err_and(|error| error.is_silence());
                    return Err(UnitFailure::Within(error));
                }
            };
            if again && tries == MAX_ATTEMPTS {
                return Err(UnitFailure::Within(StoreError::Busy(
                    "others kept getting in the way".into(),
                )));
            }
        }
    }
}

/// Records what the error of a statement says of the transaction and the connection.
struct ObservedTx<'a, 'b> {
    tx: &'a mut PostgresTx<'b>,
    /// A conflict with another transaction.
    collided: &'a mut bool,
    unusable: &'a mut bool,
}

impl Tx for ObservedTx<'_, '_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let done = self.tx.run_execute(sql, params);
        done.map_err(|error| self.note(error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let found = self.tx.run_query(sql, params).map_err(|error| self.note(error))?;
        found.iter().try_for_each(|next| row(next))
    }
}

impl ObservedTx<'_, '_> {
    fn note(&mut self, error: Fault) -> StoreError {
        *self.collided |= error.may_run_again();
        *self.unusable |= error.is_silence() || error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION);
        error.into()
    }
}

impl BoundedWait<'_> {
    /// Waits for the server up to the timeout.
    ///
    /// # Errors
    /// Those of the server, and [`Fault::Silence`].
    pub(super) fn on<T>(
        self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        let Some(timeout) = self.1 else {
            return self.without_end(answer);
        };
        self.0.block_on(async {
            match tokio::time::timeout(timeout, answer).await {
                Ok(answered) => answered.map_err(Fault::Answer),
                Err(_) => Err(Fault::Silence(timeout)),
            }
        })
    }

    /// Waits for the server until it answers or the connection ends.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) fn without_end<T>(
        self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        self.0.block_on(answer).map_err(Fault::Answer)
    }
}
