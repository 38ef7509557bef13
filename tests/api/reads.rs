//! Reads: threads, pages of comments, counts, feeds, previews.

use serde_json::{Value, json};

use super::{
    support::{
        http::send,
        server::{PAGE, TestServer, encoded},
    },
    thread_path,
};

#[test]
fn a_page_without_comments_is_an_empty_thread_and_nothing_is_stored() {
    let server = TestServer::start();
    let thread = server.thread(PAGE);
    assert_eq!(thread["thread"]["id"], Value::Null);
    assert_eq!(thread["thread"]["count"], 0);
    assert_eq!(thread["comments"], json!([]));
    let stored = server.run(async {
        let site = afterword::service::sites::register::all(&server.app)
            .await
            .unwrap()
            .remove(0);
        afterword::service::threads::read::newest_threads(&server.app, site.id)
            .await
            .unwrap()
    });
    assert!(stored.is_empty());
}

#[test]
fn a_posted_comment_is_in_the_thread_at_once() {
    let server = TestServer::start();
    assert_eq!(
        server.thread(PAGE)["thread"]["count"],
        0,
        "also when the empty thread is cached"
    );
    let (id, _) = server.posted(json!({"website": "ann.example"}));
    let thread = server.thread(PAGE);
    assert_eq!(thread["thread"]["count"], 1);
    assert_eq!(thread["thread"]["title"], "On tea");
    let comment = &thread["comments"][0];
    assert_eq!(comment["id"], id);
    assert_eq!(comment["author"]["name"], "Ann");
    assert_eq!(comment["author"]["website"], "https://ann.example/");
    assert_eq!(
        comment["body"],
        json!([["p", {}, "Loose leaf, ", ["em", {}, "always"], "."]])
    );
    assert_eq!(comment["created_at"], 1_790_000_000_000_i64);
}

#[test]
fn replies_nest_at_any_depth() {
    let server = TestServer::start();
    let mut parent = server.posted(json!({})).0;
    for _ in 0..40 {
        parent = server.posted(json!({"parent": parent})).0;
    }
    let thread = server.thread(PAGE);
    let (mut depth, mut at) = (0, &thread["comments"][0]);
    while let Some(next) = at["replies"].get(0) {
        (depth, at) = (depth + 1, next);
    }
    assert_eq!(depth, 30, "answers nest to a depth that JSON readers take");
    assert_eq!(thread["thread"]["count"], 41);
    let branch = server
        .get(&format!("/api/v1/sites/blog/comments/{parent}"))
        .json();
    assert!(
        branch.to_string().contains(&format!("\"id\":{parent},")),
        "the deepest is found by itself"
    );
}

#[test]
fn one_page_is_one_thread() {
    let server = TestServer::start();
    server.posted(json!({}));
    for same in [
        "https://blog.example/posts/tea/",
        "https://BLOG.example:443/posts/tea/index.html#comments",
        "https://blog.example/posts/tea?utm_source=x&fbclid=y",
        "https://blog.example/posts/%74ea",
    ] {
        assert_eq!(server.thread(same)["thread"]["count"], 1, "{same}");
    }
    assert_eq!(
        server.thread("https://blog.example/posts/tea?p=2")["thread"]["count"],
        0
    );
    server.posted(json!({"page_id": "tea-1"}));
    let by_id = server
        .get(&thread_path(&format!("page={}&page_id=tea-1", encoded(PAGE))))
        .json();
    assert_eq!(by_id["thread"]["count"], 1);
    assert_eq!(
        server.thread(PAGE)["thread"]["count"],
        1,
        "the page id is another thread"
    );
}

#[test]
fn a_thread_is_compressed_and_revalidated() {
    let server = TestServer::start();
    for n in 0..20 {
        server.posted(json!({"text": format!("Comment {n} about loose leaf tea and how to brew it.")}));
    }
    let path = thread_path(&format!("page={}", encoded(PAGE)));
    let get = |headers: &[(&str, &str)]| send(server.address, "GET", &path, headers, b"");
    let plain = get(&[]);
    assert_eq!(plain.header("content-encoding"), None);
    let brotli = get(&[("Accept-Encoding", "gzip, br;q=0.9")]);
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    assert!(brotli.body.len() * 3 < plain.body.len());
    let gzip = get(&[("Accept-Encoding", "gzip, br;q=0")]);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    let etag = brotli.header("etag").unwrap();
    assert_ne!(Some(etag), plain.header("etag"), "each encoding has its own");
    let same = get(&[("Accept-Encoding", "br"), ("If-None-Match", etag)]);
    assert_eq!((same.status, same.body.len()), (304, 0));
    server.posted(json!({}));
    let changed = get(&[("Accept-Encoding", "br"), ("If-None-Match", etag)]);
    assert_eq!(changed.status, 200, "a write makes another one");
    assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
}

