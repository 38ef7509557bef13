//! Whether a PostgreSQL database can be used, and why not, in an operator's words.

use std::{error::Error as _, io};

use tokio_postgres::error::SqlState;

use super::{tx::Fault, worker::Worker};
use crate::store::schema;

/// Older servers have reached their end of life, and nothing is tested on them.
const OLDEST_POSTGRES: i32 = 13;

/// Is the server new enough, and is this database ours or free of tables with our names? Changes nothing.
/// Errors: a sentence with the remedy.
pub(super) fn recognise(worker: &mut Worker) -> Result<(), String> {
    let sql = "SELECT CAST(current_setting('server_version_num') AS INTEGER), \
               COALESCE(current_schema(), ''), \
               COALESCE((SELECT string_agg(CAST(tablename AS TEXT), ' ' ORDER BY tablename) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()), ''), \
               (SELECT COUNT(*) FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('instance') AND attname IN ('name', 'value') AND NOT attisdropped)";
    let row = worker.query_one(sql).map_err(|error| refused(&error))?;
    let named = |error: tokio_postgres::Error| refused(&Fault::Answer(error));
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

/// The error with the remedy.
pub(super) fn refused(error: &Fault) -> String {
    format!("{error}; {}", remedy(error))
}

fn remedy(fault: &Fault) -> &'static str {
    let Fault::Answer(error) = fault else {
        return "check host and port in AFTERWORD_DATABASE: something takes connections there and does not answer as PostgreSQL does";
    };
    match error.code() {
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            "check user and password in AFTERWORD_DATABASE, and pg_hba.conf"
        }
        Some(&SqlState::INVALID_CATALOG_NAME) => {
            "create the database (createdb --owner USER NAME), or correct its name in AFTERWORD_DATABASE"
        }
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            "let the user create tables: ALTER DATABASE name OWNER TO user, or GRANT CREATE, USAGE ON SCHEMA public TO user"
        }
        Some(&SqlState::TOO_MANY_CONNECTIONS) => {
            "raise max_connections in PostgreSQL, or lower AFTERWORD_DATABASE_CONNECTIONS"
        }
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
            "it takes no writes: name the primary in AFTERWORD_DATABASE, and see default_transaction_read_only"
        }
        Some(&SqlState::DISK_FULL) => "make room on the disk of PostgreSQL",
        Some(code) if code.code().starts_with("57P") => "start PostgreSQL, or wait until it has started",
        Some(_) => "see the log of PostgreSQL",
        None => match error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) {
            Some(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => {
                "start PostgreSQL, and check host and port in AFTERWORD_DATABASE"
            }
            _ => "check host, port, password and sslmode in AFTERWORD_DATABASE, and that PostgreSQL runs",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused_with_both_numbers() {
        let told = new_enough(90_624).unwrap_err();
        assert!(
            told.contains("PostgreSQL 9") && told.contains("13 or newer"),
            "{told}"
        );
        new_enough(130_000).unwrap();
        new_enough(180_001).unwrap();
    }
}
