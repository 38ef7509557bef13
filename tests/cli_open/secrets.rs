//! A database belongs to one secret.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use super::{SITE, mode, of_an_older_version, post, refused, schema_of};
use crate::support::program::{Server, command, output_text, run};

#[test]
fn a_database_is_not_opened_with_another_secret() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), SITE);
    let server = Server::start(folder.path());
    post(&server, "the-first-key-of-all", "one");
    server.stop();
    let secret = folder.path().join("afterword-data/secret.key");
    let own = fs::read_to_string(&secret).unwrap();
    let remedy = "afterword secret replace";
    let list = |folder: &Path| run(folder, &["site", "list"]);

    fs::remove_file(&secret).unwrap();
    refused(
        &list(folder.path()),
        &["secret.key is missing", "afterword.db", "backup", remedy],
    );
    assert!(!secret.exists(), "none is made in its place");
    let serve = run(folder.path(), &["--listen", "127.0.0.1:0"]);
    refused(&serve, &["secret.key is missing"]);
    let other = "ab".repeat(32);
    for (content, words) in [
        (String::new(), "secret.key is damaged"),
        (own[..20].to_owned(), "secret.key is damaged"),
        ("\u{0}\u{1}ü".to_owned(), "secret.key is damaged"),
        ("not hexadecimal".to_owned(), "secret.key is damaged"),
        (other.clone(), "is not the one that"),
    ] {
        fs::write(&secret, &content).unwrap();
        refused(&list(folder.path()), &[words, "secret.key", remedy]);
        assert_eq!(fs::read_to_string(&secret).unwrap(), content, "it is left alone");
    }
    fs::write(&secret, [0xff, 0xfe, 0]).unwrap();
    refused(&list(folder.path()), &["secret.key is damaged", remedy]);
    fs::remove_file(&secret).unwrap();
    fs::create_dir(&secret).unwrap();
    refused(&list(folder.path()), &["secret.key", "folder"]);
    fs::remove_dir(&secret).unwrap();
    let configured = command(folder.path())
        .env("AFTERWORD_SECRET", &other)
        .args(["site", "list"])
        .output()
        .unwrap();
    refused(&configured, &["AFTERWORD_SECRET is not the one", remedy]);
    let doctor = output_text(&run(folder.path(), &["doctor"]));
    assert!(doctor.contains("secret.key is missing"), "{doctor}");

    // After restoring it, everything works as before; its mode, too.
    fs::write(&secret, &own).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(list(folder.path()).status.success());
    assert_eq!(mode(&secret), 0o600);
    // If it is lost permanently, the operator replaces it.
    fs::remove_file(&secret).unwrap();
    let server_first = run(folder.path(), &["secret", "replace"]);
    assert!(server_first.status.success(), "{}", output_text(&server_first));
    assert!(list(folder.path()).status.success());
    assert_ne!(fs::read_to_string(&secret).unwrap(), own);
    assert_eq!(mode(&secret), 0o600);
    let server = Server::start(folder.path());
    refused(
        &run(folder.path(), &["secret", "replace"]),
        &["another Afterword", "stop it"],
    );
    drop(server);
}

#[test]
fn a_database_from_before_secrets_were_checked_is_not_given_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), SITE);
    let server = Server::start(folder.path());
    post(&server, "the-first-key-of-all", "one");
    server.stop();
    let data = folder.path().join("afterword-data");
    let database = rusqlite::Connection::open(data.join("afterword.db")).unwrap();
    database
        .execute("DELETE FROM instance WHERE name = 'secret'", [])
        .unwrap();
    drop(database);
    let secret = fs::read(data.join("secret.key")).unwrap();
    fs::remove_file(data.join("secret.key")).unwrap();
    refused(&run(folder.path(), &["site", "list"]), &["secret.key is missing"]);
    fs::write(data.join("secret.key"), secret).unwrap();
    assert!(run(folder.path(), &["site", "list"]).status.success());
}

#[test]
fn a_database_whose_secret_is_lost_is_not_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let old = of_an_older_version(folder.path());
    let database = rusqlite::Connection::open(&old).unwrap();
    let rows = "INSERT INTO sites (id, name, created_at) VALUES (1, 'blog', 1);
        INSERT INTO votes (site_id, comment_id, reader_key, value, created_at) VALUES (1, 1, 'a', 1, 1);";
    database.execute_batch(rows).unwrap();
    drop(database);
    for args in [&["site", "list"][..], &["--listen", "127.0.0.1:0"]] {
        refused(&run(folder.path(), args), &["secret.key is missing"]);
        assert_eq!(schema_of(&old), 4, "{args:?}");
    }
    let secret = old.with_file_name("secret.key");
    fs::write(&secret, "ab".repeat(32)).unwrap();
    assert!(run(folder.path(), &["site", "list"]).status.success());
    let known = afterword::store::migrate::current(afterword::store::migrate::STEPS);
    assert_eq!(schema_of(&old), known, "with its secret it is migrated");
}
