//! The units of work that a page of the admin pages takes: one for the session, and one for all that stands on it.

use prometheus_client::{encoding::text::encode, registry::Registry};
use serde_json::json;

use super::{
    browser::{Browser, sign_in},
    support::server::{PAGE, TestServer, encoded},
};

/// Units that the server's store was asked for since it was opened.
fn submitted(server: &TestServer) -> u64 {
    let mut registry = Registry::default();
    server.app.store.register(&mut registry);
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    let samples = text
        .lines()
        .filter(|line| line.starts_with("afterword_store_units_total"));
    samples
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum()
}

/// The units of one request that is answered like this. The least of three: what the server does by the clock is not the page's.
fn units(server: &TestServer, browser: &mut Browser<'_>, path: &str, status: u16) -> u64 {
    let once = |browser: &mut Browser<'_>| {
        let before = submitted(server);
        let answer = browser.get(path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        submitted(server) - before
    };
    (0..3).map(|_| once(browser)).min().unwrap()
}

#[test]
fn a_page_of_the_admin_pages_takes_one_unit_beside_that_of_the_session() {
    let server = TestServer::start();
    server.owner("keeper", "a long enough password");
    let (parent, _) = server.posted(json!({"text": "The first one."}));
    server.rule("moderation", "all");
    // A full page of replies, each of which is shown with what it answers, and a second page.
    let mut newest = 0;
    for n in 0..26 {
        (newest, _) = server.posted(json!({"text": format!("Reply {n}."), "parent": parent}));
    }
    let mut browser = sign_in(&server, "keeper", "a long enough password");
    let page = browser.get("/admin/blog/comments").text();
    assert_eq!(page.matches("In reply to").count(), 25, "{page}");
    assert!(page.contains("Show older ones"), "{page}");
    let seen = format!("/admin/blog/comments?id={newest}&seen=0");
    assert!(browser.get(&seen).text().contains("has changed since you looked"));

    let edit = format!("/admin/blog/comments/{newest}/edit");
    let one_thread = format!("/admin/blog/threads?page={}", encoded(PAGE));
    for (path, status) in [
        ("/admin", 303),
        ("/admin/sites", 200),
        ("/admin/blog/comments", 200),
        ("/admin/blog/comments?status=approved", 200),
        (seen.as_str(), 200),
        (edit.as_str(), 200),
        ("/admin/blog/threads", 200),
        (one_thread.as_str(), 200),
        ("/admin/blog/log", 200),
        ("/admin/blog/settings", 200),
        ("/admin/nowhere/comments", 404),
        ("/admin/blog/comments/1/edit", 404),
    ] {
        let taken = units(&server, &mut browser, path, status);
        println!("{taken} units of work: {path}");
        assert!((1..=2).contains(&taken), "{path} takes {taken} units of work");
    }
    // The control: two units are counted as two.
    let before = submitted(&server);
    for _ in 0..2 {
        server
            .run(
                server
                    .app
                    .store
                    .read(|_| Ok::<_, afterword::store::StoreError>(())),
            )
            .unwrap();
    }
    assert!(submitted(&server) - before >= 2);
}
