//! Removes secrets and redirect targets from page addresses: they do not identify the page and must never be shown to
//! other readers.
//!
//! After sign-in, or behind a signed link, the address bar holds them. On some sites `key` and `code` are content;
//! publishing a secret is worse than one thread for two pages, which a page id can separate.

use std::borrow::Cow;

/// Names of secret parameters, in lower case and without `-`, `_` and `.`.
const NAMES: &[&str] = &[
    "code",
    "session",
    "sid",
    "phpsessid",
    "key",
    "authkey",
    "auth",
    "authorization",
    "oauthverifier",
    "jwt",
    "bearer",
    "credential",
    "credentials",
    "passwd",
    "pwd",
    "passcode",
    "sig",
    "hmac",
    "otp",
    "totp",
    "ticket",
    "samlresponse",
    "samlart",
    "relaystate",
    "wpnonce",
    "previewnonce",
];
/// Suffixes of such names, as in `access_token` and `resetPasswordToken`.
const ENDINGS: &[&str] = &["token", "password", "secret", "signature", "sessionid", "apikey"];
/// Prefixes of such names: signed links of object stores.
const PREFIXES: &[&str] = &["xamz", "xgoog", "aspsessionid"];

/// `query` without its secrets; the others keep their order and spelling.
pub(super) fn query_without(query: &str) -> String {
    // The response of an identity provider. `state` alone is a filter of a list.
    let is_answer = query.split('&').any(|part| name_of(part) == "code");
    kept(query, |part| {
        is_secret(&name_of(part))
            || is_answer && matches!(name_of(part).as_str(), "state" | "sessionstate" | "iss")
    })
}

/// `query` without the parameters that hold an address.
pub(super) fn query_without_addresses(query: &str) -> String {
    kept(query, |part| {
        let mut text = part.to_owned();
        // Nested redirects are encoded more than once.
        for _ in 0..4 {
            let value = text.split_once('=').map_or(text.as_str(), |(_, value)| value);
            if is_address(value) || is_address(&text) {
                return true;
            }
            text = percent_decoded(&text);
        }
        false
    })
}

/// `path` without secrets among its `;name=value` parts; `None` if it has none.
pub(super) fn path_without(path: &str) -> Option<String> {
    if !path.contains(';') {
        return None;
    }
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let mut parts = segment.split(';');
            let mut left = parts.next().unwrap_or_default().to_owned();
            for part in parts.filter(|part| !is_secret(&name_of(part))) {
                left.push(';');
                left.push_str(part);
            }
            left
        })
        .collect();
    Some(segments.join("/"))
}

fn kept(query: &str, is_dropped: impl Fn(&str) -> bool) -> String {
    let kept: Vec<&str> = query.split('&').filter(|part| !is_dropped(part)).collect();
    kept.join("&")
}

/// The name of a parameter in the form of [`NAMES`]: `Access-Token[]=x` is `accesstoken`.
fn name_of(parameter: &str) -> String {
    let name = parameter.split('=').next().unwrap_or(parameter);
    let name: Cow<'_, str> = url::form_urlencoded::parse(name.as_bytes())
        .next()
        .map_or(Cow::Borrowed(name), |(name, _)| name);
    let name = name.split('[').next().unwrap_or_default();
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn is_secret(name: &str) -> bool {
    NAMES.contains(&name)
        || ENDINGS.iter().any(|end| name.ends_with(end))
        || PREFIXES.iter().any(|begin| name.starts_with(begin))
}

/// Returns true if this is an address or contains one.
fn is_address(text: &str) -> bool {
    let text = text
        .trim_start_matches(|c: char| c <= ' ' || c == '+')
        .to_ascii_lowercase();
    let two = text.as_bytes().first_chunk::<2>();
    text.contains("://")
        || two.is_some_and(|two| two.iter().all(|b| matches!(b, b'/' | b'\\')))
        || ["http:", "https:", "javascript:", "data:", "vbscript:"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
}

fn percent_decoded(text: &str) -> String {
    let (bytes, mut at) = (text.as_bytes(), 0);
    let mut out = Vec::with_capacity(bytes.len());
    while at < bytes.len() {
        match bytes[at..]
            .first_chunk::<3>()
            .and_then(crate::model::page::percent::decode)
        {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_content_stays() {
        let content = "p=1&id=2&q=token&page=code&tag=keys&author=x&monkey=y&state=open&codec=z&sort=key";
        assert_eq!(query_without(content), content);
        for secret in [
            "code",
            "token",
            "access_token",
            "id_token",
            "refresh_token",
            "session",
            "sessionid",
            "SESSION_ID",
            "sid",
            "key",
            "api_key",
            "apikey",
            "X-Api-Key",
            "auth",
            "authorization",
            "password",
            "pwd",
            "secret",
            "client_secret",
            "signature",
            "sig",
            "X-Amz-Credential",
            "X-Goog-Signature",
            "otp",
            "ticket",
            "jwt",
            "PHPSESSID",
            "JSESSIONID",
            "oauth_token",
            "oauth_verifier",
            "_wpnonce",
            "csrfToken",
            "token[0]",
            "%6Bey",
        ] {
            assert_eq!(
                query_without(&format!("a=1&{secret}=x&b=2")),
                "a=1&b=2",
                "{secret}"
            );
            assert_eq!(query_without(secret), "", "{secret}");
        }
        assert_eq!(query_without("state=abc&p=1&code=x&session_state=y"), "p=1");
    }
}
