//! SQLite: one writer that commits in groups with `synchronous=FULL`, a few readers beside it.
//!
//! The writer opens one transaction, runs each waiting unit in a savepoint (a refused one rolls back
//! alone), commits once, and only then answers all of them: many durable writes share one `fdatasync`.
//! After an I/O error of the writer nothing more is written until a restart: the kernel may have dropped
//! the pages, and a commit that is tried again would succeed without them (Rebello et al., “Can
//! Applications Recover from fsync Failures?”, USENIX ATC 2020). A full disk is no such error; the group is
//! refused as busy and the next one tried. Statements and errors: [`tx`]. How it is tested:
//! docs/durability.md.

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
use tx::{ObservedTx, failed, noted};
use wal_limit::WalLimit;

use super::{Engine, Job, queue_full};
use crate::store::{
    Migrate, Options, StoreError,
    engine::{UnitKind, worker_threads::WorkerThreads},
    files::{self, DatabaseLock},
    metrics::StoreMetrics,
    migrate, schema,
};

/// Units in one commit at the most.
const MAX_GROUP_UNITS: usize = 256;
/// Without work for so long, the writer writes the log back into the database.
const CHECKPOINT_AFTER_IDLE: Duration = Duration::from_millis(500);
/// Older libraries can corrupt a WAL database (sqlite.org, WAL-reset bug, fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// See the module.
pub struct SqliteEngine {
    writes: Sender<Job>,
    reads: Sender<Job>,
    broken: Arc<AtomicBool>,
    threads: WorkerThreads,
    meters: StoreMetrics,
    file: PathBuf,
}

impl SqliteEngine {
    /// Opens or creates the file. Errors: a sentence with the file and the remedy.
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
        // Now that it is known to be ours.
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

        let (broken, meters) = (Arc::new(AtomicBool::new(false)), StoreMetrics::default());
        let threads = WorkerThreads::new(meters.clone());
        let (writes, waiting) = bounded(options.queue);
        let (flag, counted, path) = (Arc::clone(&broken), meters.clone(), file.to_owned());
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
            meters,
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
                self.meters.refused(kind);
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

    /// Empties the log, so that what was erased does not stay in it, and the file is whole by itself.
    fn rest(&self) {
        if self.broken.load(Ordering::Acquire) {
            return;
        }
        // Not made again where somebody moved it away.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let emptied = Connection::open_with_flags(&self.file, flags)
            .and_then(|connection| truncate_wal(&connection, BUSY_TIMEOUT));
        if let Err(error) = emptied {
            tracing::warn!(%error, file = %self.file.display(), "the log could not be emptied");
        }
    }

    fn metrics(&self) -> &StoreMetrics {
        &self.meters
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
    meters: &StoreMetrics,
    emptied_after: Duration,
) {
    let (mut behind, mut limit) = (false, WalLimit::of(connection));
    limit.adapt(connection);
    // When the log was first written to after it was emptied: later writes do not put off that it is emptied.
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
                // Gives the readers' snapshots a short log. Not between one group and the next, when nothing waits
                // because everybody was answered just now: that would sync the disk twice more for each of them.
                // SQLite does it by itself when the log is long.
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
        let stored = write_group(connection, first, waiting, broken, meters);
        limit.adapt(connection);
        behind = !broken.load(Ordering::Acquire);
        filled = behind.then(|| filled.unwrap_or_else(Instant::now));
        if behind && !stored {
            // Perhaps the disk is full. A log that was written back is begun anew and needs no more room, and those
            // who try again at once leave no lull for it. What fails now is told in the next lull, and not to each.
            let _ = checkpoint(connection);
        }
    }
}

/// Runs `first` and whatever waits behind it now, commits once, answers all. Says whether the disk took everything.
fn write_group(
    connection: &mut Connection,
    first: Job,
    waiting: &Receiver<Job>,
    broken: &AtomicBool,
    meters: &StoreMetrics,
) -> bool {
    let tx = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(tx) => tx,
        Err(error) => {
            first.end(Err(noted(&error, broken)));
            return false;
        }
    };
    let (mut kept, mut refused, mut next) = (Vec::new(), Vec::new(), Some(first));
    let mut spoilt = None;
    // Those who come while the group runs make the next one. To take them too would bring all that write into one group,
    // and then nobody would be served while it is synced, and the disk would rest while all of them are answered.
    let most = (1 + waiting.len()).min(MAX_GROUP_UNITS);
    while let Some(mut job) = next.take() {
        match run_in_savepoint(&tx, &mut job, broken) {
            Ok(true) => kept.push(job),
            Ok(false) => refused.push((job, Ok(()))),
            Err(error) => refused.push((job, Err(error))),
        }
        // An error of the disk has rolled back the whole transaction; what came next would be committed alone.
        if tx.is_autocommit() || broken.load(Ordering::Acquire) {
            spoilt = Some(StoreError::Busy(
                "the disk refused another unit of the group".into(),
            ));
            break;
        }
        if kept.len() + refused.len() < most {
            next = waiting.try_recv().ok();
        }
    }
    let began = Instant::now();
    let outcome = match spoilt {
        Some(error) => Err(error),
        None => tx.commit().map_err(|error| match noted(&error, broken) {
            StoreError::Failed(words) => StoreError::Unknown(words),
            other => other,
        }),
    };
    match &outcome {
        Ok(()) if kept.is_empty() => (),
        Ok(()) => meters.committed(kept.len(), began.elapsed()),
        Err(_) => meters.failed(),
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

/// Runs one unit so that, refused or panicking, it leaves nothing behind.
fn run_in_savepoint(connection: &Connection, job: &mut Job, broken: &AtomicBool) -> Result<bool, StoreError> {
    // Prepared once, as all statements are.
    let batch = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(|error| noted(&error, broken))
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
            Err(error) => Err(failed(&error)),
        };
        job.end(outcome);
    }
}
