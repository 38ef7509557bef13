//! Texts of the pages for readers, in each language with a catalogue; the widget uses the same catalogues.
//!
//! build.rs embeds the phrases ([`keys`] lists them); nothing is read or parsed at run time. A phrase contains
//! {names}; their values are text, and are escaped in markup. Must never build a sentence from pieces: languages
//! order them differently. The language of a reader is decided in `web::http::language`; the phrases of errors in
//! [`crate::view::error_message`].

// Used by build.rs; compiled here for its tests only.
#[cfg(test)]
mod catalogue;
mod keys;

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use maud::{Markup, PreEscaped, Render as _, html};

pub use keys::MessageKey;

use crate::model::language;

/// A phrase by plural category; a phrase without a number has `other` only.
type Forms = &'static [(&'static str, &'static str)];

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// The phrases of one language.
#[derive(Debug)]
pub struct Messages {
    tag: &'static str,
    phrases: &'static [Forms],
}

/// The language that is nearest to a tag; `None` if none is near.
#[must_use]
pub fn nearest(tag: &str) -> Option<&'static Messages> {
    let tag = language::nearest(tag, TAGS)?;
    LANGUAGES.iter().find(|words| words.tag == tag)
}

/// English, the original of all catalogues.
#[must_use]
pub fn english() -> &'static Messages {
    nearest("en").expect("build.rs stops without en.json")
}

impl Messages {
    /// The language's tag (BCP 47).
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// `rtl` if the language is written from right to left.
    #[must_use]
    pub fn dir(&self) -> Option<&'static str> {
        language::is_rtl(self.tag).then_some("rtl")
    }

    /// A phrase without values.
    #[must_use]
    pub fn text(&self, word: MessageKey) -> &'static str {
        form(self.forms(word), "other")
    }

    /// A phrase with values, as text.
    #[must_use]
    pub fn fill(&self, word: MessageKey, values: &[(&str, &str)]) -> String {
        fill(self.text(word), values)
    }

    /// A phrase with values, as markup.
    #[must_use]
    pub fn html(&self, word: MessageKey, values: &[(&str, &Markup)]) -> Markup {
        html(self.text(word), values)
    }

    /// The form of a phrase for a number, without values; every language may have a form `zero` for 0.
    #[must_use]
    pub fn form(&self, word: MessageKey, count: i64) -> &'static str {
        let forms = self.forms(word);
        if count == 0 && forms.iter().any(|(category, _)| *category == "zero") {
            form(forms, "zero")
        } else {
            form(forms, self.category(count))
        }
    }

    /// A phrase whose only value is a number.
    #[must_use]
    pub fn count(&self, word: MessageKey, count: i64) -> String {
        fill(self.form(word, count), &[("count", &count.to_string())])
    }

    /// The plural category of a number.
    #[must_use]
    pub fn category(&self, count: i64) -> &'static str {
        self.rules()
            .map_or("other", |rules| name(rules.category_for(count)))
    }

    /// The plural categories of the language.
    #[must_use]
    pub fn categories(&self) -> Vec<&'static str> {
        self.rules()
            .map(|rules| rules.categories().map(name).collect())
            .unwrap_or_default()
    }

    /// A name or title for use in text without markup. In right-to-left languages it keeps its own direction by
    /// Unicode isolates, as in the widget.
    #[must_use]
    pub fn isolated(&self, text: &str) -> String {
        if self.dir().is_some() && !text.is_empty() {
            format!("\u{2068}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }

    /// Built from embedded data: a cache would not be faster.
    fn rules(&self) -> Option<PluralRules> {
        let locale = Locale::try_from_str(self.tag).ok()?;
        PluralRules::try_new_cardinal((&locale).into()).ok()
    }

    fn forms(&self, word: MessageKey) -> Forms {
        self.phrases[word as usize]
    }
}

/// A name or title as markup that keeps its own direction and does not change the direction around it.
#[must_use]
pub fn isolated(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// Fills in the values of a wording, once: values are not searched for names. A name without a value stays as it is.
#[must_use]
pub fn fill(wording: &str, values: &[(&str, &str)]) -> String {
    pieces(wording)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Name(name, whole) => value(values, name).copied().unwrap_or(whole),
        })
        .collect()
}

/// Fills in values that are markup; the wording itself is text.
#[must_use]
pub fn html(wording: &str, values: &[(&str, &Markup)]) -> Markup {
    PreEscaped(
        pieces(wording)
            .map(|piece| match piece {
                Piece::Text(text) => text.render().0,
                Piece::Name(name, whole) => {
                    value(values, name).map_or_else(|| whole.render().0, |value| value.0.clone())
                }
            })
            .collect(),
    )
}

fn value<'a, T>(values: &'a [(&str, T)], name: &str) -> Option<&'a T> {
    values
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

enum Piece<'a> {
    Text(&'a str),
    /// A name, without and with its braces.
    Name(&'a str, &'a str),
}

fn pieces(wording: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = wording;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = match (rest.strip_prefix('{'), rest.find('{')) {
            (Some(inner), _) => match inner.find('}') {
                Some(end) => {
                    let (whole, after) = rest.split_at(end + 2);
                    (Piece::Name(&inner[..end], whole), after)
                }
                None => (Piece::Text(rest), ""),
            },
            (None, Some(brace)) => (Piece::Text(&rest[..brace]), &rest[brace..]),
            (None, None) => (Piece::Text(rest), ""),
        };
        rest = after;
        Some(piece)
    })
}

fn form(forms: Forms, category: &str) -> &'static str {
    let of = |category: &str| value(forms, category).copied();
    of(category).or_else(|| of("other")).unwrap_or_default()
}

fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[cfg(test)]
pub(crate) mod tests;
