//! One connection, and how a unit of work runs on it. Every wait for the server but that for a commit has an end.
//!
//! A commit is waited for without end: whether it took place is known to nobody else, and a connection that was given
//! up would leave the server's half of it behind, one more for each try.

use std::{collections::HashMap, future::Future, time::Duration};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement, error::SqlState};

use super::tx::{BoundedWait, Fault, PostgresTx};
use crate::store::{
    Migrate, Row, StoreError, Tx, Value,
    engine::{Job, postgres::open_error},
    migrate, schema,
};

/// Times that a unit runs when others get in its way.
const MAX_ATTEMPTS: usize = 5;

/// Why a unit of work did not end as it wished.
pub(super) enum UnitFailure {
    /// Its transaction could not begin.
    Before(Fault),
    /// A statement or the commit failed.
    Within(StoreError),
}

/// See the module. Must not be used or dropped inside an async runtime.
pub(super) struct Worker {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// Drives the connection while something is waited for; the connection ends with it.
    runtime: Runtime,
    /// How long a statement may take.
    patience: Option<Duration>,
    /// The server takes no writes any more (another one does), or does not answer.
    unusable: bool,
}

impl Worker {
    pub(super) fn new(client: Client, runtime: Runtime, patience: Option<Duration>) -> Self {
        Self {
            client,
            statements: HashMap::new(),
            runtime,
            patience,
            unusable: false,
        }
    }

    /// Nothing more can be done by this connection.
    pub(super) fn is_unusable(&self) -> bool {
        self.unusable || self.client.is_closed()
    }

    /// Runs statements that are not part of a unit.
    pub(super) fn set_up(&mut self, sql: &str) -> Result<(), Fault> {
        let waiting = BoundedWait(&self.runtime, self.patience);
        waiting.on(self.client.batch_execute(sql))
    }

    /// Begins a transaction; gives also the flag to set when the connection is of no more use.
    pub(super) fn begin(&mut self, read_only: bool) -> Result<(PostgresTx<'_>, &mut bool), Fault> {
        let waiting = BoundedWait(&self.runtime, self.patience);
        let beginning = self.client.build_transaction().read_only(read_only).start();
        let tx = PostgresTx {
            tx: waiting.on(beginning)?,
            statements: &mut self.statements,
            waiting,
        };
        Ok((tx, &mut self.unusable))
    }

    /// The only row of a query that is not part of a unit.
    pub(super) fn query_one(&mut self, sql: &str) -> Result<tokio_postgres::Row, Fault> {
        let waiting = BoundedWait(&self.runtime, self.patience);
        waiting.on(self.client.query_one(sql, &[]))
    }

    /// Errors: a sentence with the remedy.
    pub(super) fn migrate(&mut self, may: Migrate) -> Result<(), String> {
        let refused = |error: Fault| open_error::explain_open_error(&error);
        // Nodes that start together take turns; the lock goes with the transaction.
        let (mut tx, _) = self.begin(false).map_err(refused)?;
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
            let (mut tx, unusable) = self.begin(false).map_err(UnitFailure::Before)?;
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
                Err(error) => return Err(UnitFailure::Within(error)),
            };
            if again && tries == MAX_ATTEMPTS {
                return Err(UnitFailure::Within(StoreError::Busy(
                    "others kept getting in the way".into(),
                )));
            }
        }
    }
}

/// Notes what a statement's error says of the transaction and of the connection.
struct ObservedTx<'a, 'b> {
    tx: &'a mut PostgresTx<'b>,
    /// Another transaction got in the way.
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
    /// Waits for the server, as long as that may take.
    pub(super) fn on<T>(
        self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        let Some(patience) = self.1 else {
            return self.without_end(answer);
        };
        self.0.block_on(async {
            match tokio::time::timeout(patience, answer).await {
                Ok(answered) => answered.map_err(Fault::Answer),
                Err(_) => Err(Fault::Silence(patience)),
            }
        })
    }

    /// Waits for the server until it answers or the connection ends.
    pub(super) fn without_end<T>(
        self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        self.0.block_on(answer).map_err(Fault::Answer)
    }
}
