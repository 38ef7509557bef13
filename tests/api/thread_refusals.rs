//! Refused thread operations of owners change nothing.

use afterword::{
    app::{Error, ErrorKind},
    model::{
        id::{SiteId, ThreadId},
        site::Site,
    },
    service::{
        audit::{self, Actor},
        sites::register,
        threads::{alias, close, edit, lookup, merge, moves, page::Page, read},
    },
    store::{self, StoreError},
};
use serde_json::{Value, json};

use super::support::server::{ORIGIN, PAGE, TestServer, encoded};

const COFFEE: &str = "https://blog.example/coffee";

fn blog(server: &TestServer) -> Site {
    server.run(read::site(&server.app, "blog")).unwrap()
}

fn actor() -> Actor {
    Actor::command_line()
}

fn thread_of(server: &TestServer, page: &str) -> ThreadId {
    ThreadId(server.thread(page)["thread"]["id"].as_i64().unwrap())
}

/// Two threads of two comments each, one of them with a reply.
fn two_threads(server: &TestServer) -> (ThreadId, ThreadId) {
    for page in [PAGE, COFFEE] {
        let (id, _) = server.posted(json!({"page": page, "text": format!("Of {page}.")}));
        server.posted(json!({"page": page, "parent": id, "text": "A reply."}));
        server.posted(json!({"page": page, "text": "More."}));
    }
    (thread_of(server, PAGE), thread_of(server, COFFEE))
}

/// Everything that an operation on threads may change: public content, page keys, the log.
fn state(server: &TestServer) -> (Value, Value, Vec<Vec<String>>, usize) {
    server.clock.advance(1_500);
    let site = blog(server);
    let keys = server
        .run(server.app.store.read(move |tx| {
            let all = store::tables::threads::newest(tx, site.id, 50)?;
            all.iter()
                .map(|thread| store::tables::threads::keys(tx, site.id, thread.id))
                .collect::<Result<Vec<_>, StoreError>>()
        }))
        .unwrap();
    let log = server
        .run(audit::newest(&server.app, Some(site.id)))
        .unwrap()
        .len();
    (server.thread(PAGE), server.thread(COFFEE), keys, log)
}

fn merge(server: &TestServer, site: SiteId, from: ThreadId, into: ThreadId) -> Result<(), Error> {
    server.run(merge::merge(&server.app, &actor(), site, from, into))
}

#[test]
fn a_refused_thread_operation_changes_nothing() {
    let server = TestServer::start();
    let (tea, coffee) = two_threads(&server);
    let origins = ["https://notes.example".to_owned()];
    let notes = server
        .run(register::register(&server.app, &actor(), "notes", &origins))
        .unwrap();
    let site = blog(&server);
    let before = state(&server);
    let none = ThreadId(7);
    let edit = |id, address: &str| {
        server
            .run(edit::set_page(
                &server.app,
                &actor(),
                &site,
                id,
                address,
                "A title",
            ))
            .map(drop)
    };
    let alias = |id, page: &str| {
        let key = lookup::key_of(&site, page)?;
        server.run(alias::add(&server.app, &actor(), site.id, id, key))
    };
    let moved = |from: &str, to: &str| {
        let pair = (lookup::key_of(&site, from)?, Page::of(&site, to, None)?);
        let fresh = (
            lookup::key_of(&site, COFFEE)?,
            Page::of(&site, "https://blog.example/fresh", None)?,
        );
        server
            .run(moves::move_pages(
                &server.app,
                &actor(),
                site.id,
                vec![fresh, pair],
                false,
                false,
            ))
            .map(drop)
    };
    let close = |site, id| server.run(close::set_closed(&server.app, &actor(), site, id, true));
    for (what, done, code) in [
        ("merge of none", merge(&server, site.id, none, tea), "not_found"),
        ("merge into none", merge(&server, site.id, tea, none), "not_found"),
        ("merge with itself", merge(&server, site.id, tea, tea), "conflict"),
        (
            "merge on another site",
            merge(&server, notes.id, tea, coffee),
            "not_found",
        ),
        ("edit of none", edit(none, PAGE), "not_found"),
        ("edit to another's address", edit(tea, COFFEE), "conflict"),
        (
            "edit to another site",
            edit(tea, "https://notes.example/x"),
            "page_not_of_site",
        ),
        ("edit to no address", edit(tea, "tea"), "page_invalid"),
        (
            "alias of none",
            alias(none, "https://blog.example/alias"),
            "not_found",
        ),
        ("alias of another", alias(tea, COFFEE), "conflict"),
        ("alias that is no address", alias(tea, "alias"), "page_invalid"),
        ("alias that is no page id", alias(tea, "id: "), "page_invalid"),
        (
            "move onto another",
            moved(PAGE, "https://blog.example/fresh"),
            "conflict",
        ),
        (
            "move to another site",
            moved(PAGE, "https://notes.example/x"),
            "page_not_of_site",
        ),
        ("move to no address", moved(PAGE, "x"), "page_invalid"),
        ("close none", close(site.id, none), "not_found"),
        ("close on another site", close(notes.id, tea), "not_found"),
    ] {
        let refused = done.expect_err(what);
        assert_eq!(refused.kind.code(), code, "{what}: {refused}");
        assert!(
            refused.message.ends_with('.') && refused.retry_after.is_none(),
            "{what}: {refused}"
        );
        assert_eq!(state(&server), before, "{what}");
    }
    let refused = merge(&server, site.id, none, tea).unwrap_err();
    assert!(refused.message.contains("merged into another"), "{refused}");
    // The control: each of these changes what is compared.
    moved(PAGE, "https://blog.example/free").unwrap();
    assert_ne!(state(&server), before);
}

