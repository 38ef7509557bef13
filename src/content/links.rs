//! Bare web addresses in running text, which become links.

use linkify::{LinkFinder, LinkKind};
use std::sync::LazyLock;

static FINDER: LazyLock<LinkFinder> = LazyLock::new(|| {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    finder
});

/// A stretch of text.
pub(super) enum Span<'t> {
    Words(&'t str),
    /// An address that begins with `http://` or `https://`, without the punctuation after it.
    Address(&'t str),
}

/// Splits a text into words and addresses, in order, nothing lost.
pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    // Most text has no address, and the finder looks at every character.
    if !text.contains("://") {
        return vec![Span::Words(text)];
    }
    FINDER
        .spans(text)
        .map(|span| match span.as_str() {
            url if span.kind().is_some() && is_web(url) => Span::Address(url),
            words => Span::Words(words),
        })
        .collect()
}

fn is_web(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    })
}
