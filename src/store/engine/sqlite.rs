//! The SQLite engine: one writer that commits in groups with `synchronous=FULL`, and some readers.
//!
//! The writer opens a transaction, runs each waiting unit in a savepoint (a refused one is rolled back alone), commits
//! once, then sends all results: many durable writes share one `fdatasync`. After an I/O error of the writer nothing is
//! written until a restart: the kernel may have dropped the pages, and another commit would succeed without them
//! (Rebello et al., “Can Applications Recover from fsync Failures?”, USENIX ATC 2020). A full disk is no such error:
//! the group is refused as busy, and the next one is tried. [`tx`] has statements and errors. docs/durability.md
//! describes the tests.

mod connection;
mod opening;
mod tx;
mod wal_limit;

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub use connection::open_to_write;
use connection::{BUSY_TIMEOUT, checkpoint, make_durable, open_to_read, truncate_wal};
pub use opening::examine;
pub use tx::SqliteTx;
use tx::{ObservedTx, classify_error, classify_write_error};
use wal_limit::WalLimit;

use super::{Engine, Job, queue_full};
use crate::store::{
    Migrate, Options, StoreError,
    engine::{UnitKind, worker_threads::WorkerThreads},
    files::{self, DatabaseLock},
    metrics::StoreMetrics,
    migrate, schema,
};

/// Maximum number of units in one commit.
const MAX_GROUP_UNITS: usize = 256;
/// Idle time after which the writer writes the log back into the database.
const CHECKPOINT_AFTER_IDLE: Duration = Duration::from_millis(500);
/// Older libraries can corrupt a WAL database (sqlite.org, WAL-reset bug, fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// The SQLite engine.
pub struct SqliteEngine {
    writes: Sender<Job>,
    reads: Sender<Job>,
    broken: Arc<AtomicBool>,
    threads: WorkerThreads,
    metrics: StoreMetrics,
    file: PathBuf,
}

impl SqliteEngine {
    /// Opens or creates the file, and creates or migrates its tables.
    ///
    /// # Errors
    /// A sentence with the file and the remedy.
    pub fn open(file: &Path, options: &Options) -> Result<Self, String> {
        let named = |error: rusqlite::Error| opening::explain_open_error(file, &error);
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(format!(
                "this build carries SQLite {}; 3.51.3 or newer is needed",
                rusqlite::version()
            ));
        }
        let mut writer = Connection::open(file).map_err(named)?;
        opening::recognise(&writer, file)?;
        // After the check that it is a database of Afterword.
        files::restrict_database_to_owner(file);
        make_durable(&writer).map_err(named)?;
        // Held until the migration is committed.
        let lock = RefCell::new(None);
        let backup = |from: i64| {
            if options.migrate == Migrate::Unserved {
                let taken = DatabaseLock::take(file).map_err(|served| {
                    format!(
                        "its schema version is {from}, which this program would migrate to {}: {served}",
                        migrate::current(migrate::STEPS)
                    )
                })?;
                lock.replace(Some(taken));
            }
            let copy = file.with_extension(format!("before-migration-from-{from}.db"));
            files::replace(&copy, |unfinished| {
                Connection::open(file)
                    .and_then(|source| source.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()]))
                    .map(|_| ())
                    .map_err(|error| {
                        format!(
                            "cannot back up to {}: {}",
                            copy.display(),
                            opening::explain_open_error(&copy, &error)
                        )
                    })
            })
        };
        {
            let tx = writer
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(named)?;
            migrate::upgrade(
                &mut SqliteTx(&tx),
                schema::to_sqlite,
                migrate::STEPS,
                &backup,
                &|tx, sql| {
                    let run = tx.0.execute_batch(sql);
                    run.map_err(|error| StoreError::Failed(opening::short_reason(&error)))
                },
            )
            .map_err(|error| format!("cannot use {}: {error}", file.display()))?;
            tx.commit().map_err(named)?;
        }
        drop(lock);

        let (broken, metrics) = (Arc::new(AtomicBool::new(false)), StoreMetrics::default());
        let threads = WorkerThreads::new(metrics.clone());
        let (writes, waiting) = bounded(options.queue);
        let (flag, counted, path) = (Arc::clone(&broken), metrics.clone(), file.to_owned());
        let emptied_after = options.log_emptied_after;
        threads.spawn(
            "sqlite-writer",
            writer,
            move || open_to_write(&path).map_err(|error| error.to_string()),
            move |mut writer| write_in_groups(&mut writer, &waiting, &flag, &counted, emptied_after),
        )?;
        let (reads, waiting) = bounded(options.queue);
        for _ in 0..options.connections.max(1) {
            let (waiting, path) = (waiting.clone(), file.to_owned());
            threads.spawn(
                "sqlite-reader",
                open_to_read(file).map_err(named)?,
                move || open_to_read(&path).map_err(|error| error.to_string()),
                move |reader| read_one_by_one(reader, &waiting),
            )?;
        }
        Ok(Self {
            writes,
            reads,
            broken,
            threads,
            metrics,
            file: file.to_owned(),
        })
    }
}

