//! A web origin in the form of the `Origin` header.

use crate::model::host;
use std::fmt;
use url::{Position, Url};

/// `scheme://host[:port]`: http or https, host in lower case and punycode, without the dot of the DNS root, default
/// port and trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

/// The text is not an http or https origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginError;

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("An origin looks like https://blog.example, without a path.")
    }
}

impl std::error::Error for OriginError {}

impl Origin {
    /// Parses an origin, in a browser's spelling or a person's (`https://Bücher.example:443`).
    ///
    /// # Errors
    /// [`OriginError`] for `null`, other schemes, and anything after the port, even a slash.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        // Checked before parsing: the WHATWG rules accept `https:host?://`.
        let (_, rest) = text.split_once(':').ok_or(OriginError)?;
        let authority = rest.strip_prefix("//").ok_or(OriginError)?;
        let foreign =
            |c: char| matches!(c, '/' | '\\' | '?' | '#' | '@' | '%') || c.is_whitespace() || c.is_control();
        if text.len() > 512 || authority.contains(foreign) || authority.ends_with(':') {
            return Err(OriginError);
        }
        let mut url = Url::parse(text).map_err(|_| OriginError)?;
        if !matches!(url.scheme(), "http" | "https") || !host::is_plain(&url) {
            return Err(OriginError);
        }
        host::without_root_dot(&mut url);
        Ok(Origin::of(&url))
    }

    /// The origin of an http or https URL without user information.
    pub(super) fn of(url: &Url) -> Self {
        Origin(url[..Position::AfterPort].to_owned())
    }

    /// The origin as a browser sends it, except for a dot at the host's end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        for (text, origin) in [
            ("https://blog.example", "https://blog.example"),
            ("HTTPS://Blog.Example:443", "https://blog.example"),
            ("http://blog.example:8080", "http://blog.example:8080"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://localhost:80", "http://localhost"),
            ("https://Blog.Example.", "https://blog.example"),
            ("https://blog.example.:443", "https://blog.example"),
            ("https://bücher.example。", "https://xn--bcher-kva.example"),
            ("http://127.0.0.1.:8080", "http://127.0.0.1:8080"),
            ("http://[0:0::1]", "http://[::1]"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), origin);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "null",
            "",
            "*",
            "blog.example",
            "//blog.example",
            "https://blog.example/",
            "https://blog.example/a",
            "https://a@blog.example",
            "https://blog.example?x",
            "https:blog.example",
            "https:blog.example?://x",
            "https:a@blog.example/b?c://",
            "ftp://blog.example",
            "https://",
            "https://blog.example:",
            "https://blog.example\n",
            "https://bl%6fg.example",
            "file://x",
            "https://a b",
            "https://blog.example..",
            "https://blog..example",
            "https://.",
            "https://blog.example:65536",
            "https://[::1",
        ] {
            assert_eq!(Origin::parse(text), Err(OriginError), "{text:?}");
        }
    }
}
