//! Migrations from each released schema to the present one, on both engines.
//!
//! `tests/data/schema-N.sql` is the released schema of version N. A change of `schema.sql` without a step in
//! `src/store/migrations` fails here. The migration of accounts is tested here, of other rows with the steps that
//! change them.

use super::support;
use afterword::model::{account::Role, id::AccountId, time::Millis};
use afterword::store::{
    Options, Store, StoreError, migrate, schema,
    tables::{account_roles, accounts, identities, moderation_log},
};

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
        connection.execute_batch(&accounts_of(version)).unwrap();
        drop(connection);
        let store = Store::open("afterword.db", folder.path(), &Options::default()).unwrap();
        if version < MOVED_ACCOUNTS {
            accounts_are_as_before(&store, version);
        }
        drop(store);
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
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n' \
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
        support::on_server(
            &database,
            &(schema::to_postgres(&old) + &at(version) + &accounts_of(version)),
        );
        if version < migrate::current(migrate::STEPS) {
            assert_ne!(
                postgres_shape(&database),
                wanted,
                "control: version {version} is another schema"
            );
        }
        let store = Store::open(&database, std::path::Path::new("."), &Options::default()).unwrap();
        if version < MOVED_ACCOUNTS {
            accounts_are_as_before(&store, version);
        }
        drop(store);
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

/// The version in which accounts came from the table `users` to tables of their own.
const MOVED_ACCOUNTS: i64 = 6;

/// Accounts with roles and sessions, and what they did, as a database of this version has them.
fn accounts_of(version: i64) -> String {
    if version >= MOVED_ACCOUNTS {
        return String::new();
    }
    "INSERT INTO users (id, name, role, password_hash, created_at) VALUES \
     (7, 'ann', 'owner', 'hash of ann', 70), (9007199254740991, 'Bert ’n’ 友', 'moderator', 'hash of bert', 90); \
     INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES \
     ('one', 7, 100, 200), ('two', 7, 101, 201), ('three', 9007199254740991, 102, 202); \
     INSERT INTO setup_links (token_hash, created_at) VALUES ('link', 100); \
     INSERT INTO moderation_log (site_id, id, comment_id, user_name, action, before, created_at) VALUES \
     (0, 1, 0, 'ann', 'account_created', '', 70), (0, 2, 0, '(command line)', 'account_created', '', 90);"
        .to_owned()
}

/// Everybody can sign in as before, is still signed in, and may do what they might.
fn accounts_are_as_before(store: &Store, version: i64) {
    let found = crate::block_on(store.read(|tx| {
        let mut found = Vec::new();
        for account in accounts::all(tx)? {
            let hash = identities::password_hash(tx, account.id)?.unwrap();
            let by_name = accounts::by_name(tx, &account.name)?.unwrap();
            assert_eq!(by_name.id, account.id);
            found.push((account.id, account.name.clone(), account.role_on(None), hash));
        }
        assert_eq!(account_roles::owners(tx)?, 1);
        for (token, id, seen) in [
            ("one", 7, 200),
            ("two", 7, 201),
            ("three", 9_007_199_254_740_991, 202),
        ] {
            let (early, late) = (Millis(99), Millis(103));
            let (account, at) = accounts::by_session(tx, token, early, late, early)?.unwrap();
            assert_eq!((account.id, at), (AccountId(id), Millis(seen)), "{token}");
        }
        let log = moderation_log::newest(tx, moderation_log::INSTANCE, 9)?;
        let actors: Vec<_> = log.into_iter().map(|entry| entry.actor).collect();
        Ok::<_, StoreError>((found, actors))
    }))
    .unwrap();
    let expected = vec![
        (
            AccountId(7),
            "ann".to_owned(),
            Role::Owner,
            "hash of ann".to_owned(),
        ),
        (
            AccountId(9_007_199_254_740_991),
            "Bert ’n’ 友".to_owned(),
            Role::Moderator,
            "hash of bert".to_owned(),
        ),
    ];
    assert_eq!(found.0, expected, "from version {version}");
    assert_eq!(found.1, ["(command line)", "ann"], "from version {version}");
}

#[test]
fn every_file_of_a_migration_is_a_step_in_its_place() {
    let folder = format!("{}/src/store/migrations", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let in_files: Vec<_> = files
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_str().unwrap();
            let version: i64 = name.split('_').next().unwrap().parse().unwrap();
            (version, std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let steps: Vec<_> = migrate::STEPS
        .iter()
        .map(|(version, sql)| (*version, (*sql).to_owned()))
        .collect();
    assert_eq!(in_files, steps);
    assert!(
        steps
            .iter()
            .map(|(version, _)| *version)
            .eq(2..=migrate::current(migrate::STEPS))
    );
}
