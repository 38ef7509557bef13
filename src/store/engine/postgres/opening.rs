//! Checks whether a PostgreSQL database can be used.

use super::{tx::Fault, worker::Worker};
use crate::store::{engine::postgres::open_error::explain_open_error, schema};

/// Older servers have reached their end of life, and are not tested.
const OLDEST_POSTGRES: i32 = 13;

/// Checks that the server is new enough, and that the database is Afterword's or has no tables of the same names.
/// Changes nothing.
///
/// # Errors
/// A sentence with the remedy.
pub(super) fn recognise(worker: &mut Worker) -> Result<(), String> {
    let sql = "SELECT CAST(current_setting('server_version_num') AS INTEGER), \
               COALESCE(current_schema(), ''), \
               COALESCE((SELECT string_agg(CAST(tablename AS TEXT), ' ' ORDER BY tablename) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()), ''), \
               (SELECT COUNT(*) FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('instance') AND attname IN ('name', 'value') AND NOT attisdropped)";
    let row = worker
        .query_one(sql)
        .map_err(|error| explain_open_error(&error))?;
    let named = |error: tokio_postgres::Error| explain_open_error(&Fault::Answer(error));
    new_enough(row.try_get(0).map_err(named)?)?;
    let (schema, tables): (String, String) = (row.try_get(1).map_err(named)?, row.try_get(2).map_err(named)?);
    if schema.is_empty() {
        return Err(
            "its search_path names no schema that exists: create the schema, or correct search_path".into(),
        );
    }
    let columns: i64 = row.try_get(3).map_err(named)?;
    let taken: Vec<&str> = tables
        .split(' ')
        .filter(|table| schema::tables().any(|ours| ours == *table))
        .collect();
    if columns < 2 && !taken.is_empty() {
        return Err(format!(
            "its schema “{schema}” has tables of another program ({}): give Afterword a database or a schema of its own",
            taken.join(", ")
        ));
    }
    Ok(())
}

fn new_enough(version: i32) -> Result<(), String> {
    let major = version / 10_000;
    if major < OLDEST_POSTGRES {
        return Err(format!(
            "the server is PostgreSQL {major}, and {OLDEST_POSTGRES} or newer is needed: upgrade it"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused_with_both_numbers() {
        let message = new_enough(90_624).unwrap_err();
        assert!(
            message.contains("PostgreSQL 9") && message.contains("13 or newer"),
            "{message}"
        );
        new_enough(130_000).unwrap();
        new_enough(180_001).unwrap();
    }
}
