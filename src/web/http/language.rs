//! The language of a response: the one in the query parameter `lang`, else the first that the browser prefers.
//!
//! It applies to readers; owners and moderators get English. `model::language` finds the nearest language, `view::i18n`
//! has the catalogues. A response in a language is made by [`crate::web::http::response::page_for_reader`], whose `Vary`
//! keeps caches from giving one reader's page to another.

use warp::http::{HeaderMap, header};

use super::{query, request::Incoming};
use crate::{
    view::{
        i18n::{self, Messages},
        thread::address::LANG,
    },
    web::http::response::Audience,
};

/// The language of the response to a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestLanguage {
    /// Its catalogue of messages.
    pub words: &'static Messages,
    /// True if the query names the language; then the links of the page name it too.
    pub chosen: bool,
}

impl RequestLanguage {
    /// The language that a request asks for.
    #[must_use]
    pub fn by(request: &Incoming) -> Self {
        Self::of(&request.headers, &request.raw_query)
    }

    /// The language tag for links and forms, if the query names the language.
    #[must_use]
    pub fn lang(&self) -> Option<&'static str> {
        self.chosen.then(|| self.words.tag())
    }

    fn of(headers: &HeaderMap, query: &str) -> Self {
        // Of a repeated parameter the first counts: that is no reason to refuse a page.
        let named = query::first(query.as_bytes(), LANG).and_then(|tag| i18n::nearest(&tag));
        match named {
            Some(words) => Self { words, chosen: true },
            None => Self {
                words: preferred(headers).unwrap_or_else(i18n::english),
                chosen: false,
            },
        }
    }
}

/// The audience of a request to an area: for readers, in the language that the request asks for.
#[must_use]
pub fn audience(area: Audience, headers: &HeaderMap, query: &str) -> Audience {
    match area {
        Audience::Reader(_) => Audience::Reader(RequestLanguage::of(headers, query).words),
        Audience::Json | Audience::Page => area,
    }
}

/// The first language with a catalogue, in the order of the browser's preference (RFC 9110, 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<&'static Messages> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let mut ranges: Vec<(f32, &str)> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(range)
        .collect();
    // The sort is stable: ranges of equal quality stay in their order.
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.iter().find_map(|(_, tag)| i18n::nearest(tag))
}

/// The quality and the tag of a language range such as `de-AT;q=0.8`; `None` if it is malformed or has quality 0.
fn range(text: &str) -> Option<(f32, &str)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let quality = match parameters.trim() {
        "" => 1.0,
        parameter => parameter
            .strip_prefix("q=")
            .or_else(|| parameter.strip_prefix("Q="))?
            .trim()
            .parse::<f32>()
            .ok()
            .filter(|quality| (0.0..=1.0).contains(quality))?,
    };
    (quality > 0.0).then_some((quality, tag.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(lines: &[&str], query: &str) -> (&'static str, bool) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_LANGUAGE, line.parse().unwrap());
        }
        let language = RequestLanguage::of(&headers, query);
        (language.words.tag(), language.chosen)
    }

    #[test]
    fn a_browser_gets_the_first_language_it_prefers_that_has_a_catalogue() {
        for (lines, wanted) in [
            (&["de"][..], "de"),
            (&["de-CH, fr;q=0.9, en;q=0.8"], "de"),
            (&["en;q=0.3, ja;q=0.7, fr;q=0.5"], "ja"),
            (&["sr, hr;q=0.9, sv;q=0.1"], "sv"),
            (&["zh-TW,zh;q=0.9,en-US;q=0.8"], "zh-Hant"),
            (&["pt-PT"], "pt-BR"),
            (&["fr;q=0, it;q=0.2"], "it"),
            (&["FR-fr;Q=0.5"], "fr"),
            (&["sr", "ru;q=0.5"], "ru"),
            (&["de;q=0.5, fr;q=0.5"], "de"),
            (&["en-GB, de"], "en"),
        ] {
            assert_eq!(negotiated(lines, ""), (wanted, false), "{lines:?}");
        }
    }

    #[test]
    fn malformed_and_unknown_languages_get_english() {
        for line in [
            "",
            "*",
            "*;q=0.5",
            "sr",
            "de;q=2",
            "de;q=NaN",
            "de;q=",
            "de;level=1",
            ";;;",
            ",,,",
            "../de",
            "de;q=-1",
        ] {
            assert_eq!(negotiated(&[line], ""), ("en", false), "{line}");
        }
        assert_eq!(negotiated(&[], ""), ("en", false));
    }

    #[test]
    fn a_known_language_in_the_query_wins() {
        assert_eq!(negotiated(&["de"], "page=x&lang=ar"), ("ar", true));
        assert_eq!(negotiated(&["de"], "lang=en"), ("en", true));
        assert_eq!(negotiated(&["de"], "lang=zh_TW"), ("zh-Hant", true));
        assert_eq!(negotiated(&["de"], "lang=fr&lang=it"), ("fr", true));
        for query in ["lang=", "lang=sr", "lang=%22%3E", "language=fr"] {
            assert_eq!(negotiated(&["de"], query), ("de", false), "{query}");
        }
    }
}
