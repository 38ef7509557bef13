//! Clients that take more than their share of limits, connections and queue slots. They come from many networks of few
//! prefixes, through a trusted proxy, so that one test can be all of them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use afterword::{
    app::context::Client,
    config::{Action, Config, RateLimit},
    model::network::Network,
    service::threads::prerender,
};
use serde_json::{Value, json};

use super::{
    support::{
        http::{Answer, send},
        server::{ORIGIN, PAGE, TestServer, encoded, key},
    },
    target::thread,
};

/// Behind a proxy, with the default limits and the changes of `change`.
fn behind_a_proxy(change: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        config.limits = Action::ALL.map(Action::default_limit);
        change(config);
    })
}

fn limit(config: &mut Config, action: Action, words: &str) {
    config.limits[action as usize] = RateLimit::parse(words).unwrap();
}

fn api(server: &TestServer, from: &str, method: &str, route: &str, body: &Value) -> Answer {
    let headers = [
        ("X-Forwarded-For", from),
        ("Origin", ORIGIN),
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer nobody"),
    ];
    let path = format!("/api/v1/sites/blog/{route}");
    send(
        server.address,
        method,
        &path,
        &headers,
        body.to_string().as_bytes(),
    )
}

fn comment(change: &Value) -> Value {
    let mut body = json!({"page": PAGE, "title": "On tea", "key": key(), "name": "Ann", "text": "Tea."});
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn get(server: &TestServer, from: &str, path: &str) -> Answer {
    send(server.address, "GET", path, &[("X-Forwarded-For", from)], b"")
}

/// A request whose response is not read to its end, and whose body is never finished.
fn open(server: &TestServer, from: &str, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = format!("{head}\r\nHost: x\r\nX-Forwarded-For: {from}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The status of a response whose head has arrived.
fn status(stream: &mut TcpStream) -> u16 {
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    String::from_utf8_lossy(&head[9..]).parse().unwrap()
}

/// Networks of one /56, of one /48, and of many /48s.
fn in_56(n: usize) -> String {
    format!("2001:db8:56:{:x}::1", n % 256)
}

fn in_48(n: usize) -> String {
    format!("2001:db8:48:{n:x}::1")
}

fn anywhere(n: usize) -> String {
    format!("2001:{:x}:{n:x}:1::1", 0xdc0)
}

#[test]
fn invalid_requests_from_two_48s_do_not_block_a_site() {
    let server = behind_a_proxy(|_| ());
    let (id, _) = {
        let answer = api(&server, "192.0.2.1", "POST", "comments", &comment(&json!({})));
        assert_eq!(answer.status, 201, "{}", answer.text());
        (answer.json()["comment"]["id"].as_i64().unwrap(), ())
    };
    // Every kind of refused request: invalid, missing, not allowed, already used.
    let junk: &[(&str, String, Value, u16)] = &[
        ("POST", "comments".into(), comment(&json!({"text": ""})), 422),
        (
            "POST",
            "comments".into(),
            comment(&json!({"name": "n".repeat(500)})),
            422,
        ),
        ("POST", "comments".into(), comment(&json!({"parent": 1})), 422),
        ("POST", "comments".into(), comment(&json!({"key": "short"})), 400),
        (
            "POST",
            "comments".into(),
            comment(&json!({"page": "https://evil.example/"})),
            403,
        ),
        ("PATCH", format!("comments/{id}"), json!({"text": "Mine."}), 403),
        ("DELETE", format!("comments/{id}"), json!({}), 403),
        ("DELETE", "comments/1".into(), json!({}), 404),
        (
            "PUT",
            format!("comments/{id}/vote"),
            json!({"reader": "short", "value": 1}),
            422,
        ),
        (
            "PUT",
            "comments/1/vote".into(),
            json!({"reader": "sock-puppet-of-these-tests", "value": 1}),
            404,
        ),
        ("POST", "preview".into(), json!({"text": "t".repeat(20_000)}), 422),
    ];
    for (kind, (method, route, body, expected)) in junk.iter().enumerate() {
        let (mut refused, mut limited) = (0, 0);
        for n in 0..400 {
            let from = format!("2001:db8:{:x}:{n:x}::1", 0x100 + 2 * kind + n % 2);
            match api(&server, &from, method, route, body).status {
                429 => limited += 1,
                status => {
                    assert_eq!(status, *expected, "{method} {route}");
                    refused += 1;
                }
            }
        }
        println!("{method} {route}: {refused} times {expected}, {limited} times 429");
        assert!(refused > 0);
    }
    let elsewhere = api(&server, "198.51.100.7", "POST", "comments", &comment(&json!({})));
    assert_eq!(elsewhere.status, 201, "{}", elsewhere.text());
    let edited = api(
        &server,
        "198.51.100.7",
        "PATCH",
        &format!("comments/{id}"),
        &json!({"text": "Mine."}),
    );
    assert_eq!(edited.code(), "token_wrong", "not rate_limited");
    let preview = api(
        &server,
        "198.51.100.7",
        "POST",
        "preview",
        &json!({"text": "Tea."}),
    );
    assert_eq!(preview.status, 200);
}

#[test]
fn stored_comments_count_for_the_site_and_replays_do_not() {
    let server = behind_a_proxy(|config| {
        limit(config, Action::Post, "address=10/1m site=6/1h");
        limit(config, Action::Vote, "site=2/1h");
        limit(config, Action::Preview, "global=2/1h");
    });
    let same = comment(&json!({}));
    let first = api(&server, &anywhere(0), "POST", "comments", &same);
    assert_eq!(first.status, 201);
    let id = first.json()["comment"]["id"].as_i64().unwrap();
    for n in 1..20 {
        assert_eq!(
            api(&server, &anywhere(n), "POST", "comments", &same).status,
            201,
            "a repetition"
        );
    }
    let vote = |n: usize, value: i64| {
        let body = json!({"reader": "reader-of-these-tests-0002", "value": value});
        api(
            &server,
            &anywhere(n),
            "PUT",
            &format!("comments/{id}/vote"),
            &body,
        )
        .status
    };
    assert_eq!(
        (0..20).map(|n| vote(n, 1)).collect::<Vec<_>>(),
        [200; 20],
        "one vote, repeated"
    );
    assert_eq!(
        [vote(21, -1), vote(22, 1)],
        [200, 429],
        "control: what is done counts"
    );
    let previews: Vec<u16> = (0..3)
        .map(|n| api(&server, &anywhere(n), "POST", "preview", &json!({"text": "Tea."})).status)
        .collect();
    assert_eq!(previews, [200, 200, 429], "control");
    // The control: stored comments do use up a site's limit.
    let stored: Vec<u16> = (0..6)
        .map(|n| api(&server, &anywhere(n), "POST", "comments", &comment(&json!({}))).status)
        .collect();
    assert_eq!(stored, [201, 201, 201, 201, 201, 429]);
}

#[test]
fn a_48_has_the_allowance_of_four_networks_and_a_56_of_two() {
    let server = behind_a_proxy(|config| limit(config, Action::Post, "address=3/1h"));
    let good = |network: fn(usize) -> String| {
        (0..60)
            .filter(|n| {
                let from = network(*n);
                api(&server, &from, "POST", "comments", &comment(&json!({}))).status == 201
            })
            .count()
    };
    assert_eq!(good(in_56), 6);
    assert_eq!(good(|n| in_48(n * 256)), 12);
    assert_eq!(good(anywhere), 60, "control: networks that lie nowhere together");
}

#[test]
fn votes_from_one_48_are_limited() {
    for (what, limited) in [("with the usual limits", true), ("with none", false)] {
        let server = behind_a_proxy(|config| {
            limit(config, Action::Read, "off");
            if !limited {
                limit(config, Action::Vote, "off");
                limit(config, Action::Post, "off");
            }
        });
        let posted = api(&server, "192.0.2.1", "POST", "comments", &comment(&json!({})));
        let id = posted.json()["comment"]["id"].as_i64().unwrap();
        let votes = |network: fn(usize) -> String, from: usize, count: usize| {
            (from..from + count)
                .filter(|n| {
                    let body = json!({"reader": format!("sock-puppet-of-these-tests-{n:04}"), "value": 1});
                    api(
                        &server,
                        &network(*n),
                        "PUT",
                        &format!("comments/{id}/vote"),
                        &body,
                    )
                    .status
                        == 200
                })
                .count()
        };
        let good = votes(in_48, 0, 1_000);
        println!("{what}: {good} of 1,000 votes of one /48 count");
        assert!(good <= 100, "{what}: {good}");
        // The control: the same number of unrelated networks are all accepted.
        assert_eq!(votes(anywhere, 2_000, 300), 300, "{what}");
        let up = server.thread(PAGE)["comments"][0]["up"].as_i64().unwrap();
        assert_eq!(up as usize, good + 300, "{what}");
    }
}

#[test]
fn a_hundred_readers_of_one_address_can_vote_and_others_get_retry_after() {
    let server = behind_a_proxy(|config| {
        limit(config, Action::Vote, "off");
        limit(config, Action::Read, "off");
    });
    let posted = api(&server, "192.0.2.1", "POST", "comments", &comment(&json!({})));
    let id = posted.json()["comment"]["id"].as_i64().unwrap();
    let vote = |n: usize, value: i64| {
        let body = json!({"reader": format!("pupil-of-these-tests-{n:04}"), "value": value});
        api(
            &server,
            "198.51.100.7",
            "PUT",
            &format!("comments/{id}/vote"),
            &body,
        )
    };
    for n in 0..100 {
        assert_eq!(vote(n, 1).status, 200, "pupil {n}");
    }
    server.clock.advance(600_000);
    let late = vote(100, 1);
    assert_eq!((late.status, late.header("retry-after")), (429, Some("3001")));
    assert_eq!(vote(7, -1).status, 200, "a vote can be changed");
    server.clock.advance(3_001_000);
    assert_eq!(vote(100, 1).status, 200, "an hour later");
}

#[test]
fn few_networks_cannot_use_all_live_connections() {
    let page = format!("/api/v1/sites/blog/live?page={}", encoded(PAGE));
    for (what, network, count) in [
        ("one network", (|_| in_56(1)) as fn(usize) -> String, 1),
        ("25 networks of one /48", in_48, 25),
        ("52 networks", anywhere, 52),
    ] {
        let server = behind_a_proxy(|config| {
            config.max_connections = 800;
            limit(config, Action::Read, "off");
        });
        let mut held = Vec::new();
        // In rounds, until none of them gets another connection.
        loop {
            let before = held.len();
            for n in 0..count {
                let mut stream = open(&server, &network(n), &format!("GET {page} HTTP/1.1"));
                match status(&mut stream) {
                    200 => held.push(stream),
                    refused => assert!(refused == 503 || refused == 429, "{refused}"),
                }
            }
            if held.len() == before {
                break;
            }
        }
        let mut reader = open(&server, "198.51.100.7", &format!("GET {page} HTTP/1.1"));
        assert_eq!(
            status(&mut reader),
            200,
            "{what} hold {} of 400 places",
            held.len()
        );
        assert!(held.len() >= 70, "{what}: {} is no attack", held.len());
    }
}

#[test]
fn control_with_fewer_connections_than_networks_all_are_used() {
    let page = format!("/api/v1/sites/blog/live?page={}", encoded(PAGE));
    let server = behind_a_proxy(|config| config.max_connections = 20);
    let mut held: Vec<_> = (0..10)
        .map(|n| open(&server, &anywhere(n), &format!("GET {page} HTTP/1.1")))
        .collect();
    assert!(held.iter_mut().all(|stream| status(stream) == 200));
    assert_eq!(get(&server, "198.51.100.7", &page).code(), "busy");
}

#[test]
fn few_addresses_cannot_use_all_connections() {
    use std::net::Ipv4Addr;
    let server = TestServer::configured(|config| config.max_connections = 400);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let connect = |n: u8| {
        runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind((Ipv4Addr::new(127, 7, n, 1), 0).into()).unwrap();
            socket.connect(server.address).await.unwrap()
        })
    };
    // A refused connection is closed; an accepted one waits for a request.
    let is_open = |stream: &tokio::net::TcpStream| {
        let mut byte = [0];
        matches!(stream.try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let mut held = Vec::new();
    for _ in 0..30 {
        held.extend((0..52).map(connect));
        std::thread::sleep(Duration::from_millis(100));
        runtime.block_on(tokio::task::yield_now());
        held.retain(is_open);
    }
    println!("52 addresses hold {} of 400 connections", held.len());
    assert!(held.len() >= 200, "{} is no attack", held.len());
    for _ in 0..6 {
        assert_eq!(server.get("/healthz").status, 200);
    }
}

#[test]
fn one_client_behind_a_proxy_has_a_limited_number_of_running_requests() {
    let server = behind_a_proxy(|config| {
        config.max_connections_per_address = 10;
        config.timeout = 3;
        limit(config, Action::Read, "off");
    });
    let slow =
        "POST /api/v1/sites/blog/preview HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000";
    let held: Vec<_> = (0..10).map(|_| open(&server, "203.0.113.1", slow)).collect();
    std::thread::sleep(Duration::from_millis(300));
    let path = thread();
    let refused = get(&server, "203.0.113.1", &path);
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(
        get(&server, "203.0.113.2", &path).status,
        200,
        "another client of the same proxy"
    );
    // Cached responses are also refused beyond the share, and the share recovers.
    assert_eq!(get(&server, "203.0.113.1", &path).status, 429);
    drop(held);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(get(&server, "203.0.113.1", &path).status, 200);
    let of_one_48 = (0..60)
        .map(|n| open(&server, &in_48(n), slow))
        .collect::<Vec<_>>();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(
        get(&server, &in_48(99), &path).status,
        429,
        "40 of one /48, and no more"
    );
    assert_eq!(get(&server, "2001:db8:4a::1", &path).status, 200);
    drop(of_one_48);
}

#[test]
fn slow_readers_of_an_export_do_not_block_builds() {
    let server = behind_a_proxy(|config| limit(config, Action::Read, "off"));
    let path = "/api/v1/sites/blog/threads";
    // Five networks whose exports were built, and which read them without end.
    let app = server.app.clone();
    let slow = server.run(async move {
        let mut slow = Vec::new();
        for n in 1..=5 {
            let client = Client {
                network: Network::of([203, 0, 113, n].into()),
            };
            let (making, sending) = prerender::acquire_turn(&app, &client).await.unwrap();
            drop(making);
            slow.push(sending);
        }
        slow
    });
    for n in 0..22 {
        assert_eq!(
            get(&server, &format!("198.51.100.{n}"), path).status,
            200,
            "build {n}"
        );
    }
    let again = get(&server, "203.0.113.1", path);
    assert_eq!(again.code(), "busy", "control: who is slow waits for himself");
    drop(slow);
    assert_eq!(get(&server, "203.0.113.1", path).status, 200);
}
