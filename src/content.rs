//! The only maker of HTML that is safe to show.
//!
//! ```text
//! Markdown ─▶ HTML (capped) ─┐
//! imported HTML (capped) ────┴▶ ammonia ─▶ safe tree ─▶ HTML | JSON | plain text
//! ```
//!
//! Nobody goes around this folder, admins and importers included; nothing is added to its output afterwards.
//! A [`SafeTree`] cannot hold an element, attribute or link scheme outside of the list in `docs/api.md`:
//! its types have no place for one. That makes the tree the wall, and ammonia the wall before it.
//!
//! Where to go next: `policy` for what is allowed, `tree_builder` for what becomes of the rest, `limits` for how much of it.

mod autolinks;
mod block;
mod blocks;
mod dom;
mod emoticons;
mod fences;
mod html;
mod inline;
mod json;
mod limits;
mod line_cursor;
mod markdown;
mod plain_text;
mod policy;
mod tree;
mod tree_builder;
mod whitespace;

#[cfg(test)]
mod checker;
#[cfg(test)]
mod tests;

pub use html::SafeHtml;
pub use limits::ContentError;
pub use tree::SafeTree;

/// The version of the rules. Raise it when they change: stored trees of an older version are rendered anew from their source.
pub const POLICY: i64 = 2;

/// Renders a comment's source: Markdown as people type it (`docs/decisions/0006-markdown.md`), with strikethrough, web addresses
/// as links and newlines as line breaks; raw HTML is shown as text, images become links, headings strong paragraphs.
/// No letter of it vanishes.
///
/// # Errors
/// [`ContentError`] when the text nests too deeply or becomes too large. Nothing is ever cut.
pub fn from_markdown(source: &str) -> Result<SafeTree, ContentError> {
    tree_builder::tree(&policy::sanitize(&markdown::to_html(source)?))
}

/// Takes over a comment that another system stored as HTML.
///
/// # Errors
/// [`ContentError`] when it nests too deeply or is too large. Nothing is ever cut.
pub fn from_html(html: &str) -> Result<SafeTree, ContentError> {
    if html.len() > limits::MAX_SOURCE {
        return Err(ContentError::TooLarge);
    }
    // ammonia's work grows with the square of the depth, so the depth is checked by a parser that can stop.
    dom::parse(html)?;
    tree_builder::tree(&policy::sanitize(html))
}
