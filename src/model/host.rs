//! Checks of URL hosts: names that can exist in the DNS.
//!
//! The WHATWG rules accept `http://"&'()/` as a host, quotes included. No page, origin or link needs one.

use url::{Host, Url};

/// Removes the dot of the DNS root from the end of the host, in place; both spellings name the same host. Every URL
/// that is compared or stored passes through here.
pub fn without_root_dot(url: &mut Url) {
    let Some(Host::Domain(name)) = url.host() else {
        return;
    };
    if let Some(plain) = name.strip_suffix('.').filter(|plain| !plain.is_empty()) {
        let plain = plain.to_owned();
        // A host that is valid with the dot is valid without it.
        let _ = url.set_host(Some(&plain));
    }
}

/// Longest name in the DNS, in bytes as text (RFC 1035, 3.1: 255 octets on the wire).
const MAX_NAME: usize = 253;

/// Returns true if the host of the URL is an IP address, or a name of at most [`MAX_NAME`] bytes whose labels are letters,
/// digits, hyphens and underscores (RFC 1123, and the underscores in actual use).
pub fn is_plain(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            (1..=MAX_NAME).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
                && name
                    .strip_suffix('.')
                    .unwrap_or(name)
                    .split('.')
                    .all(|label| !label.is_empty())
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
            ("https://blog.example.", true),
            ("https://blog.example..", false),
            ("https://blog..example", false),
            ("https://.blog.example", false),
            ("https://.", false),
            ("https://127.0.0.1.", true),
        ] {
            assert_eq!(is_plain(&Url::parse(url).unwrap()), plain, "{url}");
        }
    }
}
