//! Opening an installation: faults of files, locks, secrets and databases, and the message of each command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli_open/permissions.rs"]
mod permissions;
#[path = "cli_open/postgres.rs"]
mod postgres;
#[path = "cli_open/secrets.rs"]
mod secrets;
mod support;

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, path::Path, process::Output};

use support::{
    http::send,
    program::{Server, output_text, run},
};

const SITE: &[&str] = &["site", "add", "blog", "--origin", "https://blog.example"];

/// Posts a comment; returns its id and its edit token.
fn post(server: &Server, key: &str, text: &str) -> (i64, String) {
    let body = serde_json::json!({"page": "https://blog.example/", "key": key, "name": "Ann", "text": text});
    let answer = send(
        server.address,
        "POST",
        "/api/v1/sites/blog/comments",
        &[
            ("Origin", "https://blog.example"),
            ("Content-Type", "application/json"),
        ],
        body.to_string().as_bytes(),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
    let json = answer.json();
    (
        json["comment"]["id"].as_i64().unwrap(),
        json["token"].as_str().unwrap().to_owned(),
    )
}

/// Asserts a refusal: one sentence with all of these words, without SQL, and no crash.
#[track_caller]
fn refused(output: &Output, words: &[&str]) {
    let text = output_text(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for word in words {
        assert!(text.contains(word), "“{word}” is not in: {text}");
    }
    for leak in ["CREATE TABLE", "SELECT", "panicked", "hush"] {
        assert!(!text.contains(leak), "“{leak}” is in: {text}");
    }
    assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files_of(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// A data folder whose database has the schema of an older version.
fn of_an_older_version(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("afterword-data");
    fs::create_dir(&data).unwrap();
    let file = data.join("afterword.db");
    let older = include_str!("data/schema-4.sql");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(&afterword::store::schema::to_sqlite(older))
        .unwrap();
    old.execute("INSERT INTO instance (name, value) VALUES ('schema', 4)", [])
        .unwrap();
    file
}

fn schema_of(file: &Path) -> i64 {
    rusqlite::Connection::open(file)
        .unwrap()
        .query_row("SELECT value FROM instance WHERE name = 'schema'", [], |row| {
            row.get(0)
        })
        .unwrap()
}

#[test]
fn a_command_migrates_only_an_unused_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = of_an_older_version(folder.path());
    // Locked as by a server of the older version.
    let held = afterword::store::files::DatabaseLock::take(&file).unwrap();
    for args in [&["site", "list"][..], &["admin", "list"], SITE] {
        let pid = std::process::id().to_string();
        refused(
            &run(folder.path(), args),
            &["schema version is 4", "another Afterword", &pid, "stop it"],
        );
        assert_eq!(schema_of(&file), 4);
    }
    assert_eq!(
        files_of(&folder.path().join("afterword-data"))
            .iter()
            .filter(|file| file.to_string_lossy().contains("before"))
            .count(),
        0
    );
    drop(held);
    let done = run(folder.path(), &["site", "list"]);
    assert!(done.status.success(), "{}", output_text(&done));
    let known = afterword::store::migrate::current(afterword::store::migrate::STEPS);
    assert_eq!(schema_of(&file), known);
    // With the present schema, a command works while a server runs.
    let _server = Server::at(folder.path(), support::program::free_address(), &[]);
    assert!(run(folder.path(), SITE).status.success());
}

#[test]
fn a_failed_migration_changes_nothing_and_shows_no_sql() {
    let folder = tempfile::tempdir().unwrap();
    let old = of_an_older_version(folder.path());
    let database = rusqlite::Connection::open(&old).unwrap();
    database
        .execute_batch("CREATE TABLE comment_revisions (a INTEGER)")
        .unwrap();
    for args in [&["site", "list"][..], &["--listen", "127.0.0.1:0"]] {
        refused(
            &run(folder.path(), args),
            &[
                "afterword.db",
                "step 5",
                "nothing was changed",
                "comment_revisions",
            ],
        );
        assert_eq!(schema_of(&old), 4);
    }
}

#[test]
fn a_moved_database_is_not_created_again_at_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), SITE);
    let server = Server::start(folder.path());
    post(&server, "the-first-key-of-all", "one");
    let file = folder.path().join("afterword-data/afterword.db");
    fs::rename(&file, folder.path().join("moved.db")).unwrap();
    let (status, _) = server.stop();
    assert!(
        status.success() && !file.exists(),
        "an empty file stands in its place"
    );
}

