//! Finds web addresses in running text: start, end and target.
//!
//! The characters are those of the WHATWG URL standard; the end is found as in linkify-it: brackets are balanced, the
//! punctuation of the sentence is left out. Text of another script directly after Latin letters ends an address,
//! since the sentence continues there (`https://a.example/b这里`); after a separator it belongs to it (`/wiki/日本`).

use super::policy::Href;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

const SCRIPTS: CodePointMapDataBorrowed<'static, Script> = CodePointMapData::new();
const CATEGORIES: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();

/// The context of an address.
#[derive(Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// The character before it.
    pub(super) before: Option<char>,
    /// True if emphasis by `*`, by `_`, and `~~` are open: then these characters at the end of the address close
    /// them.
    pub(super) stars: bool,
    pub(super) lines: bool,
    pub(super) tildes: bool,
}

/// The target of a typed link; `www.` becomes `http://www.`.
pub(super) fn target(typed: &str) -> Option<Href> {
    if has_prefix(typed, "www.") {
        Href::parse(&format!("http://{typed}"))
    } else {
        Href::parse(typed)
    }
}

/// Length in bytes of the address with `http://`, `https://` or `www.` at the beginning of `text`; 0 if there is
/// none.
pub(super) fn length(text: &str, surroundings: Surroundings) -> usize {
    if surroundings
        .before
        .is_some_and(|c| c.is_ascii_alphanumeric() || "+-._@".contains(c))
    {
        return 0;
    }
    for scheme in ["https://", "http://"] {
        if has_prefix(text, scheme) {
            let end = end(text, scheme.len(), surroundings);
            return if end > scheme.len() { end } else { 0 };
        }
    }
    if has_prefix(text, "www.") {
        // The host is checked first: a path is read only if the whole is an address, so that no text is read twice.
        let host = &text[..host_end(text)];
        let host = host.trim_end_matches(['.', ':', '-', '_']);
        if host.matches('.').count() >= 2 && !host.contains("..") {
            return end(text, 0, surroundings);
        }
    }
    0
}

/// Length in bytes of an e-mail address, or of a host and path without a scheme, at the beginning of `text`: neither
/// a link nor Markdown.
pub(super) fn bare_length(text: &str, surroundings: Surroundings) -> usize {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let local = text.find(|c| !is_local(c)).unwrap_or(text.len());
    if local > 0 && text[local..].starts_with('@') {
        let domain = &text[local + 1..];
        let is_domain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
        let domain = &domain[..domain.find(|c| !is_domain(c)).unwrap_or(domain.len())];
        let domain = domain.trim_end_matches(['.', '-']);
        return if domain.contains('.') {
            local + 1 + domain.len()
        } else {
            0
        };
    }
    let host = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c)))
        .unwrap_or(text.len());
    let is_host = text[host..].starts_with('/')
        && text[..host].rsplit_once('.').is_some_and(|(name, top)| {
            !name.is_empty() && top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic())
        });
    if is_host { end(text, 0, surroundings) } else { 0 }
}

pub(super) fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn end(text: &str, scheme: usize, surroundings: Surroundings) -> usize {
    let host = scheme + host_end(&text[scheme..]);
    if host == scheme {
        return scheme;
    }
    let path = if text[host..].starts_with(['/', '?', '#', '\\']) {
        path_end(&text[host..], surroundings.before)
    } else {
        0
    };
    scheme + without_punctuation(&text[scheme..host + path], surroundings).len()
}

fn host_end(text: &str) -> usize {
    if let Some(inside) = text.strip_prefix('[') {
        let length = inside
            .find(|c: char| !(c.is_ascii_hexdigit() || ":.".contains(c)))
            .unwrap_or(inside.len());
        let Some(behind) = inside[length..].strip_prefix(']') else {
            return 0;
        };
        let port = behind
            .find(|c: char| !(c.is_ascii_digit() || c == ':'))
            .unwrap_or(behind.len());
        return length + 2 + port;
    }
    let mut segment = Segment::default();
    let mut dotted = false;
    for (at, c) in text.char_indices() {
        let goes_on = match c {
            '.' | ':' | '@' => {
                segment = Segment::default();
                dotted |= c == '.';
                true
            }
            '-' | '_' | '%' => true,
            c if c.is_ascii() => {
                segment.latin |= c.is_ascii_alphanumeric();
                c.is_ascii_alphanumeric()
            }
            // In `abc日本.example` the host goes on; in `a.example日本` it has ended.
            c => segment.takes(c) || !dotted && &text[..at] != "localhost" && is_word(c),
        };
        if !goes_on {
            return at;
        }
    }
    text.len()
}

