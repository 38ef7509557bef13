//! Migrations from each released schema to the present one, on both engines.
//!
//! `tests/data/schema-N.sql` is the released schema of version N. A change of `schema.sql` without a step in
//! `src/store/migrate.rs` fails here. The migration of rows is tested with the steps that change them.

use super::support;
use afterword::store::{Options, Store, migrate, schema};

/// The released schemas with their versions.
fn released() -> Vec<(i64, String)> {
    let versions = 1..=migrate::current(migrate::STEPS);
    let found: Vec<_> = versions
        .map(|version| {
            let file = format!("{}/tests/data/schema-{version}.sql", env!("CARGO_MANIFEST_DIR"));
            (version, std::fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(found.len() > 3, "the released schemas were not read");
    found
}

/// The schema of a SQLite database: tables and indexes as they were written.
fn shape(file: &std::path::Path) -> Vec<(String, String)> {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    // Comments and white space may differ, the rest may not.
    let tidy = |sql: String| {
        let code = sql
            .lines()
            .map(|line| line.split("--").next().unwrap_or(""))
            .collect::<String>();
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    rows.map(|row| {
        row.map(|(name, sql): (String, String)| (name, tidy(sql)))
            .unwrap()
    })
    .collect()
}

#[test]
fn a_migrated_sqlite_schema_equals_a_fresh_one() {
    let fresh = support::sqlite().unwrap();
    let wanted = shape(&fresh.folder().join("afterword.db"));
    assert!(wanted.len() > 15, "the schema was not read");
    for (version, old) in released() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("afterword.db");
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(&schema::to_sqlite(&old)).unwrap();
        connection.execute_batch(&at(version)).unwrap();
        drop(connection);
        drop(Store::open("afterword.db", folder.path(), &Options::default()).unwrap());
        assert_eq!(shape(&file), wanted, "after the steps from version {version}");
    }
}

/// A PostgreSQL schema: columns, constraints and indexes, each as the server formats it.
fn postgres_shape(database: &str) -> Vec<String> {
    let mut client = postgres::Client::connect(database, postgres::NoTls).unwrap();
    let rows = client
        .query(
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) \
             FROM information_schema.columns WHERE table_schema = current_schema() \
             UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace \
             UNION ALL SELECT replace(indexdef, current_schema() || '.', '') \
             FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
            &[],
        )
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn a_migrated_postgres_schema_equals_a_fresh_one() {
    let Some(test) = support::postgres() else { return };
    let database = test.database();
    let wanted = postgres_shape(&database);
    assert!(wanted.len() > 100, "the schema was not read: {wanted:?}");
    for (version, old) in released() {
        // The schema of this test, emptied.
        support::on_server(
            &database,
            "DO $$ DECLARE name TEXT := current_schema(); BEGIN \
             EXECUTE 'DROP SCHEMA ' || name || ' CASCADE'; EXECUTE 'CREATE SCHEMA ' || name; END $$",
        );
        support::on_server(&database, &(schema::to_postgres(&old) + &at(version)));
        if version < migrate::current(migrate::STEPS) {
            assert_ne!(
                postgres_shape(&database),
                wanted,
                "control: version {version} is another schema"
            );
        }
        drop(Store::open(&database, std::path::Path::new("."), &Options::default()).unwrap());
        assert_eq!(
            postgres_shape(&database),
            wanted,
            "after the steps from version {version}"
        );
    }
}

/// The mark of a database's version.
fn at(version: i64) -> String {
    format!("INSERT INTO instance (name, value) VALUES ('schema', {version});")
}
