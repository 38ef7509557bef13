//! SQLite: one writer that commits in groups with `synchronous=FULL`, a few readers beside it.
//!
//! The writer opens one transaction, runs each waiting unit in a savepoint (a refused one rolls back
//! alone), commits once, and only then answers all of them: many durable writes share one `fdatasync`.
//! After an I/O error at commit nothing more is written until a restart: the kernel may have dropped
//! the pages (security facts: USENIX ATC 2020, Rebello et al.). A full disk is no such error; the group
//! is refused as busy and the next one tried.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi::ErrorCode, types::ToSqlOutput};

use super::{Engine, Job, Kind, full};
use crate::store::{Options, Row, StoreError, Tx, Value, migrate, schema};

/// Units in one commit at the most.
const GROUP: usize = 256;
/// Without work for so long, the writer writes the log back into the database.
const QUIET: Duration = Duration::from_millis(500);
/// Older libraries can corrupt a WAL database (sqlite.org, WAL-reset bug, fixed in 3.51.3).
const OLDEST_SQLITE: i32 = 3_051_003;

/// See the module.
pub struct SqliteEngine {
    writes: Sender<Job>,
    reads: Sender<Job>,
    broken: Arc<AtomicBool>,
}

impl SqliteEngine {
    /// Opens or creates the file. Errors: a sentence with the file and the remedy.
    pub fn open(file: &Path, options: &Options) -> Result<Self, String> {
        let named = |error: rusqlite::Error| {
            format!(
                "cannot open {}: {error}; the user that runs Afterword needs write access to the file and its folder",
                file.display()
            )
        };
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(format!(
                "this build carries SQLite {}; 3.51.3 or newer is needed",
                rusqlite::version()
            ));
        }
        let mut writer = Connection::open(file).map_err(named)?;
        prepare(&writer).map_err(named)?;
        writer
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;",
            )
            .map_err(named)?;
        let backup = |from: i64| {
            let copy = file.with_extension(format!("before-migration-from-{from}.db"));
            Connection::open(file)
                .and_then(|source| {
                    source
                        .execute("VACUUM INTO ?1", [copy.to_string_lossy()])
                        .map(|_| ())
                })
                .map_err(|error| format!("cannot back up to {}: {error}", copy.display()))
        };
        {
            let tx = writer
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(named)?;
            migrate::bring_up(
                &mut SqliteTx(&tx),
                schema::to_sqlite,
                migrate::STEPS,
                &backup,
                &|tx, sql| tx.0.execute_batch(sql).map_err(|error| failed(&error)),
            )
            .map_err(|error| format!("cannot use {}: {error}", file.display()))?;
            tx.commit().map_err(named)?;
        }

        let broken = Arc::new(AtomicBool::new(false));
        let (writes, waiting) = bounded(options.queue);
        let flag = Arc::clone(&broken);
        spawn("sqlite-writer", move || {
            write_in_groups(&mut writer, &waiting, &flag)
        })?;
        let (reads, waiting) = bounded(options.queue);
        for n in 0..options.connections.max(1) {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = Connection::open_with_flags(file, flags).map_err(named)?;
            prepare(&reader)
                .and_then(|()| reader.execute_batch("PRAGMA query_only=ON"))
                .map_err(named)?;
            let waiting = waiting.clone();
            spawn(&format!("sqlite-reader-{n}"), move || {
                read_one_by_one(reader, &waiting)
            })?;
        }
        Ok(Self {
            writes,
            reads,
            broken,
        })
    }
}

impl Engine for SqliteEngine {
    fn submit(&self, kind: Kind, job: Job) -> Result<(), StoreError> {
        let queue = match kind {
            Kind::Read => &self.reads,
            Kind::Write => &self.writes,
        };
        queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => full(),
            TrySendError::Disconnected(_) => StoreError::Failed("the database is closed".into()),
        })
    }

    fn health(&self) -> Result<(), String> {
        if self.broken.load(Ordering::Acquire) {
            return Err("the disk failed while a commit was written; check it, then restart".into());
        }
        Ok(())
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), String> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(|_| ())
        .map_err(|error| format!("cannot start the thread {name}: {error}"))
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch(
        "PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; \
         PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;",
    )
}

