//! Responses for site builds: one thread as HTML, and all threads of a site.

use afterword::{
    app::context::{self, Client},
    model::{id::ThreadId, network::Network},
    service::threads::prerender,
};
use serde_json::{Value, json};

use super::support::{
    http::{Answer, send},
    make,
    server::{PAGE, TestServer, encoded},
};

fn fragment(server: &TestServer, page: &str) -> Answer {
    server.get(&format!("/api/v1/sites/blog/fragment?page={}", encoded(page)))
}

fn export(server: &TestServer, cursor: &str) -> Value {
    let answer = server.get(&format!("/api/v1/sites/blog/threads?cursor={cursor}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn a_fragment_has_the_thread_and_a_link_to_it() {
    let server = TestServer::start();
    let link = "<p><a href=\"";
    assert!(fragment(&server, PAGE).text().starts_with(link), "the way alone");
    let top = server
        .posted(json!({"website": "ann.example", "text": "See https://tea.example, *always*."}))
        .0;
    let reply = server
        .posted(json!({"parent": top, "name": "Bert", "text": "Bags."}))
        .0;
    let html = fragment(&server, PAGE).text();
    for wanted in [
        "2 thoughts on “On tea”".to_owned(),
        format!("<article id=\"comment-{top}\" itemprop=\"comment\""),
        "href=\"https://ann.example/\" rel=\"ugc nofollow noopener\"".to_owned(),
        "<a href=\"https://tea.example/\" rel=\"ugc nofollow noopener noreferrer\">".to_owned(),
        "<em>always</em>".to_owned(),
        "datetime=\"2026-09-21T14:13:20Z\"".to_owned(),
        format!("href=\"{PAGE}#comment-{reply}\""),
        format!("/thread/blog?page={}", encoded(PAGE)),
    ] {
        assert!(html.contains(&wanted), "{wanted} in {html}");
    }
    assert!(html.find("Bags.") > html.find("<em>"), "{html}");
    for never in ["<script", "<style", "style=", "<form", "onclick"] {
        assert!(!html.contains(never), "{never} in {html}");
    }
    // A page id is another thread, and is kept in the link.
    server.posted(json!({"page_id": "tea 1", "text": "By its id."}));
    let path = format!("/api/v1/sites/_/fragment?page={}&page_id=tea+1", encoded(PAGE));
    let html = server.get(&path).text();
    assert!(html.contains("By its id.") && !html.contains("Bags."), "{html}");
    assert!(html.contains("&amp;page_id=tea+1\""), "{html}");
}

#[test]
fn a_fragment_is_cached_separately_and_is_inert() {
    let server = TestServer::start();
    server.posted(json!({"text": "Loose leaf, and how to brew it. ".repeat(20)}));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1, "JSON is cached first");
    let path = format!("/api/v1/sites/blog/fragment?page={}", encoded(PAGE));
    let get = |headers: &[(&str, &str)]| send(server.address, "GET", &path, headers, b"");
    let answer = get(&[("Accept-Encoding", "br")]);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("content-encoding"), Some("br"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("cache-control"),
        Some("public, max-age=0, must-revalidate")
    );
    let etag = answer.header("etag").unwrap();
    let same = get(&[("Accept-Encoding", "br"), ("If-None-Match", etag)]);
    assert_eq!((same.status, same.body.len()), (304, 0));
    for answer in [&answer, &same, &get(&[])] {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("sandbox"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"));
        assert_eq!(answer.header("set-cookie"), None);
    }
    server.posted(json!({}));
    assert_eq!(
        get(&[("Accept-Encoding", "br"), ("If-None-Match", etag)]).status,
        200
    );
    assert_eq!(send(server.address, "HEAD", &path, &[], b"").body.len(), 0);
}

#[test]
fn all_threads_come_in_one_call() {
    let server = TestServer::start();
    assert_eq!(export(&server, ""), json!({"threads": [], "cursor": null}));
    server.posted(json!({"text": "First."}));
    server.posted(json!({"page": "https://blog.example/"}));
    server.clock.advance(5_000);
    server.posted(json!({"text": "Second."}));
    server.posted(json!({"page_id": "tea-1", "title": ""}));
    let answer = export(&server, "");
    assert_eq!(answer["cursor"], Value::Null);
    let threads = answer["threads"].as_array().unwrap();
    let keys: Vec<&Value> = threads.iter().map(|thread| &thread["keys"]).collect();
    assert_eq!(
        keys,
        [&json!(["/posts/tea"]), &json!(["/"]), &json!(["id:tea-1"])]
    );
    let first = &threads[0];
    assert_eq!(
        (
            &first["page"],
            &first["title"],
            &first["count"],
            &first["newest_at"]
        ),
        (
            &json!(PAGE),
            &json!("On tea"),
            &json!(2),
            &json!(1_790_000_005_000_i64)
        )
    );
    assert_eq!(
        first["html"],
        fragment(&server, PAGE).text(),
        "the same that the fragment is"
    );
    let path = format!("/api/v1/sites/blog/fragment?page={}&page_id=tea-1", encoded(PAGE));
    assert_eq!(threads[2]["html"], server.get(&path).text());
    // The response includes the thread's aliases.
    server.run(async {
        let site = afterword::service::threads::read::site(&server.app, "blog")
            .await
            .unwrap();
        let page = |url| afterword::service::threads::page::Page::of(&site, url, None).unwrap();
        let id = ThreadId(first["id"].as_i64().unwrap());
        let key = page("https://blog.example/old/t%C3%A9a/index.html").key;
        afterword::service::threads::alias::add(
            &server.app,
            &afterword::service::audit::Actor::command_line(),
            site.id,
            id,
            key,
        )
        .await
        .unwrap();
    });
    let again = export(&server, "");
    assert_eq!(
        again["threads"][0]["keys"],
        json!(["/old/t%C3%A9a", "/posts/tea"])
    );
    assert!(again["threads"][0]["version"].as_i64() > first["version"].as_i64());
}

#[test]
fn an_export_has_public_data_only() {
    let server = TestServer::start();
    let hostile = "</article><script>alert(1)</script><img src=x onerror=alert(2)>";
    let top = server
        .posted(json!({"name": "</a><script>alert(3)</script>", "email": "ann@secret.example", "text": hostile, "title": hostile}));
    let deleted = server.posted(json!({"text": "To be taken back."}));
    server.posted(json!({"parent": deleted.0, "text": "An answer."}));
    server.json(
        "DELETE",
        &format!("comments/{}", deleted.0),
        Some(&deleted.1),
        &Value::Null,
    );
    server.rule("moderation", "all");
    server.posted(json!({"text": "Waits."}));
    server.posted(json!({"page": "https://blog.example/held-only", "text": "Waits."}));
    let answer = export(&server, "");
    assert_eq!(answer["threads"].as_array().unwrap().len(), 1, "{answer}");
    for html in [
        answer["threads"][0]["html"].as_str().unwrap().to_owned(),
        fragment(&server, PAGE).text(),
    ] {
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert!(
            html.contains("An answer.") && html.contains("This comment was deleted."),
            "{html}"
        );
        for never in [
            "<script",
            "<img",
            "secret.example",
            "Waits.",
            "To be taken back.",
            "held-only",
        ] {
            assert!(!html.contains(never), "{never} in {html}");
        }
        assert_eq!(html.matches("<article").count(), 3, "{html}");
        assert_eq!(html.matches("</article>").count(), 3, "{html}");
    }
    // The control: the text is present, as it was written.
    let stored = server.thread(PAGE)["comments"][0]["body"].to_string();
    assert!(stored.contains("<script>"), "{stored}");
    assert_eq!(server.thread(PAGE)["comments"][0]["id"], top.0);
}

/// The number of threads in each response, to the last one; and every thread once, in order.
fn walk(server: &TestServer) -> Vec<usize> {
    let (mut sizes, mut cursor, mut seen) = (Vec::new(), String::new(), Vec::new());
    loop {
        let answer = export(server, &cursor);
        let ids: Vec<i64> = answer["threads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thread| thread["id"].as_i64().unwrap())
            .collect();
        sizes.push(ids.len());
        seen.extend(ids);
        match answer["cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert!(
        seen.is_sorted_by(|one, next| one < next),
        "each thread once, in order"
    );
    sizes
}

#[test]
fn a_response_is_bounded_by_comments() {
    let server = TestServer::start();
    make::fill(&server, 26, 200, "Tea.");
    assert_eq!(prerender::MAX_COMMENTS, 5_000);
    assert_eq!(walk(&server), [25, 1]);
}

#[test]
fn a_response_is_bounded_by_threads() {
    let server = TestServer::start();
    make::fill(&server, prerender::MAX_THREADS + 1, 1, "Tea.");
    assert_eq!(walk(&server), [2_000, 1]);
}

#[test]
fn a_response_is_bounded_by_bytes() {
    let server = TestServer::start();
    make::fill(&server, 50, 1, &"tea ".repeat(30_000));
    let sizes = walk(&server);
    assert_eq!(sizes, [35, 15], "4 MiB of 120,000 bytes each");
}

#[test]
fn a_large_thread_is_exported_with_its_first_page() {
    let server = TestServer::start();
    make::fill(&server, 1, 900, "Tea.");
    let answer = export(&server, "");
    let html = answer["threads"][0]["html"].as_str().unwrap();
    assert_eq!(html.matches("<article").count(), 40);
    assert_eq!(answer["threads"][0]["count"], 900);
    assert!(html.contains("900 thoughts"), "{html}");
}

#[test]
fn an_export_is_compressed_whole_and_revalidated() {
    let server = TestServer::start();
    make::fill(&server, 40, 10, &"Loose leaf, and how to brew it. ".repeat(20));
    let get =
        |headers: &[(&str, &str)]| send(server.address, "GET", "/api/v1/sites/blog/threads", headers, b"");
    let plain = get(&[]);
    assert!(
        plain.body.len() > 200_000,
        "more than one piece: {}",
        plain.body.len()
    );
    assert_eq!(plain.json()["threads"].as_array().unwrap().len(), 40);
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
    let gzip = get(&[("Accept-Encoding", "gzip")]);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    let mut whole = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&gzip.body[..]), &mut whole).unwrap();
    assert_eq!(whole, plain.body);
    let etag = gzip.header("etag").unwrap();
    let same = get(&[("Accept-Encoding", "gzip"), ("If-None-Match", etag)]);
    assert_eq!((same.status, same.body.len()), (304, 0));
    server.posted(json!({}));
    assert_eq!(
        get(&[("Accept-Encoding", "gzip"), ("If-None-Match", etag)]).status,
        200
    );
    assert_eq!(
        (
            server.app.exports.free(),
            server.app.exports_sent.available_permits()
        ),
        (context::MAX_EXPORTS_RENDERING, context::MAX_EXPORTS_SENDING),
        "every turn was given back"
    );
}

#[test]
fn builds_are_queued() {
    let server = TestServer::start();
    server.posted(json!({}));
    let app = server.app.clone();
    let turns = server.run(async move {
        let mut turns = Vec::new();
        for n in 0..context::MAX_EXPORTS_RENDERING {
            let client = Client {
                network: Network::of([203, 0, 113, n as u8].into()),
            };
            turns.push(prerender::acquire_turn(&app, &client).await.unwrap());
        }
        turns
    });
    let busy = server.get("/api/v1/sites/blog/threads");
    assert_eq!((busy.status, busy.code().as_str()), (503, "busy"));
    assert_eq!(busy.header("retry-after"), Some("10"));
    assert_eq!(fragment(&server, PAGE).status, 200, "nobody else waits");
    drop(turns);
    assert_eq!(server.get("/api/v1/sites/blog/threads").status, 200);
}

#[test]
fn invalid_export_requests_have_error_codes() {
    let server = TestServer::start();
    for (path, status, code) in [
        ("blog/fragment", 400, "bad_query"),
        ("blog/fragment?page=tea", 422, "page_invalid"),
        (
            "blog/fragment?page=https%3A%2F%2Felsewhere.example%2F",
            403,
            "page_not_of_site",
        ),
        (
            "none/fragment?page=https%3A%2F%2Fblog.example%2F",
            404,
            "site_not_found",
        ),
        ("blog/threads?cursor=x", 400, "bad_query"),
        ("blog/threads?cursor=0", 400, "bad_query"),
        ("blog/threads?cursor=1&cursor=2", 400, "bad_query"),
        ("none/threads", 404, "site_not_found"),
        ("_/threads", 400, "bad_query"),
    ] {
        let answer = server.get(&format!("/api/v1/sites/{path}"));
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path}");
    }
    for path in ["fragment", "threads"] {
        let answer = send(
            server.address,
            "POST",
            &format!("/api/v1/sites/blog/{path}"),
            &[],
            b"",
        );
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("GET, HEAD")),
            "{path}"
        );
    }
}
