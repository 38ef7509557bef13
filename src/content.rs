//! Renders comments: turns untrusted Markdown or HTML into HTML that is safe to show.
//!
//! ```text
//! Markdown ─▶ HTML (capped) ─┐
//! imported HTML (capped) ────┴▶ ammonia ─▶ safe tree ─▶ HTML | JSON | plain text
//! ```
//!
//! All comments pass through this folder, those of admins and imports included; nothing is added to its output
//! afterwards. A [`SafeTree`] cannot hold an element, attribute or link scheme outside of the list in `docs/api.md`,
//! since its types cannot express one. Ammonia before it is defence in depth.
//!
//! See `policy` for the allow-list, `tree_builder` for the treatment of everything else, `limits` for depth and size.

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

/// The content policy version. Raise it when the rules change: stored trees of older versions are then rendered again
/// from their source.
pub const POLICY: i64 = 2;

/// Renders Markdown (`docs/decisions/0006-markdown.md`), with strikethrough, web addresses as links and newlines as
/// line breaks; raw HTML is shown as text, images become links, headings become strong paragraphs. No letter of the
/// source is lost.
///
/// # Errors
/// [`ContentError`] if the text nests too deeply or becomes too large. Nothing is cut.
pub fn from_markdown(source: &str) -> Result<SafeTree, ContentError> {
    tree_builder::tree(&policy::sanitize(&markdown::to_html(source)?))
}

/// Renders a comment that another system stored as HTML.
///
/// # Errors
/// [`ContentError`] if it nests too deeply or is too large. Nothing is cut.
pub fn from_html(html: &str) -> Result<SafeTree, ContentError> {
    if html.len() > limits::MAX_SOURCE {
        return Err(ContentError::TooLarge);
    }
    // ammonia's work grows with the square of the depth, so a parser that can stop checks the depth first.
    dom::parse(html)?;
    tree_builder::tree(&policy::sanitize(html))
}
