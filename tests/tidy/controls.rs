//! Controls: snippets that a rule must catch, and snippets that every rule must accept.

use super::rules::{
    directions, drivers, http_clients, leftovers, length, names, no_sql, opening, panicking_prints,
    plain_comments, plain_service, pure_layers, unlogged,
};
use super::{Check, LINES, RULES};

#[test]
fn control_rules_catch_bad_code() {
    let long = format!("//! x\n{}", "fn f() {}\n".repeat(LINES));
    let cases: &[(Check, &str, &str)] = &[
        (pure_layers, "src/model/site.rs", "use warp::Filter;"),
        (pure_layers, "src/content.rs", "pub async fn render() {}"),
        (pure_layers, "src/config.rs", "fn f() -> rusqlite::Result<()> {}"),
        (
            pure_layers,
            "src/config/file.rs",
            "use {std::fs, postgres::Client};",
        ),
        (
            drivers,
            "src/web/api/post.rs",
            "let c = rusqlite::Connection::open(p);",
        ),
        (drivers, "src/cli/doctor.rs", "use postgres::{Client, NoTls};"),
        (http_clients, "src/cli/doctor.rs", "use ureq::Agent;"),
        (
            http_clients,
            "src/jobs/mail.rs",
            "fn f() { ureq::get(url).call() }",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "use hyper_util::client::legacy::Client;",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "use hyper::{\n    client::conn::http1,\n    server,\n};",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "fn f() { hyper::client::conn::http1::handshake(io) }",
        ),
        (
            plain_service,
            "src/service/comments/post.rs",
            "#[derive(Clone, Serialize)] struct S;",
        ),
        (plain_service, "src/service/comments/post.rs", "use maud::html;"),
        (
            no_sql,
            "src/web/api/post.rs",
            "let q = \"SELECT id FROM comments\";",
        ),
        (no_sql, "src/jobs/mail.rs", "let q = r#\"  DELETE FROM outbox\"#;"),
        (
            no_sql,
            "src/service/comments/post.rs",
            "f(\"\nINSERT INTO comments\")",
        ),
        (directions, "src/model/site.rs", "use crate::store::Store;"),
        (
            directions,
            "src/content/tree.rs",
            "use crate::{model::Id, service};",
        ),
        (
            directions,
            "src/content/tree.rs",
            "fn f() { super::super::web::reply() }",
        ),
        (
            directions,
            "src/service/comments/post.rs",
            "fn f() { crate::view::page(); }",
        ),
        (directions, "src/web.rs", "use crate::cli::serve;"),
        (opening, "src/web.rs", "// a comment\n"),
        (length, "src/web.rs", &long),
        (leftovers, "src/web.rs", "let a = b.unwrap();"),
        (leftovers, "src/web.rs", "todo!()"),
        (panicking_prints, "src/main.rs", "eprintln!(\"{sentence}\");"),
        (panicking_prints, "src/cli/site.rs", "fn f() { print ! (\"x\") }"),
        (leftovers, "src/web.rs", "'\"'; dbg!(a)"),
        (
            leftovers,
            "src/web.rs",
            "#[cfg(test)]\nmod tests { }\nfn f() { a.unwrap() }",
        ),
        (names, "src/web/utils.rs", ""),
        (
            unlogged,
            "src/service/threads/manage.rs",
            "pub async fn close(app: &App, actor: &Actor) {\n    app.store.write(f).await\n}\n",
        ),
        (names, "src/helpers/mod.rs", ""),
        (plain_comments, "src/view.rs", "//! What somebody sees."),
        (
            plain_comments,
            "src/model/site.rs",
            "fn f() {}\n    /// Whether it is one.",
        ),
        (plain_comments, "src/cli/open.rs", "    // Rendered\n    // anew."),
        (
            plain_comments,
            "src/config/load.rs",
            "/// Ten\n/// at the\n/// most.",
        ),
        (plain_comments, "src/lib.rs", "// A hundred comments in all."),
    ];
    for (rule, path, text) in cases {
        assert!(!rule(path, text).is_empty(), "not caught in {path}: {text}");
    }
}

#[test]
fn control_rules_accept_good_code() {
    let tested = format!(
        "//! x\nfn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        "fn f() {}\n".repeat(LINES)
    );
    let cases: &[(&str, &str)] = &[
        (
            "src/model/site.rs",
            "//! Not warp::Filter, not async.\n/* crate::web */ fn f<'a>(a: &'a str) { g(\"warp::x {\") }",
        ),
        (
            "src/config.rs",
            "//! x\npub struct Config { postgres: bool }\nenum E { Sqlite, Postgres }",
        ),
        (
            "src/store/engine/postgres.rs",
            "//! x\nuse postgres::Client;\nuse crate::model::Id;\nconst Q: &str = \"SELECT 1\";",
        ),
        (
            "src/web.rs",
            "//! x\nuse super::route; use crate::{service, view::{page, cli}};\nfn f() { g(\"Select a comment\") }",
        ),
        (
            "src/content/tree.rs",
            "//! x\nuse super::policy;\nuse crate::model;",
        ),
        (
            "src/service/comments/post.rs",
            "//! x\n#[cfg(test)]\nmod tests { fn f() { a.unwrap(); crate::web::x() } }\n",
        ),
        ("src/service/post/tests.rs", "//! x\nfn f() { a.unwrap() }"),
        ("src/net/client.rs", "//! x\nuse ureq::Agent;"),
        (
            "src/web/server.rs",
            "//! x\nuse hyper::{server::conn::http1, body};\nfn f(client: &Client) { hyper::body(client) }",
        ),
        ("src/web.rs", &tested),
        ("src/main.rs", "//! x\nuse crate::cli;"),
        (
            "src/web.rs",
            "//! x\nconst C: char = '\"'; fn f() { a.unwrap_or(b'\\''); } // .unwrap()",
        ),
        (
            "src/service/threads/manage.rs",
            "//! x\npub async fn close(app: &App, actor: &Actor) {\n    app.store.write(|tx| record(tx, actor, f))\n}\n",
        ),
        (
            "src/service/comments/vote.rs",
            "//! x\npub async fn vote() {\n    store.write(f)\n}\n",
        ),
        (
            "src/content/tree.rs",
            "//! In all languages, handshall is a word.\n//! What follows is no first line.\nfn f() { g(\"stands\") }",
        ),
        ("src/viewer.rs", "//! What lies beside a finished folder."),
    ];
    for (path, text) in cases {
        for (rule, check) in RULES {
            assert_eq!(check(path, text), [], "{rule}, in {path}: {text}");
        }
    }
}
