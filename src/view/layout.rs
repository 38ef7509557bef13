//! The frame of every page: head, skip link, main.

use maud::{DOCTYPE, Markup, html};

use super::{asset::page_asset, i18n};
use crate::view::i18n::{MessageKey, Messages};

/// Metadata of a page.
#[derive(Clone, Debug, Default)]
pub struct Head<'a> {
    /// The language of the page; `None`: English.
    pub words: Option<&'static Messages>,
    /// The title, without the product name.
    pub title: &'a str,
    /// The canonical address for search engines, if it is another one.
    pub canonical: Option<&'a str>,
    /// The feed of the page.
    pub feed: Option<&'a str>,
    /// True if search engines are told not to index it.
    pub private: bool,
    /// True if it loads the script of the admin pages.
    pub script: bool,
    /// The kind of page, a class of the body.
    pub kind: &'a str,
}

/// A complete document. `above` is placed before the main part: navigation, or nothing.
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
