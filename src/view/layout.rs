//! The page around every page: head, skip link, main.

use maud::{DOCTYPE, Markup, html};

use super::{asset::page_asset, i18n};
use crate::view::i18n::{MessageKey, Messages};

/// What a page says about itself.
#[derive(Clone, Debug, Default)]
pub struct Head<'a> {
    /// The language of what it says; none: English.
    pub words: Option<&'static Messages>,
    /// The title, without the name of the software.
    pub title: &'a str,
    /// The address that search engines shall know instead of this one.
    pub canonical: Option<&'a str>,
    /// The feed of what is shown.
    pub feed: Option<&'a str>,
    /// Search engines shall leave it out.
    pub private: bool,
    /// The admin pages' script goes with it.
    pub script: bool,
    /// Which kind of page: a class of the body.
    pub kind: &'a str,
}

/// A whole document. `above` stands before the main part: navigation, or nothing.
#[must_use]
pub fn page(base_url: &str, head: &Head<'_>, above: &Markup, main: &Markup) -> Markup {
    let words = head.words.unwrap_or_else(i18n::english);
    html! {
        (DOCTYPE)
        html lang=(words.tag()) dir=[words.dir()] {
            head {
                meta charset="utf-8";
                title { (head.title) " · Afterword" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if head.private { meta name="robots" content="noindex"; }
                @if let Some(url) = head.canonical { link rel="canonical" href=(url); }
                @if let Some(url) = head.feed { link rel="alternate" type="application/atom+xml" title=(words.text(MessageKey::Feed)) href=(url); }
                link rel="icon" href=(page_asset(base_url, "icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(page_asset(base_url, "page.css"));
                @if head.script { script defer src=(page_asset(base_url, "admin.js")) {} }
            }
            body class=(head.kind) {
                a.skip href="#main" { (words.text(MessageKey::Skip)) }
                (above)
                main #main tabindex="-1" { (main) }
            }
        }
    }
}
