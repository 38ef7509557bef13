//! The allow-list of comments: elements, link targets, code languages.
//!
//! Security rests on two facts about this list. No element in it switches the HTML parser's mode (no svg, math,
//! style, title, textarea, iframe, noscript, template …), so that every parser reads the output the same way; and the
//! only attribute with an effect, `href`, holds the output of [`Href::parse`], never the typed text.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::model::{host, text::Email};
use ammonia::{Builder, UrlRelative};
use url::Url;

/// The `rel` of every link: user-generated, not endorsed, no window handle, no referrer.
pub(super) const REL: &str = "ugc nofollow noopener noreferrer";

const SCHEMES: [&str; 3] = ["http", "https", "mailto"];
const MAX_HREF: usize = 2048;
const MAX_LANGUAGE: usize = 32;

/// Elements of the tree, and those that `tree_builder` converts to them.
const ELEMENTS: &[&str] = &[
    "p",
    "br",
    "strong",
    "em",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "hr",
    "b",
    "i",
    "s",
    "strike",
    "img",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
];

/// Elements reduced to the boundary between two paragraphs.
pub(super) const BOUNDARIES: &[&str] = &[
    "address",
    "article",
    "aside",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "main",
    "nav",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
];

/// Elements reduced to a space between two words.
pub(super) const CELLS: &[&str] = &["td", "th"];

static AMMONIA: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().chain(BOUNDARIES).chain(CELLS).copied().collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("img", HashSet::from(["src", "alt"])),
            ("code", HashSet::from(["class"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(REL))
        .strip_comments(true);
    builder
});

/// Removes everything but the elements above from HTML.
pub(super) fn sanitize(html: &str) -> String {
    AMMONIA.clean(html).to_string()
}

/// The target of a link: an absolute http, https or mailto URL in normal form, without user information.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Href(String);

impl Href {
    /// Parses a target; `None` if the text is no such URL. `Href::parse(h.as_str())` returns `h` again.
    ///
    /// A link with user information is refused, since `https://bank.example@evil.example` is made to mislead; the
    /// fields of a mail (`?bcc=`) are dropped, since its sender fills them in.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        match url.scheme() {
            "mailto" => return Self::mail(url.path()),
            "http" | "https" => {
                (host::is_plain(&url) && url.username().is_empty() && url.password().is_none())
                    .then_some(())?;
            }
            _ => return None,
        }
        let printable = url.as_str().bytes().all(|b| b.is_ascii_graphic());
        (printable && url.as_str().len() <= MAX_HREF).then(|| Href(url.into()))
    }

    /// A `mailto:` URL to one address, in any percent-encoding. Anything after a `?`, encoded or not, would be header
    /// fields to some programs.
    fn mail(path: &str) -> Option<Self> {
        let decoded = percent_decode(path)?;
        let address = decoded.split('?').next()?;
        let email = Email::parse(address).ok()??;
        // Other characters have a meaning in URLs.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"@._+-'=~$*".contains(&b);
        email
            .as_str()
            .bytes()
            .all(plain)
            .then(|| Href(format!("mailto:{}", email.as_str())))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

fn percent_decode(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(String::from)
}

/// The language of a code block, for highlighters: the `rust` of `class="language-rust"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Language(String);

impl Language {
    /// Parses a whole `class` attribute.
    pub(super) fn parse_class(class: &str) -> Option<Self> {
        let name = class.strip_prefix("language-")?;
        Self::is_name(name).then(|| Language(name.to_owned()))
    }

    /// Returns true if this is a valid language name.
    pub(super) fn is_name(name: &str) -> bool {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+#._-".contains(&b))
            && (1..=MAX_LANGUAGE).contains(&name.len())
    }

    pub(super) fn class(&self) -> String {
        format!("language-{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_they_say() {
        for (typed, kept) in [
            ("https://a.example", Some("https://a.example/")),
            (
                "HTTP://Bücher.example/é?q='",
                Some("http://xn--bcher-kva.example/%C3%A9?q=%27"),
            ),
            ("mailto:a@b.example?bcc=v@x.example#x", Some("mailto:a@b.example")),
            (
                "mailto:a@b.example?bcc=v@x.example&body=hello",
                Some("mailto:a@b.example"),
            ),
            ("MAILTO:a@B.example?cc=c@x.example", Some("mailto:a@b.example")),
            ("mailto:a@b.example%3Fbcc=v@x.example", Some("mailto:a@b.example")),
            ("mailto:%61@b.example", Some("mailto:a@b.example")),
            ("mailto:a%40b.example", Some("mailto:a@b.example")),
            ("mailto:a+tag@b.example", Some("mailto:a+tag@b.example")),
            ("mailto:a@b.example,c@x.example", None),
            ("mailto:a@b.example%2Cc@x.example", None),
            ("mailto:a@b.example%0D%0ABcc:c@x.example", None),
            ("mailto:?to=a@b.example", None),
            ("mailto:nobody", None),
            ("tel:+15550100", None),
            ("sms:+15550100?body=x", None),
            ("https://bank.example@evil.example/", None),
            ("javascript:alert(1)", None),
            ("/relative", None),
            ("//host/x", None),
            ("data:text/html,x", None),
            ("java\nscript:alert(1)", None),
        ] {
            let href = Href::parse(typed);
            assert_eq!(href.as_ref().map(Href::as_str), kept, "{typed}");
            if let Some(href) = href {
                assert_eq!(Href::parse(href.as_str()), Some(href));
            }
        }
    }

    #[test]
    fn a_class_is_a_language_or_nothing() {
        assert_eq!(
            Language::parse_class("language-c++")
                .map(|l| l.class())
                .as_deref(),
            Some("language-c++")
        );
        for class in [
            "rust",
            "language-",
            "language-a b",
            "language-a\"",
            "x language-rust",
        ] {
            assert_eq!(Language::parse_class(class), None);
        }
    }
}
