//! Pages that move to another address, and threads that are merged.

use afterword::{
    model::comment::Status,
    service::{
        audit::Actor,
        threads::{
            lookup, merge,
            moves::{self, MoveOutcome},
            page::Page,
            read,
        },
    },
};
use serde_json::json;

use super::{decide, post};
use crate::{
    live::Listening,
    support::server::{ORIGIN, PAGE, TestServer, encoded},
};

/// A move of a page, as input of the use case.
fn pair(server: &TestServer, old: &str, new: &str) -> moves::PageMove {
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    (
        lookup::key_of(&site, old).unwrap(),
        Page::of(&site, new, None).unwrap(),
    )
}

fn move_pages(
    server: &TestServer,
    moves: Vec<moves::PageMove>,
    join: bool,
    dry: bool,
) -> Result<Vec<MoveOutcome>, String> {
    let site = server.run(read::site(&server.app, "blog")).unwrap().id;
    let done = server.run(moves::move_pages(
        &server.app,
        &Actor::command_line(),
        site,
        moves,
        join,
        dry,
    ));
    server.clock.advance(1_500);
    done.map_err(|error| error.kind.code().to_owned())
}

#[test]
fn a_page_moves_and_its_links_lead_to_the_new_address() {
    let server = TestServer::start();
    let (old, new, third) = (
        PAGE.to_owned(),
        format!("{ORIGIN}/2026/tea/"),
        format!("{ORIGIN}/tea"),
    );
    let (id, _) = server.posted(json!({}));
    let mut there = Listening::begin(server.address, &format!("page={}", encoded(&new)));
    assert_eq!(there.state()["count"], 0);
    let moves = || vec![pair(&server, &old, &new)];
    assert_eq!(
        move_pages(&server, moves(), false, true),
        Ok(vec![MoveOutcome::Moved]),
        "a dry run"
    );
    assert_eq!(server.thread(&new)["thread"]["count"], 0, "changes nothing");
    assert_eq!(
        move_pages(&server, moves(), false, false),
        Ok(vec![MoveOutcome::Moved])
    );
    assert_eq!(
        move_pages(&server, moves(), false, false),
        Ok(vec![MoveOutcome::Already])
    );
    for page in [&old, &new] {
        let thread = server.thread(page);
        assert_eq!(
            (&thread["thread"]["count"], &thread["thread"]["page"]),
            (&json!(1), &json!(new))
        );
    }
    let recent = server.get("/api/v1/sites/blog/recent").json();
    assert_eq!(recent["comments"][0]["link"], format!("{new}#comment-{id}"));
    for feed in [
        "/feeds/blog.atom".to_owned(),
        format!("/feeds/blog/{}.atom", server.thread(&new)["thread"]["id"]),
    ] {
        let xml = server.get(&feed).text();
        assert!(
            xml.contains(&format!("{new}#comment-{id}")) && !xml.contains(&old),
            "{xml}"
        );
    }
    let link = server.get(&format!("/thread/blog?comment={id}"));
    assert!(link.header("location").unwrap().contains(&encoded(&new)));
    // Comments posted from the old address, and decisions on them, do not restore it.
    let (late, _) = server.posted(json!({"page": old}));
    decide(&server, id, Status::Spam);
    decide(&server, late, Status::Held);
    decide(&server, id, Status::Approved);
    assert_eq!(server.thread(&new)["thread"]["page"], new);
    // To the new address, and back again.
    assert_eq!(
        move_pages(&server, vec![pair(&server, &new, &third)], false, false),
        Ok(vec![MoveOutcome::Moved])
    );
    assert_eq!(server.thread(&old)["thread"]["page"], third);
    assert_eq!(
        move_pages(&server, vec![pair(&server, &third, &old)], false, false),
        Ok(vec![MoveOutcome::Moved])
    );
    assert_eq!(server.thread(&third)["thread"]["page"], old);
    // From a former domain of the site, and of a page without comments.
    assert_eq!(
        move_pages(
            &server,
            vec![pair(&server, "https://old.example/tea", &new)],
            false,
            false
        ),
        Ok(vec![MoveOutcome::NoComments])
    );
    while there.state()["count"] != 1 {}
}

#[test]
fn many_pages_move_or_none() {
    let server = TestServer::start();
    let at = |name: &str| format!("{ORIGIN}/{name}");
    for name in ["a", "b", "c", "new-c"] {
        post(&server, json!({"page": at(name), "text": name}));
    }
    let moves = || {
        ["a", "b", "c", "none"]
            .iter()
            .map(|name| pair(&server, &at(name), &at(&format!("new-{name}"))))
            .collect::<Vec<_>>()
    };
    assert_eq!(move_pages(&server, moves(), false, false), Err("conflict".into()));
    assert_eq!(server.thread(&at("new-a"))["thread"]["count"], 0, "none moved");
    let wanted = vec![
        MoveOutcome::Moved,
        MoveOutcome::Moved,
        MoveOutcome::Merged,
        MoveOutcome::NoComments,
    ];
    assert_eq!(move_pages(&server, moves(), true, true), Ok(wanted.clone()));
    assert_eq!(
        server.thread(&at("new-a"))["thread"]["count"],
        0,
        "a dry run moves nothing"
    );
    assert_eq!(move_pages(&server, moves(), true, false), Ok(wanted));
    assert_eq!(server.thread(&at("c"))["thread"]["count"], 2);
    assert_eq!(server.thread(&at("c"))["thread"]["page"], at("new-c"));
}