fn path_end(text: &str, before: Option<char>) -> usize {
    let mut open = Vec::new();
    let mut segment = Segment::default();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &text[at..];
        let goes_on = match c {
            '<' | '>' | '"' | '|' => false,
            '\'' => before != Some('\''),
            // HTML references to characters that end an address.
            '&' => !["&lt;", "&gt;", "&quot;"]
                .iter()
                .any(|entity| rest.starts_with(entity)),
            ',' | ';' => !has_prefix(&rest[1..], "http://") && !has_prefix(&rest[1..], "https://"),
            '(' => {
                open.push(')');
                true
            }
            '[' => {
                open.push(']');
                true
            }
            '{' => {
                open.push('}');
                true
            }
            ')' | ']' | '}' => open.pop() == Some(c),
            c if c.is_ascii_alphanumeric() => {
                segment.latin = true;
                true
            }
            c if c.is_ascii() => c.is_ascii_graphic(),
            // These join the words of a title, and do not occur between letters in a sentence.
            '·' | '・' => chars.peek().is_some_and(|(_, next)| is_word(*next)) && !segment.is_empty(),
            c => segment.takes(c),
        };
        if !goes_on {
            return at;
        }
        if c.is_ascii_punctuation() && c != '%' {
            segment = Segment::default();
        }
    }
    text.len()
}

/// The letters since the last separator.
#[derive(Default)]
struct Segment {
    latin: bool,
    other: bool,
}

impl Segment {
    fn is_empty(&self) -> bool {
        !self.latin && !self.other
    }

    /// Returns true if a character outside of ASCII continues it.
    fn takes(&mut self, c: char) -> bool {
        let category = CATEGORIES.get(c);
        if GeneralCategoryGroup::Mark.contains(category) {
            return !self.is_empty();
        }
        if matches!(c, '\u{200C}' | '\u{200D}') {
            return self.other;
        }
        if SCRIPTS.get(c) == Script::Latin {
            self.latin = true;
            return true;
        }
        let fits = is_word(c) && (self.other || !self.latin);
        self.other |= fits;
        fits
    }
}

/// Letters, digits and symbols such as emoji.
fn is_word(c: char) -> bool {
    let category = CATEGORIES.get(c);
    c.is_alphanumeric()
        || GeneralCategoryGroup::Mark.contains(category)
        || GeneralCategoryGroup::Symbol.contains(category)
}

