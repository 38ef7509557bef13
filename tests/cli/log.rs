//! The log: request ids, and what it never contains.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    process::Stdio,
};

use crate::support::{
    http::send,
    program::{command, free_address, run},
};

#[test]
fn a_request_is_found_in_the_log_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = command(folder.path())
        .env("AFTERWORD_LISTEN", address.to_string())
        .env("AFTERWORD_LOG", "debug")
        .env("AFTERWORD_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let greeting = BufReader::new(child.stdout.take().unwrap()).lines().next();
    assert!(greeting.is_some());
    let ids: Vec<String> = (0..3)
        .map(|_| send(address, "GET", "/healthz", &[], b""))
        .map(|answer| answer.header("x-request-id").unwrap().to_owned())
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for id in &ids {
        let found = lines
            .iter()
            .filter(|line| line["fields"]["request"] == id.as_str());
        assert_eq!(found.count(), 1, "{id} in\n{log}");
    }
}

#[test]
fn the_log_has_no_addresses_paths_or_secrets() {
    let folder = tempfile::tempdir().unwrap();
    run(
        folder.path(),
        &["site", "add", "blog", "--origin", "https://blog.example"],
    );
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut child = command(folder.path())
        .env("AFTERWORD_LISTEN", address.to_string())
        .env("AFTERWORD_LOG", "debug")
        .env("AFTERWORD_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let setup = lines
        .find_map(|line| line.unwrap().strip_prefix("Setup: ").map(str::to_owned))
        .unwrap();
    let token = setup
        .split(' ')
        .next()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    send(address, "GET", &format!("/admin/setup/{token}"), &[], b"");
    send(
        address,
        "GET",
        "/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2Fprivate-page",
        &[],
        b"",
    );
    let headers = [
        ("Origin", "https://blog.example"),
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer a-bearer-token"),
    ];
    send(
        address,
        "PATCH",
        "/api/v1/sites/blog/comments/1",
        &headers,
        br#"{"text":"private words"}"#,
    );
    let signing_in_as = |name: &str, password: &str| {
        let form = send(address, "GET", "/admin/login", &[], b"").text();
        let token = form.split_once("name=\"form_token\" value=\"").unwrap().1;
        let token = token.split_once('"').unwrap().0;
        let headers = [
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let body = format!("form_token={token}&name={name}&password={password}");
        send(address, "POST", "/admin/login", &headers, body.as_bytes()).status
    };
    let mut created = command(folder.path())
        .args(["admin", "create", "the-owner", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    created
        .stdin
        .take()
        .unwrap()
        .write_all(b"correct-horse-battery\n")
        .unwrap();
    assert!(created.wait().unwrap().success());
    assert_eq!(signing_in_as("the-owner", "a-wrong-password"), 401);
    assert_eq!(signing_in_as("the-owner-mistyped", "a-wrong-password"), 401);
    assert_eq!(signing_in_as("the-owner", "correct-horse-battery"), 303);
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    for event in [
        "a sign-in failed: wrong password",
        "a sign-in failed: no such account",
        "\"signed in\"",
    ] {
        assert_eq!(
            log.lines().filter(|line| line.contains(event)).count(),
            1,
            "{event}: {log}"
        );
    }
    assert!(
        log.lines().filter(|line| line.contains("\"answered\"")).count() >= 3,
        "the log was not read: {log}"
    );
    assert!(
        log.lines()
            .any(|line| line.contains("wrong password") && line.contains("\"the-owner\"")),
        "a failed sign-in names the account that there is: {log}"
    );
    for secret in [
        "127.0.0.1",
        token.as_str(),
        "private-page",
        "a-bearer-token",
        "private words",
        "the-owner-mistyped",
        "a-wrong-password",
        "correct-horse",
    ] {
        assert!(!log.contains(secret), "{secret} stands in the log:\n{log}");
    }
}
