//! PostgreSQL: workers that each own one connection, made and dropped on their own thread.
//!
//! The blocking client must not be opened or dropped inside the async runtime, hence the threads.
//! Units run at READ COMMITTED; one that meets a deadlock or a serialization failure runs again.
//! A connection lost while a commit is under way leaves its outcome unknown: the caller hears
//! `Unknown`, and the idempotency key tells the truth when the request comes again.
//!
//! While no server can be reached everything is refused at once instead of waiting ([`reach`]). Statements
//! and errors: [`tx`]. How it is tested: docs/durability.md.

mod dial;
mod opening;
mod reach;
mod tx;

use std::{collections::HashMap, sync::Arc, thread, time::Duration};

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};
use postgres::{Client, Statement, error::SqlState};

use dial::Dial;
use reach::Reach;
use tx::{PostgresTx, failed, is_loss, may_run_again, words};

use super::{Engine, Job, Kind, full};
use crate::store::{Migrate, Options, Row, StoreError, Tx, Value, meters::Meters, migrate, schema};

/// Times that a unit runs when others get in its way.
const TRIES: usize = 5;

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(200);

/// See the module.
pub struct PostgresEngine {
    jobs: Sender<Job>,
    reach: Arc<Reach>,
    meters: Meters,
}

impl PostgresEngine {
    /// Connects and migrates. Must not be called inside an async runtime.
    /// Errors: a sentence without the password.
    pub fn open(url: &str, options: &Options) -> Result<Self, String> {
        let dial = Dial::new(url, options)?;
        let hosts = dial.hosts();
        let named = |error: &dyn std::fmt::Display| format!("cannot use PostgreSQL at {hosts}: {error}");
        let may_migrate = options.migrate;
        let dial = thread::spawn(move || -> Result<Dial, String> {
            let mut worker = dial.connect().map_err(|error| opening::refused(&error))?;
            opening::recognise(&mut worker.client)?;
            worker.migrate(may_migrate)?;
            Ok(dial)
        })
        .join()
        .map_err(|_| named(&"the connecting thread died"))?
        .map_err(|error| named(&error))?;

        let workers = options.connections.max(1);
        let reach = Arc::new(Reach::of(workers));
        let (jobs, waiting) = bounded(options.queue);
        for n in 0..workers {
            let (dial, waiting, reach) = (dial.clone(), waiting.clone(), Arc::clone(&reach));
            thread::Builder::new()
                .name(format!("postgres-{n}"))
                .spawn(move || work(&dial, &waiting, &reach))
                .map_err(|error| named(&error))?;
        }
        Ok(Self {
            jobs,
            reach,
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
            let mut worker = dialled.connect().map_err(|error| opening::refused(&error))?;
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
        self.health().map_err(StoreError::Busy)?;
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.meters.refused(kind);
                full()
            }
            TrySendError::Disconnected(_) => StoreError::Failed("the database is closed".into()),
        })
    }

    fn health(&self) -> Result<(), String> {
        if self.reach.is_lost() {
            return Err("PostgreSQL cannot be reached".into());
        }
        Ok(())
    }

    fn rest(&self) {}

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

fn work(dial: &Dial, waiting: &Receiver<Job>, reach: &Reach) {
    let mut worker: Option<Worker> = None;
    loop {
        let Some(connected) = &mut worker else {
            match dial.connect() {
                Ok(connected) => {
                    worker = Some(connected);
                    reach.found();
                }
                Err(error) => {
                    if reach.missed(&error) && !refuse_waiting(waiting, &error) {
                        return;
                    }
                    thread::sleep(PAUSE);
                }
            }
            continue;
        };
        let Ok(mut job) = waiting.recv() else {
            reach.dropped();
            return;
        };
        let mut outcome = connected.run(&mut job);
        if matches!(outcome, Err(Ended::Before(_))) && !reach.is_doubtful() {
            // The server went away while nobody used the connection; nothing of the unit has run.
            match dial.connect() {
                Ok(again) => {
                    *connected = again;
                    outcome = connected.run(&mut job);
                }
                Err(error) => outcome = Err(Ended::Before(error)),
            }
        }
        if connected.client.is_closed() || connected.elsewhere || matches!(outcome, Err(Ended::Before(_))) {
            worker = None;
            reach.dropped();
        }
        job.end(outcome.map_err(|ended| match ended {
            Ended::Before(error) => unreachable_now(&error),
            Ended::Within(error) => error,
        }));
    }
}

fn unreachable_now(error: &postgres::Error) -> StoreError {
    StoreError::Busy(format!("PostgreSQL cannot be reached: {}", words(error)))
}

/// Answers all that wait, so that nobody waits for a server that is not there. False: the store is closed.
fn refuse_waiting(waiting: &Receiver<Job>, error: &postgres::Error) -> bool {
    loop {
        match waiting.try_recv() {
            Ok(job) => job.end(Err(unreachable_now(error))),
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
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
    /// The server takes no writes any more: another one does.
    elsewhere: bool,
}

impl Worker {
    /// Errors: a sentence with the remedy.
    fn migrate(&mut self, may: Migrate) -> Result<(), String> {
        // Nodes that start together take turns; the lock goes with the transaction.
        let mut tx = self
            .client
            .transaction()
            .map_err(|error| opening::refused(&error))?;
        tx.execute("SELECT pg_advisory_xact_lock(726172797)", &[])
            .map_err(|error| opening::refused(&error))?;
        let mut tx = PostgresTx {
            tx,
            statements: &mut self.statements,
        };
        migrate::bring_up(
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
                let run = tx.tx.batch_execute(sql);
                run.map_err(|error| StoreError::Failed(opening::refused(&error)))
            },
        )?;
        tx.tx.commit().map_err(|error| opening::refused(&error))
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
                elsewhere: &mut self.elsewhere,
            });
            let again = match kept {
                Ok(true) => match tx.tx.commit() {
                    Ok(()) => return Ok(()),
                    Err(error) if may_run_again(&error) => true,
                    Err(error) if is_loss(&error) => {
                        return Err(Ended::Within(StoreError::Unknown(words(&error))));
                    }
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
    elsewhere: &'a mut bool,
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
        *self.elsewhere |= error.code() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION);
        failed(error)
    }
}