impl Engine for SqliteEngine {
    fn submit(&self, kind: UnitKind, job: Job) -> Result<(), StoreError> {
        let queue = match kind {
            UnitKind::Read => &self.reads,
            UnitKind::Write => &self.writes,
        };
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.metrics.refused(kind);
                queue_full()
            }
            TrySendError::Disconnected(_) => StoreError::Failed("the database is closed".into()),
        })
    }

    fn alive(&self) -> Result<(), String> {
        self.threads.health()
    }

    fn health(&self) -> Result<(), String> {
        self.alive()?;
        if self.broken.load(Ordering::Acquire) {
            return Err("the disk failed while the database was written; check it, then restart".into());
        }
        Ok(())
    }

    /// Empties the log, so that it contains no erased text, and the file alone is complete.
    fn clean_up(&self) {
        if self.broken.load(Ordering::Acquire) {
            return;
        }
        // Does not create a file that was moved away.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let emptied = Connection::open_with_flags(&self.file, flags)
            .and_then(|connection| truncate_wal(&connection, BUSY_TIMEOUT));
        if let Err(error) = emptied {
            tracing::warn!(%error, file = %self.file.display(), "the log could not be emptied");
        }
    }

    fn metrics(&self) -> &StoreMetrics {
        &self.metrics
    }

    fn waiting(&self) -> Vec<(&'static str, usize)> {
        vec![("read", self.reads.len()), ("write", self.writes.len())]
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.file)
    }
}