#[test]
fn pages_of_a_large_thread_are_complete() {
    let server = TestServer::start();
    let mut tops = Vec::new();
    for n in 0..120 {
        server.clock.advance(1_000);
        let top = server.posted(json!({"text": format!("top {n}")})).0;
        tops.push(top);
        if n % 3 == 0 {
            server.posted(json!({"parent": top, "text": "reply"}));
        }
    }
    for _ in 0..60 {
        server.posted(json!({"parent": tops[0], "text": "one of many"}));
    }
    for sort in ["oldest", "newest", "best", "replies"] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let answer = server
                .get(&thread_path(&format!(
                    "page={}&sort={sort}&cursor={cursor}",
                    encoded(PAGE)
                )))
                .json();
            pages += 1;
            seen.extend(
                answer["comments"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|comment| comment["id"].as_i64().unwrap()),
            );
            match answer["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!((pages, seen.len()), (3, 120), "{sort}");
        if sort == "replies" {
            let (replied, silent): (Vec<i64>, Vec<i64>) = (0..120).map(|n| tops[119 - n]).partition(|id| {
                let n = tops.iter().position(|top| top == id).unwrap();
                n % 3 == 0 && n > 0
            });
            let silent = silent.into_iter().filter(|id| *id != tops[0]);
            let expected: Vec<i64> = [tops[0]].into_iter().chain(replied).chain(silent).collect();
            assert_eq!(seen, expected, "most replied first, then the newest");
        }
        seen.sort_unstable();
        assert_eq!(seen, tops, "{sort}");
    }
    let first = server.thread(PAGE)["comments"][0].clone();
    assert_eq!(
        (first["replies"].as_array().unwrap().len(), &first["more"]),
        (20, &json!(41))
    );
    let last = first["replies"][19]["id"].as_i64().unwrap();
    let more = server
        .get(&format!(
            "/api/v1/sites/blog/comments/{}/replies?after={last}",
            tops[0]
        ))
        .json();
    assert_eq!(
        (more["comments"].as_array().unwrap().len(), &more["more"]),
        (41, &json!(0))
    );
}

#[test]
fn a_page_has_at_most_a_hundred_comments_and_cuts_no_conversation() {
    let server = TestServer::start();
    for n in 0..60 {
        server.clock.advance(1_000);
        let top = server.posted(json!({"text": format!("top {n}")})).0;
        for _ in 0..3 {
            server.posted(json!({"parent": top, "text": "reply"}));
        }
    }
    let page = server.thread(PAGE);
    let tops = page["comments"].as_array().unwrap();
    assert_eq!(tops.len(), 40);
    for top in tops {
        let shown = top["replies"].as_array().unwrap().len();
        assert_eq!(
            (shown, &top["more"]),
            (1, &json!(2)),
            "80 comments; two each would be 120"
        );
    }
}

#[test]
fn counts_are_batched() {
    let server = TestServer::start();
    server.posted(json!({}));
    server.posted(json!({"page": "https://blog.example/a"}));
    server.posted(json!({"page": "https://blog.example/a"}));
    server.posted(json!({"page_id": "x-1"}));
    let path = format!(
        "/api/v1/sites/blog/counts?page={}&page=%2Fa%2F&page=%2Fnone&page_id=x-1",
        encoded(PAGE)
    );
    assert_eq!(server.get(&path).json(), json!({"counts": [1, 2, 0, 1]}));
    // An address of another site, or an invalid one, does not shift the counts of the others.
    let odd = format!("{path}&page=https%3A%2F%2Felsewhere.example%2F&page=no%20address");
    assert_eq!(server.get(&odd).json(), json!({"counts": [1, 2, 0, 0, 0, 1]}));
    let many: Vec<String> = (0..101).map(|n| format!("page=%2F{n}")).collect();
    assert_eq!(
        server
            .get(&format!("/api/v1/sites/blog/counts?{}", many.join("&")))
            .code(),
        "bad_query"
    );
}

#[test]
fn a_preview_equals_the_posted_comment() {
    let server = TestServer::start();
    let text = "A [link](https://tea.example), `code`, <b>raw</b> and https://bare.example/x.";
    let preview = server
        .json("POST", "preview", None, &json!({"text": text}))
        .json();
    let posted = server.post(json!({"text": text})).json();
    assert_eq!(preview["body"], posted["comment"]["body"]);
    assert_eq!(
        server.json("POST", "preview", None, &json!({"text": " "})).code(),
        "text_missing"
    );
}

#[test]
fn feeds_have_approved_comments_only() {
    let server = TestServer::start();
    server.posted(json!({"text": "Tea & <sympathy>"}));
    let id = server.thread(PAGE)["thread"]["id"].as_i64().unwrap();
    for path in ["/feeds/blog.atom".to_owned(), format!("/feeds/blog/{id}.atom")] {
        let feed = server.get(&path);
        assert_eq!(feed.status, 200);
        assert_eq!(
            feed.header("content-type"),
            Some("application/atom+xml; charset=utf-8")
        );
        assert!(
            feed.text()
                .contains("&lt;p&gt;Tea &amp;amp; &amp;lt;sympathy&amp;gt;&lt;/p&gt;"),
            "{}",
            feed.text()
        );
    }
    server.rule("moderation", "all");
    server.posted(json!({"text": "Not yet."}));
    assert!(!server.get("/feeds/blog.atom").text().contains("Not yet."));
}
