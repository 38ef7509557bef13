//! Opening an installation: faults of files, locks, secrets and databases, and the message of each command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Output,
};

use support::{
    http::send,
    on_server,
    program::{Server, command, run, said},
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
    let told = said(output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for word in words {
        assert!(told.contains(word), "“{word}” is not in: {told}");
    }
    for leak in ["CREATE TABLE", "SELECT", "panicked", "hush"] {
        assert!(!told.contains(leak), "“{leak}” is in: {told}");
    }
    assert_eq!(told.trim().lines().count(), 1, "one sentence: {told}");
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
fn files_are_private_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let folder = tempfile::tempdir().unwrap();
        let old = of_an_older_version(folder.path());
        fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
        let shell = format!("umask {umask}; exec \"$0\" \"$@\"");
        let add = std::process::Command::new("sh")
            .args(["-c", &shell, env!("CARGO_BIN_EXE_afterword")])
            .args(SITE)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(add.status.success(), "{}", said(&add));
        let server = Server::at(folder.path(), support::program::free_address(), &[]);
        post(&server, "the-first-key-of-all", "one");
        let files = files_of(&folder.path().join("afterword-data"));
        let names: Vec<_> = files
            .iter()
            .map(|file| file.file_name().unwrap().to_string_lossy())
            .collect();
        for name in [
            "afterword.db",
            "afterword.db-wal",
            "afterword.db-shm",
            "afterword.lock",
            "afterword.before-migration-from-4.db",
            "secret.key",
        ] {
            assert!(
                names.iter().any(|there| there == name),
                "{name} is not in {names:?}"
            );
        }
        for file in &files {
            assert_eq!(mode(file) & 0o077, 0, "umask {umask}: {}", file.display());
        }
        drop(server);
        // Created by an earlier version, or copied there.
        for file in &files {
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
        assert!(run(folder.path(), &["site", "list"]).status.success());
        for file in files.iter().filter(|file| file.exists()) {
            assert_eq!(mode(file) & 0o077, 0, "before: {}", file.display());
        }
    }
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
    assert!(done.status.success(), "{}", said(&done));
    let known = afterword::store::migrate::current(afterword::store::migrate::STEPS);
    assert_eq!(schema_of(&file), known);
    // With the present schema, a command works while a server runs.
    let _server = Server::at(folder.path(), support::program::free_address(), &[]);
    assert!(run(folder.path(), SITE).status.success());
}

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
    let doctor = said(&run(folder.path(), &["doctor"]));
    assert!(doctor.contains("secret.key is missing"), "{doctor}");

    // After restoring it, everything works as before; its mode, too.
    fs::write(&secret, &own).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(list(folder.path()).status.success());
    assert_eq!(mode(&secret), 0o600);
    // If it is lost permanently, the operator replaces it.
    fs::remove_file(&secret).unwrap();
    let server_first = run(folder.path(), &["secret", "replace"]);
    assert!(server_first.status.success(), "{}", said(&server_first));
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
fn a_linked_database_and_its_log_are_private() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), SITE).status.success());
    let (data, real) = (folder.path().join("afterword-data"), folder.path().join("real"));
    fs::create_dir(&real).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let from = data.join(format!("afterword.db{suffix}"));
        fs::rename(from, real.join(format!("comments.db{suffix}"))).unwrap();
    }
    std::os::unix::fs::symlink(real.join("comments.db"), data.join("afterword.db")).unwrap();
    let holder = rusqlite::Connection::open(real.join("comments.db")).unwrap();
    let used = holder.query_row("SELECT COUNT(*) FROM sites", [], |row| row.get::<_, i64>(0));
    assert_eq!(used.unwrap(), 1);
    for file in files_of(&real) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    assert!(run(folder.path(), &["site", "list"]).status.success());
    let files = files_of(&real);
    assert!(files.len() >= 3, "with log and index: {files:?}");
    for file in files {
        assert_eq!(mode(&file) & 0o077, 0, "{}", file.display());
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
            assert!(said(&output).contains(named), "{name}: {}", said(&output));
            if command[0] == "site" {
                refused(&output, &words);
            } else {
                assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
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

/// Runs a command as a user without root's privileges.
fn as_nobody(folder: &Path, args: &[&str]) -> Output {
    let mut command = command(folder);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    command.args(args).output().unwrap()
}

#[test]
fn missing_rights_name_the_file_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(run(folder.path(), SITE).status.success());
    let data = folder.path().join("afterword-data");
    let (file, secret) = (data.join("afterword.db"), data.join("secret.key"));
    let set = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let list = || as_nobody(folder.path(), &["site", "list"]);
    if !rustix::process::geteuid().is_root() {
        set(&file, 0o400);
        refused(&list(), &["afterword.db", "read-only", "chown"]);
        return;
    }
    refused(
        &list(),
        &["afterword-data", "Permission denied", "chown -R 65534"],
    );
    set(&data, 0o755);
    refused(&list(), &["secret.key", "Permission denied", "chown 65534"]);
    set(&secret, 0o644);
    set(&file, 0o444);
    refused(
        &list(),
        &["afterword.db", "read-only for this user", "chown 65534"],
    );
    set(&file, 0o666);
    refused(
        &list(),
        &[
            "afterword.db",
            "folder",
            "read-only for this user",
            "chown -R 65534",
        ],
    );
    let serve = as_nobody(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert!(
        said(&serve).contains("afterword.lock") && said(&serve).contains("chown -R 65534"),
        "{}",
        said(&serve)
    );
    let elsewhere = as_nobody(folder.path(), &["site", "list", "--data", "/proc/none"]);
    assert!(
        said(&elsewhere).contains("/proc/none") && said(&elsewhere).contains("AFTERWORD_DATA"),
        "{}",
        said(&elsewhere)
    );
    let privileged = as_nobody(folder.path(), &["config", "--config", "/etc/shadow"]);
    assert!(said(&privileged).contains("/etc/shadow") && said(&privileged).contains("AFTERWORD_CONFIG"));
}

#[test]
fn an_invalid_setting_is_named_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("bad.toml"), "timeout = 7\nlisten = = 1\n").unwrap();
    let bad = said(&run(folder.path(), &["config", "--config", "bad.toml"]));
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
    let older = afterword::store::schema::to_postgres(include_str!("data/schema-4.sql"));
    on_server(
        &url,
        &format!(
            "DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}; SET search_path = {name}; {older}; INSERT INTO instance (name, value) VALUES ('schema', 4)"
        ),
    );
    refused(&list(&within(&name)), &["schema version is 4", "afterword serve"]);
    let flag = format!("database={}", within(&name));
    let server = Server::at(folder.path(), support::program::free_address(), &["--set", &flag]);
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
