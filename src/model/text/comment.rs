//! The source of a comment: Markdown as its author typed it.
//!
//! Cleaned and checked for length, not interpreted: `content` renders it. Too long a text is refused before other
//! work, and none is ever cut: changing a text after a check is how `WordPress` got CVE-2015-3440.

use super::characters;
use crate::model::text::{FieldError, FieldErrorKind, characters::by_code_points, length};

const FIELD: &str = "text";

/// A comment's source: visible text of at most the site's limit in characters ([`length`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommentText(String);

impl CommentText {
    /// Cleans `typed` (see [`characters::clean_body`]), drops blank lines before it and white space after it.
    ///
    /// `max` is the site's limit in characters. Code points are counted first, so that an oversized text costs no
    /// other work.
    ///
    /// # Errors
    /// `text_missing` if nothing visible is left, `text_too_long` over the limit.
    pub fn parse(typed: &str, max: usize) -> Result<Self, FieldError> {
        let too_long = || {
            FieldError::new(
                FieldErrorKind::TextTooLong,
                FIELD,
                format!("This text is longer than {max} characters."),
            )
        };
        if by_code_points(typed.trim_end()) > max {
            return Err(too_long());
        }
        let clean = characters::clean_body(typed);
        let text = drop_blank_lines(clean.trim_end());
        if !characters::has_visible(text) {
            return Err(FieldError::new(
                FieldErrorKind::TextMissing,
                FIELD,
                "Write something first.",
            ));
        }
        if length(text) > max {
            return Err(too_long());
        }
        Ok(CommentText(text.to_owned()))
    }

    /// The source, neither escaped nor interpreted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Drops leading blank lines; the indentation of the first other line stays as typed.
fn drop_blank_lines(text: &str) -> &str {
    let ink = text.len() - text.trim_start().len();
    let line = text[..ink].rfind('\n').map_or(0, |newline| newline + 1);
    &text[line..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(typed: &str, max: usize) -> &'static str {
        CommentText::parse(typed, max).unwrap_err().kind.as_str()
    }

    #[test]
    fn text_is_kept_as_typed() {
        for text in [
            "Bags are *fine*, too.",
            "    code",
            "a\n\nb",
            "e\u{301}",
            ">:( <3 :*",
            "…“”",
        ] {
            assert_eq!(CommentText::parse(text, 100).unwrap().as_str(), text);
        }
        assert_eq!(
            CommentText::parse(" \r\n\r\n    code \r\n\r\n", 100)
                .unwrap()
                .as_str(),
            "    code"
        );
    }

    #[test]
    fn empty_and_endless_are_refused() {
        assert_eq!(code("", 10), "text_missing");
        assert_eq!(code(" \u{200b}\n\u{2800}", 10), "text_missing");
        assert_eq!(code("12345678901", 10), "text_too_long");
        for full in ["👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇺🇦", "e\u{301}\u{323}", "क्षि", "字", "a"]
        {
            assert!(CommentText::parse(&full.repeat(10_000), 10_000).is_ok(), "{full}");
            assert!(
                CommentText::parse(&format!("{}  \r\n ", full.repeat(10)), 10).is_ok(),
                "{full}"
            );
            assert_eq!(code(&full.repeat(11), 10), "text_too_long", "{full}");
        }
        let bomb = format!("a{}", "\u{301}".repeat(100_000));
        assert_eq!(code(&bomb, 10_000), "text_too_long");
        let small = format!("a{}", "\u{301}".repeat(500));
        assert_eq!(
            CommentText::parse(&small, 10_000)
                .unwrap()
                .as_str()
                .chars()
                .count(),
            9
        );
    }
}
