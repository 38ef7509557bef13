//! Headers by which a client claims an address or a host: used from configured proxies only, or never.

use afterword::config::{Action, RateLimit};

use super::support::{
    http::{Answer, send},
    server::{PAGE, TestServer, encoded},
};

/// All forwarding headers that some server uses.
const ADDRESSES: &[&str] = &[
    "X-Forwarded-For",
    "Forwarded",
    "X-Real-IP",
    "X-Client-IP",
    "X-Originating-IP",
    "X-Remote-IP",
    "X-Remote-Addr",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Fastly-Client-IP",
    "X-Cluster-Client-IP",
    "Client-IP",
    "Via",
    "From",
    "X-ProxyUser-Ip",
    "Fly-Client-IP",
    "X-Azure-ClientIP",
    "X-Envoy-External-Address",
    "Remote-Addr",
    "X-Forwarded",
];

fn read(server: &TestServer, headers: &[(&str, &str)]) -> u16 {
    let path = format!("/api/v1/sites/blog/thread?page={}", encoded(PAGE));
    send(server.address, "GET", &path, headers, b"").status
}

fn limited(proxies: &str, header: &str) -> TestServer {
    TestServer::configured(|config| {
        config.limits[Action::Read as usize] = RateLimit::parse("address=3/1d").unwrap();
        config.trusted_proxies = proxies
            .split(' ')
            .filter(|net| !net.is_empty())
            .map(|net| net.parse().unwrap())
            .collect();
        config.forwarded_header = header.to_owned();
    })
}

#[test]
fn forwarding_headers_of_untrusted_clients_are_ignored() {
    let server = limited("10.0.0.0/8", "x-forwarded-for");
    for _ in 0..3 {
        assert_eq!(read(&server, &[]), 200);
    }
    let mut tried = 0;
    for header in ADDRESSES {
        for value in [
            "203.0.113.7",
            "127.0.0.1",
            "10.0.0.1",
            "2001:db8::1",
            "for=203.0.113.7",
            "unknown",
            "",
        ] {
            assert_eq!(read(&server, &[(header, value)]), 429, "{header}: {value}");
            tried += 1;
        }
    }
    println!("{tried} headers that no stranger is believed by");
}

#[test]
fn only_the_configured_header_of_a_proxy_is_used() {
    let server = limited("127.0.0.1/32", "x-real-ip");
    // The control: it is used, so every new address has its own allowance.
    for n in 0..20 {
        assert_eq!(read(&server, &[("X-Real-IP", &format!("203.0.113.{n}"))]), 200);
    }
    let spent = ("X-Real-IP", "198.51.100.9");
    let first: Vec<u16> = (0..4).map(|_| read(&server, &[spent])).collect();
    assert_eq!(first, [200, 200, 200, 429]);
    for header in ADDRESSES.iter().filter(|header| **header != "X-Real-IP") {
        assert_eq!(
            read(&server, &[spent, (header, "203.0.113.200")]),
            429,
            "{header}"
        );
    }
    // A value that the client sent is to the left of its proxy's, or in an earlier line.
    for lines in [
        vec![("X-Real-IP", "203.0.113.201, 198.51.100.9")],
        vec![("X-Real-IP", "203.0.113.202"), spent],
    ] {
        assert_eq!(read(&server, &lines), 429, "{lines:?}");
    }
    // An invalid address identifies no client: all of these count as the proxy itself.
    let nonsense = [
        "unknown",
        "_hidden",
        "999.1.1.1",
        "",
        "203.0.113.7/32",
        "\u{661}.2.3.4",
    ];
    let good = nonsense
        .iter()
        .filter(|value| read(&server, &[("X-Real-IP", value)]) == 200)
        .count();
    assert_eq!(good, 3, "together they have one allowance");
}

#[test]
fn an_ipv6_network_is_counted_as_one() {
    let server = limited("127.0.0.1/32", "x-forwarded-for");
    let statuses: Vec<u16> = (0..6)
        .map(|n| {
            read(
                &server,
                &[("X-Forwarded-For", &format!("2001:db8:1:2:{n}:{n}::{n}"))],
            )
        })
        .collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429, 429]);
    assert_eq!(
        read(&server, &[("X-Forwarded-For", "2001:db8:1:3::1")]),
        200,
        "the neighbour"
    );
    let mapped: Vec<u16> = ["::ffff:192.0.2.5", "192.0.2.5", "::ffff:c000:205", "192.0.2.5"]
        .iter()
        .map(|address| read(&server, &[("X-Forwarded-For", address)]))
        .collect();
    assert_eq!(mapped, [200, 200, 200, 429], "one address, written in two ways");
}

