//! The running program: failures of its log and standard output, and signals.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli_serving/signals.rs"]
mod signals;
mod support;

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use support::{
    http::send,
    program::{command, free_address, output_text, run},
};

/// A server whose outputs the test chooses; killed on drop.
struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(mut command: Command, stdout: Stdio, stderr: Stdio) -> Self {
        let address = free_address();
        let child = command
            .env("AFTERWORD_LISTEN", address.to_string())
            .env("AFTERWORD_LIMITS_POST", "off")
            .env("AFTERWORD_LIMITS_LOGIN", "off")
            .env("AFTERWORD_STOP_TIMEOUT", "8")
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        let server = Self { child, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "it does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    fn status(&self, path: &str) -> u16 {
        send(self.address, "GET", path, &[], b"").status
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    fn ended(&mut self, timeout: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            if began.elapsed() > timeout {
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it as a service manager does; it must exit with success.
    fn stop(mut self, what: &str) {
        self.signal("TERM");
        let status = self.ended(Duration::from_secs(12)).expect(what);
        assert_eq!(status.code(), Some(0), "{what}: {status}");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(address: SocketAddr, n: usize) -> u16 {
    let headers = [
        ("Origin", "https://blog.example"),
        ("Content-Type", "application/json"),
    ];
    let body = format!(
        r#"{{"page":"https://blog.example/","key":"a-key-of-this-test-{n:06}","name":"Ann","text":"Comment {n}."}}"#
    );
    send(
        address,
        "POST",
        "/api/v1/sites/blog/comments",
        &headers,
        body.as_bytes(),
    )
    .status
}

/// A failed sign-in, which is logged as a warning.
fn sign_in(address: SocketAddr) -> u16 {
    let form = send(address, "GET", "/admin/login", &[], b"").text();
    let token = form.split_once("name=\"form_token\" value=\"").unwrap().1;
    let token = token.split_once('"').unwrap().0;
    let headers = [
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("form_token={token}&name=nobody&password=a-wrong-password");
    send(address, "POST", "/admin/login", &headers, body.as_bytes()).status
}

fn owner(folder: &std::path::Path) {
    let mut creating = command(folder)
        .args(["admin", "create", "keeper", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut password = creating.stdin.take().unwrap();
    password.write_all(b"a long password\n").unwrap();
    drop(password);
    assert!(creating.wait().unwrap().success());
}

fn blog(folder: &std::path::Path) {
    let added = run(
        folder,
        &["site", "add", "blog", "--origin", "https://blog.example"],
    );
    assert!(added.status.success(), "{}", output_text(&added));
}

/// A full pipe, with the end that is never read.
fn full_pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filling = writer.try_clone().unwrap();
    // The capacity of a pipe on Linux.
    filling.write_all(&[b'x'; 65_536]).unwrap();
    (reader, writer)
}

#[test]
fn an_unwritable_log_blocks_no_request() {
    let full = || Stdio::from(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let (nobody_reads, full_pipe) = full_pipe();
    for (what, stderr, format) in [
        ("a full disk", full(), "text"),
        ("a full disk, JSON", full(), "json"),
        ("a closed pipe", closed(), "text"),
        ("a full pipe", Stdio::from(full_pipe), "text"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        blog(folder.path());
        owner(folder.path());
        let mut program = command(folder.path());
        program
            .env("AFTERWORD_LOG", "trace")
            .env("AFTERWORD_LOG_FORMAT", format);
        let server = Serving::start(program, Stdio::null(), stderr);
        for n in 0..60 {
            assert_eq!(post(server.address, n), 201, "{what}: post {n}");
        }
        assert_eq!(sign_in(server.address), 401, "{what}");
        assert_eq!(server.status("/readyz"), 200, "{what}");
        server.stop(what);
    }
    drop(nobody_reads);
}

#[test]
fn the_last_log_lines_are_written_before_exit() {
    let folder = tempfile::tempdir().unwrap();
    owner(folder.path());
    let (mut reader, writer) = std::io::pipe().unwrap();
    let server = Serving::start(command(folder.path()), Stdio::null(), Stdio::from(writer));
    assert_eq!(sign_in(server.address), 401);
    server.stop("it stops");
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    for line in ["a sign-in failed", "stopping"] {
        assert_eq!(log.matches(line).count(), 1, "{line}: {log}");
    }
}

#[test]
fn an_unread_start_message_does_not_block_serving() {
    let folder = tempfile::tempdir().unwrap();
    let (_nobody_reads, writer) = full_pipe();
    let server = Serving::start(command(folder.path()), Stdio::from(writer), Stdio::null());
    assert_eq!(server.status("/readyz"), 200);
    server.stop("a full standard output");
}

#[test]
fn a_message_to_a_closed_pipe_does_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut program = command(folder.path());
    let refused = program
        .args(["config", "--set", "nonsense=1"])
        .stderr(writer)
        .status();
    assert_eq!(refused.unwrap().code(), Some(1), "not 101");
}

#[test]
fn service_link_variables_are_ignored_and_logged() {
    let folder = tempfile::tempdir().unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut program = command(folder.path());
    program
        .env("AFTERWORD_PORT", "tcp://10.0.0.1:80")
        .env("AFTERWORD_SERVICE_HOST", "10.0.0.1")
        .env("AFTERWORD_SERVICE_PORT_HTTP", "80")
        .env("AFTERWORD_PORT_80_TCP_ADDR", "10.0.0.1")
        .env("AFTERWORD_WEB_SERVICE_HOST", "web.example");
    let server = Serving::start(program, Stdio::null(), Stdio::from(writer));
    assert_eq!(server.status("/readyz"), 200);
    server.stop("it stops");
    let mut log = String::new();
    reader.read_to_string(&mut log).unwrap();
    assert_eq!(log.matches("is ignored").count(), 1, "{log}");
    assert!(log.contains("AFTERWORD_WEB_SERVICE_HOST is ignored"), "{log}");
}

#[test]
fn an_invalid_log_filter_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (filter, suggestion) in [
        ("inof", "did you mean “info”?"),
        ("warning", "did you mean “warn”?"),
        ("afterword=inof", "did you mean “info”?"),
        ("", "must name a level"),
    ] {
        let refused = command(folder.path())
            .env("AFTERWORD_LOG", filter)
            .output()
            .unwrap();
        let words = output_text(&refused);
        assert_eq!(refused.status.code(), Some(1), "{filter}: {words}");
        assert!(
            words.contains("log (environment AFTERWORD_LOG) must"),
            "{filter}: {words}"
        );
        assert!(words.contains(suggestion), "{filter}: {words}");
    }
}

#[test]
fn a_forwarding_header_problem_is_logged_once() {
    let folder = tempfile::tempdir().unwrap();
    for (trusted, headers, line) in [
        (
            "127.0.0.1",
            vec![("X-Forwarded-For", "unknown")],
            "does not say whom it speaks for",
        ),
        (
            "127.0.0.1",
            vec![("Forwarded", "for=203.0.113.9")],
            "another forwarding header",
        ),
        (
            "10.0.0.0/8",
            vec![("X-Forwarded-For", "203.0.113.9")],
            "not in trusted_proxies",
        ),
        ("127.0.0.1", vec![("X-Forwarded-For", "203.0.113.9:567")], ""),
    ] {
        let log = folder.path().join("log");
        let mut program = command(folder.path());
        program.env("AFTERWORD_TRUSTED_PROXIES", trusted);
        let out = std::fs::File::create(&log).unwrap();
        let server = Serving::start(program, Stdio::null(), out.into());
        for _ in 0..20 {
            send(server.address, "GET", "/healthz", &headers, b"");
        }
        drop(server);
        let shown = std::fs::read_to_string(&log).unwrap();
        if line.is_empty() {
            assert!(
                !shown.contains("forwarding") && !shown.contains("speaks for"),
                "control: {shown}"
            );
        } else {
            assert_eq!(shown.matches(line).count(), 1, "{shown}");
        }
        assert!(!shown.contains("203.0.113.9"), "no address in the log: {shown}");
    }
}