fn write_in_groups(
    connection: &mut Connection,
    waiting: &Receiver<Job>,
    broken: &AtomicBool,
    metrics: &StoreMetrics,
    emptied_after: Duration,
) {
    let (mut behind, mut limit) = (false, WalLimit::of(connection));
    limit.adapt(connection);
    // The first write since the log was emptied. Later writes do not postpone when it is emptied again.
    let mut filled: Option<Instant> = None;
    loop {
        let next = match filled {
            _ if behind => waiting.recv_timeout(CHECKPOINT_AFTER_IDLE),
            Some(since) => waiting.recv_timeout(emptied_after.saturating_sub(since.elapsed())),
            None => waiting.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let first = match next {
            Ok(first) => first,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if !behind => {
                if let Err(error) = truncate_wal(connection, Duration::ZERO) {
                    tracing::warn!(%error, "the log could not be emptied");
                }
                filled = None;
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {
                // Readers of a short log are faster. Not between two groups, when the queue is empty because all
                // results were sent just now: that would cost each group two more syncs. SQLite does it by itself when
                // the log is long.
                if let Err(error) = checkpoint(connection) {
                    tracing::warn!(%error, "the log could not be written back into the database");
                }
                behind = false;
                continue;
            }
        };
        if broken.load(Ordering::Acquire) {
            first.end(Err(StoreError::Busy(
                "the disk failed; nothing is written until a restart".into(),
            )));
            continue;
        }
        let stored = write_group(connection, first, waiting, broken, metrics);
        limit.adapt(connection);
        behind = !broken.load(Ordering::Acquire);
        filled = behind.then(|| filled.unwrap_or_else(Instant::now));
        if behind && !stored {
            // The disk may be full. After a checkpoint the log is written from its start and needs no more space;
            // clients that retry at once would leave no pause for it. An error here is logged in the next pause, and
            // not for each group.
            let _ = checkpoint(connection);
        }
    }
}

/// Runs `first` and the units that wait behind it now, commits once, and sends all results. Returns false if the disk
/// refused something.
fn write_group(
    connection: &mut Connection,
    first: Job,
    waiting: &Receiver<Job>,
    broken: &AtomicBool,
    metrics: &StoreMetrics,
) -> bool {
    let tx = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(tx) => tx,
        Err(error) => {
            first.end(Err(classify_write_error(&error, broken)));
            return false;
        }
    };
    let (mut kept, mut refused, mut next) = (Vec::new(), Vec::new(), Some(first));
    let mut broken_group = None;
    // Units that arrive during the group are in the next one. Otherwise all writers would end up in one group: nobody
    // would be served during its sync, and the disk would be idle while all results are sent.
    let max_units = (1 + waiting.len()).min(MAX_GROUP_UNITS);
    while let Some(mut job) = next.take() {
        match run_in_savepoint(&tx, &mut job, broken) {
            Ok(true) => kept.push(job),
            Ok(false) => refused.push((job, Ok(()))),
            Err(error) => refused.push((job, Err(error))),
        }
        // A disk error has rolled back the whole transaction; the next unit would be committed alone.
        if tx.is_autocommit() || broken.load(Ordering::Acquire) {
            broken_group = Some(StoreError::Busy(
                "the disk refused another unit of the group".into(),
            ));
            break;
        }
        if kept.len() + refused.len() < max_units {
            next = waiting.try_recv().ok();
        }
    }
    let began = Instant::now();
    let outcome = match broken_group {
        Some(error) => Err(error),
        None => tx
            .commit()
            .map_err(|error| match classify_write_error(&error, broken) {
                StoreError::Failed(words) => StoreError::Unknown(words),
                other => other,
            }),
    };
    match &outcome {
        Ok(()) if kept.is_empty() => (),
        Ok(()) => metrics.committed(kept.len(), began.elapsed()),
        Err(_) => metrics.failed(),
    }
    let stored = outcome.is_ok() && refused.iter().all(|(_, outcome)| outcome.is_ok());
    for job in kept {
        job.end(outcome.clone());
    }
    for (job, outcome) in refused {
        job.end(outcome);
    }
    stored
}

/// Runs a unit in a savepoint, which is rolled back if the unit is refused or panics. Returns whether it is to be
/// committed.
///
/// # Errors
/// Those of the unit and of SQLite.
fn run_in_savepoint(connection: &Connection, job: &mut Job, broken: &AtomicBool) -> Result<bool, StoreError> {
    // Prepared once, like all statements.
    let batch = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(|error| classify_write_error(&error, broken))
    };
    batch("SAVEPOINT unit")?;
    let keep = job.run(&mut ObservedTx {
        tx: SqliteTx(connection),
        broken,
    });
    if !matches!(keep, Ok(true)) && !connection.is_autocommit() {
        batch("ROLLBACK TO unit")?;
    }
    if !connection.is_autocommit() {
        batch("RELEASE unit")?;
    } else if matches!(keep, Ok(true)) {
        return Err(StoreError::Failed(
            "the transaction was rolled back by the engine".into(),
        ));
    }
    keep
}

fn read_one_by_one(mut connection: Connection, waiting: &Receiver<Job>) {
    while let Ok(mut job) = waiting.recv() {
        let outcome = match connection.transaction() {
            Ok(tx) => job.run(&mut SqliteTx(&tx)).map(|_| ()),
            Err(error) => Err(classify_error(&error)),
        };
        job.end(outcome);
    }
}
