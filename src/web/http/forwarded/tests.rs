//! The client address behind proxies, with the spellings of nodes that real proxies send.

use super::*;
use crate::model::network::Network;

fn seen(
    header: &str,
    trusted: &str,
    peer: &str,
    lines: &[(&str, &str)],
) -> (String, Option<ForwardingFault>) {
    let nets = trusted.split(',').filter(|net| !net.is_empty());
    let config = Config {
        trusted_proxies: nets.map(|net| net.parse().unwrap()).collect(),
        forwarded_header: header.to_owned(),
        ..Config::default()
    };
    let mut headers = HeaderMap::new();
    for (name, line) in lines {
        let name: warp::http::HeaderName = name.parse().unwrap();
        headers.append(
            name,
            warp::http::HeaderValue::from_bytes(line.as_bytes()).unwrap(),
        );
    }
    let (address, fault) = read(&config, peer.parse().unwrap(), &headers);
    (Network::of(address).to_string(), fault)
}

/// The client that a request from the trusted proxy 10.0.0.1 has, with these lines of the header.
fn behind(header: &str, lines: &[&str]) -> (String, Option<ForwardingFault>) {
    let lines: Vec<_> = lines.iter().map(|line| (header, *line)).collect();
    seen(header, "10.0.0.0/8", "10.0.0.1", &lines)
}

#[test]
fn the_headers_of_an_untrusted_peer_are_ignored() {
    for trusted in ["", "10.0.0.0/8"] {
        for name in KNOWN_HEADERS {
            let line = [(name, "203.0.113.9")];
            let found = seen("x-forwarded-for", trusted, "192.0.2.1", &line);
            assert_eq!(
                found,
                ("192.0.2.1".to_owned(), Some(ForwardingFault::NotTrusted)),
                "{name}"
            );
        }
        assert_eq!(seen("x-forwarded-for", trusted, "192.0.2.1", &[]).1, None);
    }
}

#[test]
fn the_client_is_the_first_untrusted_address_from_the_right() {
    for (lines, client) in [
        (vec!["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        (vec!["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        (vec!["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
        (vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (vec!["203.0.113.9,, ,10.0.0.2,"], "203.0.113.9"),
        (vec!["", "203.0.113.9", ""], "203.0.113.9"),
        (vec!["ö, 203.0.113.9"], "203.0.113.9"),
    ] {
        assert_eq!(
            behind("x-forwarded-for", &lines),
            (client.to_owned(), None),
            "{lines:?}"
        );
    }
    let mapped = seen(
        "x-forwarded-for",
        "10.0.0.0/8",
        "::ffff:10.0.0.1",
        &[("x-forwarded-for", "2001:db8:1:2:3:4:5:6")],
    );
    assert_eq!(mapped, ("2001:db8:1:2::/64".to_owned(), None));
}

/// Nodes as proxies write them, with the network of the client.
const NODES: &[(&str, &str)] = &[
    ("203.0.113.9", "203.0.113.9"),
    (" 203.0.113.9 ", "203.0.113.9"),
    ("203.0.113.9:567", "203.0.113.9"),
    ("203.0.113.9:_p-1.x", "203.0.113.9"),
    ("\"203.0.113.9\"", "203.0.113.9"),
    ("\"203.0.113.9:567\"", "203.0.113.9"),
    ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
    ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
    ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
    ("\"[2001:db8:1:2::9]\"", "2001:db8:1:2::/64"),
    ("\"[2001:DB8:1:2::9]:443\"", "2001:db8:1:2::/64"),
    ("[fe80::1%eth0]:443", "fe80::/64"),
    ("fe80::1%25eth0", "fe80::/64"),
    ("::ffff:203.0.113.9", "203.0.113.9"),
    ("[::ffff:203.0.113.9]:80", "203.0.113.9"),
    ("\"203.0.113\\.9\"", "203.0.113.9"),
];

/// Nodes without an address.
const WITHOUT_ADDRESS: &[&str] = &[
    "unknown",
    "UNKNOWN",
    "unknown:80",
    "_hidden",
    "_SEVKISEK:1",
    "999.1.1.1",
    "203.0.113.9:",
    "203.0.113.9:port",
    "203.0.113.9:123456",
    "203.0.113.9/32",
    "[203.0.113.9]",
    "[2001:db8::9",
    "2001:db8::9]",
    "[2001:db8::9]443",
    "\"203.0.113.9",
    "203.0.113.9\"",
    "203.0.113",
    "0x7f.1",
    "\u{661}.2.3.4",
    "localhost",
    "-",
];

#[test]
fn nodes_are_read_in_every_form() {
    for (text, client) in NODES {
        for header in ["x-forwarded-for", "x-real-ip", "cf-connecting-ip"] {
            assert_eq!(
                behind(header, &[text]),
                ((*client).to_owned(), None),
                "{header}: {text}"
            );
        }
        for pattern in [
            "for={}",
            "For={};proto=https",
            "proto=http; FOR={} ;by=10.0.0.1",
            "for=unknown, for={}",
        ] {
            let line = pattern.replace("{}", text.trim());
            assert_eq!(
                behind("forwarded", &[&line]),
                ((*client).to_owned(), None),
                "{line}"
            );
        }
    }
}

#[test]
fn a_node_without_an_address_makes_the_proxy_the_client_and_is_reported() {
    for text in WITHOUT_ADDRESS {
        let found = behind("x-forwarded-for", &[&format!("198.51.100.7, {text}")]);
        assert_eq!(
            found,
            (
                "10.0.0.1".to_owned(),
                Some(ForwardingFault::Unreadable((*text).to_owned()))
            )
        );
        let (client, fault) = behind("forwarded", &[&format!("for=198.51.100.7, for={text}")]);
        assert!(client == "10.0.0.1" && fault.is_some(), "{text}: {client}");
    }
    for line in [
        "proto=https",
        "by=203.0.113.9",
        "203.0.113.9",
        "for=203.0.113.9;for=203.0.113.10",
        "for=203.0.113.9;nonsense",
        "for=",
        "host=\"for=203.0.113.9\"",
        "host=\"a, for=203.0.113.9\"",
    ] {
        let (client, fault) = behind("forwarded", &[line]);
        assert!(client == "10.0.0.1" && fault.is_some(), "{line}: {client}");
    }
}

#[test]
fn only_the_configured_header_is_read() {
    let both = [
        ("forwarded", "for=203.0.113.1"),
        ("x-forwarded-for", "203.0.113.2"),
        ("x-real-ip", "203.0.113.3"),
    ];
    for (header, client) in [
        ("forwarded", "203.0.113.1"),
        ("x-forwarded-for", "203.0.113.2"),
        ("x-real-ip", "203.0.113.3"),
    ] {
        assert_eq!(
            seen(header, "10.0.0.0/8", "10.0.0.1", &both),
            (client.to_owned(), None)
        );
    }
    let other = seen("x-forwarded-for", "10.0.0.0/8", "10.0.0.1", &both[..1]);
    assert_eq!(
        other,
        (
            "10.0.0.1".to_owned(),
            Some(ForwardingFault::OtherHeader("forwarded".to_owned()))
        )
    );
}

#[test]
fn quoted_commas_and_semicolons_separate_nothing() {
    let line = "for=198.51.100.7;host=\"a,b;c\\\"d\";proto=http, for=203.0.113.9;host=\"x, for=192.0.2.1\"";
    assert_eq!(behind("forwarded", &[line]), ("203.0.113.9".to_owned(), None));
}
