//! The API, as `docs/api.md` promises it, on the real server over a socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::{Value, json};
use support::{
    http::{raw, send},
    server::{ORIGIN, PAGE, READER, TestServer, encoded, key},
};

fn thread_path(query: &str) -> String {
    format!("/api/v1/sites/blog/thread?{query}")
}

#[test]
fn a_page_without_comments_is_an_empty_thread_and_nothing_is_stored() {
    let server = TestServer::start();
    let thread = server.thread(PAGE);
    assert_eq!(thread["thread"]["id"], Value::Null);
    assert_eq!(thread["thread"]["count"], 0);
    assert_eq!(thread["comments"], json!([]));
    let stored = server.run(async {
        let site = afterword::service::sites::all(&server.app)
            .await
            .unwrap()
            .remove(0);
        afterword::service::read::newest_threads(&server.app, site.id)
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
fn the_same_key_makes_one_comment() {
    let server = TestServer::start();
    let key = key();
    let first = server.post(json!({"key": key})).json();
    let again = server.post(json!({"key": key}));
    assert_eq!(again.status, 201);
    let again = again.json();
    assert_eq!(again["comment"]["id"], first["comment"]["id"]);
    assert_eq!(again["token"], first["token"]);
    assert_eq!(
        (&first["replayed"], &again["replayed"]),
        (&json!(false), &json!(true))
    );
    let other = server.post(json!({"key": key, "text": "Something else."}));
    assert_eq!((other.status, other.code().as_str()), (422, "key_reused"));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn many_at_once_with_one_key_make_one_comment() {
    let server = TestServer::start();
    let key = key();
    let ids: Vec<i64> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| server.posted(json!({"key": key})).0))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn an_author_edits_and_deletes_within_the_window() {
    let server = TestServer::start();
    let (id, token) = server.posted(json!({}));
    let path = format!("comments/{id}");
    let edited = server.json("PATCH", &path, Some(&token), &json!({"text": "Bags are fine."}));
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert_eq!(
        edited.json()["comment"]["body"],
        json!([["p", {}, "Bags are fine."]])
    );
    assert_eq!(
        server.thread(PAGE)["comments"][0]["edited_at"],
        1_790_000_000_000_i64
    );
    let wrong = server.json(
        "PATCH",
        &path,
        Some("x".repeat(43).as_str()),
        &json!({"text": "Mine now."}),
    );
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "token_wrong"));
    let missing = server.json("PATCH", &path, None, &json!({"text": "Mine now."}));
    assert_eq!((missing.status, missing.code().as_str()), (401, "token_missing"));
    server.clock.advance(901_000);
    let late = server.json("PATCH", &path, Some(&token), &json!({"text": "Too late."}));
    assert_eq!((late.status, late.code().as_str()), (403, "token_expired"));
    let late = server.json("DELETE", &path, Some(&token), &json!({}));
    assert_eq!(late.code(), "token_expired");
}

#[test]
fn a_deleted_comment_with_replies_leaves_a_tombstone() {
    let server = TestServer::start();
    let (top, token) = server.posted(json!({"text": "A secret that must go."}));
    let (reply, reply_token) = server.posted(json!({"parent": top}));
    let deleted = server.json("DELETE", &format!("comments/{top}"), Some(&token), &json!({}));
    assert_eq!(deleted.json()["comment"]["status"], "deleted");
    let thread = server.thread(PAGE);
    assert_eq!(thread["thread"]["count"], 1);
    let tombstone = &thread["comments"][0];
    assert_eq!(
        (&tombstone["status"], &tombstone["author"], &tombstone["body"]),
        (&json!("deleted"), &Value::Null, &json!([]))
    );
    assert_eq!(tombstone["replies"][0]["id"], reply);
    assert!(!thread.to_string().contains("secret that must go"));
    let again = server.json("DELETE", &format!("comments/{top}"), Some(&token), &json!({}));
    assert_eq!(again.status, 200, "deleting again is no error");
    let to_deleted = server.post(json!({"parent": top}));
    assert_eq!(to_deleted.code(), "parent_not_found");
    server.json(
        "DELETE",
        &format!("comments/{reply}"),
        Some(&reply_token),
        &json!({}),
    );
    assert_eq!(server.thread(PAGE)["comments"], json!([]));
}

#[test]
fn a_reader_has_one_vote_and_may_change_it() {
    let server = TestServer::start();
    let (id, _) = server.posted(json!({}));
    let vote = |reader: &str, value: i64| {
        server.json(
            "PUT",
            &format!("comments/{id}/vote"),
            None,
            &json!({"reader": reader, "value": value}),
        )
    };
    assert_eq!(vote(READER, 1).json(), json!({"up": 1, "down": 0, "value": 1}));
    assert_eq!(vote(READER, 1).json(), json!({"up": 1, "down": 0, "value": 1}));
    assert_eq!(vote(READER, -1).json(), json!({"up": 0, "down": 1, "value": -1}));
    assert_eq!(
        vote("another-reader-of-these-tests", 1).json(),
        json!({"up": 1, "down": 1, "value": 1})
    );
    assert_eq!(vote(READER, 0).json(), json!({"up": 1, "down": 0, "value": 0}));
    assert_eq!(server.thread(PAGE)["comments"][0]["up"], 1);
    assert_eq!(vote(READER, 2).code(), "field_invalid");
    assert_eq!(vote("short", 1).code(), "field_invalid");
    server.rule("votes", "up");
    assert_eq!(vote(READER, -1).code(), "votes_off");
    server.rule("votes", "off");
    assert_eq!(vote(READER, 1).code(), "votes_off");
    let crowd = (0..30).filter(|n| {
        server.rule("votes", "both");
        vote(&format!("sock-puppet-of-these-tests-{n:03}"), 1).status == 200
    });
    assert_eq!(
        crowd.count(),
        8 + 1,
        "ten readers behind one address count; one is there, one took his vote back"
    );
}

#[test]
fn a_held_comment_is_seen_by_its_author_alone() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    let answer = server.post(json!({})).json();
    assert_eq!(answer["comment"]["status"], "held");
    assert_eq!(server.thread(PAGE)["comments"], json!([]));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0);
    let id = answer["comment"]["id"].as_i64().unwrap();
    assert_eq!(
        server.get(&format!("/api/v1/sites/blog/comments/{id}")).code(),
        "comment_not_found"
    );
    let own = |token: &str| {
        server
            .json(
                "POST",
                "own",
                None,
                &json!({"comments": [{"id": id, "token": token}]}),
            )
            .json()
    };
    let mine = own(answer["token"].as_str().unwrap());
    assert_eq!(mine["comments"][0]["comment"]["status"], "held");
    assert_eq!(mine["comments"][0]["text"], "Loose leaf, *always*.");
    assert_eq!(own("guessed"), json!({"comments": []}));
    assert_eq!(server.post(json!({"parent": id})).code(), "parent_not_found");
}

