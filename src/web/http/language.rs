//! Which language a request asks for: the one that its address names, else what its browser prefers.
//!
//! Only readers are asked: owners and moderators get English. Decides nothing about what is near to what
//! (`model::language`), has no words (`view::i18n`). Whoever answers in a language says so by
//! [`crate::web::http::response::page_for_reader`], so that no cache gives one reader's page to another.

use warp::http::{HeaderMap, header};

use super::{query, request::Incoming};
use crate::{
    view::{
        i18n::{self, Messages},
        thread::address::LANG,
    },
    web::http::response::Audience,
};

/// The language of an answer.
#[derive(Clone, Copy, Debug)]
pub struct RequestLanguage {
    /// Its words.
    pub words: &'static Messages,
    /// The request's address names it, so links from here do too.
    pub chosen: bool,
}

impl RequestLanguage {
    /// What a request asks for.
    #[must_use]
    pub fn by(request: &Incoming) -> Self {
        Self::of(&request.headers, &request.raw_query)
    }

    /// The tag that links and forms carry on, if the language was chosen.
    #[must_use]
    pub fn lang(&self) -> Option<&'static str> {
        self.chosen.then(|| self.words.tag())
    }

    fn of(headers: &HeaderMap, query: &str) -> Self {
        // Written twice, the first counts: no one should be refused a page for that.
        let named = query::first(query, LANG).and_then(|tag| i18n::nearest(&tag));
        match named {
            Some(words) => Self { words, chosen: true },
            None => Self {
                words: preferred(headers).unwrap_or_else(i18n::english),
                chosen: false,
            },
        }
    }
}

/// The face of an area, turned to whom this request comes from.
#[must_use]
pub fn audience(face: Audience, headers: &HeaderMap, query: &str) -> Audience {
    match face {
        Audience::Reader(_) => Audience::Reader(RequestLanguage::of(headers, query).words),
        Audience::Json | Audience::Page => face,
    }
}

/// The first language that we have words in, in the order of the browser's preference (RFC 9110, 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<&'static Messages> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let mut ranges: Vec<(f32, &str)> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(range)
        .collect();
    // Stable: what is liked equally stays in its order.
    ranges.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    ranges.iter().find_map(|(_, tag)| i18n::nearest(tag))
}

/// `de-AT;q=0.8`; none: not wanted, or not of this form.
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

    fn spoken(lines: &[&str], query: &str) -> (&'static str, bool) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_LANGUAGE, line.parse().unwrap());
        }
        let spoken = RequestLanguage::of(&headers, query);
        (spoken.words.tag(), spoken.chosen)
    }

    #[test]
    fn a_browser_gets_what_it_prefers_of_what_there_is() {
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
            assert_eq!(spoken(lines, ""), (wanted, false), "{lines:?}");
        }
    }

    #[test]
    fn what_says_nothing_gets_english() {
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
            assert_eq!(spoken(&[line], ""), ("en", false), "{line}");
        }
        assert_eq!(spoken(&[], ""), ("en", false));
    }

    #[test]
    fn the_address_wins_where_it_names_something_known() {
        assert_eq!(spoken(&["de"], "page=x&lang=ar"), ("ar", true));
        assert_eq!(spoken(&["de"], "lang=en"), ("en", true));
        assert_eq!(spoken(&["de"], "lang=zh_TW"), ("zh-Hant", true));
        assert_eq!(spoken(&["de"], "lang=fr&lang=it"), ("fr", true));
        for query in ["lang=", "lang=sr", "lang=%22%3E", "language=fr"] {
            assert_eq!(spoken(&["de"], query), ("de", false), "{query}");
        }
    }
}
