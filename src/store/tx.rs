//! One transaction: statements, their parameters and rows.

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

/// The parameters of a statement: `params![site.0, "approved"]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}
pub(crate) use params;

/// A row of an answer; columns count from 0.
pub trait Row {
    /// A BIGINT column.
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    /// A TEXT column.
    fn text(&self, column: usize) -> Result<&str, StoreError>;
}

/// One transaction of one engine.
pub trait Tx {
    /// Runs a statement; answers how many rows it changed.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<u64, StoreError>;
    /// Runs a query and hands each row to `row`.
    fn query(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
    /// Says what the unit of work changes; told to others once it is committed, and never if it is not. Outside of
    /// [`crate::store::Store::write`] nobody is told.
    fn emit(&mut self, event: Event) {
        let _ = event;
    }
}

/// All rows of a query, each mapped by `map`.
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

/// The only row of a query, if there is one.
pub(crate) fn row<T>(
    tx: &mut dyn Tx,
    sql: &'static str,
    params: &[Value<'_>],
    map: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    Ok(rows(tx, sql, params, map)?.pop())
}