#[test]
fn the_first_comment_of_an_author_is_held_until_one_is_approved() {
    let server = TestServer::start();
    server.rule("moderation", "first");
    let first = server.post(json!({})).json();
    assert_eq!(first["comment"]["status"], "held");
    let id = afterword::model::id::CommentId(first["comment"]["id"].as_i64().unwrap());
    server.owner("owner", "a long password");
    server.run(async {
        let user = afterword::service::people::all(&server.app)
            .await
            .unwrap()
            .remove(0);
        let site = afterword::service::sites::all(&server.app)
            .await
            .unwrap()
            .remove(0)
            .id;
        let to = afterword::model::comment::Status::Approved;
        afterword::service::moderate::set_status(&server.app, &user, site, id, to, None)
            .await
            .unwrap();
    });
    assert_eq!(server.post(json!({})).json()["comment"]["status"], "approved");
    assert_eq!(
        server
            .post(json!({"reader": "somebody-else-of-these-tests"}))
            .json()["comment"]["status"],
        "held"
    );
}

#[test]
fn a_closed_thread_takes_no_comments() {
    let server = TestServer::start();
    server.posted(json!({}));
    server.rule("close_after", "1");
    server.clock.advance(86_400_001);
    assert_eq!(server.post(json!({})).code(), "thread_closed");
    assert_eq!(server.thread(PAGE)["thread"]["open"], false);
}

