//! The website of a comment's author: a link chosen by an untrusted person.
//!
//! The result is an absolute http or https URL in ASCII without quotes of either kind, so that it is harmless in an
//! attribute with the wrong quotes. It is only linked to, never fetched.

use crate::model::{
    host,
    text::{FieldError, FieldErrorKind},
};
use url::{Host, Url};

const FIELD: &str = "website";
const MAX_BYTES: usize = 512;

/// An absolute http or https URL, at most 512 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Website(String);

impl Website {
    /// Parses a typed address, with `https://` before it if it has no scheme; `None` if the field is empty.
    ///
    /// # Errors
    /// `website_invalid` for another scheme, a user name or password, or a host without a dot; `website_too_long`.
    pub fn parse(typed: &str) -> Result<Option<Self>, FieldError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let invalid = || {
            FieldError::new(
                FieldErrorKind::WebsiteInvalid,
                FIELD,
                "This is not the address of a website.",
            )
        };
        let address = address(typed).ok_or_else(invalid)?;
        if address.len() > MAX_BYTES {
            // Letters beyond ASCII are several characters in a URL.
            let sentence = "This address has more than 512 characters, as browsers send it.";
            return Err(FieldError::new(FieldErrorKind::WebsiteTooLong, FIELD, sentence));
        }
        Ok(Some(Website(address)))
    }

    /// The URL. Not escaped, but without quotes and angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn address(typed: &str) -> Option<String> {
    // The URL rules drop tabs and newlines anywhere; nobody types them.
    if typed.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = if typed.contains("://") {
        Url::parse(typed)
    } else {
        Url::parse(&format!("https://{typed}"))
    }
    .ok()?;
    let named = match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name.contains('.') && !name.ends_with(".localhost")
        }
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    };
    let plain = matches!(url.scheme(), "http" | "https")
        && host::is_plain(&url)
        && url.username().is_empty()
        && url.password().is_none();
    // A path may hold an apostrophe; percent-encoded it is the same address.
    let address = url.as_str().replace('\'', "%27");
    (named && plain).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_sites_pass() {
        for (typed, kept) in [
            ("https://ann.example/", "https://ann.example/"),
            ("Ann.Example", "https://ann.example/"),
            ("http://ann.example/~a?b=c#d", "http://ann.example/~a?b=c#d"),
            (
                "bücher.example/x y".replace(' ', "").as_str(),
                "https://xn--bcher-kva.example/xy",
            ),
            ("example.org:8080/blog", "https://example.org:8080/blog"),
            (
                "https://a.example/'\"onmouseover=x",
                "https://a.example/%27%22onmouseover=x",
            ),
        ] {
            assert_eq!(Website::parse(typed).unwrap().unwrap().as_str(), kept);
        }
        assert_eq!(Website::parse(" ").unwrap(), None);
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "javascript:alert(1)",
            "javascript://a.example/%0aalert(1)",
            "JAVASCRIPT:1",
            "data:text/html,x",
            "vbscript:x",
            "ftp://a.example/",
            "mailto:a@b.example",
            "https://u:p@a.example/",
            "https://u@a.example/",
            "//",
            "localhost",
            "http://localhost:3000/",
            "intranet",
            "https://",
            "java\tscript:alert(1)",
            "https://a.example/ x",
            "file:///etc/passwd",
            "https:///",
            "http://a b.example",
        ] {
            assert_eq!(
                Website::parse(typed).map_err(|e| e.kind.as_str()),
                Err("website_invalid"),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn what_is_too_long_is_called_so() {
        for (path, taken) in [
            ("x".repeat(494), true),
            ("x".repeat(495), false),
            ("é".repeat(82), true),
            ("é".repeat(83), false),
            ("x".repeat(100_000), false),
        ] {
            let parsed = Website::parse(&format!("https://a.example/{path}"));
            assert_eq!(parsed.is_ok(), taken, "{}", path.len());
            if let Err(error) = parsed {
                assert_eq!(error.kind.as_str(), "website_too_long");
                assert!(error.message.contains("512 characters"));
            }
        }
        let long = format!("javascript:{}", "x".repeat(600));
        assert_eq!(
            Website::parse(&long).unwrap_err().kind.as_str(),
            "website_invalid"
        );
    }
}
