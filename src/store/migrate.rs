//! Numbered migrations: brings an older database to the current schema, and refuses a newer one.
//!
//! `schema.sql` is the whole current schema; a new database is created from it. Step n migrates version n−1 to n. All
//! steps run in one transaction, after a backup of a SQLite file. `tests/store/migrations.rs` proves that a migrated
//! database equals a new one.

use super::schema;
use crate::store::{StoreError, Tx, params, row};

/// A step: the version that it makes, and its SQL in the dialect of `schema.sql`, from `migrations/NNNN_*.sql`.
pub type Migration = (i64, &'static str);

/// The steps since version 1, in order.
pub const STEPS: &[Migration] = &[
    (2, include_str!("migrations/0002_comment_names.sql")),
    (3, include_str!("migrations/0003_thread_keys_by_thread.sql")),
    (4, include_str!("migrations/0004_partial_indexes.sql")),
    (5, include_str!("migrations/0005_versions_and_revisions.sql")),
    (6, include_str!("migrations/0006_accounts_and_outbox.sql")),
];

/// The version that the last step makes; without steps 1.
#[must_use]
pub fn current(steps: &[Migration]) -> i64 {
    steps.last().map_or(1, |(version, _)| *version)
}

/// Creates or migrates the tables of a database in the transaction `tx`, which the caller commits.
///
/// `dialect` translates `schema.sql` and the steps for the engine. `backup` is called with the old version before
/// anything changes. `batch` runs several statements.
///
/// # Errors
/// A sentence for the operator.
pub fn upgrade<T: Tx>(
    tx: &mut T,
    dialect: fn(&str) -> String,
    steps: &[Migration],
    backup: &dyn Fn(i64) -> Result<(), String>,
    batch: &dyn Fn(&mut T, &str) -> Result<(), StoreError>,
) -> Result<(), String> {
    let newest = current(steps);
    let found = version(tx, batch)?;
    refuse_newer(found, newest)?;
    match found {
        None => {
            batch(tx, &dialect(schema::SCHEMA)).map_err(|error| error.to_string())?;
            set(tx, newest)
        }
        Some(found) if found == newest => Ok(()),
        Some(found) => {
            backup(found)?;
            for (version, sql) in steps.iter().filter(|(version, _)| *version > found) {
                batch(tx, &dialect(sql)).map_err(|error| {
                    format!(
                        "step {version} of the migration from {found} failed, and nothing was changed: {error}; make room or correct what it names, or go on with the version that made the database"
                    )
                })?;
            }
            set(tx, newest)
        }
    }
}

/// Refuses a database whose schema is newer than this program's.
///
/// # Errors
/// A sentence with both versions and the remedy.
pub(super) fn refuse_newer(found: Option<i64>, newest: i64) -> Result<(), String> {
    match found {
        Some(found) if found > newest => Err(format!(
            "its schema version is {found}, and this program knows versions up to {newest}; run a newer Afterword, or restore a backup made before the upgrade"
        )),
        _ => Ok(()),
    }
}

/// The schema version of the database; none if it is empty.
fn version<T: Tx>(
    tx: &mut T,
    batch: &dyn Fn(&mut T, &str) -> Result<(), StoreError>,
) -> Result<Option<i64>, String> {
    // In a savepoint, since a missing table aborts a transaction of PostgreSQL.
    batch(tx, "SAVEPOINT asked").map_err(|error| error.to_string())?;
    let found = row(
        tx,
        "SELECT value FROM instance WHERE name = 'schema'",
        params![],
        |row| row.int(0),
    );
    if found.is_err() {
        batch(tx, "ROLLBACK TO SAVEPOINT asked").map_err(|error| error.to_string())?;
    }
    batch(tx, "RELEASE SAVEPOINT asked").map_err(|error| error.to_string())?;
    Ok(found.unwrap_or(None))
}

fn set<T: Tx>(tx: &mut T, version: i64) -> Result<(), String> {
    crate::store::tables::instance::set(tx, "schema", version).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use rusqlite::Connection;

    use super::*;
    use crate::store::engine::sqlite::SqliteTx;

    fn bring(connection: &Connection, steps: &[Migration], backups: &Cell<i64>) -> Result<(), String> {
        let tx = connection.unchecked_transaction().unwrap();
        upgrade(
            &mut SqliteTx(&tx),
            schema::to_sqlite,
            steps,
            &|from| {
                backups.set(from);
                Ok(())
            },
            &|tx, sql| {
                tx.0.execute_batch(sql)
                    .map_err(|error| StoreError::Failed(error.to_string()))
            },
        )?;
        tx.commit().map_err(|error| error.to_string())
    }

    fn version_of(connection: &Connection) -> i64 {
        connection
            .query_row("SELECT value FROM instance WHERE name = 'schema'", [], |row| {
                row.get(0)
            })
            .unwrap()
    }

    #[test]
    fn steps_run_once_in_order_after_a_backup() {
        let (connection, backups) = (Connection::open_in_memory().unwrap(), Cell::new(0));
        bring(&connection, &[], &backups).unwrap();
        assert_eq!(
            (version_of(&connection), backups.get()),
            (1, 0),
            "a fresh database needs no backup"
        );
        let steps = [
            (2, "CREATE TABLE extra (a INTEGER)"),
            (3, "ALTER TABLE extra ADD COLUMN b INTEGER"),
        ];
        bring(&connection, &steps, &backups).unwrap();
        bring(&connection, &steps, &backups).unwrap();
        assert_eq!((version_of(&connection), backups.get()), (3, 1));
        connection
            .execute("INSERT INTO extra (a, b) VALUES (1, 2)", [])
            .unwrap();
    }

    #[test]
    fn a_failing_step_leaves_the_old_database() {
        let (connection, backups) = (Connection::open_in_memory().unwrap(), Cell::new(0));
        bring(&connection, &[], &backups).unwrap();
        let error = bring(
            &connection,
            &[(2, "CREATE TABLE extra (a INTEGER)"), (3, "NONSENSE")],
            &backups,
        )
        .unwrap_err();
        assert!(error.contains("step 3 of the migration from 1"), "{error}");
        assert_eq!(version_of(&connection), 1);
        assert!(
            connection
                .execute("INSERT INTO extra (a) VALUES (1)", [])
                .is_err()
        );
    }

    #[test]
    fn a_newer_database_is_refused_with_both_numbers() {
        let (connection, backups) = (Connection::open_in_memory().unwrap(), Cell::new(0));
        bring(&connection, &[(2, "CREATE TABLE extra (a INTEGER)")], &backups).unwrap();
        let error = bring(&connection, &[], &backups).unwrap_err();
        assert!(
            error.contains("version is 2") && error.contains("up to 1"),
            "{error}"
        );
    }
}
