//! The commands for sites and accounts.

use std::{io::Write as _, process::Stdio, time::Duration};

use crate::support::{
    http::send,
    program::{Server, command, output_text, run},
};

#[test]
fn sites_and_accounts_are_managed_from_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let ok = |args: &[&str]| {
        let output = run(folder.path(), args);
        assert!(output.status.success(), "{args:?}: {}", output_text(&output));
        output_text(&output)
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
            !refused.status.success() && output_text(&refused).contains(sentence),
            "{args:?}: {}",
            output_text(&refused)
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
        output_text(&child.wait_with_output().unwrap())
    };
    assert!(create("short\n").contains("10 to 200 characters"));
    assert!(create("a long password\n").contains("ann (owner)"));
    assert!(ok(&["admin", "list"]).contains("ann (owner)"));
}

#[test]
fn a_pinned_tag_has_the_hash_of_what_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let site = ["site", "add", "blog", "--origin", "https://blog.example"];
    run(folder.path(), &site);
    let server = Server::start(folder.path());
    let base = format!("http://{}", server.address);
    let tag = output_text(&run(
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
    let plain = output_text(&run(folder.path(), &["site", "tag", "blog"]));
    assert!(!plain.contains("integrity"), "{plain}");
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
    (output.status.success(), output_text(&output))
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
    let site = |args: &[&str]| output_text(&run(folder.path(), args));
    site(&["site", "add", "blog", "--origin", "https://blog.example"]);
    // Another process registered it: the cached site is used for a second.
    std::thread::sleep(Duration::from_millis(1_200));
    assert_eq!(server.get(&thread).status, 404);
    assert_eq!(post(&server), 404);
    let listen = server.address.to_string();
    let doctor = || output_text(&run(folder.path(), &["doctor", "--listen", &listen]));
    let found = doctor();
    assert!(
        found.contains("afterword site remove demo") && !found.contains("still takes comments"),
        "{found}"
    );
    let refused = run(folder.path(), &["site", "remove", "blog"]);
    assert!(
        !refused.status.success() && output_text(&refused).contains("--confirm blog"),
        "{}",
        output_text(&refused)
    );
    assert!(site(&["site", "remove", "demo"]).contains("Removed the site demo with its comments (1)."));
    let found = doctor();
    assert!(!found.contains("demo"), "{found}");
    let again = run(folder.path(), &["site", "remove", "demo"]);
    assert!(!again.status.success(), "{}", output_text(&again));
}