fn write_in_groups(connection: &mut Connection, waiting: &Receiver<Job>, broken: &AtomicBool) {
    let mut behind = false;
    loop {
        let next = if behind {
            waiting.recv_timeout(QUIET)
        } else {
            waiting.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        let first = match next {
            Ok(first) => first,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                // Gives the readers' snapshots a short log. Not between one group and the next, when nothing waits
                // because everybody was answered just now: that would sync the disk twice more for each of them.
                // SQLite does it by itself when the log is long. A busy reader only postpones it.
                let _ = connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
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
        write_group(connection, first, waiting, broken);
        behind = true;
    }
}

/// Runs `first` and whatever waits behind it, commits once, answers all.
fn write_group(connection: &mut Connection, first: Job, waiting: &Receiver<Job>, broken: &AtomicBool) {
    let tx = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(tx) => tx,
        Err(error) => return first.end(Err(failed(&error))),
    };
    let (mut kept, mut refused, mut next) = (Vec::new(), Vec::new(), Some(first));
    let mut spoilt = None;
    while let Some(mut job) = next.take() {
        match run_in_savepoint(&tx, &mut job) {
            Ok(true) => kept.push(job),
            Ok(false) => refused.push((job, Ok(()))),
            Err(error) => {
                refused.push((job, Err(error.clone())));
                // An error of the disk may have rolled back the whole transaction already.
                if tx.is_autocommit() {
                    spoilt = Some(error);
                    break;
                }
            }
        }
        if kept.len() + refused.len() < GROUP {
            next = waiting.try_recv().ok();
        }
    }
    let outcome = match spoilt {
        Some(error) => Err(error),
        None => tx.commit().map_err(|error| {
            if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
                broken.store(true, Ordering::Release);
                tracing::error!(%error, "the disk failed at a commit; no more writes until a restart");
            }
            failed(&error)
        }),
    };
    for job in kept {
        job.end(outcome.clone());
    }
    for (job, outcome) in refused {
        job.end(outcome);
    }
}

/// Runs one unit so that, refused or panicking, it leaves nothing behind.
fn run_in_savepoint(connection: &Connection, job: &mut Job) -> Result<bool, StoreError> {
    // Prepared once, as all statements are.
    let batch = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(|error| failed(&error))
    };
    batch("SAVEPOINT unit")?;
    let keep = job.run(&mut SqliteTx(connection));
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

/// What a caller can make of SQLite's error.
fn failed(error: &rusqlite::Error) -> StoreError {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(words),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy(words)
        }
        _ => StoreError::Failed(words),
    }
}

/// A transaction on a SQLite connection. Public to the crate's tests of query plans.
pub struct SqliteTx<'a>(pub &'a Connection);

struct Param<'a>(Value<'a>);

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match &self.0 {
            Value::Int(value) => Ok(ToSqlOutput::from(*value)),
            Value::Text(value) => Ok(ToSqlOutput::from(*value)),
        }
    }
}

impl Row for rusqlite::Row<'_> {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column).map_err(|error| failed(&error))
    }

    fn text(&self, column: usize) -> Result<&str, StoreError> {
        let value = self.get_ref(column).map_err(|error| failed(&error))?;
        value
            .as_str()
            .map_err(|error| StoreError::Failed(error.to_string()))
    }
}

impl Tx for SqliteTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| failed(&error))?;
        let params = rusqlite::params_from_iter(params.iter().map(|value| Param(*value)));
        statement
            .execute(params)
            .map(|n| n as u64)
            .map_err(|error| failed(&error))
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| failed(&error))?;
        let params = rusqlite::params_from_iter(params.iter().map(|value| Param(*value)));
        let mut found = statement.query(params).map_err(|error| failed(&error))?;
        while let Some(next) = found.next().map_err(|error| failed(&error))? {
            row(next)?;
        }
        Ok(())
    }
}

/// The exclusive lock of a data folder: a second server on the same one is refused. It lies on a file
/// of its own, since closing any descriptor of the database itself would drop SQLite's locks.
pub struct FolderLock(
    #[expect(dead_code, reason = "held for as long as the server runs")] Mutex<std::fs::File>,
);

impl FolderLock {
    /// Takes the lock. Errors: a sentence that says who has it and what to do.
    pub fn take(folder: &Path) -> Result<Self, String> {
        let file = folder.join("afterword.lock");
        let lock = std::fs::File::create(&file)
            .map_err(|error| format!("cannot create {}: {error}", file.display()))?;
        lock.try_lock().map_err(|_| {
            format!("another Afterword serves from {}; stop it first, or choose another folder with AFTERWORD_DATA", folder.display())
        })?;
        Ok(Self(Mutex::new(lock)))
    }
}
