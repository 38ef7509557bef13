//! `afterword doctor` on real installations: one without faults, and each fault in turn.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli_doctor/proxies.rs"]
mod proxies;
mod support;

use std::{
    fs,
    io::Write as _,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Stdio,
};

use support::{
    http::Answer,
    program::{Server, command, free_address, output_text, run},
    proxy::{ProxiedRequest, start_proxy},
};

const SITE: &str = "https://blog.example";

/// A finding: check, level, message.
struct Found {
    code: Option<i32>,
    list: Vec<(String, String, String)>,
}

impl Found {
    /// The messages of a check at a level.
    fn at(&self, check: &str, level: &str) -> Vec<&str> {
        let wanted = self.list.iter().filter(|(c, l, _)| c == check && l == level);
        wanted.map(|(_, _, message)| message.as_str()).collect()
    }

    #[track_caller]
    fn says(&self, check: &str, level: &str, words: &str) {
        assert!(
            self.at(check, level)
                .iter()
                .any(|message| message.contains(words)),
            "no {level} of {check} with “{words}” in {:#?}",
            self.list
        );
        let expected = if self.list.iter().any(|(_, level, _)| level == "error") {
            1
        } else {
            0
        };
        assert_eq!(self.code, Some(expected));
    }
}

fn doctor(folder: &Path, flags: &[&str]) -> Found {
    let output = run(folder, &[&["doctor", "--json"], flags].concat());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", output_text(&output)));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = json["findings"].as_array().unwrap();
    for finding in findings {
        let bad = finding["level"] != "ok";
        assert_eq!(
            finding["fix"].is_string(),
            bad,
            "what is not ok has a fix: {finding}"
        );
    }
    Found {
        code: output.status.code(),
        list: findings
            .iter()
            .map(|one| (text(&one["check"]), text(&one["level"]), text(&one["message"])))
            .collect(),
    }
}

/// A data folder with a site and an owner.
fn installed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["site", "add", "blog", "--origin", SITE]);
    let mut child = command(folder.path())
        .args(["admin", "create", "ann", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"a long password\n")
        .unwrap();
    assert!(child.wait().unwrap().success());
    folder
}

/// Starts a server behind a proxy, and returns doctor's findings about it.
fn findings_behind_proxy(
    trusted: &str,
    request: impl Fn(&mut ProxiedRequest) + Send + Sync + 'static,
    answer: impl Fn(&ProxiedRequest, &mut Answer) + Send + Sync + 'static,
) -> Found {
    let (folder, address) = (installed(), free_address());
    let base = format!("http://{}", start_proxy(address, request, answer));
    let trusted = format!("trusted_proxies={trusted}");
    let flags = ["--base-url", &base, "--set", &trusted];
    let _server = Server::at(folder.path(), address, &flags);
    let listen = address.to_string();
    doctor(folder.path(), &[&flags[..], &["--listen", &listen]].concat())
}

/// Changes a request as a correct proxy does.
fn correct_proxy(request: &mut ProxiedRequest) {
    request.forward_for("203.0.113.9");
}

/// Changes nothing in a response.
fn unchanged(_: &ProxiedRequest, _: &mut Answer) {}

fn database(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("afterword-data/afterword.db")).unwrap()
}

#[test]
fn a_correct_installation_has_no_findings() {
    let found = findings_behind_proxy("127.0.0.1", correct_proxy, unchanged);
    for check in [
        "folder",
        "modes",
        "filesystem",
        "database",
        "integrity",
        "durability",
        "clock",
        "owner",
        "sites",
        "server",
        "base_url",
        "proxy",
        "widget",
        "origins",
    ] {
        assert_eq!(found.at(check, "ok").len(), 1, "{check}: {:#?}", found.list);
        assert!(found.at(check, "error").is_empty(), "{check}: {:#?}", found.list);
    }
    // Expected in every test: the server listens on this machine only.
    found.says("base_url", "warning", "this machine alone");
}

#[test]
fn text_output_has_the_fix_of_each_finding() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["doctor"]);
    let shown = output_text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        shown.contains("error    folder") && shown.contains("→ start Afterword once"),
        "{shown}"
    );
    assert!(shown.contains("afterword: 2 errors, "), "{shown}");
    assert!(
        fs::read_dir(folder.path()).unwrap().next().is_none(),
        "doctor makes nothing"
    );
}

