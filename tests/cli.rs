//! The command line: the real binary, its files and its messages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    process::Stdio,
    time::Duration,
};

use support::{
    http::send,
    program::{Server, command, free_address, run, said},
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

    let tag = said(&run(
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
        let said = said(&second);
        assert!(!second.status.success());
        assert!(
            said.contains("another Afterword (process") && said.contains("afterword-data/afterword.db"),
            "{said}"
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
fn a_wrong_setting_is_explained_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let env = command(folder.path())
        .env("AFTERWORD_LISTN", "x")
        .arg("config")
        .output()
        .unwrap();
    assert!(!env.status.success());
    assert!(
        said(&env).contains("did you mean “AFTERWORD_LISTEN”?"),
        "{}",
        said(&env)
    );
    let flag = run(folder.path(), &["config", "--set", "limits.pots=off"]);
    assert!(
        said(&flag).contains("did you mean “limits.post”?"),
        "{}",
        said(&flag)
    );
    let file = run(folder.path(), &["config", "--config", "none.toml"]);
    assert!(
        said(&file).contains("cannot read the configuration file none.toml"),
        "{}",
        said(&file)
    );
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = run(
        folder.path(),
        &["--listen", &busy.local_addr().unwrap().to_string()],
    );
    assert!(
        said(&taken).contains("cannot listen on") && said(&taken).contains("AFTERWORD_LISTEN"),
        "{}",
        said(&taken)
    );
    std::fs::write(folder.path().join("plain"), "x").unwrap();
    let data = run(folder.path(), &["site", "list", "--data", "plain"]);
    assert!(said(&data).contains("AFTERWORD_DATA"), "{}", said(&data));
    let postgres = run(
        folder.path(),
        &[
            "site",
            "list",
            "--set",
            "database=postgres://nobody:hush@127.0.0.1:1/none",
        ],
    );
    assert!(
        said(&postgres).contains("cannot use PostgreSQL") && !said(&postgres).contains("hush"),
        "{}",
        said(&postgres)
    );
}

#[test]
fn config_shows_where_each_value_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.toml"),
        "timeout = 7\n[limits]\npost = \"off\"\n",
    )
    .unwrap();
    let shown = command(folder.path())
        .env("AFTERWORD_CONFIG", "a.toml")
        .env("AFTERWORD_LOG", "warn")
        .env("AFTERWORD_SECRET", "ab".repeat(32))
        .args(["config", "--listen", "127.0.0.1:9"])
        .output()
        .unwrap();
    let shown = said(&shown);
    for line in [
        "listen = 127.0.0.1:9    [flag --listen",
        "timeout = 7    [file a.toml",
        "limits.post = off    [file a.toml",
        "log = warn    [environment AFTERWORD_LOG",
        "data = afterword-data    [default",
        "secret = (hidden)    [environment AFTERWORD_SECRET",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
}

#[test]
fn sites_and_accounts_are_managed_from_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let ok = |args: &[&str]| {
        let output = run(folder.path(), args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    };
    ok(&["site", "add", "blog", "--origin", "https://blog.example/"]);
    assert!(
        ok(&["site", "set", "blog", "moderation=first", "edit_window=60"]).contains("moderation      first")
    );
    assert!(ok(&["site", "origin", "blog", "http://localhost:1313"]).contains("http://localhost:1313"));
    assert!(ok(&["site", "list"]).contains("https://blog.example\n"));
    for (args, sentence) in [
        (
            vec!["site", "add", "blog", "--origin", "https://x.example"],
            "registered already",
        ),
        (
            vec!["site", "add", "x", "--origin", "x.example/path"],
            "An origin is",
        ),
        (vec!["site", "set", "blog", "moderation=some"], "none, first, all"),
        (vec!["site", "tag", "none"], "No site of this name"),
        (
            vec!["thread", "close", "blog", "https://blog.example/x"],
            "there is no thread",
        ),
    ] {
        let refused = run(folder.path(), &args);
        assert!(
            !refused.status.success() && said(&refused).contains(sentence),
            "{args:?}: {}",
            said(&refused)
        );
    }
    let create = |password: &str| {
        let mut child = command(folder.path())
            .args(["admin", "create", "ann", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(password.as_bytes())
            .unwrap();
        said(&child.wait_with_output().unwrap())
    };
    assert!(create("short\n").contains("10 to 200 characters"));
    assert!(create("a long password\n").contains("ann (owner)"));
    assert!(ok(&["admin", "list"]).contains("ann (owner)"));
}

/// Every thread command with an error: it reports the cause and changes nothing.
#[test]
fn a_refused_thread_command_changes_nothing_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let ok = |args: &[&str]| {
        let output = run(folder.path(), args);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
        said(&output)
    };
    ok(&["site", "add", "blog", "--origin", "https://Blog.Example.:443"]);
    ok(&["site", "add", "notes", "--origin", "https://notes.example"]);
    let page = |name: &str| format!("https://blog.example/{name}");
    {
        let server = Server::start(folder.path());
        for name in ["tea", "coffee", "milk"] {
            let body = serde_json::json!({
                "page": page(name), "title": name, "key": format!("key-of-a-comment-{name}"), "name": "Ann", "text": "Good.",
            });
            let headers = [
                ("Origin", "https://blog.example"),
                ("Content-Type", "application/json"),
            ];
            let path = "/api/v1/sites/blog/comments";
            let answer = support::http::send(
                server.address,
                "POST",
                path,
                &headers,
                body.to_string().as_bytes(),
            );
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
    }
    let [tea, coffee, none] = ["tea", "coffee", "none"].map(page);
    let (foreign, map) = ("https://notes.example/tea", folder.path().join("map.csv"));
    let file = map.to_str().unwrap();
    let rows = |sql: &str| -> Vec<String> {
        let database = rusqlite::Connection::open(folder.path().join("afterword-data/afterword.db")).unwrap();
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    // Everything that these commands may change.
    let state = || {
        [
            "SELECT page_key || ' ' || thread_id FROM thread_keys ORDER BY page_key",
            "SELECT id || page_url || title || closed || page_edited FROM threads ORDER BY id",
            "SELECT thread_id || ' ' || id FROM comments ORDER BY id",
            "SELECT count(*) || '' FROM moderation_log",
        ]
        .map(rows)
    };
    let before = state();
    for (args, sentence) in [
        (
            vec!["thread", "merge", "blog", &tea, &tea],
            "the same thread already",
        ),
        (vec!["thread", "merge", "blog", &none, &tea], "there is no thread"),
        (vec!["thread", "merge", "blog", &tea, &none], "there is no thread"),
        (
            vec!["thread", "merge", "notes", &tea, &coffee],
            "there is no thread",
        ),
        (
            vec!["thread", "merge", "blog", &tea, "coffee"],
            "absolute http or https address",
        ),
        (
            vec!["thread", "merge", "none", &tea, &coffee],
            "No site of this name",
        ),
        (vec!["thread", "move", "blog", &none, &tea], "there is no thread"),
        (
            vec!["thread", "move", "blog", &tea, &coffee],
            "Both pages have a thread",
        ),
        (
            vec!["thread", "move", "blog", &tea, foreign],
            "not registered for this site",
        ),
        (
            vec!["thread", "move", "blog", &tea, "/new"],
            "absolute http or https address",
        ),
        (
            vec!["thread", "edit", "blog", &none, "--title", "x"],
            "there is no thread",
        ),
        (
            vec!["thread", "edit", "blog", &tea, "--address", &coffee],
            "Another thread is found",
        ),
        (
            vec!["thread", "edit", "blog", &tea, "--address", foreign],
            "not registered for this site",
        ),
        (
            vec!["thread", "alias", "blog", &none, &page("nil")],
            "there is no thread",
        ),
        (
            vec!["thread", "alias", "blog", &tea, &coffee],
            "Another thread is found",
        ),
        (vec!["thread", "close", "blog", &none], "there is no thread"),
        (vec!["thread", "open", "notes", &tea], "there is no thread"),
        (
            vec!["thread", "move", "blog", "--map", "missing.csv"],
            "cannot read missing.csv",
        ),
    ] {
        let refused = run(folder.path(), &args);
        assert!(
            !refused.status.success() && said(&refused).contains(sentence),
            "{args:?}: {}",
            said(&refused)
        );
        assert_eq!(state(), before, "{args:?}");
    }
    let good = format!("{tea},{}", page("new-tea"));
    for (bad, sentences) in [
        (format!("{good}\n{coffee}\n"), vec!["line 2 has not two columns"]),
        (
            format!("{good}\n\n{coffee},a,b\n"),
            vec!["line 3 has not two columns"],
        ),
        (
            format!("# moved\n{good}\n{coffee},ftp://blog.example/x\n"),
            vec!["line 3: ", "nothing was moved"],
        ),
        (
            format!("{good}\n{coffee},{foreign}\nmilk,{}\n", page("x")),
            vec!["line 2: ", "line 3: ", "nothing was moved"],
        ),
        (
            format!("{good}\n{tea},{}\n", page("y")),
            vec!["line 2: ", "An earlier line moves this page"],
        ),
        (
            format!("{good}\n{coffee},{}\n", page("milk")),
            vec!["Both pages have a thread", "/milk"],
        ),
        (String::new(), vec!["no line with an old and a new address"]),
    ] {
        std::fs::write(&map, &bad).unwrap();
        let refused = run(folder.path(), &["thread", "move", "blog", "--map", file]);
        for sentence in sentences {
            assert!(
                !refused.status.success() && said(&refused).contains(sentence),
                "{bad}: {}",
                said(&refused)
            );
        }
        assert_eq!(state(), before, "{bad}");
    }
    std::fs::write(&map, [0xff, 0xfe, b',', b'x']).unwrap();
    let refused = run(folder.path(), &["thread", "move", "blog", "--map", file]);
    assert!(
        !refused.status.success() && said(&refused).contains("map.csv"),
        "{}",
        said(&refused)
    );
    // The control: a file without faults moves all pages, and only once.
    std::fs::write(&map, format!("{good}\n{good}\n{coffee},{}\n", page("new-coffee"))).unwrap();
    let done = ok(&["thread", "move", "blog", "--map", file]);
    assert!(done.contains("2 moved, 0 merged, 1 already there"), "{done}");
    assert_ne!(state(), before);
}

#[test]
fn a_pinned_tag_has_the_hash_of_what_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let site = ["site", "add", "blog", "--origin", "https://blog.example"];
    run(folder.path(), &site);
    let server = Server::start(folder.path());
    let base = format!("http://{}", server.address);
    let tag = said(&run(
        folder.path(),
        &["site", "tag", "blog", "--integrity", "--base-url", &base],
    ));
    let part = |name: &str| {
        let value = tag.split_once(&format!(" {name}=\"")).expect(name).1;
        value.split('"').next().unwrap().to_owned()
    };
    let path = part("src").strip_prefix(&base).unwrap().to_owned();
    for encoding in ["identity", "gzip", "br"] {
        let answer = send(
            server.address,
            "GET",
            &path,
            &[("Accept-Encoding", encoding)],
            b"",
        );
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{tag}");
        if encoding == "identity" {
            assert_eq!(afterword::view::asset::integrity(&answer.body), part("integrity"));
            let other = [&answer.body[..], b" "].concat();
            assert_ne!(
                afterword::view::asset::integrity(&other),
                part("integrity"),
                "control"
            );
        }
    }
    assert_eq!(part("crossorigin"), "anonymous");
    let plain = said(&run(folder.path(), &["site", "tag", "blog"]));
    assert!(!plain.contains("integrity"), "{plain}");
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
    let last = std::iter::repeat_with(hear).find(|said| said != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    assert!(child.wait().unwrap().success());
}

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
        !dead.status.success() && said(&dead).contains("no answer"),
        "{}",
        said(&dead)
    );
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
            said(&output)
        );
    }
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(folder.path())
        .arg("config")
        .stdout(full)
        .output()
        .unwrap();
    let words = said(&output);
    assert!(
        !output.status.success() && words.contains("cannot write to standard output"),
        "control: a full disk is said: {words}"
    );
}

/// Runs `afterword admin …` with a password on its standard input.
fn admin(folder: &std::path::Path, args: &[&str], password: &str) -> (bool, String) {
    let mut child = command(folder)
        .arg("admin")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no password may have exited already.
    let _ = child.stdin.take().unwrap().write_all(password.as_bytes());
    let output = child.wait_with_output().unwrap();
    (output.status.success(), said(&output))
}

#[test]
fn account_commands_report_what_they_did() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let database = || rusqlite::Connection::open(folder.join("afterword-data/afterword.db")).unwrap();
    let hash = |name: &str| -> String {
        let sql = "SELECT credential FROM identities JOIN accounts ON id = account_id WHERE name = ?1";
        database().query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    let does = |args: &[&str], sentence: &str| {
        let (done, words) = admin(folder, args, "a long password\n");
        assert!(done && words.contains(sentence), "{args:?}: {words}");
    };
    let refuses = |args: &[&str], sentence: &str| {
        let (done, words) = admin(folder, args, "another password\n");
        assert!(!done && words.contains(sentence), "{args:?}: {words}");
    };
    does(&["create", "ann", "--password-stdin"], "Created ann (owner).");
    let before = hash("ann");
    for again in [
        &["create", "ann", "--password-stdin"][..],
        &["create", "ann", "--password-stdin", "--moderator"],
        &["create", " ann ", "--password-stdin", "--moderator"],
    ] {
        refuses(again, "afterword admin password ann --password-stdin");
    }
    assert_eq!(hash("ann"), before, "nothing was changed");
    refuses(&["remove", "ann"], "only owner");
    refuses(&["role", "ann", "moderator"], "only owner");
    for nobody in [
        &["remove", "bert"][..],
        &["role", "bert", "owner"],
        &["password", "bert", "--password-stdin"],
        &["remove", "\u{7}"],
    ] {
        refuses(nobody, "afterword admin list");
    }
    refuses(&["create", "(command line)", "--password-stdin"], "bracket");
    does(
        &["create", "bert", "--password-stdin", "--moderator"],
        "Created bert (moderator).",
    );
    does(&["role", "bert", "moderator"], "nothing was changed");
    does(
        &["role", "bert", "owner"],
        "bert is owner now, and was moderator.",
    );
    does(
        &["role", "ann", "moderator"],
        "ann is moderator now, and was owner.",
    );
    refuses(&["remove", "bert"], "only owner");
    database()
        .execute(
            "INSERT INTO sessions (token_hash, account_id, created_at, seen_at) SELECT 'h' || id, id, 1, 1 FROM accounts",
            [],
        )
        .unwrap();
    does(
        &["password", "ann", "--password-stdin"],
        "Changed the password of ann (moderator); one session ended.",
    );
    does(&["remove", "ann"], "Removed ann (moderator); 0 sessions ended.");
    does(&["list"], "bert (owner)\n");
    let log: Vec<String> = database()
        .prepare("SELECT actor || ' ' || action || ' ' || target || ' ' || before FROM moderation_log WHERE site_id = 0 ORDER BY id")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected = [
        "account_created ann (owner) ",
        "account_created bert (moderator) ",
        "role_changed bert (owner) moderator",
        "role_changed ann (moderator) owner",
        "password_changed ann ",
        "account_removed ann (moderator) ",
    ];
    assert_eq!(log, expected.map(|line| format!("(command line) {line}")));
}

#[test]
fn the_demo_ends_with_the_first_site_and_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let base = format!("http://{}", server.address);
    server.get("/");
    let post = |server: &Server| {
        let body = format!(
            r#"{{"page": "{base}/", "key": "0123456789abcdef", "name": "Ann", "text": "Of the demo."}}"#
        );
        let headers = [("Origin", base.as_str()), ("Content-Type", "application/json")];
        let path = "/api/v1/sites/demo/comments";
        send(server.address, "POST", path, &headers, body.as_bytes()).status
    };
    assert_eq!(post(&server), 201);
    let thread = format!("/api/v1/sites/demo/thread?page={base}/");
    assert_eq!(server.get(&thread).status, 200);
    let site = |args: &[&str]| said(&run(folder.path(), args));
    site(&["site", "add", "blog", "--origin", "https://blog.example"]);
    // Another process registered it: the cached site is used for a second.
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(server.get(&thread).status, 404);
    assert_eq!(post(&server), 404);
    let listen = server.address.to_string();
    let doctor = || said(&run(folder.path(), &["doctor", "--listen", &listen]));
    let found = doctor();
    assert!(
        found.contains("afterword site remove demo") && !found.contains("still takes comments"),
        "{found}"
    );
    let refused = run(folder.path(), &["site", "remove", "blog"]);
    assert!(
        !refused.status.success() && said(&refused).contains("--confirm blog"),
        "{}",
        said(&refused)
    );
    assert!(site(&["site", "remove", "demo"]).contains("Removed the site demo with its comments (1)."));
    let found = doctor();
    assert!(!found.contains("demo"), "{found}");
    let again = run(folder.path(), &["site", "remove", "demo"]);
    assert!(!again.status.success(), "{}", said(&again));
}
