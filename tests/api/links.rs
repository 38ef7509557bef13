//! Links to a thread lead to that thread: by page id, alias and address, on two sites; and each host has one spelling.

use afterword::{
    model::page::PageKey,
    service::{
        audit::Actor,
        sites::register,
        threads::{alias, lookup, read},
    },
};
use serde_json::{Value, json};

use super::support::{
    http::send,
    server::{ORIGIN, PAGE, TestServer, encoded, key},
};

fn second_site(server: &TestServer) {
    let origins = [ORIGIN.to_owned()];
    server
        .run(register::register(
            &server.app,
            &Actor::command_line(),
            "notes",
            &origins,
        ))
        .unwrap();
}

fn post(server: &TestServer, site: &str, page: &str, page_id: Option<&str>, text: &str) -> i64 {
    let body = json!({"page": page, "page_id": page_id, "title": "On tea", "key": key(), "name": "Ann", "text": text});
    let headers = [("Origin", ORIGIN), ("Content-Type", "application/json")];
    let path = format!("/api/v1/sites/{site}/comments");
    let answer = send(
        server.address,
        "POST",
        &path,
        &headers,
        body.to_string().as_bytes(),
    );
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["comment"]["id"].as_i64().unwrap()
}

fn thread(server: &TestServer, site: &str, page: &str, page_id: Option<&str>) -> Value {
    let id = page_id
        .map(|id| format!("&page_id={}", encoded(id)))
        .unwrap_or_default();
    let answer = server.get(&format!("/api/v1/sites/{site}/thread?page={}{id}", encoded(page)));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The thread on the page behind a link.
fn behind(server: &TestServer, link: &str) -> String {
    let path = link
        .strip_prefix(&server.app.base_url)
        .expect("a link to this server");
    let answer = server.get(path);
    assert_eq!(answer.status, 200, "{link}: {}", answer.text());
    answer.text()
}

#[test]
fn a_link_leads_to_the_thread_that_it_was_given_with() {
    let server = TestServer::start();
    second_site(&server);
    let alias = format!("{ORIGIN}/old");
    // One address is shared by its own thread and two threads with page ids; the other site has one of each, too.
    for site in ["blog", "notes"] {
        post(&server, site, PAGE, None, &format!("address of {site}"));
        post(&server, site, PAGE, Some("tea"), &format!("first id of {site}"));
        post(
            &server,
            site,
            PAGE,
            Some("a b&c=ü"),
            &format!("second id of {site}"),
        );
        let found = server.run(read::site(&server.app, site)).unwrap();
        for (page_id, name) in [("tea", format!("{alias}-1")), ("tea", format!("{alias}-2"))] {
            let key = PageKey::from_page_id(page_id).unwrap();
            let thread = server
                .run(lookup::find(&server.app, found.id, key))
                .unwrap()
                .unwrap();
            let added = lookup::key_of(&found, &name).unwrap();
            let actor = Actor::command_line();
            server
                .run(alias::add(&server.app, &actor, found.id, thread.id, added))
                .unwrap();
        }
    }
    server.clock.advance(1_500);
    for site in ["blog", "notes"] {
        let (by_address, first, second) = (
            format!("address of {site}"),
            format!("first id of {site}"),
            format!("second id of {site}"),
        );
        let all = [&by_address, &first, &second];
        for (page, page_id, text) in [
            (PAGE, None, &by_address),
            (PAGE, Some("tea"), &first),
            (PAGE, Some("a b&c=ü"), &second),
            ("https://blog.example/another", Some("tea"), &first),
            ("https://blog.example/old-1", None, &first),
            ("https://blog.example/old-2", None, &first),
        ] {
            let answer = thread(&server, site, page, page_id);
            let link = answer["thread"]["link"].as_str().unwrap();
            let shown = behind(&server, link);
            for other in all {
                assert_eq!(
                    shown.contains(other.as_str()),
                    other == text,
                    "{site} {page} {page_id:?}: {link}"
                );
            }
            let id = answer["comments"][0]["id"].to_string();
            let branch = server.get(&format!("/api/v1/sites/{site}/comments/{id}")).json();
            assert_eq!(branch["thread"]["link"], link, "of one comment");
            let fragment = page_id
                .map(|id| format!("&page_id={}", encoded(id)))
                .unwrap_or_default();
            let path = format!("/api/v1/sites/{site}/fragment?page={}{fragment}", encoded(page));
            let html = server.get(&path).text();
            assert!(html.contains(&link.replace('&', "&amp;")), "{path}: {html}");
        }
        // The list of threads, for readers without an address.
        let list = server.get(&format!("/thread/{site}")).text();
        for wanted in ["page_id=tea", "page_id=a+b%26c%3D%C3%BC"] {
            assert_eq!(list.matches(wanted).count(), 1, "{wanted}: {list}");
        }
    }
}

#[test]
fn a_page_id_without_comments_has_a_link_to_its_own_thread() {
    let server = TestServer::start();
    post(&server, "blog", PAGE, None, "Of the address.");
    let empty = thread(&server, "blog", PAGE, Some("later"));
    let link = empty["thread"]["link"].as_str().unwrap();
    assert!(link.ends_with("&page_id=later"), "{link}");
    assert!(!behind(&server, link).contains("Of the address."));
}

/// Spellings of one host, and invalid hosts.
#[test]
fn each_host_has_one_spelling() {
    let server = TestServer::start();
    server.rule("html_folds", "no");
    let site = || server.run(read::site(&server.app, "blog")).unwrap();
    let add = |origin: &str| {
        server.run(register::add_origin(
            &server.app,
            &Actor::command_line(),
            site().id,
            origin,
        ))
    };
    for origin in [
        "https://xn--bcher-kva.example",
        "http://127.0.0.1:8080",
        "http://[::1]:3000",
        "https://blog.example:8443",
        "http://blog.example",
    ] {
        add(origin).unwrap();
    }
    for (address, kept) in [
        ("https://blog.example/x", "https://blog.example/x"),
        ("https://blog.example./x", "https://blog.example/x"),
        ("https://BLOG.Example./x", "https://blog.example/x"),
        ("HTTPS://blog.example:443/x", "https://blog.example/x"),
        ("https://blog.example.:443/x", "https://blog.example/x"),
        ("http://blog.example:80/x", "http://blog.example/x"),
        ("http://blog.example.:80/x", "http://blog.example/x"),
        ("https://blog.example:8443/x", "https://blog.example:8443/x"),
        ("https://blog.example.:8443/x", "https://blog.example:8443/x"),
        ("https://ann@blog.example/x", "https://blog.example/x"),
        ("https://ann:secret@blog.example./x", "https://blog.example/x"),
        ("https://blog%2Eexample/x", "https://blog.example/x"),
        ("https://blog。example/x", "https://blog.example/x"),
        ("https://blog.example。/x", "https://blog.example/x"),
        ("https://ｂｌｏｇ.example/x", "https://blog.example/x"),
        ("https://b\u{ad}log.example/x", "https://blog.example/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://BÜCHER.example./x", "https://xn--bcher-kva.example/x"),
        (
            "https://XN--BCHER-KVA.example/x",
            "https://xn--bcher-kva.example/x",
        ),
        (
            "https://bu\u{308}cher.example/x",
            "https://xn--bcher-kva.example/x",
        ),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://127.0.0.1.:8080/x", "http://127.0.0.1:8080/x"),
        ("http://127.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://0x7f.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://[::1]:3000/x", "http://[::1]:3000/x"),
        ("http://[0:0:0:0:0:0:0:1]:3000/x", "http://[::1]:3000/x"),
    ] {
        let answer = server.get(&super::thread_path(&format!("page={}", encoded(address))));
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        assert_eq!(answer.json()["thread"]["page"], kept, "{address}");
    }
    // Posted under one spelling, read under all.
    post(&server, "blog", "https://Blog.Example./x", None, "Under a dot.");
    for address in [
        "https://blog.example/x",
        "http://blog.example.:80/x/",
        "https://u@blog.example:443/x",
    ] {
        assert_eq!(
            thread(&server, "blog", address, None)["thread"]["count"],
            1,
            "{address}"
        );
    }
    let dotted = [
        ("Origin", "https://blog.example."),
        ("Content-Type", "application/json"),
    ];
    let body = json!({"page": "https://blog.example./x", "key": key(), "name": "Bob", "text": "From a dotted page."});
    let path = "/api/v1/sites/blog/comments";
    let answer = send(server.address, "POST", path, &dotted, body.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.text());

    for (address, code) in [
        ("https://blog.example../x", "page_invalid"),
        ("https://blog..example/x", "page_invalid"),
        ("https://.blog.example/x", "page_invalid"),
        ("https://./x", "page_invalid"),
        ("https:///x", "page_not_of_site"),
        ("https://blog.example:99999/x", "page_invalid"),
        ("https://[::1/x", "page_invalid"),
        ("https://[::1].:3000/x", "page_invalid"),
        ("https://xn--a/x", "page_invalid"),
        ("https://blog.example.evil.example/x", "page_not_of_site"),
        ("https://blog.example@evil.example/x", "page_not_of_site"),
        ("https://www.blog.example/x", "page_not_of_site"),
        ("https://blоg.example/x", "page_not_of_site"),
        ("https://blog.example:8444/x", "page_not_of_site"),
    ] {
        let answer = server.get(&super::thread_path(&format!("page={}", encoded(address))));
        assert_eq!(answer.code(), code, "{address}");
        assert!(
            answer.json()["error"]["message"].as_str().unwrap().ends_with('.'),
            "{address}"
        );
    }

    // Origins are normalised as their pages are.
    for (origin, kept) in [
        ("https://Other.Example.", "https://other.example"),
        ("https://one.example:443/", "https://one.example"),
        ("https://two.example.:443", "https://two.example"),
        (
            "https://BÜCHER.example:8443",
            "https://xn--bcher-kva.example:8443",
        ),
        ("http://[0:0::2]:3000", "http://[::2]:3000"),
        ("http://127.1.:9090", "http://127.0.0.1:9090"),
    ] {
        add(origin).unwrap();
        assert!(
            site().origins.iter().any(|known| known.as_str() == kept),
            "{origin}"
        );
        let again = add(kept);
        assert_eq!(again.is_ok(), add(origin).is_ok(), "{origin} is {kept}");
        assert_eq!(
            site()
                .origins
                .iter()
                .filter(|known| known.as_str() == kept)
                .count(),
            1,
            "{origin}"
        );
    }
    for origin in [
        "https://a..example",
        "https://a.example..",
        "https://.",
        "https://u@a.example",
        "https://a.example:99999",
        "https://[::1",
        "https://a.example/path",
        "a.example",
        "ftp://a.example",
    ] {
        let refused = add(origin).unwrap_err();
        assert!(
            refused.message.contains("An origin is http:// or https://"),
            "{origin}: {}",
            refused.message
        );
    }
}
