//! Threads and their pages: when a thread becomes public, the source of its title and address, moved pages and merged
//! threads.

mod addresses;
mod moves;

use afterword::{
    model::{
        comment::Status,
        event::{Change, Event},
        id::CommentId,
    },
    service::{
        audit::Actor,
        threads::{edit, lookup, page::Page, read},
    },
    store::tables::{comments, threads as stored},
};
use serde_json::{Value, json};

use super::{
    live::Listening,
    support::server::{ORIGIN, PAGE, TestServer, encoded},
};

const EVIL: &str = "Buy <b>now</b> at evil.example";

/// Sets a comment's status, as a moderator does.
fn decide(server: &TestServer, id: i64, status: Status) {
    server.run(async {
        let site = read::site(&server.app, "blog").await.unwrap().id;
        server
            .app
            .store
            .write(move |tx| {
                let comment = comments::by_id(tx, site, CommentId(id))?.unwrap();
                stored::lock(tx, site, comment.thread_id)?;
                comments::set_status(
                    tx,
                    &comment,
                    status,
                    afterword::model::time::Millis(1_790_000_000_000),
                )?;
                tx.emit(Event::of_comment(&comment, Change::ThreadStale));
                Ok::<_, afterword::store::StoreError>(())
            })
            .await
            .unwrap();
    });
    server.clock.advance(1_500);
}

/// The id of a comment, whatever its status.
fn post(server: &TestServer, change: Value) -> i64 {
    server.posted(change).0
}

/// Every public response about a page: for readers, builds and feeds.
fn public_responses(server: &TestServer, page: &str) -> Vec<(u16, String)> {
    let page = encoded(page);
    [
        format!("/api/v1/sites/blog/thread?page={page}"),
        format!("/api/v1/sites/blog/fragment?page={page}"),
        format!("/api/v1/sites/blog/counts?page={page}"),
        "/api/v1/sites/blog/threads".to_owned(),
        "/api/v1/sites/blog/recent".to_owned(),
        "/feeds/blog.atom".to_owned(),
        "/thread/blog".to_owned(),
    ]
    .iter()
    .map(|path| {
        let answer = server.get(path);
        (answer.status, answer.text())
    })
    .collect()
}

#[test]
fn a_thread_of_held_comments_is_a_page_without_comments() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    let before = public_responses(&server, PAGE);
    let mut listener = Listening::begin(server.address, &format!("page={}", encoded(PAGE)));
    let first = listener.state();
    assert_eq!((&first["version"], &first["count"]), (&json!(0), &json!(0)));
    let tag = server.get(&super::thread_path(&format!("page={}", encoded(PAGE))));
    let id = post(&server, json!({"title": EVIL}));
    post(
        &server,
        json!({"title": EVIL, "page": format!("{PAGE}/index.php")}),
    );
    decide(&server, id, Status::Spam);
    decide(&server, id, Status::Held);
    assert_eq!(
        public_responses(&server, PAGE),
        before,
        "no response reveals the held comment"
    );
    let again = server.get(&super::thread_path(&format!("page={}", encoded(PAGE))));
    assert_eq!(again.header("etag"), tag.header("etag"));
    assert!(tag.header("etag").is_some());
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    let key = Page::of(&site, PAGE, None).unwrap().key;
    let thread = server
        .run(lookup::find(&server.app, site.id, key))
        .unwrap()
        .unwrap();
    assert_eq!(server.get(&format!("/feeds/blog/{}.atom", thread.id)).status, 404);
    let page = server.get(&format!("/thread/blog?page={}", encoded(PAGE))).text();
    assert!(!page.contains("evil.example"), "{page}");
    assert_eq!(thread.version, 0, "its version tells nothing either");
    // The control: once it is approved, all of them change, and the listener is told first.
    decide(&server, id, Status::Approved);
    let heard = listener.state();
    assert_eq!(heard["count"], 1);
    assert_eq!(heard["version"], 1, "as if it were the first change");
    for (was, is) in before.iter().zip(public_responses(&server, PAGE)) {
        assert_ne!(*was, is);
    }
}

#[test]
fn a_version_reveals_no_held_comment() {
    let server = TestServer::start();
    let (_, token) = server.posted(json!({}));
    server.rule("moderation", "all");
    let version = |server: &TestServer| {
        server.clock.advance(1_500);
        server.get("/api/v1/sites/blog/threads").json()["threads"][0]["version"].clone()
    };
    let before = (public_responses(&server, PAGE), version(&server));
    let (held, held_token) = server.posted(json!({"text": "Waits."}));
    let (other, other_token) = server.posted(json!({"text": "Waits, too."}));
    for status in [
        Status::Spam,
        Status::Held,
        Status::Deleted,
        Status::Spam,
        Status::Held,
    ] {
        decide(&server, held, status);
    }
    let edited = server.json(
        "PATCH",
        &format!("comments/{held}"),
        Some(&held_token),
        &json!({"text": "Still."}),
    );
    assert_eq!(edited.status, 200, "{}", edited.text());
    server.json(
        "DELETE",
        &format!("comments/{other}"),
        Some(&other_token),
        &json!({}),
    );
    assert_eq!((public_responses(&server, PAGE), version(&server)), before);
    // The control: a visible change does increase it.
    decide(&server, held, Status::Approved);
    assert_ne!(version(&server), before.1);
    drop(token);
}

