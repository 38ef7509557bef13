//! Refused requests, each with its own error code.

use serde_json::json;

use super::support::{
    http::send,
    server::{ORIGIN, PAGE, READER, TestServer, encoded},
};

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
        (
            json!({"page": format!("https://blog.example/{}", "|".repeat(1_000))}),
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
fn wrong_paths_and_methods_have_different_errors() {
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
        ("GET", "/embed/none/none.js", 404, "not_found"),
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
fn names_with_invalid_characters_are_unknown() {
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
fn an_invalid_name_cannot_sign_in() {
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
fn an_array_is_not_accepted_as_an_object() {
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
