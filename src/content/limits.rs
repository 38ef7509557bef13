//! How deep and how large a comment may be.
//!
//! The limits stand before the expensive steps, and refuse: a comment that was cut is a comment that nobody wrote.
//! They are wide for people (ten thousand characters fit, marked up or not) and narrow for bombs.

use std::fmt;

/// The [`size`] of Markdown that is looked at, and the bytes of HTML. The site's own limit, in graphemes, has come before.
pub(super) const MAX_SOURCE: usize = 64 * 1024;
/// The [`size`] of the HTML that one comment may become.
pub(super) const MAX_OUTPUT: usize = 64 * 1024;
/// Elements within elements, in Markdown and in the tree. A list in a list counts four.
pub(super) const MAX_DEPTH: usize = 16;
/// The same in HTML as it arrives, where wrappers that do not survive count too.
pub(super) const MAX_DOM_DEPTH: usize = 64;
/// Nodes in HTML as it arrives: misnested tags multiply.
pub(super) const MAX_DOM_NODES: usize = 20_000;
/// How often the HTML parser may rearrange misnested tags before it is called an attack.
pub(super) const MAX_DOM_MOVES: usize = 500;
/// Spaces, slashes and quotes in one tag of HTML as it arrives: there are fewer attributes than that.
pub(super) const MAX_TAG_PARTS: usize = 2000;

/// How much there is of what markup is made of: ASCII. Other characters are only copied, and the text's own limit
/// has counted them: ten thousand emoji may be 400,000 bytes.
pub(super) fn size(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii).count()
}

/// A text that is refused for its shape. In the API: `text_too_complex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// More than 16 elements within one another.
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
