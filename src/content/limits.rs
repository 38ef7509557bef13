//! Limits of depth and size of a comment.
//!
//! They are checked before the expensive steps, and refuse the comment: a cut comment is not what its author wrote.
//! They fit ten thousand characters, with or without markup, and stop inputs made to be expensive.

use std::fmt;

/// Largest Markdown by [`size`], and largest HTML in bytes. The site's own limit, in graphemes, is checked earlier.
pub(super) const MAX_SOURCE: usize = 64 * 1024;
/// Largest HTML of a rendered comment, by [`size`].
pub(super) const MAX_OUTPUT: usize = 64 * 1024;
/// Nested elements in Markdown and in the tree. A list in a list counts four.
pub(super) const MAX_DEPTH: usize = 16;
/// Nested elements in imported HTML, where wrappers that are removed count too.
pub(super) const MAX_DOM_DEPTH: usize = 64;
/// Nodes in imported HTML: misnested tags multiply.
pub(super) const MAX_DOM_NODES: usize = 20_000;
/// Times that the HTML parser may move misnested nodes.
pub(super) const MAX_DOM_MOVES: usize = 500;
/// Spaces, slashes and quotes in one tag of imported HTML: an upper bound of its attributes.
pub(super) const MAX_TAG_PARTS: usize = 2000;

/// The size of a text in bytes of ASCII, of which markup consists. Other characters are only copied, and the text's
/// own limit has counted them: ten thousand emoji can be 400,000 bytes.
pub(super) fn size(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii).count()
}

/// A text that is refused for its depth or size. In the API: `text_too_complex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// More than 16 nested elements.
    TooDeep,
    /// More than 64 KiB of ASCII, before or after rendering.
    TooLarge,
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ContentError::TooDeep => "This text nests too deeply.",
            ContentError::TooLarge => "This text becomes too large.",
        })
    }
}

impl std::error::Error for ContentError {}