#[test]
fn folder_permissions_are_checked() {
    let folder = installed();
    assert!(!doctor(folder.path(), &[]).at("folder", "ok").is_empty());
    // Not writable, even for root.
    doctor(folder.path(), &["--data", "/proc/self"]).says("folder", "error", "nothing can be written");
    let secret = folder.path().join("afterword-data/secret.key");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    doctor(folder.path(), &[]).says("modes", "error", "secret.key (mode 644)");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let data = folder.path().join("afterword-data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    doctor(folder.path(), &[]).says("modes", "error", "mode 755");
}

#[test]
fn a_damaged_database_is_reported() {
    let folder = installed();
    assert_eq!(doctor(folder.path(), &[]).at("integrity", "ok").len(), 1);
    let file = folder.path().join("afterword-data/afterword.db");
    // An index without its rows: the file opens, and only the integrity check finds it.
    let connection = database(folder.path());
    connection
        .execute_batch("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'comments_top_by_id') WHERE name = 'site_origins_by_origin'; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let found = doctor(folder.path(), &[]);
    assert!(
        !found.at("integrity", "error").is_empty() || !found.at("database", "error").is_empty(),
        "{:#?}",
        found.list
    );
    fs::write(
        &file,
        b"This is no database, and long enough to be looked at.".repeat(100),
    )
    .unwrap();
    doctor(folder.path(), &[]).says("database", "error", "not a SQLite database");
}

#[test]
fn another_schema_version_is_reported_and_not_migrated() {
    let folder = installed();
    let schema = |value: i64| {
        database(folder.path())
            .execute("UPDATE instance SET value = ?1 WHERE name = 'schema'", [value])
            .unwrap();
    };
    schema(99);
    doctor(folder.path(), &[]).says("database", "error", "its schema is 99");
    schema(1);
    doctor(folder.path(), &[]).says("database", "warning", "its schema is 1");
    let left: i64 = database(folder.path())
        .query_row("SELECT value FROM instance WHERE name = 'schema'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(left, 1, "doctor migrates nothing");
}

#[test]
fn a_clock_behind_the_database_is_reported() {
    let folder = installed();
    database(folder.path())
        .execute("UPDATE sites SET created_at = created_at + 7200000", [])
        .unwrap();
    doctor(folder.path(), &[]).says("clock", "error", "in this clock’s future");
}

#[test]
fn a_fresh_start_lacks_an_owner_and_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let listen = server.address.to_string();
    let found = doctor(folder.path(), &["--listen", &listen]);
    found.says("owner", "warning", "nobody can sign in");
    found.says("sites", "warning", "only the demo");
    found.says("proxy", "ok", "there seems to be none");
    server.stop();
    let found = doctor(folder.path(), &["--listen", &listen]);
    found.says("server", "warning", "no server responds");
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let listen = server.address.to_string();
    // Nothing listens there: a request by this proxy fails.
    let proxy = format!("http://{}", free_address());
    let mut command = command(folder.path());
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, &proxy);
    }
    let output = command
        .args(["doctor", "--listen", &listen])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let shown = output_text(&output);
    assert!(shown.contains("it responds at http://"), "{shown}");
}

#[test]
fn harmful_settings_are_reported() {
    let folder = installed();
    let found = doctor(
        folder.path(),
        &[
            "--set",
            "metrics_listen=0.0.0.0:9464",
            "--set",
            "limits.login=off",
            "--listen",
            "0.0.0.0:1",
        ],
    );
    found.says("metrics", "warning", "beyond this machine");
    found.says("limits", "warning", "login");
    found.says("base_url", "error", "it is not set");
    let plain = doctor(folder.path(), &["--base-url", "http://comments.example"]);
    plain.says("base_url", "error", "not https");
    let well = doctor(folder.path(), &["--base-url", "https://comments.example"]);
    assert!(well.at("metrics", "warning").is_empty() && well.at("limits", "warning").is_empty());
    assert!(well.at("base_url", "error").is_empty(), "{:#?}", well.list);
}

/// Doctor's findings about a server with the base URL `elsewhere`.
fn findings_for_base_url(elsewhere: &str) -> Found {
    let (folder, address) = (installed(), free_address());
    let _server = Server::at(folder.path(), address, &[]);
    let listen = address.to_string();
    doctor(folder.path(), &["--listen", &listen, "--base-url", elsewhere])
}

fn server_answering(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut socket, &mut [0; 4096]);
            let _ = socket.write_all(answer.as_bytes());
        }
    });
    address
}

#[test]
fn a_base_url_of_another_server_is_reported() {
    let nowhere = format!("http://{}", free_address());
    findings_for_base_url(&nowhere).says("base_url", "error", "browsers do not reach the server");
    let plain = format!(
        "https://{}",
        server_answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    );
    findings_for_base_url(&plain).says("base_url", "error", "browsers do not reach the server");
    let page = format!(
        "http://{}",
        server_answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")
    );
    findings_for_base_url(&page).says("base_url", "error", "another program answers");
    let moved = format!(
        "http://{}",
        server_answering(
            "HTTP/1.1 301 Moved\r\nLocation: https://x.example/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
    );
    findings_for_base_url(&moved).says("base_url", "error", "it redirects to https://x.example/");
    let (other, address) = (installed(), free_address());
    let _other = Server::at(other.path(), address, &[]);
    findings_for_base_url(&format!("http://{address}")).says(
        "base_url",
        "error",
        "does not lead to a server with this secret",
    );
}

#[test]
fn the_endpoint_for_doctor_needs_the_secret() {
    let (folder, address) = (installed(), free_address());
    let server = Server::at(folder.path(), address, &[]);
    assert_eq!(server.get("/healthz/doctor").status, 404);
    for bearer in ["Bearer x", "Bearer 1.x", "Bearer 1790000000000.AAAA"] {
        let headers = [("Authorization", bearer)];
        let answer = support::http::send(address, "GET", "/healthz/doctor", &headers, b"");
        assert_eq!(answer.status, 404, "{bearer}");
    }
}

#[test]
fn durability_settings_of_postgres_are_checked() {
    let Some(store) = support::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("afterword-data")).unwrap();
    let set = format!("database={}", store.database());
    let found = doctor(folder.path(), &["--set", &set]);
    found.says("database", "ok", "it opens");
    found.says("clock", "ok", "agrees");
    // The tests' own cluster turns these off for speed; another one must not.
    let off = found.at("durability", "error");
    let kept = found.at("durability", "ok");
    assert!(
        off.iter().any(|message| message.contains("fsync is off")) != (kept.len() == 1),
        "{:#?}",
        found.list
    );
    let wrong = doctor(
        folder.path(),
        &["--set", "database=postgres://nobody:hush@127.0.0.1:1/none"],
    );
    wrong.says("database", "error", "cannot use PostgreSQL");
    assert!(wrong.list.iter().all(|(_, _, message)| !message.contains("hush")));
}
