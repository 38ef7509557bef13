//! The title of an article, as sent by the page that embeds the thread.
//!
//! It comes from the reader's browser, so it is as untrusted as any other field and is cleaned like a name.

use super::characters;
use crate::model::text::{FieldError, FieldErrorKind, length};

const FIELD: &str = "title";
/// Longest title, in characters ([`length`]).
const MAX: usize = 300;
/// Longest input, in bytes: bounds the work of NFC. Longer input has more than [`MAX`] characters.
const MAX_TYPED_BYTES: usize = 19_200;

/// A clean title: 1 to 300 characters ([`length`]), one line, NFC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Title(String);

impl Title {
    /// Parses a title; `None` if it has no visible character.
    ///
    /// # Errors
    /// `title_too_long`.
    pub fn parse(typed: &str) -> Result<Option<Self>, FieldError> {
        let too_long = || {
            FieldError::new(
                FieldErrorKind::TitleTooLong,
                FIELD,
                "This title is longer than 300 characters.",
            )
        };
        if typed.trim().len() > MAX_TYPED_BYTES {
            return Err(too_long());
        }
        let title = characters::clean_line(typed);
        if !characters::has_visible(&title) {
            return Ok(None);
        }
        if length(&title) > MAX {
            return Err(too_long());
        }
        Ok(Some(Title(title)))
    }

    /// The title. Not escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_clean_line() {
        assert_eq!(
            Title::parse("On\r\n tea\0 & “milk”").unwrap().unwrap().as_str(),
            "On tea & “milk”"
        );
        assert_eq!(Title::parse("\u{200b}").unwrap(), None);
        for character in ["é", "字", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ﷺ"] {
            assert!(Title::parse(&character.repeat(300)).is_ok(), "{character}");
            let long = Title::parse(&character.repeat(301));
            assert_eq!(long.unwrap_err().kind.as_str(), "title_too_long", "{character}");
        }
    }
}
