//! Threads and their pages: when a thread becomes public, the source of its title and address, moved pages and merged
//! threads.

use afterword::{
    jobs::maintenance,
    model::{
        comment::Status,
        event::{Change, Event},
        id::CommentId,
        moderation_log::ModerationAction,
    },
    service::{
        audit::{self, Actor},
        threads::{
            manage::{self, MoveOutcome},
            page::Page,
            read,
        },
    },
    store::{
        StoreError,
        tables::{comments, threads as stored},
    },
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
fn sights(server: &TestServer, page: &str) -> Vec<(u16, String)> {
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
    let before = sights(&server, PAGE);
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
    assert_eq!(sights(&server, PAGE), before, "nothing tells of what waits");
    let again = server.get(&super::thread_path(&format!("page={}", encoded(PAGE))));
    assert_eq!(again.header("etag"), tag.header("etag"));
    assert!(tag.header("etag").is_some());
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    let key = Page::of(&site, PAGE, None).unwrap().key;
    let thread = server
        .run(manage::find(&server.app, site.id, key))
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
    for (was, is) in before.iter().zip(sights(&server, PAGE)) {
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
    let before = (sights(&server, PAGE), version(&server));
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
    assert_eq!((sights(&server, PAGE), version(&server)), before);
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
        server.run(manage::edit(
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
fn an_address_of_another_site_is_never_the_address_of_a_page_id() {
    let server = TestServer::start();
    post(
        &server,
        json!({"page": format!("{ORIGIN}/?go=https://evil.example/&p=1"), "page_id": "tea"}),
    );
    let answer = server
        .get(&super::thread_path(&format!(
            "page={}&page_id=tea",
            encoded(PAGE)
        )))
        .json();
    assert_eq!(answer["thread"]["page"], format!("{ORIGIN}/?p=1"));
    let empty = server
        .get(&super::thread_path(&format!(
            "page={}&page_id=other",
            encoded(&format!("{ORIGIN}/?go=//evil.example"))
        )))
        .json();
    assert_eq!(empty["thread"]["page"], format!("{ORIGIN}/"));
    let refused = server.post(json!({"page": "https://evil.example/", "page_id": "tea"}));
    assert_eq!(refused.code(), "page_not_of_site");
}

#[test]
fn a_comment_is_shown_on_its_own_page_only() {
    let server = TestServer::start();
    let other = format!("{ORIGIN}/posts/coffee");
    let (a, _) = server.posted(json!({}));
    let (reply, _) = server.posted(json!({"parent": a, "text": "A reply."}));
    let (b, _) = server.posted(json!({"page": other, "text": "On coffee."}));
    let (by_id, _) = server.posted(json!({"page": other, "page_id": "cups", "text": "On cups."}));
    let at = |page: &str, more: &str| server.get(&format!("/thread/blog?page={}&{more}", encoded(page)));
    for more in [
        format!("comment={a}"),
        format!("comment={reply}"),
        format!("replies={a}"),
    ] {
        let own = at(PAGE, &more);
        assert_eq!(own.status, 200, "{more}");
        let led = at(&other, &more);
        assert_eq!(led.status, 303, "{more}: {}", led.text());
        let to = led.header("location").unwrap();
        assert!(to.contains(&encoded(PAGE)) && to.contains("comment="), "{to}");
    }
    // A page that is identified by a page id is linked with it; redirects end.
    let led = at(PAGE, &format!("comment={by_id}"));
    let to = led
        .header("location")
        .unwrap()
        .split_once("/thread/")
        .unwrap()
        .1
        .to_owned();
    assert!(to.contains("page_id=cups"), "{to}");
    let there = server.get(&format!("/thread/{}", to.split('#').next().unwrap()));
    assert!(
        there.status == 200 && there.text().contains("On cups."),
        "{}",
        there.text()
    );
    for more in ["comment=1".to_owned(), "replies=1".to_owned()] {
        assert_eq!(at(PAGE, &more).status, 404, "{more}");
    }
    assert_eq!(at(&other, &format!("reply={b}")).status, 200);
    let foreign = at(&other, &format!("reply={a}"));
    assert!(
        foreign.status >= 400 && foreign.status < 500,
        "{}",
        foreign.status
    );
    assert!(!foreign.text().contains("Loose leaf"), "{}", foreign.text());
    let parent = server.post(json!({"page": other, "parent": a}));
    assert_eq!(parent.code(), "parent_not_found");
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

#[test]
fn credentials_in_an_address_are_never_stored() {
    let server = TestServer::start();
    for (n, query) in [
        "access_token=s3cret",
        "code=s3cret&state=s3cret",
        "Session=s3cret",
        "key=s3cret",
        "X-Amz-Signature=s3cret",
        "PHPSESSID=s3cret",
        "reset-token=s3cret",
        "utm_source=s3cret",
    ]
    .iter()
    .enumerate()
    {
        let page =
            format!("https://ann:s3cret@blog.example/posts/tea;jsessionid=s3cret?{query}#id_token=s3cret");
        post(&server, json!({"page": page, "text": format!("Number {n}.")}));
    }
    assert_eq!(server.thread(PAGE)["thread"]["count"], 8, "one page");
    for (_, text) in sights(&server, &format!("{PAGE}?token=s3cret")) {
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn one_page_has_one_thread_however_its_address_is_written() {
    let server = TestServer::start();
    for page in [
        "https://blog.example/posts/tea",
        "https://blog.example/posts//tea/",
        "https://blog.example//posts/tea",
        "https://blog.example/posts/tea.html",
        "https://blog.example/posts/tea.htm?",
        "https://blog.example/posts/tea/index.html",
        "https://blog.example/posts/./x/../tea#a",
        "HTTPS://BLOG.example:443/posts/%74ea",
        "https://blog.example/posts/tea.html/",
    ] {
        post(&server, json!({"page": page, "text": page}));
    }
    assert_eq!(server.thread(PAGE)["thread"]["count"], 9);
    for other in [
        "https://blog.example/posts%2Ftea",
        "https://blog.example/posts/tea;v=2",
        "https://blog.example/posts/Tea",
    ] {
        assert_eq!(server.thread(other)["thread"]["count"], 0, "{other}");
    }
    let keys = server.get("/api/v1/sites/blog/threads").json()["threads"][0]["keys"].to_string();
    assert!(
        keys.contains("\"/posts/tea\"") && keys.contains("\"/posts/tea.html\""),
        "{keys}"
    );
    for relative in [
        "/posts/tea",
        "posts/tea",
        "?p=1",
        "//blog.example/posts/tea",
        "blog.example/posts/tea",
    ] {
        let refused = server.get(&super::thread_path(&format!("page={}", encoded(relative))));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "page_invalid"),
            "{relative}"
        );
        let refused = server.post(json!({"page": relative}));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "page_invalid"),
            "{relative}"
        );
    }
}

#[test]
fn the_rule_for_html_is_switched_with_comments_on_both() {
    let server = TestServer::start();
    let at = |ending: &str| format!("{ORIGIN}/posts/tea{ending}");
    let count = |ending: &str| server.thread(&at(ending))["thread"]["count"].clone();
    server.rule("html_folds", "no");
    let top = post(&server, json!({"page": at(".html"), "text": "Of the file."}));
    post(
        &server,
        json!({"page": at(".html"), "parent": top, "text": "A reply."}),
    );
    post(&server, json!({"page": at(""), "text": "Of the folder."}));
    post(
        &server,
        json!({"page": format!("{ORIGIN}/only.html"), "text": "Only there."}),
    );
    assert_eq!((count(".html"), count("")), (json!(2), json!(1)), "two pages");
    server.rule("html_folds", "yes");
    assert_eq!(
        (count(".html"), count(""), count(".htm")),
        (json!(3), json!(3), json!(3))
    );
    assert_eq!(server.thread(&format!("{ORIGIN}/only"))["thread"]["count"], 1);
    assert_eq!(
        server.thread(&format!("{ORIGIN}/only.html"))["thread"]["count"],
        1
    );
    post(
        &server,
        json!({"page": format!("{ORIGIN}/new.html"), "text": "While it folds."}),
    );
    server.rule("html_folds", "no");
    assert_eq!(
        (count(".html"), count("")),
        (json!(3), json!(3)),
        "both are still found"
    );
    assert_eq!(server.thread(&format!("{ORIGIN}/new.html"))["thread"]["count"], 1);
    assert_eq!(
        server.thread(&format!("{ORIGIN}/fresh.html"))["thread"]["count"],
        0
    );
}

/// A move of a page, as input of the use case.
fn pair(server: &TestServer, old: &str, new: &str) -> manage::PageMove {
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    (
        manage::key_of(&site, old).unwrap(),
        Page::of(&site, new, None).unwrap(),
    )
}

fn move_pages(
    server: &TestServer,
    moves: Vec<manage::PageMove>,
    join: bool,
    dry: bool,
) -> Result<Vec<MoveOutcome>, String> {
    let site = server.run(read::site(&server.app, "blog")).unwrap().id;
    let done = server.run(manage::move_pages(
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
        .run(manage::merge(
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
            .run(manage::merge(
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
                    .run(manage::merge(
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

#[test]
fn keys_and_addresses_of_older_versions_are_normalised() {
    let server = TestServer::start();
    let site = server.run(read::site(&server.app, "blog")).unwrap().id;
    let put = |key: &str, url: &str, id: i64| {
        let (key, url) = (key.to_owned(), url.to_owned());
        server
            .run(server.app.store.write(move |tx| {
                let thread = afterword::model::thread::Thread {
                    site_id: site,
                    page_url: url.clone(),
                    ..super::support::make::thread(afterword::model::id::ThreadId(id))
                };
                stored::add(tx, &thread, &key)?;
                let mut comment = super::support::make::comment(id, 0, 0, Status::Approved);
                (comment.site_id, comment.thread_id) = (site, thread.id);
                comments::add(tx, &comment)?;
                Ok::<_, StoreError>(())
            }))
            .unwrap();
    };
    put(
        "//blog.example/posts//tea",
        "https://blog.example/posts//tea/",
        11,
    );
    put("//blog.example/posts/tea", PAGE, 12);
    put(
        "//blog.example/a?session=s3cret",
        "https://blog.example/a?session=s3cret",
        13,
    );
    put("//blog.example/b?key=1", "https://blog.example/b?key=1", 14);
    put("//blog.example/b?key=2", "https://blog.example/b?key=2", 15);
    put("//blog.example/c.html", "https://blog.example/c.html", 16);
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
    assert!(server.run(maintenance::rekey_stale(&server.app)).unwrap() >= 5);
    assert_eq!(
        server.run(maintenance::rekey_stale(&server.app)).unwrap(),
        0,
        "once"
    );
    let log = server.run(audit::newest(&server.app, Some(site))).unwrap();
    let told: Vec<_> = log.iter().map(|one| (one.actor.as_str(), one.act)).collect();
    assert_eq!(told, [("(upgrade)", ModerationAction::ThreadsMerged)]);
    server.clock.advance(1_500);
    assert_eq!(server.thread(PAGE)["thread"]["count"], 2, "one page, one thread");
    assert_eq!(
        server.thread(&format!("{ORIGIN}/a?session=other"))["thread"]["count"],
        1
    );
    assert_eq!(
        server.thread(&format!("{ORIGIN}/a"))["thread"]["page"],
        format!("{ORIGIN}/a")
    );
    assert_eq!(server.thread(&format!("{ORIGIN}/c"))["thread"]["count"], 1);
    // A removed parameter may have distinguished pages: their comments are not merged.
    assert_eq!(server.thread(&format!("{ORIGIN}/b?key=2"))["thread"]["count"], 1);
}
