//! The author name of a comment.
//!
//! It appears beside the page's own words, so it is cleaned as one line and limited in length. `reserved` decides
//! which names a reader may not take. Wrap it in `<bdi>` wherever it is shown: a right-to-left name must not reorder
//! its surroundings.

use super::characters;
use crate::model::text::{FieldError, FieldErrorKind, length};

const FIELD: &str = "name";
/// Longest name, in characters ([`length`]).
const MAX: usize = 60;
/// Longest input, in bytes: bounds the work of NFC. Longer input has more than [`MAX`] characters.
const MAX_TYPED_BYTES: usize = 4096;

/// A clean name: 1 to 60 characters ([`length`]), NFC, with visible characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuthorName(String);

impl AuthorName {
    /// Parses a typed name; `None` if it has no visible character. Reserved names are accepted: a caller that takes a
    /// name from a reader checks [`super::ReservedNames`] as well.
    ///
    /// # Errors
    /// `name_too_long`.
    pub fn parse(typed: &str) -> Result<Option<Self>, FieldError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        if typed.len() > MAX_TYPED_BYTES {
            return Err(too_long());
        }
        let name = characters::clean_line(typed);
        if !characters::has_visible(&name) {
            return Ok(None);
        }
        if length(&name) > MAX {
            return Err(too_long());
        }
        Ok(Some(AuthorName(name)))
    }

    /// The error for a site that requires a name.
    pub fn missing() -> FieldError {
        FieldError::new(FieldErrorKind::NameMissing, FIELD, "Please give a name.")
    }

    /// The name. Not escaped.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn too_long() -> FieldError {
    FieldError::new(
        FieldErrorKind::NameTooLong,
        FIELD,
        "This name is longer than 60 characters.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(typed: &str) -> String {
        AuthorName::parse(typed).unwrap().unwrap().as_str().to_owned()
    }

    fn code(typed: &str) -> &'static str {
        AuthorName::parse(typed).unwrap_err().kind.as_str()
    }

    #[test]
    fn names_of_people_pass() {
        for typed in [
            "Ann",
            "O’Brien-Ŝmith",
            "山田太郎",
            "محمد علی‌رضا",
            "Nguyễn Văn A",
            "J. R. “Bob” Dobbs",
            "<b>x</b>",
            "Joan Root",
            "🦊",
            "Adminton",
            "Ro",
            "Mina Da",
        ] {
            assert_eq!(name(typed), typed);
        }
        assert_eq!(name("Eve\r\nRCPT TO:<v@x.example>"), "Eve RCPT TO:<v@x.example>");
    }

    #[test]
    fn a_name_without_ink_is_absent() {
        for typed in [
            " \n ",
            "\u{200b}\u{3164}",
            "\u{301}\u{301}",
            "\u{fffc}",
            "\u{e000}",
            "\u{2800} \u{115f}",
        ] {
            assert_eq!(AuthorName::parse(typed), Ok(None), "{typed:?}");
        }
    }

    #[test]
    fn sixty_characters_are_taken_whatever_they_are_and_sixty_one_are_not() {
        for character in [
            "a",
            "é",
            "e\u{301}",
            "字",
            "한",
            "ﷺ",
            "क्षि",
            "🦊",
            "🇺🇦",
            "👍🏽",
            "👩‍👩‍👧‍👦",
            "👨🏿‍❤️‍👨🏻",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "\u{20000}",
            "9️⃣",
        ] {
            assert_eq!(length(&name(&character.repeat(60))), 60, "{character}");
            assert_eq!(
                length(&name(&format!("  {} ", character.repeat(60)))),
                60,
                "{character}"
            );
            assert_eq!(code(&character.repeat(61)), "name_too_long", "{character}");
        }
        assert_eq!(name(&format!("{}Ann", " ".repeat(5_000))), "Ann");
        assert_eq!(code(&"a\u{200d}".repeat(700)), "name_too_long");
        assert_eq!(code(&"\u{fdfa}".repeat(2000)), "name_too_long");
    }
}