/// The address without the final characters that belong to the sentence or to the emphasis around it.
fn without_punctuation(address: &str, surroundings: Surroundings) -> &str {
    let mut address = address;
    while let Some(last) = address.chars().next_back() {
        let outside = match last {
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '\\' | '(' | '[' | '{' => true,
            '*' => surroundings.stars,
            '_' => surroundings.lines,
            '~' => surroundings.tildes,
            '`' => address.matches('`').count() % 2 == 1,
            _ => false,
        };
        if !outside {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> &str {
        &text[..length(text, Surroundings::default())]
    }

    #[test]
    fn an_address_ends_where_the_sentence_goes_on() {
        for (text, address) in [
            (
                "https://en.wikipedia.org/wiki/_init_*2* x",
                "https://en.wikipedia.org/wiki/_init_*2*",
            ),
            (
                "https://a.example/~~x~~`y`&copy;\\z?q=*_* x",
                "https://a.example/~~x~~`y`&copy;\\z?q=*_*",
            ),
            ("https://example.com/a这里", "https://example.com/a"),
            ("https://example.com这里", "https://example.com"),
            ("https://example.com/a를 보세요", "https://example.com/a"),
            ("https://example.com/aтут", "https://example.com/a"),
            ("https://example.com/aهنا", "https://example.com/a"),
            ("https://example.com/aכאן", "https://example.com/a"),
            ("https://example.com/aที่นี่", "https://example.com/a"),
            ("https://example.com/a👍", "https://example.com/a"),
            ("https://example.com/a。", "https://example.com/a"),
            ("https://example.com/a，b", "https://example.com/a"),
            ("https://example.com/a）", "https://example.com/a"),
            ("https://example.com/a」", "https://example.com/a"),
            ("https://example.com/a” x", "https://example.com/a"),
            ("https://example.com/a—b", "https://example.com/a"),
            (
                "https://ja.wikipedia.org/wiki/日本",
                "https://ja.wikipedia.org/wiki/日本",
            ),
            (
                "https://ja.wikipedia.org/wiki/ジョン・レノン。",
                "https://ja.wikipedia.org/wiki/ジョン・レノン",
            ),
            (
                "https://ru.wikipedia.org/wiki/Россия_(страна)!",
                "https://ru.wikipedia.org/wiki/Россия_(страна)",
            ),
            (
                "https://de.wikipedia.org/wiki/Bücher",
                "https://de.wikipedia.org/wiki/Bücher",
            ),
            ("https://a.example/%E8%BF%99里", "https://a.example/%E8%BF%99"),
            ("https://bücher.example/", "https://bücher.example/"),
            ("https://пример.рф/путь", "https://пример.рф/путь"),
            ("https://例え.テスト/", "https://例え.テスト/"),
            ("https://abc日本.example/", "https://abc日本.example/"),
            ("http://[::1]:8080/x]", "http://[::1]:8080/x"),
            ("http://a_b.example:80/", "http://a_b.example:80/"),
            ("http://localhost:3000/x", "http://localhost:3000/x"),
            ("HTTPS://A.EXAMPLE/X", "HTTPS://A.EXAMPLE/X"),
            (
                "https://a.example/?a=1&amp;b=2.",
                "https://a.example/?a=1&amp;b=2",
            ),
            ("https://a.example/x&gt; y", "https://a.example/x"),
            ("https://a.example/x|y", "https://a.example/x"),
            ("https://a.example/x_(y)) z", "https://a.example/x_(y)"),
            ("https://a.example/x[1]] z", "https://a.example/x[1]"),
            ("https://a.example/x\"y", "https://a.example/x"),
            ("https://a.example/O'Brien's.", "https://a.example/O'Brien's"),
            ("https://a.example/x...", "https://a.example/x"),
            ("https://a.example/x?!", "https://a.example/x"),
            ("https://a.example/x,https://b.example", "https://a.example/x"),
            ("https://a.example, b", "https://a.example"),
            (
                "https://web.example/2020/https://b.example/x",
                "https://web.example/2020/https://b.example/x",
            ),
            ("https://a.example/x\\", "https://a.example/x"),
            ("https://a.example/x_", "https://a.example/x_"),
            ("https://a.example/x`", "https://a.example/x"),
            ("www.a.example/_x_.", "www.a.example/_x_"),
            ("www.a.example", "www.a.example"),
            ("www.example", ""),
            ("www...", ""),
            ("https://", ""),
            ("https:// x", ""),
            ("https://.", ""),
            ("http://[x]/", ""),
            ("ftp://a.example", ""),
        ] {
            assert_eq!(found(text), address, "{text}");
        }
    }

    #[test]
    fn what_is_open_is_closed_behind_an_address() {
        let stars = Surroundings {
            stars: true,
            ..Surroundings::default()
        };
        let address = "https://a.example/x_y_z";
        assert_eq!(length(&format!("{address}*"), stars), address.len());
        assert_eq!(length(&format!("{address}**."), stars), address.len());
        let quoted = Surroundings {
            before: Some('\''),
            ..Surroundings::default()
        };
        assert_eq!(length(&format!("{address}' x"), quoted), address.len());
        let word = Surroundings {
            before: Some('x'),
            ..Surroundings::default()
        };
        assert_eq!(length(address, word), 0);
    }

    #[test]
    fn addresses_without_a_scheme_are_known() {
        for (text, bare) in [
            ("_first_last_@a.example, x", "_first_last_@a.example"),
            ("a.example/_x_*y* z", "a.example/_x_*y*"),
            ("and/or", ""),
            ("1.5/2", ""),
            ("a.example", ""),
            ("@name", ""),
            ("a@b", ""),
        ] {
            assert_eq!(
                &text[..bare_length(text, Surroundings::default())],
                bare,
                "{text}"
            );
        }
    }
}
