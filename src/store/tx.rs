//! The interface of a transaction: statements, parameters and rows.

use crate::{model::event::Event, store::error::StoreError};

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A BIGINT.
    Int(i64),
    /// A TEXT.
    Text(&'a str),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

/// An array of parameters: `params![site.0, "approved"]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
pub(crate) use params;

/// A row of a result. Columns count from 0.
pub trait Row {
    /// The value of a BIGINT column.
    ///
    /// # Errors
    /// `Failed` if there is no such column.
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    /// The value of a TEXT column.
    ///
    /// # Errors
    /// `Failed` if there is no such column.
    fn text(&self, column: usize) -> Result<&str, StoreError>;
}

/// A transaction of an engine.
pub trait Tx {
    /// Runs a statement, and returns the number of rows that it changed.
    ///
    /// # Errors
    /// Those of the engine.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError>;
    /// Runs a query, and calls `row` with each row.
    ///
    /// # Errors
    /// Those of the engine, and the first one of `row`, which ends the query.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
    /// Records a change that the unit of work makes. It is delivered after the commit, and never without one. Outside
    /// of [`crate::store::Store::write`] it has no effect.
    fn emit(&mut self, event: Event) {
        let _ = event;
    }
}

/// Returns all rows of a query, each mapped by `map`.
pub(crate) fn rows<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    tx.query(sql, params, &mut |row| {
        found.push(map(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Returns the only row of a query, if there is one, mapped by `map`.
pub(crate) fn row<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(rows(tx, sql, params, map)?.pop())
}
