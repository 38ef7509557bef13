//! `/metrics`: the counters match the requests, and no label identifies a person.
//!
//! The lines are parsed here; tests/operations reads them with Prometheus.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    live::Listening,
    support::{
        http::send,
        server::{PAGE, TestServer, encoded},
    },
    thread_path,
};

/// Name and labels → value.
type Scrape = BTreeMap<String, f64>;

fn text(server: &TestServer) -> String {
    let answer = send(server.metrics, "GET", "/metrics", &[], b"");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    answer.text()
}

fn scrape(server: &TestServer) -> Scrape {
    let lines = text(server);
    let samples = lines.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a sample");
            (name.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// The increase of a sample; a missing one is 0.
fn rose(before: &Scrape, after: &Scrape, name: &str) -> f64 {
    let at = |scrape: &Scrape| scrape.get(name).copied().unwrap_or(0.0);
    at(after) - at(before)
}

#[test]
fn metrics_match_the_requests() {
    let server = TestServer::configured(|config| {
        config.limits[afterword::config::Action::Post as usize] =
            afterword::config::RateLimit::parse("address=2/1h").unwrap();
    });
    let before = scrape(&server);
    let page = encoded(PAGE);
    for _ in 0..3 {
        assert_eq!(server.get(&thread_path(&format!("page={page}"))).status, 200);
    }
    assert_eq!(server.post(json!({})).status, 201);
    assert_eq!(server.post(json!({"text": ""})).status, 422);
    assert_eq!(server.post(json!({})).status, 429);
    assert_eq!(server.get("/nothing-here").status, 404);
    let after = scrape(&server);
    for (name, expected) in [
        (
            r#"afterword_http_requests_total{group="thread",class="2xx"}"#,
            3.0,
        ),
        (r#"afterword_http_requests_total{group="write",class="2xx"}"#, 1.0),
        (r#"afterword_http_requests_total{group="write",class="4xx"}"#, 2.0),
        (r#"afterword_http_requests_total{group="other",class="4xx"}"#, 1.0),
        (r#"afterword_http_request_seconds_count{group="thread"}"#, 3.0),
        (r#"afterword_http_request_seconds_count{group="write"}"#, 3.0),
        (r#"afterword_cache_lookups_total{result="miss"}"#, 1.0),
        (r#"afterword_cache_lookups_total{result="hit"}"#, 2.0),
        ("afterword_cache_entries", 1.0),
        (
            r#"afterword_limit_checks_total{action="post",outcome="allowed"}"#,
            2.0,
        ),
        (
            r#"afterword_limit_checks_total{action="post",outcome="address"}"#,
            1.0,
        ),
        // Seven requests and this scrape, each on its own connection.
        ("afterword_connections_accepted_total", 8.0),
        // None of these happened.
        (r#"afterword_http_requests_total{group="admin",class="2xx"}"#, 0.0),
        (
            r#"afterword_limit_checks_total{action="post",outcome="global"}"#,
            0.0,
        ),
        (r#"afterword_store_refused_total{queue="write"}"#, 0.0),
    ] {
        assert_eq!(rose(&before, &after, name), expected, "{name}\n{after:#?}");
    }
    assert!(after["afterword_cache_bytes"] > before["afterword_cache_bytes"]);
    if after.contains_key("afterword_wal_bytes") {
        assert!(rose(&before, &after, "afterword_store_commit_units_sum") >= 1.0);
        let (commits, timed) = (
            "afterword_store_commit_units_count",
            "afterword_store_commit_seconds_count",
        );
        assert_eq!(rose(&before, &after, commits), rose(&before, &after, timed));
    }
    // The new rows stay in the log until the writer is idle.
    let log = after.get("afterword_wal_bytes").copied().unwrap_or_default();
    assert!(after["afterword_database_bytes"] + log > 10_000.0);
    for name in ["afterword_disk_free_bytes", "process_resident_memory_bytes"] {
        assert!(after[name] > 10_000.0, "{name}");
    }
}

#[test]
fn a_change_makes_the_cached_response_stale() {
    let server = TestServer::start();
    let read = || server.get(&thread_path(&format!("page={}", encoded(PAGE))));
    read();
    server.posted(json!({}));
    let before = scrape(&server);
    read();
    read();
    let after = scrape(&server);
    let stale = r#"afterword_cache_lookups_total{result="stale"}"#;
    let hit = r#"afterword_cache_lookups_total{result="hit"}"#;
    assert_eq!(
        (rose(&before, &after, stale), rose(&before, &after, hit)),
        (1.0, 1.0)
    );
}

#[test]
fn readers_who_listen_are_counted_while_they_do() {
    let server = TestServer::start();
    let readers = || scrape(&server)["afterword_live_readers"];
    assert_eq!(readers(), 0.0);
    let mut listening = Listening::begin(server.address, &format!("page={}", encoded(PAGE)));
    listening.next("data: ").expect("the first news");
    let with = scrape(&server);
    assert_eq!(with["afterword_live_readers"], 1.0);
    assert_eq!(with["afterword_live_threads"], 1.0);
    assert!(
        with["afterword_connections_open"] >= 2.0,
        "the reader's and this one"
    );
    drop(listening);
    // The server notices at its next write.
    server.posted(json!({}));
    server.posted(json!({}));
    let began = Instant::now();
    while readers() > 0.0 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "a reader who left is still counted"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn too_many_connections_of_one_address_are_counted() {
    let server = TestServer::configured(|config| config.max_connections_per_address = 2);
    let held: Vec<_> = (0..5)
        .map(|_| std::net::TcpStream::connect(server.address).unwrap())
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    // The metrics listener has connections of its own, so the operator still reaches it.
    let refused = scrape(&server)[r#"afterword_connections_refused_total{reason="address"}"#];
    assert_eq!(refused, 3.0);
    drop(held);
}

#[test]
fn the_metrics_listener_is_separate() {
    let server = TestServer::start();
    assert_eq!(server.get("/metrics").status, 404, "readers see no metrics");
    for path in [
        "/",
        "/healthz",
        "/admin",
        "/embed.js",
        "/api/v1/sites/blog/thread",
    ] {
        let answer = send(server.metrics, "GET", path, &[], b"");
        assert_eq!(answer.status, 404, "{path} is answered beside the metrics");
    }
    let written = send(server.metrics, "POST", "/metrics", &[], b"");
    assert_eq!(written.status, 405);
}

#[test]
fn no_label_has_user_input() {
    let server = TestServer::start();
    server.get(&thread_path(&format!(
        "page={}",
        encoded("https://blog.example/private-page")
    )));
    server.get("/a-strange-path");
    server.get("/admin/setup/a-secret-token");
    send(
        server.address,
        "BREW",
        "/pot",
        &[("X-Request-Id", "an-id-of-mine")],
        b"",
    );
    server.posted(json!({"name": "Somebody"}));
    let shown = text(&server);
    assert!(
        shown.contains("afterword_http_requests_total{"),
        "control: the metrics were not read"
    );
    for word in [
        "blog",
        "private",
        "strange",
        "secret",
        "BREW",
        "an-id",
        "Somebody",
        "127.0.0.1",
    ] {
        assert!(!shown.contains(word), "{word} stands in\n{shown}");
    }
}

#[test]
fn every_metric_is_documented_and_every_documented_one_is_there() {
    let server = TestServer::start();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operate.md")).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| metric |"))
        .skip(2);
    let documented: BTreeSet<String> = rows
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').nth(1))
        .map(|name| name.split('{').next().unwrap().to_owned())
        .collect();
    server.post(json!({}));
    let shown: BTreeSet<String> = text(&server)
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    assert!(shown.len() > 25, "{shown:?}");
    let only_sqlite: BTreeSet<String> = ["afterword_wal_bytes".to_owned()].into();
    let left_out: BTreeSet<String> = if std::env::var("AFTERWORD_TEST_ENGINE").as_deref() == Ok("postgres") {
        only_sqlite
    } else {
        BTreeSet::new()
    };
    assert_eq!(shown, &documented - &left_out);
}