#[test]
fn title_and_address_are_those_of_the_earliest_approved_comment() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    let page = |mark: &str| format!("{ORIGIN}/posts/tea/index.{mark}");
    let evil = post(&server, json!({"title": EVIL, "page": page("php")}));
    let good = post(&server, json!({"title": "On tea", "page": page("html")}));
    let later = post(&server, json!({"title": "On tea, again", "page": page("htm")}));
    let shown = |server: &TestServer| {
        let thread = server.thread(PAGE)["thread"].clone();
        let feed = server.get(&format!("/feeds/blog/{}.atom", thread["id"])).text();
        let recent = server.get("/api/v1/sites/blog/recent").json()["comments"][0]["thread"].clone();
        assert_eq!(recent, json!({"page": thread["page"], "title": thread["title"]}));
        assert!(feed.contains(thread["page"].as_str().unwrap()), "{feed}");
        let html = server.get(&format!("/thread/blog?page={}", encoded(PAGE))).text();
        let canonical = format!(
            "<link rel=\"canonical\" href=\"{}\"",
            thread["page"].as_str().unwrap()
        );
        assert!(html.contains(&canonical), "{html}");
        (
            thread["title"].as_str().unwrap().to_owned(),
            thread["page"].as_str().unwrap().to_owned(),
        )
    };
    decide(&server, later, Status::Approved);
    assert_eq!(shown(&server), ("On tea, again".into(), page("htm")));
    decide(&server, good, Status::Approved);
    assert_eq!(shown(&server), ("On tea".into(), page("html")));
    // Approved by mistake, then undone: the title goes with the comment.
    decide(&server, evil, Status::Approved);
    assert_eq!(shown(&server).1, page("php"));
    decide(&server, evil, Status::Spam);
    assert_eq!(shown(&server), ("On tea".into(), page("html")));
    decide(&server, good, Status::Deleted);
    assert_eq!(shown(&server), ("On tea, again".into(), page("htm")));
    decide(&server, later, Status::Held);
    assert_eq!(server.thread(PAGE)["thread"]["id"], Value::Null, "none is left");
    assert_eq!(server.thread(PAGE)["thread"]["title"], "");
    decide(&server, later, Status::Approved);
    // The owner's title wins.
    let id = server.thread(PAGE)["thread"]["id"].as_i64().unwrap();
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    let edit = |address: &str, title: &str| {
        server.run(edit::set_page(
            &server.app,
            &Actor::command_line(),
            &site,
            afterword::model::id::ThreadId(id),
            address,
            title,
        ))
    };
    edit(&format!("{PAGE}?token=x#part"), " Tea ").unwrap();
    server.clock.advance(1_500);
    assert_eq!(shown(&server), ("Tea".into(), PAGE.into()));
    decide(&server, good, Status::Approved);
    decide(&server, later, Status::Spam);
    assert_eq!(shown(&server), ("Tea".into(), PAGE.into()));
    assert_eq!(
        edit("https://evil.example/", "x").unwrap_err().kind.code(),
        "page_not_of_site"
    );
    assert_eq!(
        edit(PAGE, &"x".repeat(301)).unwrap_err().kind.code(),
        "title_too_long"
    );
    server.rule("moderation", "none");
    post(&server, json!({"page": format!("{ORIGIN}/coffee")}));
    assert_eq!(
        edit(&format!("{ORIGIN}/coffee"), "x").unwrap_err().kind.code(),
        "conflict"
    );
}

#[test]
fn close_after_counts_from_publication() {
    let server = TestServer::start();
    server.rule("close_after", "10");
    server.rule("moderation", "all");
    let squatted = post(&server, json!({"title": EVIL}));
    decide(&server, squatted, Status::Spam);
    server.clock.advance(11 * 86_400_000);
    assert_eq!(server.thread(PAGE)["thread"]["open"], true);
    server.rule("moderation", "none");
    let (id, _) = server.posted(json!({}));
    assert_eq!(server.thread(PAGE)["thread"]["open"], true);
    server.clock.advance(11 * 86_400_000);
    assert_eq!(server.thread(PAGE)["thread"]["open"], false);
    assert_eq!(server.post(json!({})).code(), "thread_closed");
    decide(&server, id, Status::Spam);
    assert_eq!(
        server.thread(PAGE)["thread"]["open"],
        true,
        "a page without comments"
    );
}
