//! Hosts that could stand in the DNS.
//!
//! The WHATWG rules let `http://"&'()/` be a host, quotes included. No page, origin or link of ours needs one.

use url::{Host, Url};

/// Longest name in the DNS, as text (RFC 1035, 3.1: 255 octets on the wire).
const MAX_NAME: usize = 253;

/// Whether the URL has a host made of letters, digits, hyphens, underscores and dots (RFC 1123, and the underscores
/// that people use all the same) that is no longer than names are, or an IP address.
pub fn is_plain(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            (1..=MAX_NAME).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_host_is_longer_than_names_are() {
        let plain = |length| is_plain(&Url::parse(&format!("https://{}", "a".repeat(length))).unwrap());
        assert!(plain(253) && !plain(254));
    }

    #[test]
    fn no_quotes_in_hosts() {
        for (url, plain) in [
            ("https://blog.example", true),
            ("https://my_blog.example:8080", true),
            ("https://bücher.example", true),
            ("http://127.0.0.1", true),
            ("http://[::1]", true),
            ("http://!\"$&'()*+,-.;=_`{}~/", false),
            ("http://a'b.example", false),
            ("mailto:a@b.example", false),
        ] {
            assert_eq!(is_plain(&Url::parse(url).unwrap()), plain, "{url}");
        }
    }
}