#[test]
fn two_threads_become_one() {
    let server = TestServer::start();
    let (from, into) = (PAGE.to_owned(), format!("{ORIGIN}/coffee"));
    let key = "key-of-a-test-that-merges";
    let (a, token) = server.posted(json!({"text": "A."}));
    let (b, _) = server.posted(json!({"page": into, "title": "On coffee", "text": "B."}));
    let (reply, _) = server.posted(json!({"parent": a, "text": "A reply.", "key": key}));
    server.json(
        "PUT",
        &format!("comments/{a}/vote"),
        None,
        &json!({"reader": "reader-of-these-tests-0002", "value": 1}),
    );
    server.rule("moderation", "all");
    let (held, _) = server.posted(json!({"text": "Waits."}));
    server.rule("moderation", "none");
    let old_feed = format!("/feeds/blog/{}.atom", server.thread(&from)["thread"]["id"]);
    let ids = [&from, &into]
        .map(|page| afterword::model::id::ThreadId(server.thread(page)["thread"]["id"].as_i64().unwrap()));
    let mut listeners =
        [&from, &into].map(|page| Listening::begin(server.address, &format!("page={}", encoded(page))));
    assert_eq!(
        listeners.each_mut().map(|one| one.state()["count"].as_i64()),
        [Some(2), Some(1)]
    );
    let site = server.run(read::site(&server.app, "blog")).unwrap().id;
    server
        .run(merge::merge(
            &server.app,
            &Actor::command_line(),
            site,
            ids[0],
            ids[1],
        ))
        .unwrap();
    // Both at once, before the cached site expires.
    for page in [&from, &into] {
        let thread = server.thread(page);
        assert_eq!(thread["thread"]["count"], 3);
        assert_eq!(
            (&thread["thread"]["page"], &thread["thread"]["title"]),
            (&json!(into), &json!("On coffee"))
        );
        let shown: Vec<_> = thread["comments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_i64().unwrap())
            .collect();
        assert_eq!(shown, [a, b], "in the order in which they were written");
        assert_eq!(thread["comments"][0]["replies"][0]["id"], reply);
        assert_eq!(thread["comments"][0]["up"], 1);
    }
    for one in &mut listeners {
        let state = one.state();
        assert_eq!(state["count"], 3, "{state}");
    }
    let counts = server.get(&format!(
        "/api/v1/sites/blog/counts?page={}&page={}",
        encoded(&from),
        encoded(&into)
    ));
    assert_eq!(counts.json(), json!({"counts": [3, 3]}));
    let replayed = server.post(json!({"parent": a, "text": "A reply.", "key": key}));
    assert_eq!(
        (replayed.status, &replayed.json()["comment"]["id"]),
        (201, &json!(reply)),
        "{}",
        replayed.text()
    );
    let edited = server.json(
        "PATCH",
        &format!("comments/{a}"),
        Some(&token),
        &json!({"text": "A, edited."}),
    );
    assert_eq!(edited.status, 200);
    decide(&server, held, Status::Approved);
    assert_eq!(server.thread(&into)["thread"]["count"], 4);
    let xml = server.get(&old_feed);
    assert!(
        xml.status == 200 && xml.text().contains("B."),
        "the feed of the merged thread leads on"
    );
    assert_eq!(
        server.get(&format!("/api/v1/sites/blog/comments/{reply}")).status,
        200
    );
    server.posted(json!({"page": from, "parent": b, "text": "From the old address."}));
    for (from, into) in [(ids[1], ids[1]), (ids[0], ids[1])] {
        let refused = server
            .run(merge::merge(
                &server.app,
                &Actor::command_line(),
                site,
                from,
                into,
            ))
            .unwrap_err();
        assert!(
            ["conflict", "not_found"].contains(&refused.kind.code()),
            "{refused:?}"
        );
    }
}

#[test]
fn posts_and_merges_at_once_lose_nothing() {
    let server = TestServer::start();
    let page = |n: usize| format!("{ORIGIN}/{n}");
    for n in 0..6 {
        post(&server, json!({"page": page(n), "text": "First."}));
    }
    let site = server.run(read::site(&server.app, "blog")).unwrap().id;
    std::thread::scope(|scope| {
        for n in 0..6 {
            let server = &server;
            scope.spawn(move || {
                for text in 0..8 {
                    post(
                        server,
                        json!({"page": page(n), "text": format!("Text {text} of {n}.")}),
                    );
                }
            });
        }
        scope.spawn(|| {
            for n in 1..6 {
                let of = |n| {
                    server.thread(&page(n))["thread"]["id"]
                        .as_i64()
                        .map(afterword::model::id::ThreadId)
                        .unwrap()
                };
                server
                    .run(merge::merge(
                        &server.app,
                        &Actor::command_line(),
                        site,
                        of(n),
                        of(0),
                    ))
                    .unwrap();
            }
        });
    });
    server.clock.advance(1_500);
    for n in 0..6 {
        assert_eq!(server.thread(&page(n))["thread"]["count"], 6 * 9, "{n}");
    }
}
