//! Hosts that could stand in the DNS.
//!
//! The WHATWG rules let `http://"&'()/` be a host, quotes included. No page, origin or link of ours needs one.

use url::{Host, Url};

/// Whether the URL has a host made of letters, digits, hyphens, underscores and dots (RFC 1123, and the underscores
/// that people use all the same), or an IP address.
pub fn is_plain(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            !name.is_empty()
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
