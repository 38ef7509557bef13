//! Who the client is: the peer, or whom trusted proxies speak for.
//!
//! Reads the one header that the configuration names: `Forwarded` by RFC 7239, every other (`X-Forwarded-For`,
//! `X-Real-IP`) as a list of nodes separated by commas. From right to left: each trusted proxy is believed about who
//! spoke to it, and the first address that is none of them is the client. What names nobody (`unknown`, `_hidden`, what
//! cannot be read) ends the walk, and the proxy that said it is taken for the client: all readers behind it would be
//! one, so it is logged once, and `afterword doctor` finds it. Logs hold no address.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Once,
};

use serde::{Deserialize, Serialize};
use warp::http::HeaderMap;

use crate::config::Config;

/// Headers in which proxies name the client.
const KNOWN_HEADERS: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Why the client may be somebody else than the address says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardingFault {
    /// A trusted proxy sent an element that names nobody.
    Unreadable(String),
    /// A trusted proxy sent this header, and not the one that is configured.
    OtherHeader(String),
    /// A peer that is not trusted sent a forwarding header.
    NotTrusted,
}

/// The client's address. Logs what is wrong with the headers, once of each kind.
pub(crate) fn client(config: &Config, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let (address, trouble) = read(config, peer, headers);
    if let Some(trouble) = trouble {
        trouble.log(&config.forwarded_header);
    }
    address
}

/// The client's address, and what is wrong with the headers.
pub(crate) fn read(config: &Config, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, Option<ForwardingFault>) {
    let name = config.forwarded_header.as_str();
    let other = || {
        KNOWN_HEADERS
            .into_iter()
            .find(|known| *known != name && headers.contains_key(*known))
    };
    let is_there = headers.contains_key(name);
    if !config.trusts(peer) {
        let trouble = (is_there || other().is_some()).then_some(ForwardingFault::NotTrusted);
        return (peer, trouble);
    }
    if !is_there {
        return (
            peer,
            other().map(|name| ForwardingFault::OtherHeader(name.to_owned())),
        );
    }
    let is_rfc_7239 = name == "forwarded";
    let separator = Separator {
        byte: b',',
        quotes: is_rfc_7239,
    };
    let (mut address, mut elements) = (peer, Vec::new());
    for line in headers.get_all(name) {
        elements.extend(separator.split(line.as_bytes()));
    }
    for element in elements.into_iter().rev() {
        let element = String::from_utf8_lossy(element);
        let element = element.trim();
        // RFC 9110, 5.6.1.2: empty elements do not count.
        if element.is_empty() {
            continue;
        }
        let next = if is_rfc_7239 {
            forwarded_for(element)
        } else {
            node(element)
        };
        let Some(next) = next else {
            return (address, Some(ForwardingFault::Unreadable(element.to_owned())));
        };
        address = next;
        if !config.trusts(address) {
            break;
        }
    }
    (address, None)
}

/// Logged; also what tells whether anything was unreadable since the program started.
static UNREADABLE: Once = Once::new();

/// Did a trusted proxy send an element that names nobody, since the program started?
pub(crate) fn was_unreadable() -> bool {
    UNREADABLE.is_completed()
}

impl ForwardingFault {
    fn log(&self, header: &str) {
        static OTHER_HEADER: Once = Once::new();
        static NOT_TRUSTED: Once = Once::new();
        match self {
            Self::Unreadable(_) => UNREADABLE.call_once(|| {
                tracing::warn!(
                    header,
                    "a trusted proxy does not say whom it speaks for, so its readers count as one; run afterword doctor"
                );
            }),
            Self::OtherHeader(found) => OTHER_HEADER.call_once(|| {
                tracing::warn!(
                    header,
                    found,
                    "a trusted proxy sends another forwarding header than forwarded_header names; run afterword doctor"
                );
            }),
            Self::NotTrusted => NOT_TRUSTED.call_once(|| {
                tracing::warn!(
                    "a forwarding header came from a peer that is not in trusted_proxies, and is ignored; \
                     if a proxy stands before this server, run afterword doctor"
                );
            }),
        }
    }
}

/// Splits at a byte, but not inside a quoted string.
struct Separator {
    byte: u8,
    quotes: bool,
}

