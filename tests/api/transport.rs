//! Headers, limits, malformed requests, slow clients.

use serde_json::json;

use super::{
    support::{
        http::{Answer, parse, raw, send},
        server::{ORIGIN, PAGE, TestServer, encoded},
    },
    thread_path,
};

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
fn limits_answer_with_the_time_to_wait() {
    use afterword::config::{Action, RateLimit};
    let server = TestServer::configured(|config| {
        config.limits[Action::Post as usize] = RateLimit::parse("address=2/1m").unwrap()
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
    use afterword::config::{Action, RateLimit};
    let server = TestServer::configured(|config| {
        config.limits[Action::Read as usize] = RateLimit::parse("address=3/1h").unwrap()
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
fn malformed_http_gets_a_response_and_affects_no_other_client() {
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
        if let Some(answer) = parse(&answer) {
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
        format!("{:x}\r\n{}\r\n0\r\n\r\n", 1_100_000, "x".repeat(1_100_000)).as_bytes(),
    ]
    .concat();
    let answer = parse(&raw(server.address, &chunked)).expect("an answer");
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
fn a_client_that_does_not_read_its_response_is_cut_off() {
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

/// `web::thread_fast_path` serves before the routes; an address with a percent escape is left to the routes.
#[test]
fn the_fast_path_responds_exactly_as_the_routes() {
    let server = TestServer::start();
    server.post(json!({}));
    let query = format!("page={}", encoded(PAGE));
    let (ready, routed) = (
        format!("/api/v1/sites/blog/thread?{query}"),
        format!("/api/v1/sites/%62log/thread?{query}"),
    );
    server.get(&ready);
    let plain = |mut answer: Answer| {
        answer
            .headers
            .retain(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
        (answer.status, answer.headers, answer.body)
    };
    let kept = server.get(&ready);
    let tag = kept.header("etag").expect("a tag").to_owned();
    let known: &[(&str, &str)] = &[("If-None-Match", &tag)];
    assert_eq!(plain(kept), plain(server.get(&routed)));
    for (method, path) in [
        ("GET", &ready),
        ("HEAD", &ready),
        ("POST", &ready),
        ("GET", &routed),
    ] {
        let status = send(server.address, method, path, known, b"").status;
        assert_eq!(
            status,
            if method == "POST" { 405 } else { 304 },
            "{method} {path}"
        );
    }
    for wrong in [
        format!("{ready}&page=x"),
        format!("{ready}&sort=up"),
        format!("{ready}&cursor=x"),
    ] {
        assert_eq!(server.get(&wrong).status, 400, "{wrong}");
    }
}