/// Every request that might make a response name another host.
const PLACES: &[(&str, &str)] = &[
    ("Host", "evil.example"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Host", "evil.example"),
    ("X-Forwarded-Server", "evil.example"),
    ("Forwarded", "host=evil.example;proto=https"),
    ("X-Forwarded-Proto", "evil.example"),
    ("X-Forwarded-Scheme", "evil.example"),
    ("X-Forwarded-Prefix", "//evil.example"),
    ("X-Forwarded-Port", "evil.example"),
    ("X-Original-Host", "evil.example"),
    ("X-Original-URL", "//evil.example/"),
    ("X-Rewrite-URL", "//evil.example/"),
    ("Front-End-Https", "on, evil.example"),
    ("Referer", "https://evil.example/"),
    ("Origin", "https://evil.example"),
    ("X-HTTP-Host-Override", "evil.example"),
    ("X-Wap-Profile", "https://evil.example/"),
    ("User-Agent", "evil.example"),
    ("Accept-Language", "evil.example"),
];

#[test]
fn no_response_names_a_host_from_the_request() {
    let server = TestServer::start();
    let (id, _) = server.posted(serde_json::json!({}));
    let page = encoded(PAGE);
    let routes = [
        "/".to_owned(),
        "/admin".into(),
        "/admin/login".into(),
        "/admin/sites".into(),
        "/thread/blog".into(),
        "/nothing".into(),
        format!("/thread/blog?page={page}"),
        format!("/thread/blog?comment={id}"),
        "/feeds/blog.atom".into(),
        "/embed.js".into(),
        format!("/api/v1/sites/blog/thread?page={page}"),
        format!("/api/v1/sites/blog/comments/{id}"),
        "/api/v1/sites/blog/recent".into(),
    ];
    let (mut tried, mut own) = (0, 0);
    for route in &routes {
        let plain = server.get(route);
        own += usize::from(whole(&plain).contains(&server.app.base_url));
        for (name, value) in PLACES {
            // `send` sets the right host itself, so that a second one would be refused.
            let answer = match *name {
                "Host" => ask_host(&server, route, value),
                _ => send(server.address, "GET", route, &[(name, value)], b""),
            };
            assert!(
                !whole(&answer).contains("evil"),
                "{route} with {name}: {}",
                whole(&answer)
            );
            assert_eq!(answer.status, plain.status, "{route} with {name}");
            assert_eq!(
                answer.header("location"),
                plain.header("location"),
                "{route} with {name}"
            );
            tried += 1;
        }
        let absolute = ask(
            &server,
            &format!(
                "GET http://evil.example{route} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
            ),
        );
        assert!(
            !whole(&absolute).contains("evil"),
            "{route}: {}",
            whole(&absolute)
        );
        tried += 1;
    }
    assert!(
        own >= 6,
        "control: only {own} answers speak of the server's own place, so nothing was looked at"
    );
    println!("{tried} answers, {own} routes with links, none to another place");
}

#[test]
fn method_override_headers_are_ignored() {
    let server = TestServer::start();
    let (id, token) = server.posted(serde_json::json!({}));
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/sites/blog/comments/{id}");
    for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let headers = [
            (header, "DELETE"),
            ("Origin", "https://blog.example"),
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        assert_eq!(
            send(
                server.address,
                "GET",
                &format!("{path}?_method=DELETE"),
                &headers,
                b""
            )
            .status,
            200
        );
        assert_eq!(
            send(
                server.address,
                "POST",
                &path,
                &headers,
                b"{\"_method\":\"DELETE\"}"
            )
            .status,
            405
        );
    }
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
    assert_eq!(
        server
            .json(
                "DELETE",
                &format!("comments/{id}"),
                Some(&token),
                &serde_json::Value::Null
            )
            .status,
        200,
        "control"
    );
}

fn ask_host(server: &TestServer, route: &str, host: &str) -> Answer {
    ask(
        server,
        &format!("GET {route} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
    )
}

fn ask(server: &TestServer, request: &str) -> Answer {
    let bytes = super::support::http::raw(server.address, request.as_bytes());
    super::support::http::parse(&bytes)
        .unwrap_or_else(|| panic!("{request}: {}", String::from_utf8_lossy(&bytes)))
}

fn whole(answer: &Answer) -> String {
    let headers: String = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    headers + &answer.text()
}
