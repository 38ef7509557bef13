//! The command line: the real binary, its files and its messages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "cli/log.rs"]
mod log;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/sites_and_accounts.rs"]
mod sites_and_accounts;
mod support;
#[path = "cli/threads.rs"]
mod threads;

use std::{io::Write as _, net::TcpStream, process::Stdio, time::Duration};

use support::{
    http::send,
    program::{Server, command, free_address, output_text, run},
};

#[test]
fn the_first_start_needs_no_configuration_and_shows_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let base = format!("http://{}", server.address);
    assert!(server.greeting[0].contains(&base), "{:?}", server.greeting);
    let setup = server
        .greeting
        .iter()
        .find_map(|line| line.strip_prefix("Setup: "))
        .expect("a setup link");
    let path = setup.split(' ').next().unwrap().strip_prefix(&base).unwrap();
    assert!(path.rsplit('/').next().unwrap().len() >= 22, "128 bits: {path}");
    assert_eq!(server.get(path).status, 200, "the link opens");
    let demo = server.get("/");
    assert_eq!(demo.status, 200);
    assert!(demo.text().contains("/embed.js"), "the demo has the tag");
    assert_eq!(
        server
            .get(&format!("/api/v1/sites/demo/thread?page={base}/"))
            .json()["thread"]["open"],
        true
    );
    assert!(folder.path().join("afterword-data/afterword.db").exists());
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |name: &str| {
        std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode("afterword-data"), mode("afterword-data/secret.key")),
        (0o700, 0o600)
    );

    let tag = output_text(&run(
        folder.path(),
        &["site", "add", "blog", "--origin", "https://blog.example"],
    ));
    assert!(
        tag.contains("<script async") && tag.contains("data-site=\"blog\""),
        "{tag}"
    );
    assert!(
        !server.get("/").text().contains("/embed.js"),
        "the demo is off as soon as a site is registered"
    );
}

#[test]
fn a_second_server_on_the_same_file_is_refused_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Server::start(folder.path());
    let file = folder.path().join("afterword-data/afterword.db");
    let elsewhere = format!("database={}", file.display());
    for named in [
        &["--listen", "127.0.0.1:0"][..],
        &[
            "--listen",
            "127.0.0.1:0",
            "--data",
            "elsewhere",
            "--set",
            &elsewhere,
        ],
    ] {
        let second = run(folder.path(), named);
        let shown = output_text(&second);
        assert!(!second.status.success());
        assert!(
            shown.contains("another Afterword (process") && shown.contains("afterword-data/afterword.db"),
            "{shown}"
        );
    }
}

#[test]
fn sigterm_stops_the_server_even_with_an_idle_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut idle = TcpStream::connect(server.address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let (status, waited) = server.stop();
    assert!(status.success(), "{status}");
    assert!(waited < Duration::from_secs(12), "{waited:?}");
}

#[test]
fn an_acknowledged_comment_survives_kill_and_restart() {
    let folder = tempfile::tempdir().unwrap();
    run(
        folder.path(),
        &["site", "add", "blog", "--origin", "https://blog.example"],
    );
    let mut server = Server::start(folder.path());
    let headers = [
        ("Origin", "https://blog.example"),
        ("Content-Type", "application/json"),
    ];
    for n in 0..5 {
        let body = format!(
            r#"{{"page":"https://blog.example/","key":"kill-and-restart-{n}","name":"Ann","text":"{n}"}}"#
        );
        assert_eq!(
            send(
                server.address,
                "POST",
                "/api/v1/sites/blog/comments",
                &headers,
                body.as_bytes()
            )
            .status,
            201
        );
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let again = Server::start(folder.path());
    let thread = again
        .get("/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2F")
        .json();
    assert_eq!(thread["thread"]["count"], 5);
}

#[test]
fn systemd_is_notified_of_ready_watchdog_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let hear = || {
        let mut heard = [0; 100];
        let length = systemd.recv(&mut heard).expect("a notification");
        String::from_utf8_lossy(&heard[..length]).trim().to_owned()
    };
    let mut child = command(folder.path())
        .env("AFTERWORD_LISTEN", free_address().to_string())
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "300000")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(hear(), "READY=1");
    assert_eq!((hear(), hear()), ("WATCHDOG=1".into(), "WATCHDOG=1".into()));
    std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    let last = std::iter::repeat_with(hear).find(|message| message != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(child.wait().unwrap().success());
}

#[test]
fn healthcheck_fails_without_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let address = server.address.to_string();
    assert!(
        run(folder.path(), &["healthcheck", "--listen", &address])
            .status
            .success()
    );
    server.stop();
    let dead = run(folder.path(), &["healthcheck", "--listen", &address]);
    assert!(
        !dead.status.success() && output_text(&dead).contains("no answer"),
        "{}",
        output_text(&dead)
    );
}

#[test]
fn a_closed_pipe_does_not_break_a_command() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["site", "add", "blog", "--origin", "https://blog.example"][..],
        &["site", "list"],
        &["admin", "list"],
        &["config"],
    ] {
        let (nobody, writer) = std::io::pipe().unwrap();
        drop(nobody);
        let output = command(folder.path()).args(args).stdout(writer).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{args:?}: {}",
            output_text(&output)
        );
    }
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(folder.path())
        .arg("config")
        .stdout(full)
        .output()
        .unwrap();
    let words = output_text(&output);
    assert!(
        !output.status.success() && words.contains("cannot write to standard output"),
        "control: a full disk is reported: {words}"
    );
}