#[test]
fn two_moderators_who_merge_at_once_merge_once() {
    for round in 0..8 {
        let server = TestServer::start();
        let (tea, coffee) = two_threads(&server);
        let site = blog(&server).id;
        let pair = if round % 2 == 0 {
            (tea, coffee)
        } else {
            (coffee, tea)
        };
        let done = server.run(async {
            let (app, one, other) = (&server.app, actor(), actor());
            tokio::join!(
                merge::merge(app, &one, site, tea, coffee),
                merge::merge(app, &other, site, pair.0, pair.1),
            )
        });
        let failed: Vec<Error> = [done.0, done.1].into_iter().filter_map(Result::err).collect();
        assert_eq!(failed.len(), 1, "round {round}: {failed:?}");
        assert_eq!(failed[0].kind.code(), "not_found", "{}", failed[0]);
        let (by_tea, by_coffee, keys, log) = state(&server);
        for thread in [&by_tea, &by_coffee] {
            assert_eq!(thread["thread"]["count"], 6);
            assert_eq!(thread["comments"].as_array().unwrap().len(), 4);
        }
        assert_eq!(by_tea["thread"]["id"], by_coffee["thread"]["id"]);
        assert_eq!((keys.len(), log), (1, 1), "one thread, and one merge in the log");
    }
}

/// Makes one statement fail, as a full disk or a lost connection does, until [`mend`].
fn break_at(server: &TestServer, event: &str, table: &str) {
    let trigger = if std::env::var("AFTERWORD_TEST_ENGINE").as_deref() == Ok("postgres") {
        let function = "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END'";
        run_sql(server, function);
        format!("CREATE TRIGGER broken AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION broken()")
    } else {
        format!("CREATE TRIGGER broken AFTER {event} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")
    };
    run_sql(server, &trigger);
}

fn mend(server: &TestServer, table: &str) {
    let on = if std::env::var("AFTERWORD_TEST_ENGINE").as_deref() == Ok("postgres") {
        format!(" ON {table}")
    } else {
        String::new()
    };
    run_sql(server, &format!("DROP TRIGGER broken{on}"));
}

fn run_sql(server: &TestServer, sql: &str) {
    // The engines keep statements for as long as the program runs.
    let sql: &'static str = sql.to_owned().leak();
    server
        .run(server.app.store.write(move |tx| tx.execute(sql, &[]).map(drop)))
        .unwrap();
}

#[test]
fn a_merge_or_move_that_fails_at_any_statement_changes_nothing() {
    let server = TestServer::start();
    let (tea, coffee) = two_threads(&server);
    let site = blog(&server);
    let before = state(&server);
    let move_both = || {
        let to = |page: &str| Page::of(&site, page, None).unwrap();
        let moves = vec![
            (
                lookup::key_of(&site, PAGE).unwrap(),
                to("https://blog.example/new-tea"),
            ),
            (
                lookup::key_of(&site, COFFEE).unwrap(),
                to("https://blog.example/new-tea"),
            ),
        ];
        server
            .run(moves::move_pages(
                &server.app,
                &actor(),
                site.id,
                moves,
                true,
                false,
            ))
            .map(drop)
    };
    let mut broken = 0;
    for (event, table) in [
        ("UPDATE", "comments"),
        ("UPDATE", "thread_keys"),
        ("UPDATE", "threads"),
        ("DELETE", "threads"),
        ("INSERT", "thread_keys"),
        ("INSERT", "moderation_log"),
    ] {
        break_at(&server, event, table);
        for (what, done) in [
            ("merge", merge(&server, site.id, tea, coffee)),
            ("move", move_both()),
        ] {
            let error = done.expect_err(what);
            // A SQLite trigger fails a statement as a constraint does.
            assert!(
                matches!(error.kind, ErrorKind::Internal | ErrorKind::Conflict),
                "{what} at {event} {table}: {error}"
            );
            assert_eq!(state(&server), before, "{what} at {event} {table}");
            broken += 1;
        }
        mend(&server, table);
    }
    assert_eq!(broken, 12);
    // The control: the same operation succeeds when nothing fails.
    move_both().unwrap();
    let shown = server.get(&super::thread_path(&format!(
        "page={}",
        encoded(&format!("{ORIGIN}/new-tea"))
    )));
    assert_eq!(shown.json()["thread"]["count"], 6);
    assert_ne!(state(&server), before);
}