impl Separator {
    fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
        let (mut quoted, mut escaped) = (false, false);
        text.split(|byte| {
            let ends = *byte == self.byte && !quoted;
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' if self.quotes => quoted = !quoted,
                _ => (),
            }
            ends
        })
        .collect()
    }
}

/// The address in `for=` of an element of RFC 7239; none: it names nobody.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = Separator {
        byte: b';',
        quotes: true,
    };
    let mut found = None;
    for pair in pairs.split(element.as_bytes()) {
        let pair = std::str::from_utf8(pair).ok()?.trim();
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            // RFC 7239, 4: each parameter occurs once. Which of two the proxy meant nobody knows.
            return None;
        }
    }
    node(found?)
}

/// The address of a node (RFC 7239, 6), quoted or not, with or without brackets, port and zone.
fn node(text: &str) -> Option<IpAddr> {
    let text = unquoted(text.trim())?;
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        (host, after)
    } else {
        match text.split_once(':') {
            // A colon more: an IPv6 address without brackets, which cannot have a port.
            Some((_, rest)) if rest.contains(':') => (text, ""),
            Some((host, _)) => (host, &text[host.len()..]),
            None => (text, ""),
        }
    };
    let bracketed = text.starts_with('[');
    if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
        return None;
    }
    if host.contains(':') {
        let (address, _zone) = host.split_once('%').unwrap_or((host, ""));
        return address
            .parse::<Ipv6Addr>()
            .ok()
            .map(|v6| IpAddr::V6(v6).to_canonical());
    }
    if bracketed {
        return None;
    }
    host.parse().ok().map(IpAddr::V4)
}

/// `1*5DIGIT`, or an obfuscated port.
fn is_port(text: &str) -> bool {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let obfuscated = text.strip_prefix('_').is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    });
    digits || obfuscated
}

/// A quoted string without its quotes and escapes; other text as it is. None: a quote is missing.
fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else {
        return (!text.contains('"')).then(|| text.to_owned());
    };
    let inner = rest.strip_suffix('"')?;
    let (mut plain, mut chars) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(char) = chars.next() {
        match char {
            '\\' => plain.push(chars.next()?),
            '"' => return None,
            _ => plain.push(char),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
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
        let (address, trouble) = read(&config, peer.parse().unwrap(), &headers);
        (Network::of(address).to_string(), trouble)
    }

    /// Behind 10.0.0.1.
    fn behind(header: &str, lines: &[&str]) -> (String, Option<ForwardingFault>) {
        let lines: Vec<_> = lines.iter().map(|line| (header, *line)).collect();
        seen(header, "10.0.0.0/8", "10.0.0.1", &lines)
    }

    #[test]
    fn a_stranger_cannot_say_who_he_is() {
        for trusted in ["", "10.0.0.0/8"] {
            for name in KNOWN_HEADERS {
                let line = [(name, "203.0.113.9")];
                let told = seen("x-forwarded-for", trusted, "192.0.2.1", &line);
                assert_eq!(
                    told,
                    ("192.0.2.1".to_owned(), Some(ForwardingFault::NotTrusted)),
                    "{name}"
                );
            }
            assert_eq!(seen("x-forwarded-for", trusted, "192.0.2.1", &[]).1, None);
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
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

    /// Nodes as proxies write them, and whom they name.
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

    /// What names nobody.
    const NOBODY: &[&str] = &[
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
    fn what_names_nobody_is_the_proxy_and_is_told() {
        for text in NOBODY {
            let told = behind("x-forwarded-for", &[&format!("198.51.100.7, {text}")]);
            assert_eq!(
                told,
                (
                    "10.0.0.1".to_owned(),
                    Some(ForwardingFault::Unreadable((*text).to_owned()))
                )
            );
            let (client, trouble) = behind("forwarded", &[&format!("for=198.51.100.7, for={text}")]);
            assert!(client == "10.0.0.1" && trouble.is_some(), "{text}: {client}");
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
            let (client, trouble) = behind("forwarded", &[line]);
            assert!(client == "10.0.0.1" && trouble.is_some(), "{line}: {client}");
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
        let line =
            "for=198.51.100.7;host=\"a,b;c\\\"d\";proto=http, for=203.0.113.9;host=\"x, for=192.0.2.1\"";
        assert_eq!(behind("forwarded", &[line]), ("203.0.113.9".to_owned(), None));
    }
}
