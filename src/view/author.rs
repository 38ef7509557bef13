//! The author of a comment: name in isolation from the text around it, and generated avatar.

use maud::{Markup, html};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::{
    model::comment::Author,
    view::i18n::{MessageKey, Messages},
};

/// The name as text; a placeholder if it is empty.
#[must_use]
pub fn name<'a>(words: &Messages, author: &'a Author) -> &'a str {
    if author.name.is_empty() {
        words.text(MessageKey::Anonymous)
    } else {
        &author.name
    }
}

/// The name, linked to the author's website if there is one. Both come validated from the store.
#[must_use]
pub fn linked(words: &Messages, author: &Author) -> Markup {
    html! {
        @if author.website.is_empty() { bdi { (name(words, author)) } }
        @else { a href=(author.website) rel="ugc nofollow noopener" { bdi { (name(words, author)) } } }
    }
}

/// A disc in the author's hue with the first letter. The hue equals the widget's (`embed/src/thread/avatar.ts`).
#[must_use]
pub fn avatar(author: &Author) -> Markup {
    let first = author
        .name
        .trim()
        .graphemes(true)
        .next()
        .unwrap_or("·")
        .to_uppercase();
    html! {
        svg.disc viewBox="0 0 36 36" aria-hidden="true" focusable="false" {
            circle cx="18" cy="18" r="18" fill={ "hsl(" (hue(&author.avatar)) " 65% 50%)" } fill-opacity=".24" {}
            text x="18" y="18" dy=".36em" text-anchor="middle" fill="currentColor" { (first) }
        }
    }
}

/// A hue of 0 to 359 degrees, from the FNV-1a hash of the seed with further mixing.
fn hue(seed: &str) -> u32 {
    let hash = seed.chars().fold(2_166_136_261_u32, |hash, letter| {
        (hash ^ u32::from(letter)).wrapping_mul(16_777_619)
    });
    (hash ^ (hash >> 15)).wrapping_mul(2_246_822_519) % 360
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::i18n;

    #[test]
    fn a_name_is_text_wherever_it_stands() {
        let author = Author {
            name: "<i>\"".into(),
            website: "https://a.example/".into(),
            avatar: "seed".into(),
        };
        let markup = linked(i18n::english(), &author).0 + &avatar(&author).0;
        assert!(
            markup.contains("&lt;i&gt;&quot;") && !markup.contains("<i>"),
            "{markup}"
        );
        assert!(hue("a") < 360 && hue("a") != hue("b"));
    }
}
