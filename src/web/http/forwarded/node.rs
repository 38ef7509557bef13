//! Elements of the headers in which proxies name the client: nodes (RFC 7239, 6) and the parameters of `Forwarded`.

use std::net::{IpAddr, Ipv6Addr};

/// A byte that separates elements of a header, except in a quoted string where the header has those.
pub(super) struct Separator {
    pub(super) byte: u8,
    pub(super) quotes: bool,
}

impl Separator {
    pub(super) fn split<'a>(&self, text: &'a [u8]) -> Vec<&'a [u8]> {
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

/// The address in the parameter `for` of an element of `Forwarded`; `None` if there is none.
pub(super) fn forwarded_for(element: &str) -> Option<IpAddr> {
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
            // RFC 7239, 4: each parameter occurs once; of two values neither can be trusted.
            return None;
        }
    }
    node(found?)
}

/// The address of a node (RFC 7239, 6), quoted or not, with or without brackets, port and zone; `None` for `unknown`, for
/// an obfuscated name and for what is malformed.
pub(super) fn node(text: &str) -> Option<IpAddr> {
    let text = unquoted(text.trim())?;
    let text = text.trim();
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        (host, after)
    } else {
        match text.split_once(':') {
            // A second colon: an IPv6 address without brackets, which cannot have a port.
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

/// True for `1*5DIGIT` and for an obfuscated port.
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

/// The content of a quoted string without its escapes; unquoted text as it is. `None` if a quote is missing.
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
