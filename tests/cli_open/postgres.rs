//! PostgreSQL databases that cannot be opened.

use std::fs;

use super::refused;
use crate::support::{
    on_server,
    program::{Server, free_address, run},
};

/// The PostgreSQL server of the tests, as its superuser.
fn postgres() -> Option<String> {
    let url = std::env::var("AFTERWORD_TEST_POSTGRES").ok();
    assert!(
        url.is_some() || std::env::var_os("CI").is_none(),
        "in CI the suite must run on PostgreSQL too"
    );
    if url.is_none() {
        eprintln!("LEFT OUT on PostgreSQL: AFTERWORD_TEST_POSTGRES is not set");
    }
    url
}

#[test]
fn an_unusable_postgres_database_is_explained() {
    let Some(url) = postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = format!("opening_{}", std::process::id());
    let list = |database: &str| {
        let flag = format!("database={database}");
        run(
            folder.path(),
            &["site", "list", "--set", "log=error", "--set", &flag],
        )
    };
    let base = url.rsplit_once('/').unwrap().0;
    refused(
        &list(&format!("{base}/no_such_database")),
        &["no_such_database", "does not exist", "createdb"],
    );
    let nobody = "postgres://nobody:hush@127.0.0.1:1/x";
    refused(
        &list(nobody),
        &["127.0.0.1:1", "start PostgreSQL", "AFTERWORD_DATABASE"],
    );
    refused(&list("postgres://a:b:c@/:x"), &["AFTERWORD_DATABASE"]);
    let ca = run(
        folder.path(),
        &[
            "site",
            "list",
            "--set",
            &format!("database={url}"),
            "--set",
            "database_ca=none.pem",
        ],
    );
    refused(&ca, &["none.pem", "AFTERWORD_DATABASE_CA"]);

    let within = |schema: &str| format!("{url}?options=-c%20search_path%3D{schema}");
    refused(
        &list(&within("no_such_schema")),
        &["search_path", "create the schema"],
    );
    on_server(
        &url,
        &format!(
            "CREATE SCHEMA {name}; CREATE TABLE {name}.accounts (id INT); CREATE TABLE {name}.votes (id INT)"
        ),
    );
    refused(
        &list(&within(&name)),
        &[&name, "another program", "accounts, votes"],
    );
    on_server(
        &url,
        &format!("DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}; CREATE TABLE {name}.instance (id INT)"),
    );
    refused(&list(&within(&name)), &["another program", "instance"]);

    // With an older schema, only the server migrates: a command cannot tell whether nodes use the database.
    let older = afterword::store::schema::to_postgres(include_str!("../data/schema-4.sql"));
    on_server(
        &url,
        &format!(
            "DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name}; {older}; INSERT INTO instance (name, value) VALUES ('schema', 4)"
        ),
    );
    refused(&list(&within(&name)), &["schema version is 4", "afterword serve"]);
    let flag = format!("database={}", within(&name));
    let server = Server::at(folder.path(), free_address(), &["--set", &flag]);
    assert!(list(&within(&name)).status.success(), "migrated by the server");
    drop(server);

    // A node with its own secret.
    let other = tempfile::tempdir().unwrap();
    let foreign = run(
        other.path(),
        &["site", "list", "--set", "log=error", "--set", &flag],
    );
    refused(&foreign, &["secret.key is missing"]);
    fs::write(other.path().join("afterword-data/secret.key"), "ab".repeat(32)).unwrap();
    let foreign = run(
        other.path(),
        &["site", "list", "--set", "log=error", "--set", &flag],
    );
    refused(&foreign, &["is not the one that", "afterword secret replace"]);

    // A user without privileges.
    on_server(
        &url,
        &format!(
            "DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}; CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA {name} TO {name}"
        ),
    );
    let host = url.split('@').nth(1).unwrap();
    refused(
        &list(&format!(
            "postgres://{name}:hush@{host}?options=-c%20search_path%3D{name}"
        )),
        &["GRANT CREATE"],
    );
    on_server(&url, &format!("DROP SCHEMA {name} CASCADE; DROP ROLE {name}"));
}
