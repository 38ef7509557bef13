//! Which page a thread is found by: addresses, page ids, and the normal form of their keys.

use afterword::{
    jobs::maintenance,
    model::{comment::Status, moderation_log::ModerationAction},
    service::{audit, threads::read},
    store::{
        StoreError,
        tables::{comments, threads as stored},
    },
};
use serde_json::json;

use super::{post, public_responses};
use crate::support::server::{ORIGIN, PAGE, TestServer, encoded};

#[test]
fn an_address_of_another_site_is_never_the_address_of_a_page_id() {
    let server = TestServer::start();
    post(
        &server,
        json!({"page": format!("{ORIGIN}/?go=https://evil.example/&p=1"), "page_id": "tea"}),
    );
    let answer = server
        .get(&crate::thread_path(&format!(
            "page={}&page_id=tea",
            encoded(PAGE)
        )))
        .json();
    assert_eq!(answer["thread"]["page"], format!("{ORIGIN}/?p=1"));
    let empty = server
        .get(&crate::thread_path(&format!(
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
    for (_, text) in public_responses(&server, &format!("{PAGE}?token=s3cret")) {
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
        let refused = server.get(&crate::thread_path(&format!("page={}", encoded(relative))));
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
                    ..crate::support::make::thread(afterword::model::id::ThreadId(id))
                };
                stored::add(tx, &thread, &key)?;
                let mut comment = crate::support::make::comment(id, 0, 0, Status::Approved);
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
    let recorded: Vec<_> = log.iter().map(|one| (one.actor.as_str(), one.act)).collect();
    assert_eq!(recorded, [("(upgrade)", ModerationAction::ThreadsMerged)]);
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
