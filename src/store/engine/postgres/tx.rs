//! One transaction on PostgreSQL, its parameters and rows, and what can be made of its errors.

use std::{collections::HashMap, io};

use postgres::{
    Statement, Transaction,
    error::SqlState,
    types::{IsNull, ToSql, Type, private::BytesMut},
};

use crate::store::{Row, StoreError, Tx, Value, schema};

pub(super) struct PostgresTx<'a> {
    pub(super) tx: Transaction<'a>,
    pub(super) statements: &'a mut HashMap<&'static str, Statement>,
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

    pub(super) fn run_execute(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
    ) -> Result<u64, postgres::Error> {
        let statement = self.statement(sql)?;
        let params: Vec<Param<'_>> = params.iter().map(|value| Param(*value)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        self.tx.execute(&statement, &params)
    }

    pub(super) fn run_query(
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

pub(super) fn may_run_again(error: &postgres::Error) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE)
    )
}

/// The connection is gone, or the server is about to go.
pub(super) fn is_loss(error: &postgres::Error) -> bool {
    match error.code() {
        // Classes 57P (shutting down, crashed, starting) and 08 (connection).
        Some(code) => code.code().starts_with("57P") || code.code().starts_with("08"),
        None => {
            error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<io::Error>())
        }
    }
}

/// What a caller can make of PostgreSQL's error.
pub(super) fn failed(error: &postgres::Error) -> StoreError {
    if is_loss(error) {
        return StoreError::Busy(words(error));
    }
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
pub(super) fn words(error: &postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
