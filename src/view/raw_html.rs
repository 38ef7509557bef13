//! The only place that writes unescaped markup: comment bodies and data blocks.
//!
//! A body has the type [`SafeHtml`], which only [`crate::content`] creates; no other value may be written unescaped.

use maud::{Markup, PreEscaped, html};

use crate::{
    content::{SafeHtml, SafeTree},
    model::comment::Comment,
    view::i18n::{MessageKey, Messages},
};

/// Rendered content as markup.
#[must_use]
pub fn content(html: &SafeHtml) -> Markup {
    PreEscaped(html.as_str().to_owned())
}

/// The text of a comment; a message if it cannot be shown.
#[must_use]
pub fn body(words: &Messages, comment: &Comment) -> Markup {
    match SafeTree::from_json(&comment.body) {
        Some(tree) => content(&tree.to_html()),
        None => html! { p.quiet { (words.text(MessageKey::Unshown)) } },
    }
}

/// The text of a comment as plain text.
#[must_use]
pub fn text(comment: &Comment) -> String {
    SafeTree::from_json(&comment.body)
        .map(|tree| tree.to_text())
        .unwrap_or_default()
}

/// A JSON value as a data block. `<`, `>` and `&` are written as JSON escapes, so that no value can end the element
/// or begin a comment.
#[must_use]
pub fn json_ld(value: &serde_json::Value) -> Markup {
    let json = value
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    html! { script type="application/ld+json" { (PreEscaped(json)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_block_cannot_be_ended_from_within() {
        let value = serde_json::json!({"text": "</script><!--<script>&"});
        let markup = json_ld(&value).0;
        assert_eq!(markup.matches('<').count(), 2, "{markup}");
        let inside = markup
            .trim_start_matches("<script type=\"application/ld+json\">")
            .trim_end_matches("</script>");
        assert_eq!(serde_json::from_str::<serde_json::Value>(inside).unwrap(), value);
    }
}