#[test]
fn each_wrong_request_has_its_own_code() {
    let server = TestServer::start();
    server.posted(json!({}));
    let body = |key: &str| json!({"page": PAGE, "key": key, "name": "Ann", "text": "x"}).to_string();
    let post = |headers: &[(&str, &str)], body: &str| {
        send(
            server.address,
            "POST",
            "/api/v1/sites/blog/comments",
            headers,
            body.as_bytes(),
        )
    };
    let (origin, json_type) = (("Origin", ORIGIN), ("Content-Type", "application/json"));
    let good = body("0123456789abcdef");
    let cases = [
        (vec![origin], good.clone(), 415, "content_type_missing"),
        (
            vec![origin, ("Content-Type", "text/plain")],
            good.clone(),
            415,
            "content_type_wrong",
        ),
        (
            vec![origin, ("Content-Type", "application/x-www-form-urlencoded")],
            good.clone(),
            415,
            "content_type_wrong",
        ),
        (
            vec![origin, ("Content-Type", "application/jsonp")],
            good.clone(),
            415,
            "content_type_wrong",
        ),
        (vec![json_type], good.clone(), 403, "origin_missing"),
        (
            vec![json_type, ("Origin", "null")],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (
            vec![json_type, ("Origin", "https://evil.example")],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (
            vec![json_type, ("Origin", "https://blog.example.evil.example")],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (
            vec![json_type, ("Origin", "http://blog.example")],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (
            vec![json_type, ("Origin", "https://blog.example:8443")],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (
            vec![json_type, origin, origin],
            good.clone(),
            403,
            "origin_not_allowed",
        ),
        (vec![origin, json_type], "{".into(), 400, "bad_json"),
        (vec![origin, json_type], String::new(), 400, "bad_json"),
        (
            vec![origin, json_type],
            good.replace("\"name\"", "\"nmae\""),
            400,
            "bad_json",
        ),
        (
            vec![origin, json_type],
            good.replace('{', "{\"text\":\"y\","),
            400,
            "bad_json",
        ),
        (vec![origin, json_type], format!("{good} x"), 400, "bad_json"),
        (vec![origin, json_type], body(""), 400, "key_invalid"),
        (vec![origin, json_type], body("short"), 400, "key_invalid"),
        (
            vec![origin, ("Content-Type", "application/json; charset=utf-8")],
            good.clone(),
            201,
            "no error",
        ),
    ];
    for (headers, body, status, code) in cases {
        let answer = post(&headers, &body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{headers:?} {body}"
        );
    }
    let fields = [
        (json!({"page": "https://evil.example/"}), 403, "page_not_of_site"),
        (json!({"page": "/posts/tea"}), 422, "page_invalid"),
        (json!({"page": "javascript:alert(1)"}), 422, "page_invalid"),
        (
            json!({"page": format!("https://blog.example/{}", "a".repeat(100_000))}),
            422,
            "page_too_long",
        ),
        (json!({"page_id": "a".repeat(600)}), 422, "page_too_long"),
        (json!({"parent": 77}), 422, "parent_not_found"),
        (json!({"parent": -1}), 422, "parent_not_found"),
        (
            json!({"parent": 77, "page": "https://blog.example/other"}),
            422,
            "parent_not_found",
        ),
        (json!({"text": ""}), 422, "text_missing"),
        (json!({"text": " \n\u{200b} "}), 422, "text_missing"),
        (json!({"text": "a".repeat(10_001)}), 422, "text_too_long"),
        (json!({"text": "> ".repeat(4_000)}), 422, "text_too_complex"),
        (json!({"name": ""}), 422, "name_missing"),
        (json!({"name": "a".repeat(61)}), 422, "name_too_long"),
        (json!({"name": "admin"}), 422, "name_invalid"),
        (json!({"email": "nobody"}), 422, "email_invalid"),
        (json!({"website": "javascript:alert(1)"}), 422, "website_invalid"),
        (json!({"title": "a".repeat(301)}), 422, "title_too_long"),
        (json!({"reader": "short"}), 422, "field_invalid"),
    ];
    for (change, status, code) in fields {
        let answer = server.post(change.clone());
        let shown: String = change.to_string().chars().take(80).collect();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{shown}: {}",
            answer.text()
        );
        assert!(!answer.json()["error"]["message"].as_str().unwrap().is_empty());
    }
    server.rule("require_email", "yes");
    assert_eq!(server.post(json!({})).code(), "email_missing");
    assert_eq!(
        server.thread(PAGE)["thread"]["count"],
        2,
        "nothing else was stored"
    );
}

#[test]
fn wrong_paths_and_methods_are_told_apart() {
    let server = TestServer::start();
    let cases = [
        (
            "GET",
            "/api/v1/sites/none/thread?page=https%3A%2F%2Fblog.example%2F",
            404,
            "site_not_found",
        ),
        ("GET", "/api/v1/sites/blog/nothing", 404, "not_found"),
        ("GET", "/api/v2/sites/blog/thread", 404, "not_found"),
        ("POST", "/api/v1/sites/blog/thread", 405, "method_not_allowed"),
        ("GET", "/api/v1/sites/blog/comments", 405, "method_not_allowed"),
        ("GET", "/api/v1/sites/blog/comments/abc", 404, "comment_not_found"),
        ("GET", "/api/v1/sites/blog/comments/12", 404, "comment_not_found"),
        ("GET", "/api/v1/sites/blog/thread", 400, "bad_query"),
        ("GET", "/api/v1/sites/blog/thread?page=a&page=b", 400, "bad_query"),
        (
            "GET",
            "/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2F&sort=worst",
            400,
            "bad_query",
        ),
        (
            "GET",
            "/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2F&cursor=x",
            400,
            "bad_query",
        ),
        (
            "GET",
            "/api/v1/sites/blog/thread?page=https%3A%2F%2Fevil.example%2F",
            403,
            "page_not_of_site",
        ),
        ("GET", "/api/v1/sites/blog/counts", 400, "bad_query"),
        ("GET", "/api/v1/sites/%ff/thread", 400, "bad_request"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("GET", "/embed/none/core.js", 404, "not_found"),
        ("GET", "/feeds/blog", 404, "not_found"),
        ("GET", "/feeds/blog/1.atom", 404, "not_found"),
    ];
    for (method, path, status, code) in cases {
        let answer = send(server.address, method, path, &[], b"");
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
    }
    let refused = send(server.address, "POST", "/api/v1/sites/blog/thread", &[], b"");
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
}

#[test]
fn a_preflight_is_answered_and_a_head_has_no_body() {
    let server = TestServer::start();
    let preflight = send(
        server.address,
        "OPTIONS",
        "/api/v1/sites/blog/comments",
        &[
            ("Origin", ORIGIN),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "content-type"),
        ],
        b"",
    );
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert!(
        preflight
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PATCH")
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .unwrap()
            .contains("content-type")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    let head = send(
        server.address,
        "HEAD",
        &thread_path(&format!("page={}", encoded(PAGE))),
        &[],
        b"",
    );
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.header("etag").is_some());
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
fn a_large_thread_comes_by_pages_and_misses_nothing() {
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
    for sort in ["oldest", "newest", "best"] {
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
    let many: Vec<String> = (0..101).map(|n| format!("page=%2F{n}")).collect();
    assert_eq!(
        server
            .get(&format!("/api/v1/sites/blog/counts?{}", many.join("&")))
            .code(),
        "bad_query"
    );
}

#[test]
fn a_preview_is_what_a_comment_will_be() {
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
fn limits_answer_with_the_time_to_wait() {
    use afterword::config::{Action, Limit};
    let server = TestServer::configured(|config| {
        config.limits[Action::Post as usize] = Limit::parse("address=2/1m").unwrap()
    });
    server.posted(json!({}));
    server.posted(json!({}));
    let limited = server.post(json!({}));
    assert_eq!((limited.status, limited.code().as_str()), (429, "rate_limited"));
    let seconds: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=31).contains(&seconds), "{seconds}");
    assert_eq!(limited.json()["error"]["retry_after"], seconds);
    assert_eq!(
        limited.header("access-control-allow-origin"),
        Some("*"),
        "else the widget could not read it"
    );
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_forged_forwarding_header_changes_nothing() {
    use afterword::config::{Action, Limit};
    let server = TestServer::configured(|config| {
        config.limits[Action::Read as usize] = Limit::parse("address=3/1h").unwrap()
    });
    let path = thread_path(&format!("page={}", encoded(PAGE)));
    let statuses: Vec<u16> = (0..5)
        .map(|n| {
            send(
                server.address,
                "GET",
                &path,
                &[("X-Forwarded-For", &format!("203.0.113.{n}"))],
                b"",
            )
            .status
        })
        .collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
}

#[test]
fn feeds_hold_what_is_approved() {
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

#[test]
fn malformed_http_gets_an_answer_and_harms_nobody() {
    let server = TestServer::start();
    let cases: [(&[u8], &[u16]); 7] = [
        (b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", &[405]),
        (b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400, 403]),
        (b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", &[400]),
        (b"NONSENSE\r\n\r\n", &[400]),
        (b"GET / HTTP/9.9\r\n\r\n", &[400, 505]),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &[404]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400, 505]),
    ];
    for (bytes, statuses) in cases {
        let answer = raw(server.address, bytes);
        if let Some(answer) = support::http::parse(&answer) {
            assert!(
                statuses.contains(&answer.status),
                "{} to {:?}",
                answer.status,
                String::from_utf8_lossy(bytes)
            );
        }
    }
    let headers: Vec<(String, String)> = (0..150).map(|n| (format!("X-{n}"), "y".into())).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(send(server.address, "GET", "/healthz", &headers, b"").status, 431);
    let chunked = [
        b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(),
        format!("{:x}\r\n{}\r\n0\r\n\r\n", 300_000, "x".repeat(300_000)).as_bytes(),
    ]
    .concat();
    let answer = support::http::parse(&raw(server.address, &chunked)).expect("an answer");
    assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"));
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_slow_client_is_cut_off() {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
        time::{Duration, Instant},
    };
    let server = TestServer::configured(|config| config.timeout = 1);
    let ended = |first: &[u8]| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(first).unwrap();
        let (started, mut answer) = (Instant::now(), Vec::new());
        let _ = stream.read_to_end(&mut answer);
        (started.elapsed(), String::from_utf8_lossy(&answer).into_owned())
    };
    let (silent, _) = ended(b"");
    let (head, _) = ended(b"GET /healthz HTTP/1.1\r\nHo");
    let (body, answer) = ended(b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    for waited in [silent, head, body] {
        assert!(waited < Duration::from_secs(15), "{waited:?}");
    }
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[test]
fn every_answer_has_its_headers() {
    let server = TestServer::start();
    for path in [
        "/healthz",
        "/embed.js",
        "/nothing",
        "/admin",
        "/feeds/blog.atom",
        "/api/v1/sites/blog/nothing",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|policy| policy.contains("default-src 'none'")),
            "{path}"
        );
        assert!(answer.header("referrer-policy").is_some(), "{path}");
        assert!(
            !answer
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("server")),
            "{path}"
        );
    }
    let api = server.get(&thread_path(&format!("page={}", encoded(PAGE))));
    assert_eq!(api.header("set-cookie"), None);
    assert_eq!(api.header("cross-origin-resource-policy"), Some("cross-origin"));
}

#[test]
fn the_widget_is_served_compressed_and_for_ever() {
    let server = TestServer::start();
    let loader = send(
        server.address,
        "GET",
        "/embed.js",
        &[("Accept-Encoding", "br")],
        b"",
    );
    assert_eq!(
        (loader.status, loader.header("content-encoding")),
        (200, Some("br"))
    );
    assert!(loader.header("cache-control").unwrap().contains("max-age=600"));
    let text = server.get("/embed.js").text();
    let at = text
        .find("embed/")
        .unwrap_or_else(|| panic!("no folder in the loader: {text}"));
    let hash: String = text[at + "embed/".len()..]
        .chars()
        .take_while(char::is_ascii_hexdigit)
        .collect();
    let folder = format!("embed/{hash}");
    let core = server.get(&format!("/{folder}/core.js"));
    assert_eq!(core.status, 200, "{folder}");
    assert!(core.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(core.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_client_that_does_not_take_its_answer_is_cut_off() {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
        time::Duration,
    };
    let server = TestServer::configured(|config| config.timeout = 1);
    for n in 0..150 {
        server.posted(json!({"text": format!("{n} {}", "loose leaf tea ".repeat(600))}));
    }
    let path = thread_path(&format!("page={}", encoded(PAGE)));
    let whole = server.get(&path).body.len();
    let asked = 40;
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    for _ in 0..asked {
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
            .unwrap();
    }
    std::thread::sleep(Duration::from_secs(4));
    let mut taken = Vec::new();
    let _ = stream.read_to_end(&mut taken);
    assert!(
        taken.len() < whole * asked,
        "{} of {} were sent to somebody who took nothing",
        taken.len(),
        whole * asked
    );
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn what_no_database_need_take_is_an_unknown_name() {
    let server = TestServer::start();
    for name in ["%00", "a%00b", "blog%00", "%EF%BF%BF", "Blog", "-"] {
        let page = encoded(PAGE);
        for path in [
            format!("/api/v1/sites/{name}/thread?page={page}"),
            format!("/api/v1/sites/{name}/comments/1"),
            format!("/api/v1/sites/{name}/counts?page={page}"),
            format!("/feeds/{name}/1.atom"),
        ] {
            let answer = server.get(&path);
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (404, "site_not_found"),
                "{path}"
            );
        }
        for path in [
            format!("/thread/{name}"),
            format!("/thread/{name}?page={page}"),
            format!("/feeds/{name}.atom"),
        ] {
            assert_eq!(server.get(&path).status, 404, "{path}");
        }
    }
}

#[test]
fn nobody_signs_in_by_what_cannot_be_a_name() {
    let server = TestServer::start();
    server.owner("owner", "correct horse battery staple");
    let origin = server.app.base_url.clone();
    let form = server.get("/admin/login").text();
    let (_, rest) = form.split_once("name=\"form_token\" value=\"").unwrap();
    let (token, _) = rest.split_once('"').unwrap();
    let sign_in = |name: &str| {
        send(
            server.address,
            "POST",
            "/admin/login",
            &[
                ("Origin", origin.as_str()),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ],
            format!("form_token={token}&name={name}&password=correct+horse+battery+staple").as_bytes(),
        )
    };
    for name in ["%00", "a%00b", "", "%FF", "ownet", &"a".repeat(300)] {
        assert_eq!(sign_in(name).status, 401, "{name}");
    }
    assert_eq!(sign_in("+owner+").status, 303);
}

#[test]
fn an_array_is_no_object() {
    let server = TestServer::start();
    let (id, token) = server.posted(json!({}));
    for (method, path, token, body) in [
        ("POST", "preview".to_owned(), None, json!(["Hello"])),
        ("POST", "own".to_owned(), None, json!([[]])),
        (
            "PATCH",
            format!("comments/{id}"),
            Some(token.as_str()),
            json!(["Hello", null, null]),
        ),
        ("PUT", format!("comments/{id}/vote"), None, json!([READER, 1])),
    ] {
        let answer = server.json(method, &path, token, &body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "bad_json"),
            "{path}"
        );
    }
}