#[test]
fn a_file_of_another_program_is_named_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("afterword-data");
    fs::create_dir(&data).unwrap();
    let other = |name: &str, sql: &str| {
        let file = rusqlite::Connection::open(data.join(name)).unwrap();
        file.execute_batch(sql).unwrap();
    };
    other(
        "photos.db",
        "CREATE TABLE photos (id INTEGER); CREATE TABLE sites (id INTEGER)",
    );
    other("sites.db", "CREATE TABLE sites (id INTEGER)");
    other("instance.db", "CREATE TABLE instance (id INTEGER)");
    other("unmarked.db", "CREATE TABLE instance (name TEXT, value INTEGER)");
    other(
        "newer.db",
        "CREATE TABLE instance (name TEXT, value INTEGER); INSERT INTO instance VALUES ('schema', 99)",
    );
    fs::write(data.join("text.db"), "Dear diary, ".repeat(500)).unwrap();
    fs::write(data.join("short.db"), "Dear diary").unwrap();
    fs::write(data.join("encrypted.db"), [0x9c, 0x31, 0xf0].repeat(4_096)).unwrap();
    fs::create_dir(data.join("folder.db")).unwrap();
    std::os::unix::fs::symlink("/nowhere/there.db", data.join("gone.db")).unwrap();
    std::os::unix::fs::symlink("loop.db", data.join("loop.db")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(data.join("socket.db")).unwrap();
    let another = "the database of another program";
    for (name, words) in [
        ("photos.db", [another, "photos, sites"]),
        ("sites.db", [another, "AFTERWORD_DATABASE"]),
        ("instance.db", [another, "AFTERWORD_DATABASE"]),
        ("unmarked.db", [another, "AFTERWORD_DATABASE"]),
        ("newer.db", ["schema version is 99", "newer Afterword"]),
        ("text.db", ["not a SQLite database", "encrypted"]),
        ("short.db", ["not a SQLite database", "AFTERWORD_DATABASE"]),
        ("encrypted.db", ["not a SQLite database", "encrypted"]),
        ("folder.db", ["it is a folder", "AFTERWORD_DATABASE"]),
        ("gone.db", ["a link to /nowhere/there.db", "AFTERWORD_DATABASE"]),
        ("loop.db", ["a link to loop.db", "AFTERWORD_DATABASE"]),
        ("socket.db", ["a socket", "AFTERWORD_DATABASE"]),
        ("none/there.db", ["does not exist", "AFTERWORD_DATABASE"]),
        ("text.db/there.db", ["no folder", "AFTERWORD_DATABASE"]),
    ] {
        let before = fs::read(data.join(name)).ok();
        if before.is_some() {
            fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let flag = format!("database={name}");
        for command in [&["site", "list"][..], &["--listen", "127.0.0.1:0"]] {
            let output = run(folder.path(), &[command, &["--set", &flag]].concat());
            let named = name.split('/').next().unwrap();
            assert!(
                output_text(&output).contains(named),
                "{name}: {}",
                output_text(&output)
            );
            if command[0] == "site" {
                refused(&output, &words);
            } else {
                assert_eq!(output.status.code(), Some(1), "{name}: {}", output_text(&output));
            }
        }
        assert!(fs::read(data.join(name)).ok() == before, "{name} was changed");
        if before.is_some() {
            assert_eq!(mode(&data.join(name)), 0o644, "{name} is not ours to close");
        }
    }
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(data.join(name)).status();
        assert!(made.unwrap().success());
    };
    pipe("pipe.db");
    let piped = run(folder.path(), &["site", "list", "--set", "database=pipe.db"]);
    refused(&piped, &["pipe.db", "a pipe", "AFTERWORD_DATABASE"]);
    fs::write(data.join("empty.db"), "").unwrap();
    assert!(
        run(folder.path(), &["site", "list", "--set", "database=empty.db"])
            .status
            .success()
    );
    fs::remove_file(data.join("secret.key")).unwrap();
    pipe("secret.key");
    let piped = run(folder.path(), &["site", "list", "--set", "database=empty.db"]);
    refused(&piped, &["secret.key", "a pipe", "secret replace"]);
}

