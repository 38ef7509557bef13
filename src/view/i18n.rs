//! What the pages for readers say, in each language that there is a catalogue of: the widget's own words.
//!
//! build.rs put the phrases into the binary ([`keys`] lists which); nothing is read or parsed at run time.
//! A phrase has {names} in it; what fills them is text, and is escaped wherever it becomes mark-up. Must never
//! build a sentence by joining pieces: languages order them differently. Which language a reader gets is
//! decided in `web::http::language`; errors find their words in [`crate::view::error_message`].

// Run by build.rs; here it is only tested.
#[cfg(test)]
mod catalogue;
mod keys;

use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use maud::{Markup, PreEscaped, Render as _, html};

pub use keys::MessageKey;

use crate::model::language;

/// A phrase by plural categories; one that does not count has `other` alone.
type Forms = &'static [(&'static str, &'static str)];

include!(concat!(env!("OUT_DIR"), "/catalogues.rs"));

/// The words of one language.
#[derive(Debug)]
pub struct Messages {
    tag: &'static str,
    phrases: &'static [Forms],
}

/// The words of the language that is nearest to a tag; none: nothing near it is known.
#[must_use]
pub fn nearest(tag: &str) -> Option<&'static Messages> {
    let tag = language::nearest(tag, TAGS)?;
    LANGUAGES.iter().find(|words| words.tag == tag)
}

/// The original, which all others follow.
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

    /// `rtl` where it is written from right to left.
    #[must_use]
    pub fn dir(&self) -> Option<&'static str> {
        language::is_rtl(self.tag).then_some("rtl")
    }

    /// A phrase with nothing to fill in.
    #[must_use]
    pub fn text(&self, word: MessageKey) -> &'static str {
        form(self.forms(word), "other")
    }

    /// A phrase as text.
    #[must_use]
    pub fn fill(&self, word: MessageKey, values: &[(&str, &str)]) -> String {
        fill(self.text(word), values)
    }

    /// A phrase as mark-up; so are its values.
    #[must_use]
    pub fn html(&self, word: MessageKey, values: &[(&str, &Markup)]) -> Markup {
        html(self.text(word), values)
    }

    /// The form of a phrase for a number, its names not yet filled in; `zero` may stand for 0 in any language.
    #[must_use]
    pub fn form(&self, word: MessageKey, count: i64) -> &'static str {
        let forms = self.forms(word);
        if count == 0 && forms.iter().any(|(category, _)| *category == "zero") {
            form(forms, "zero")
        } else {
            form(forms, self.category(count))
        }
    }

    /// A phrase with a number, and nothing else, to fill in.
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

    /// The plural categories that the language has.
    #[must_use]
    pub fn categories(&self) -> Vec<&'static str> {
        self.rules()
            .map(|rules| rules.categories().map(name).collect())
            .unwrap_or_default()
    }

    /// A name or a title within text that can have no mark-up. Between words from right to left it keeps its
    /// own direction by Unicode's isolates, as in the widget.
    #[must_use]
    pub fn isolated(&self, text: &str) -> String {
        if self.dir().is_some() && !text.is_empty() {
            format!("\u{2068}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }

    /// From data in the binary: finding them costs no more than keeping them would.
    fn rules(&self) -> Option<PluralRules> {
        let locale = Locale::try_from_str(self.tag).ok()?;
        PluralRules::try_new_cardinal((&locale).into()).ok()
    }

    fn forms(&self, word: MessageKey) -> Forms {
        self.phrases[word as usize]
    }
}

/// A name or a title within a phrase: it keeps its own direction, and gives none to what stands around it.
#[must_use]
pub fn isolated(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// Fills in the names of a wording, once: what a value says is not looked at again. A name that nobody gives
/// stays as it is.
#[must_use]
pub fn fill(wording: &str, values: &[(&str, &str)]) -> String {
    pieces(wording)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Name(name, whole) => value(values, name).copied().unwrap_or(whole),
        })
        .collect()
}

/// The same with mark-up as values; the wording itself is text.
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
    /// A name, and the same with its braces.
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
