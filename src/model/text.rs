//! What people type into the fields of a form, made clean once and for all.
//!
//! Every path that takes a name, an address or a text (posting, editing, a moderator's edit, an import) goes through these types,
//! so that no second path has weaker checks: that is how Isso's stored XSS of 2026 came about.
//! Nothing here escapes anything: escaping belongs to whoever writes HTML, SQL or a mail header.
//!
//! Where to go next: [`characters`] for what is stripped and why, `content` for what becomes of a comment's text.

pub mod characters;
mod comment;
mod email;
mod lookalike;
mod name;
mod reserved;
mod site;
mod title;
mod website;

use std::borrow::Cow;
use std::fmt;
use unicode_segmentation::UnicodeSegmentation;

pub use comment::CommentText;
pub use email::Email;
pub use name::AuthorName;
pub use reserved::ReservedNames;
pub use site::SiteName;
pub use title::Title;
pub use website::Website;

/// Code points that a character may have on average. A family emoji has 7 and the longest 11, a letter with its marks a
/// few, a hostile grapheme thousands.
const CODE_POINTS_PER_CHARACTER: usize = 10;

/// The length in characters, the unit of all limits that people are told: graphemes, or a tenth of the code points
/// where that is more. The widget's counter (`embed/src/compose/text-length.ts`) counts the same.
pub fn length(text: &str) -> usize {
    by_code_points(text).max(text.graphemes(true).count())
}

/// The lower bound of [`length`] that takes no segmentation, for texts that may be of any size.
fn by_code_points(text: &str) -> usize {
    text.chars().count().div_ceil(CODE_POINTS_PER_CHARACTER)
}

/// A field that cannot be taken, in the words of `docs/api.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// One of the codes in `docs/api.md`, for programs.
    pub code: &'static str,
    /// The name of the field in the request.
    pub field: &'static str,
    /// A sentence for people. It never repeats what was typed.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error of `field`, with a sentence for people.
    pub fn new(code: &'static str, field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        FieldError {
            code,
            field,
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FieldError {}
