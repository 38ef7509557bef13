//! Request ids: on every response, the peers that may set them, and where a failure shows them.

use std::collections::HashSet;

use afterword::store::StoreError;
use serde_json::json;

use super::{
    support::{
        http::{Answer, send},
        server::{PAGE, TestServer, encoded},
    },
    thread_path,
};

fn id(answer: &Answer) -> &str {
    answer.header("x-request-id").expect("an id")
}

fn read_thread(server: &TestServer) -> Answer {
    server.get(&thread_path(&format!("page={}", encoded(PAGE))))
}

#[test]
fn every_response_has_its_own_id_also_a_cached_one() {
    let server = TestServer::start();
    let first = read_thread(&server);
    let mut answers = vec![first.clone(), read_thread(&server), read_thread(&server)];
    let etag = first.header("etag").unwrap();
    let path = thread_path(&format!("page={}", encoded(PAGE)));
    let unchanged = send(server.address, "GET", &path, &[("If-None-Match", etag)], b"");
    assert_eq!(unchanged.status, 304);
    answers.push(unchanged);
    answers.push(server.get("/nothing-here"));
    answers.push(server.get("/admin"));
    answers.push(server.post(json!({})));
    answers.push(send(server.address, "CONNECT", "example.org:443", &[], b""));
    let ids: HashSet<&str> = answers.iter().map(id).collect();
    assert_eq!(ids.len(), answers.len(), "{ids:?}");
}

#[test]
fn immutable_files_have_no_request_id() {
    let server = TestServer::start();
    let script = server.get("/embed.js");
    assert_eq!(script.status, 200);
    assert!(script.header("cache-control").unwrap().contains("max-age=600"));
    assert_eq!(script.header("x-request-id"), None);
}

#[test]
fn pages_of_other_origins_may_read_the_request_id() {
    let server = TestServer::start();
    let exposed = read_thread(&server);
    let exposed = exposed.header("access-control-expose-headers").unwrap();
    assert!(
        exposed.split(", ").any(|name| name == "X-Request-Id"),
        "{exposed}"
    );
}

#[test]
fn only_a_trusted_proxy_sets_the_request_id() {
    let given = [("X-Request-Id", "f1e2d3c4-of-the-proxy")];
    let stranger = TestServer::start();
    assert_ne!(
        id(&send(stranger.address, "GET", "/healthz", &given, b"")),
        given[0].1
    );
    let behind = TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    assert_eq!(
        id(&send(behind.address, "GET", "/healthz", &given, b"")),
        given[0].1
    );
    for bad in [
        "192.0.2.1",
        "/admin/setup/token",
        "a\tb c d e f g h",
        "<script>alert(1)</script>",
    ] {
        let answer = send(behind.address, "GET", "/healthz", &[("X-Request-Id", bad)], b"");
        assert_ne!(id(&answer), bad);
    }
}

#[test]
fn a_failure_shows_its_id_and_a_refusal_does_not() {
    let server = TestServer::start();
    server.posted(json!({}));
    let refused = server.post(json!({"text": ""}));
    assert_eq!(refused.code(), "text_missing");
    assert!(refused.json()["error"]["request"].is_null(), "{}", refused.text());

    let broken = server.run(server.app.store.write(|tx| {
        tx.execute("ALTER TABLE comment_details RENAME TO gone", &[])?;
        tx.execute("ALTER TABLE comments RENAME TO gone_too", &[])?;
        Ok::<_, StoreError>(())
    }));
    broken.expect("a broken database");
    let failed = server.post(json!({}));
    assert_eq!((failed.status, failed.code().as_str()), (500, "internal"));
    assert_eq!(failed.json()["error"]["request"], id(&failed));
    assert!(
        !failed.text().contains("gone") && !failed.text().contains("no such"),
        "{}",
        failed.text()
    );

    let page = server.get(&format!("/thread/blog?page={}", encoded(PAGE)));
    assert_eq!(page.status, 500);
    assert!(page.text().contains(id(&page)), "{}", page.text());
}
