//! The heading of a thread: “59 thoughts on ‘Title’” in the reader's language, or the owner's own wording.

use maud::{Markup, html};

use crate::{
    model::site::Heading,
    view::i18n::{self, MessageKey, Messages},
};

/// The chosen wording of the heading, without values.
pub struct HeadingText<'a> {
    wording: &'a str,
    /// True if it is the owner's wording, in an unknown language.
    pub is_own: bool,
    count: String,
    title: &'a str,
    words: &'static Messages,
}

impl<'a> HeadingText<'a> {
    /// Chooses the wording for a number of comments.
    #[must_use]
    pub fn of(words: &'static Messages, heading: &'a Heading, count: i64, title: &'a str) -> Self {
        let own = own(words, heading, count);
        // As in the widget: an empty thread invites to comment, with or without a title.
        let word = if count == 0 || title.is_empty() {
            MessageKey::Plain
        } else {
            MessageKey::Heading
        };
        Self {
            wording: own.unwrap_or_else(|| words.form(word, count)),
            is_own: own.is_some(),
            count: count.to_string(),
            title,
            words,
        }
    }

    /// The heading as markup.
    #[must_use]
    pub fn markup(&self) -> Markup {
        let (count, title) = (html! { (self.count) }, i18n::isolated(self.title));
        i18n::html(self.wording, &[("count", &count), ("title", &title)])
    }

    /// The heading as text.
    #[must_use]
    pub fn text(&self) -> String {
        let title = self.words.isolated(self.title);
        i18n::fill(self.wording, &[("count", &self.count), ("title", &title)])
    }
}

/// The owner's wording for a number. If it may be in the reader's language, that language's rules choose the form;
/// otherwise a form for one or two applies to exactly this number, as in most languages. An empty thread has the
/// default wording unless the owner set one.
fn own<'a>(words: &Messages, heading: &'a Heading, count: i64) -> Option<&'a str> {
    let form = |category: &str| {
        heading
            .forms()
            .iter()
            .find(|(known, _)| known == category)
            .map(|(_, wording)| wording.as_str())
    };
    let exact = match count {
        0 => return form("zero"),
        1 => "one",
        2 => "two",
        _ => "other",
    };
    let covers = words.categories().iter().all(|category| form(category).is_some());
    let category = if covers { words.category(count) } else { exact };
    form(category).or_else(|| form("other"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: &str, heading: &Heading, count: i64, title: &str) -> String {
        HeadingText::of(i18n::nearest(tag).unwrap(), heading, count, title).text()
    }

    #[test]
    fn in_the_readers_language_unless_the_owner_says_otherwise() {
        let none = Heading::default();
        assert_eq!(text("en", &none, 59, "Tea"), "59 thoughts on “Tea”");
        assert_eq!(text("en", &none, 1, "{count}"), "One thought on “{count}”");
        assert_eq!(text("en", &none, 3, ""), "3 thoughts");
        assert_eq!(text("en", &none, 0, "Tea"), "Be the first to share a thought");
        assert_eq!(text("de", &none, 59, "Tee"), "59 Gedanken zu „Tee“");
        let own = Heading::parse("one=Ein Gedanke|other={count} Gedanken zu {title}").unwrap();
        assert_eq!(text("en", &own, 1, "Tee"), "Ein Gedanke");
        assert_eq!(text("en", &own, 2, "Tee"), "2 Gedanken zu Tee");
        assert_eq!(
            text("de", &own, 0, "Tee"),
            "Schreiben Sie den ersten Gedanken dazu"
        );
        let zero = Heading::parse("zero=Noch nichts|other={count}").unwrap();
        assert_eq!(text("en", &zero, 0, "Tee"), "Noch nichts");
    }

    #[test]
    fn the_owners_forms_go_by_the_rules_of_a_language_that_they_may_be_of() {
        let russian =
            Heading::parse("one={count} мысль|few={count} мысли|many={count} мыслей|other={count} мысли")
                .unwrap();
        for (count, wanted) in [(1, "1 мысль"), (3, "3 мысли"), (5, "5 мыслей"), (21, "21 мысль")]
        {
            assert_eq!(text("ru", &russian, count, ""), wanted);
        }
        let german = Heading::parse("one=Ein Gedanke|other={count} Gedanken").unwrap();
        assert_eq!(
            text("ru", &german, 21, ""),
            "21 Gedanken",
            "not one, but of the form for one"
        );
    }

    #[test]
    fn a_title_is_text_and_keeps_its_direction() {
        let (none, arabic) = (Heading::default(), i18n::nearest("ar").unwrap());
        let heading = HeadingText::of(arabic, &none, 3, "<b>{count}");
        assert_eq!(heading.markup().0, "3 أفكار حول «<bdi>&lt;b&gt;{count}</bdi>»");
        assert_eq!(heading.text(), "3 أفكار حول «\u{2068}<b>{count}\u{2069}»");
    }
}
