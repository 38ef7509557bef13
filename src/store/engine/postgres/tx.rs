//! A transaction on PostgreSQL with its parameters and rows, and the classification of errors.

use std::{collections::HashMap, fmt, io, time::Duration};

use tokio::runtime::Runtime;
use tokio_postgres::{
    Statement, Transaction,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut},
};

use crate::store::{Row, StoreError, Tx, Value, schema};

/// Waits for the server, which the runtime drives, up to the timeout; none: without limit.
#[derive(Clone, Copy)]
pub(super) struct BoundedWait<'a>(pub(super) &'a Runtime, pub(super) Option<Duration>);

pub(super) struct PostgresTx<'a> {
    pub(super) tx: Transaction<'a>,
    pub(super) statements: &'a mut HashMap<&'static str, Statement>,
    pub(super) waiting: BoundedWait<'a>,
}

impl PostgresTx<'_> {
    fn statement(&mut self, sql: &'static str) -> Result<Statement, Fault> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let text = schema::postgres_parameters(sql);
        let made = self.waiting.on(self.tx.prepare(&text))?;
        self.statements.insert(sql, made.clone());
        Ok(made)
    }

    pub(super) fn run_execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, Fault> {
        let statement = self.statement(sql)?;
        let params: Vec<Param<'_>> = params.iter().map(|value| Param(*value)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        self.waiting.on(self.tx.execute(&statement, &params))
    }

    pub(super) fn run_query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<Vec<tokio_postgres::Row>, Fault> {
        let statement = self.statement(sql)?;
        let params: Vec<Param<'_>> = params.iter().map(|value| Param(*value)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        self.waiting.on(self.tx.query(&statement, &params))
    }

    pub(super) fn execute_batch(&mut self, sql: &str) -> Result<(), Fault> {
        self.waiting.on(self.tx.batch_execute(sql))
    }

    pub(super) fn commit(self) -> Result<(), Fault> {
        self.waiting.without_end(self.tx.commit())
    }

    pub(super) fn rollback(self) -> Result<(), Fault> {
        self.waiting.on(self.tx.rollback())
    }
}

impl Tx for PostgresTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_execute(sql, params).map_err(StoreError::from)
    }

    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let found = self.run_query(sql, params)?;
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

    tokio_postgres::types::to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn int(&self, column: usize) -> Result<i64, StoreError> {
        // A number literal in a statement is an int4; every column of a table is a BIGINT.
        let read = match self.columns().get(column).map(tokio_postgres::Column::type_) {
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

/// The error of a request to the server.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server answered with an error, or the connection ended.
    Answer(tokio_postgres::Error),
    /// The server did not answer within this time.
    Silence(Duration),
}

impl Fault {
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Answer(error) => error.code(),
            Self::Silence(_) => None,
        }
    }

    pub(super) fn is_silence(&self) -> bool {
        matches!(self, Self::Silence(_))
    }

    pub(super) fn may_run_again(&self) -> bool {
        matches!(
            self.code(),
            Some(&SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE)
        )
    }

    /// Returns true if the connection is lost, or the server is shutting down.
    pub(super) fn is_loss(&self) -> bool {
        let Self::Answer(error) = self else { return true };
        match error.code() {
            // Classes 57P (shutting down, crashed, starting) and 08 (connection).
            Some(code) => code.code().starts_with("57P") || code.code().starts_with("08"),
            None => {
                error.is_closed()
                    || std::error::Error::source(error).is_some_and(|cause| cause.is::<io::Error>())
            }
        }
    }
}

/// Classifies an error by what a caller can do about it.
impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        let words = fault.to_string();
        if fault.is_loss() {
            return Self::Busy(words);
        }
        match fault.code() {
            Some(
                &SqlState::UNIQUE_VIOLATION | &SqlState::CHECK_VIOLATION | &SqlState::FOREIGN_KEY_VIOLATION,
            ) => Self::Conflict(words),
            Some(
                &SqlState::DISK_FULL
                | &SqlState::OUT_OF_MEMORY
                | &SqlState::TOO_MANY_CONNECTIONS
                | &SqlState::READ_ONLY_SQL_TRANSACTION
                | &SqlState::LOCK_NOT_AVAILABLE
                | &SqlState::QUERY_CANCELED,
            ) => Self::Busy(words),
            _ => Self::Failed(words),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(error) => f.write_str(&words(error)),
            Self::Silence(timeout) => write!(f, "the server did not answer for {} s", timeout.as_secs()),
        }
    }
}

/// The message of an error and its cause; the client's own text is only “db error”.
fn words(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
