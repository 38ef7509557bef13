//! Language negotiation: BCP 47 tags, and the nearest of the languages that have a catalogue.
//!
//! The catalogues are passed in. This must stay the only place that decides, since the texts of the widget and of the
//! pages have to be in one language. See `view::i18n` for the texts and `web::http::language` for what a request asks
//! for.

/// The language among `known` that is nearest to a tag; `None` if none is near.
///
/// `de-AT` is near `de`. Chinese is matched by its script, or by the script that its region uses; every Portuguese is
/// near the one that is known.
#[must_use]
pub fn nearest<'a>(tag: &str, known: &[&'a str]) -> Option<&'a str> {
    let find = |tag: &str| known.iter().copied().find(|one| one.eq_ignore_ascii_case(tag));
    // Some sites write tags as locale files are named: pt_BR.
    let tag = tag.replace('_', "-").to_ascii_lowercase();
    if !is_tag(&tag) {
        return None;
    }
    if let Some(exact) = find(&tag) {
        return Some(exact);
    }
    let subtags: Vec<&str> = tag.split('-').collect();
    let has = |any: &[&str]| subtags.iter().any(|subtag| any.contains(subtag));
    match subtags[0] {
        "zh" if has(&["hans"]) => find("zh-hans"),
        "zh" if has(&["hant", "tw", "hk", "mo"]) => find("zh-hant"),
        "zh" => find("zh-hans"),
        "pt" => find("pt-br"),
        // From the most specific to the language alone (RFC 4647, 3.4).
        _ => (1..subtags.len())
            .rev()
            .find_map(|length| find(&subtags[..length].join("-"))),
    }
}

/// Returns true if this has the form of a tag: a language, then subtags of letters and digits.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let language = subtags.next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// Returns true if the language is written from right to left. These three are all of those that have a catalogue.
#[must_use]
pub fn is_rtl(tag: &str) -> bool {
    matches!(tag.split('-').next(), Some("ar" | "fa" | "he"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["en", "de", "pt-BR", "sv", "zh-Hans", "zh-Hant"];

    #[test]
    fn the_nearest_language_is_found() {
        for (tag, wanted) in [
            ("de", "de"),
            ("DE", "de"),
            ("de-AT", "de"),
            ("de-Latn-CH-1996", "de"),
            ("en-GB", "en"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("pt_BR", "pt-BR"),
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-hk", "zh-Hant"),
            ("zh-MO", "zh-Hant"),
            ("zh-Hant-HK", "zh-Hant"),
            ("zh-Hans-HK", "zh-Hans"),
            ("ZH-HANT", "zh-Hant"),
        ] {
            assert_eq!(nearest(tag, KNOWN), Some(wanted), "{tag}");
        }
        assert_eq!(nearest("pt-PT", &["pt-BR", "pt-PT"]), Some("pt-PT"), "exact wins");
    }

    #[test]
    fn what_is_not_near_is_not_taken() {
        // Norwegian is not Swedish, and a tag that begins like another one is another language.
        for tag in [
            "no", "nb", "nb-NO", "den", "x", "", "d", "../de", "de.write", "de-", "-de", "de--x", "*",
        ] {
            assert_eq!(nearest(tag, KNOWN), None, "{tag}");
        }
        assert_eq!(nearest("zh-TW", &["en"]), None);
    }
}