#[test]
fn an_invalid_setting_is_named_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.toml"), "timeout = 7\nlisten = = 1\n").unwrap();
    let bad = output_text(&run(folder.path(), &["config", "--config", "bad.toml"]));
    assert!(bad.contains("bad.toml") && bad.contains("line 2"), "{bad}");
    fs::write(folder.path().join("wrong.toml"), "timeout = \"soon\"\n").unwrap();
    for (args, words) in [
        (
            ["config", "--config", "wrong.toml"],
            ["timeout (file wrong.toml)", "whole number"],
        ),
        (
            ["config", "--config", "none.toml"],
            ["none.toml", "AFTERWORD_CONFIG"],
        ),
        (
            ["config", "--base-url", "comments.example"],
            ["base_url (flag --base-url)", "as in https://"],
        ),
        (
            ["config", "--listen", "8080"],
            ["listen (flag --listen)", "ADDRESS:PORT"],
        ),
        (
            ["config", "--set", "secret=abc"],
            ["secret (flag --set)", "openssl rand -hex 32"],
        ),
        (
            ["config", "--set", "log_format=xml"],
            ["log_format (flag --set)", "text or json"],
        ),
        (["site", "--set", "x"], ["KEY=VALUE", "x"]),
    ] {
        let args: Vec<&str> = if args[0] == "site" {
            vec!["site", "list", "--set", "x"]
        } else {
            args.to_vec()
        };
        refused(&run(folder.path(), &args), &words);
    }
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    refused(
        &run(folder.path(), &["--listen", &address, "--set", "log=error"]),
        &[&address, "another program", "AFTERWORD_LISTEN"],
    );
    let metrics = format!("metrics_listen={address}");
    refused(
        &run(folder.path(), &["--listen", "127.0.0.1:0", "--set", &metrics]),
        &[&address, "AFTERWORD_METRICS_LISTEN"],
    );
    refused(
        &run(folder.path(), &["--listen", "192.0.2.1:0"]),
        &["192.0.2.1", "no such address"],
    );
    refused(
        &run(folder.path(), &["--set", "log=[["]),
        &["log (flag --set)", "“[[”"],
    );
}

#[test]
fn erased_text_does_not_stay_in_the_database_file() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), SITE);
    let unlimited = ["--set", "limits.post=off", "--set", "limits.edit=off"];
    let server = Server::at(folder.path(), support::program::free_address(), &unlimited);
    let words = |n: usize| format!("a-very-private-word-{n} ");
    let long = words(1).repeat(300);
    let mut posted = vec![post(&server, "a-key-of-this-test-00", &long)];
    for n in 2..40 {
        posted.push(post(&server, &format!("a-key-of-this-test-{n:02}"), &words(n)));
    }
    for (id, token) in &posted {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("Origin", "https://blog.example"),
            ("Content-Type", "application/json"),
            ("Authorization", bearer.as_str()),
        ];
        let path = format!("/api/v1/sites/blog/comments/{id}");
        assert_eq!(send(server.address, "DELETE", &path, &headers, b"").status, 200);
    }
    server.stop();
    let file = folder.path().join("afterword-data/afterword.db");
    let bytes: Vec<u8> = files_of(file.parent().unwrap())
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    let found = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    assert!(
        found(b"https://blog.example"),
        "control: what was not erased is found"
    );
    assert!(!found(b"a-very-private-word"), "erased text stands in a file");
}
