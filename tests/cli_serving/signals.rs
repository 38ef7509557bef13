//! Signals: which of them stop the program, and how.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::Duration,
};

use super::{Serving, blog, full_pipe};
use crate::support::program::command;

/// Starts a request; the rest can be sent later.
fn half_a_request(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let post = "POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\nContent-Length: 105\r\n\r\n";
    stream.write_all(post.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    stream
}

#[test]
fn every_stop_signal_lets_running_requests_finish() {
    for name in ["TERM", "INT", "QUIT", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        blog(folder.path());
        let mut server = Serving::start(command(folder.path()), Stdio::null(), Stdio::null());
        let mut stream = half_a_request(server.address);
        server.signal(name);
        std::thread::sleep(Duration::from_millis(200));
        let body = format!(
            "{:105}",
            r#"{"page":"https://blog.example/","key":"begun-before-the-signal","name":"Ann","text":"Last."}"#
        );
        assert_eq!(body.len(), 105);
        stream.write_all(body.as_bytes()).unwrap();
        let mut answers = String::new();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.read_to_string(&mut answers).unwrap();
        assert!(answers.contains("HTTP/1.1 201"), "{name}: {answers}");
        let status = server.ended(Duration::from_secs(10)).expect(name);
        assert_eq!(status.code(), Some(0), "{name}: {status}");
    }
}

#[test]
fn a_signal_while_the_start_message_is_written_stops_in_order() {
    for name in ["TERM", "INT", "QUIT", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        let (_nobody_reads, writer) = full_pipe();
        let mut server = Serving::start(command(folder.path()), Stdio::from(writer), Stdio::null());
        server.signal(name);
        let status = server.ended(Duration::from_secs(12)).expect(name);
        assert_eq!(status.code(), Some(0), "{name}: {status}");
    }
}

#[test]
fn other_signals_do_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Serving::start(command(folder.path()), Stdio::null(), Stdio::null());
    assert_eq!(server.status("/readyz"), 200);
    for name in ["USR1", "USR2", "PIPE"] {
        server.signal(name);
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(server.ended(Duration::ZERO), None, "{name}");
        assert_eq!(server.status("/healthz"), 200, "{name}");
    }
    server.stop("control: TERM stops it");
}

#[test]
fn a_second_signal_aborts_running_requests() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("HUP", "TERM")] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Serving::start(command(folder.path()), Stdio::null(), Stdio::null());
        let _in_hand = half_a_request(server.address);
        server.signal(first);
        assert_eq!(
            server.ended(Duration::from_secs(1)),
            None,
            "control: {first} alone drains"
        );
        server.signal(second);
        let status = server.ended(Duration::from_secs(3)).expect(second);
        assert_eq!(status.code(), Some(0), "{first} {second}: {status}");
    }
}

#[test]
fn a_signal_ignored_by_nohup_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_afterword");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("trap '' HUP; exec {program}")])
        .current_dir(folder.path());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AFTERWORD_")) {
        shell.env_remove(name);
    }
    let mut server = Serving::start(shell, Stdio::null(), Stdio::null());
    assert_eq!(server.status("/readyz"), 200);
    server.signal("HUP");
    assert_eq!(server.ended(Duration::from_millis(500)), None);
    assert_eq!(server.status("/readyz"), 200);
    server.stop("TERM still stops it");
}
