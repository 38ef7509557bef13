//! The commands for threads.

use crate::support::{
    http::send,
    program::{Server, output_text, run},
};

/// Every thread command with an error: it reports the cause and changes nothing.
#[test]
fn a_refused_thread_command_changes_nothing_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let ok = |args: &[&str]| {
        let output = run(folder.path(), args);
        assert!(output.status.success(), "{args:?}: {}", output_text(&output));
        output_text(&output)
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
            let answer = send(
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
            !refused.status.success() && output_text(&refused).contains(sentence),
            "{args:?}: {}",
            output_text(&refused)
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
                !refused.status.success() && output_text(&refused).contains(sentence),
                "{bad}: {}",
                output_text(&refused)
            );
        }
        assert_eq!(state(), before, "{bad}");
    }
    std::fs::write(&map, [0xff, 0xfe, b',', b'x']).unwrap();
    let refused = run(folder.path(), &["thread", "move", "blog", "--map", file]);
    assert!(
        !refused.status.success() && output_text(&refused).contains("map.csv"),
        "{}",
        output_text(&refused)
    );
    // The control: a file without faults moves all pages, and only once.
    std::fs::write(&map, format!("{good}\n{good}\n{coffee},{}\n", page("new-coffee"))).unwrap();
    let done = ok(&["thread", "move", "blog", "--map", file]);
    assert!(done.contains("2 moved, 0 merged, 1 already there"), "{done}");
    assert_ne!(state(), before);
}
