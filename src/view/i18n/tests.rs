//! Every language has every phrase, counts by its own rules, and escapes values in markup.

use std::sync::LazyLock;

use super::*;

/// English in letters that no page and no catalogue contains: other letters on a page did not come from the
/// catalogue. Its direction is right to left.
pub(crate) fn pseudo() -> &'static Messages {
    static PSEUDO: LazyLock<Messages> = LazyLock::new(|| {
        let wide = |text: &str| -> &'static str { Box::leak(widened(text).into_boxed_str()) };
        let phrases: Vec<Forms> = english()
            .phrases
            .iter()
            .map(|forms| -> Forms {
                forms
                    .iter()
                    .map(|(name, text)| (*name, wide(text)))
                    .collect::<Vec<_>>()
                    .leak()
            })
            .collect();
        Messages {
            tag: "he",
            phrases: phrases.leak(),
        }
    });
    &PSEUDO
}

/// The wide forms of letters, except within braces.
fn widened(text: &str) -> String {
    let mut within = false;
    text.chars()
        .map(|letter| {
            within = letter == '{' || within && letter != '}';
            match u32::from(letter) {
                code if letter.is_ascii_alphabetic() && !within => char::from_u32(code + 0xFEE0).unwrap(),
                _ => letter,
            }
        })
        .collect()
}

fn words(tag: &str) -> &'static Messages {
    nearest(tag).unwrap_or_else(|| panic!("no words in {tag}"))
}

#[test]
fn the_promised_languages_are_there_and_no_phrase_is_empty() {
    let promised = "ar cs de en es fa fr he id it ja ko nl pl pt-BR ru sv tr uk vi zh-Hans zh-Hant";
    let tags: Vec<&str> = LANGUAGES.iter().map(Messages::tag).collect();
    assert_eq!(tags.join(" "), promised);
    for words in LANGUAGES {
        assert_eq!(words.phrases.len(), MessageKey::ALL.len(), "{}", words.tag);
        assert!(words.rules().is_some(), "{}", words.tag);
        for word in MessageKey::ALL {
            for count in [0, 1, 2, 3, 5, 11, 21, 100, 1_000_000] {
                assert!(!words.form(*word, count).is_empty(), "{} {word:?}", words.tag);
            }
        }
    }
}

#[test]
fn no_form_is_there_for_nothing() {
    for words in LANGUAGES {
        let categories = words.categories();
        assert!(categories.contains(&"other"), "{}: {categories:?}", words.tag);
        for (category, _) in words.forms(MessageKey::MoreReplies) {
            assert!(
                categories.contains(category),
                "{} never says {category}",
                words.tag
            );
        }
    }
}

#[test]
fn numbers_have_the_category_that_their_language_gives_them() {
    for (tag, cases) in [
        ("en", &[(0, "other"), (1, "one"), (2, "other"), (21, "other")][..]),
        (
            "ru",
            &[
                (1, "one"),
                (2, "few"),
                (4, "few"),
                (5, "many"),
                (11, "many"),
                (12, "many"),
                (21, "one"),
                (22, "few"),
                (111, "many"),
            ],
        ),
        (
            "pl",
            &[
                (1, "one"),
                (2, "few"),
                (5, "many"),
                (12, "many"),
                (21, "many"),
                (22, "few"),
            ],
        ),
        (
            "cs",
            &[(1, "one"), (2, "few"), (4, "few"), (5, "other"), (22, "other")],
        ),
        (
            "ar",
            &[
                (0, "zero"),
                (1, "one"),
                (2, "two"),
                (3, "few"),
                (10, "few"),
                (11, "many"),
                (99, "many"),
                (100, "other"),
                (103, "few"),
            ],
        ),
        ("he", &[(1, "one"), (2, "two"), (3, "other")]),
        ("fr", &[(0, "one"), (1, "one"), (2, "other"), (1_000_000, "many")]),
        ("ja", &[(0, "other"), (1, "other"), (5, "other")]),
    ] {
        for (count, category) in cases {
            assert_eq!(words(tag).category(*count), *category, "{tag} {count}");
        }
    }
    assert_eq!(
        words("ru").count(MessageKey::MoreReplies, 22),
        words("ru").count(MessageKey::MoreReplies, 3).replace('3', "22")
    );
}

#[test]
fn zero_may_have_words_of_its_own_in_every_language() {
    assert_eq!(
        words("en").count(MessageKey::Plain, 0),
        "Be the first to share a thought"
    );
    assert_eq!(
        words("ja").form(MessageKey::Plain, 0),
        words("ja").phrases[MessageKey::Plain as usize]
            .iter()
            .find(|(name, _)| *name == "zero")
            .unwrap()
            .1
    );
    assert_eq!(
        words("en").count(MessageKey::MoreReplies, 0),
        "Show 0 more replies",
        "no form of its own"
    );
}

#[test]
fn what_fills_a_phrase_is_text_and_is_not_filled_again() {
    let hostile = html! { bdi { "<script>{name}&" } };
    assert_eq!(
        words("en").html(MessageKey::InReplyTo, &[("name", &hostile)]).0,
        "in reply to <bdi>&lt;script&gt;{name}&amp;</bdi>"
    );
    assert_eq!(fill("{a}{b}", &[("a", "{b}"), ("b", "{a}")]), "{b}{a}");
    assert_eq!(fill("{a} {unknown} {open", &[("a", "1")]), "1 {unknown} {open");
    assert_eq!(html("<{a}", &[]).0, "&lt;{a}", "the wording itself is text too");
    assert_eq!(fill("", &[]), "");
    assert_eq!(fill("}{{a}", &[("a", "1")]), "}{{a}", "the name is “{{a”");
}

#[test]
fn names_keep_their_direction() {
    assert_eq!(words("ar").isolated("Ann"), "\u{2068}Ann\u{2069}");
    assert_eq!(
        (words("ar").dir(), words("fa").dir(), words("he").dir()),
        (Some("rtl"), Some("rtl"), Some("rtl"))
    );
    assert_eq!(
        (words("de").isolated("Ann").as_str(), words("de").dir()),
        ("Ann", None)
    );
}

/// An unused phrase must be removed from `keys.rs`; build.rs then asks for its removal from the catalogues.
#[test]
fn every_phrase_is_said_somewhere() {
    fn read(folder: &std::path::Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                *text += source.split("#[cfg(test)]\nmod tests {").next().unwrap();
            }
        }
    }
    let mut text = String::new();
    for part in [
        "view/thread",
        "view/thread.rs",
        "view/error.rs",
        "view/form_field.rs",
        "view/layout.rs",
        "view/author.rs",
        "view/raw_html.rs",
        "view/error_message.rs",
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(part);
        if path.is_dir() {
            read(&path, &mut text);
        } else {
            text += std::fs::read_to_string(path)
                .unwrap()
                .split("#[cfg(test)]\nmod tests {")
                .next()
                .unwrap();
        }
    }
    let said = |name: &str| {
        text.match_indices(&format!("MessageKey::{name}"))
            .any(|(at, whole)| !text[at + whole.len()..].starts_with(|next: char| next.is_alphanumeric()))
    };
    assert!(!said("Repl") && !said("Unheard"), "control");
    let unsaid: Vec<_> = MessageKey::ALL
        .iter()
        .filter(|word| !said(&format!("{word:?}")))
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}
