//! A transaction on SQLite with its parameters and rows, and the classification of errors.

use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{
    Connection,
    ffi::{self, ErrorCode},
    types::ToSqlOutput,
};

use crate::store::{Row, StoreError, Tx, Value};

/// Classifies an error of SQLite by what a caller can do about it.
pub(super) fn classify_error(error: &rusqlite::Error) -> StoreError {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict(words),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy(words)
        }
        Some(ErrorCode::SystemIoFailure) if is_out_of_space(error) => StoreError::Busy(words),
        _ => StoreError::Failed(words),
    }
}

/// Returns true if the index of the log could not grow or be mapped: the disk or the memory is full, nothing is
/// damaged.
fn is_out_of_space(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_extended_error_code();
    [
        ffi::SQLITE_IOERR_SHMSIZE,
        ffi::SQLITE_IOERR_SHMMAP,
        ffi::SQLITE_IOERR_NOMEM,
    ]
    .map(Some)
    .contains(&code)
}

/// Classifies an error of the writer. An I/O error sets `broken`, which ends all writing.
pub(super) fn classify_write_error(error: &rusqlite::Error, broken: &AtomicBool) -> StoreError {
    if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && !is_out_of_space(error) {
        broken.store(true, Ordering::Release);
        tracing::error!(%error, "the disk failed while the database was written; nothing is written until a restart: look at the system's log and at the disk first");
    }
    classify_error(error)
}

/// A transaction on a SQLite connection. Public for tests and benchmarks.
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
        self.get(column).map_err(|error| classify_error(&error))
    }

    fn text(&self, column: usize) -> Result<&str, StoreError> {
        let value = self.get_ref(column).map_err(|error| classify_error(&error))?;
        value
            .as_str()
            .map_err(|error| StoreError::Failed(error.to_string()))
    }
}

/// The function that a query calls with each row. Its error ends the query.
type PerRow<'a> = &'a mut dyn FnMut(&dyn Row) -> Result<(), StoreError>;

impl SqliteTx<'_> {
    fn run_execute(&self, sql: &str, params: &[Value<'_>]) -> rusqlite::Result<u64> {
        let mut statement = self.0.prepare_cached(sql)?;
        let params = rusqlite::params_from_iter(params.iter().map(|value| Param(*value)));
        statement.execute(params).map(|n| n as u64)
    }

    fn run_query(
        &self,
        sql: &str,
        params: &[Value<'_>],
        row: PerRow<'_>,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let params = rusqlite::params_from_iter(params.iter().map(|value| Param(*value)));
        let mut found = statement.query(params)?;
        while let Some(next) = found.next()? {
            if let Err(error) = row(next) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

impl Tx for SqliteTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_execute(sql, params)
            .map_err(|error| classify_error(&error))
    }

    fn query(&mut self, sql: &'static str, params: &[Value<'_>], row: PerRow<'_>) -> Result<(), StoreError> {
        self.run_query(sql, params, row)
            .map_err(|error| classify_error(&error))?
    }
}

/// The writer's transaction. An I/O error of a statement sets `broken`.
pub(super) struct ObservedTx<'a> {
    pub(super) tx: SqliteTx<'a>,
    pub(super) broken: &'a AtomicBool,
}

impl Tx for ObservedTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.tx
            .run_execute(sql, params)
            .map_err(|error| classify_write_error(&error, self.broken))
    }

    fn query(&mut self, sql: &'static str, params: &[Value<'_>], row: PerRow<'_>) -> Result<(), StoreError> {
        self.tx
            .run_query(sql, params, row)
            .map_err(|error| classify_write_error(&error, self.broken))?
    }
}
