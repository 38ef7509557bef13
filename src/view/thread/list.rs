//! A site's newest threads: the thread page without a page address.

use maud::{Markup, html};

use super::Address;
use crate::{
    model::{site::Site, thread::Thread},
    view::{
        i18n::{self, MessageKey, Messages},
        layout::{self, Head},
        time,
    },
};

/// The list. `lang`: the chosen language, if any.
#[must_use]
pub fn page(
    base_url: &str,
    words: &'static Messages,
    lang: Option<&'static str>,
    site: &Site,
    threads: &[Thread],
) -> Markup {
    let name = site.name.as_str();
    let main = html! {
        h1 { (words.html(MessageKey::List, &[("site", &i18n::isolated(name))])) }
        @if threads.is_empty() {
            p.lead { (words.text(MessageKey::ListEmpty)) }
            ul { @for origin in &site.origins { li { a href=(origin.as_str()) dir="ltr" { (origin.as_str()) } } } }
        } @else {
            ol.threads role="list" {
                @for thread in threads {
                    @let address = Address { lang, ..of(base_url, site, thread) };
                    li {
                        h2 { a href=(address.here(&[], "")) { (i18n::isolated(shown_title(thread))) } }
                        p.quiet {
                            (words.count(MessageKey::Plain, thread.comment_count)) " · " (time::day(thread.created_at))
                            @if thread.closed { " · " (words.text(MessageKey::Closed)) }
                        }
                    }
                }
            }
        }
    };
    let feed = format!("{base_url}/feeds/{name}.atom");
    layout::page(
        base_url,
        &Head {
            words: Some(words),
            title: &words.fill(MessageKey::List, &[("site", &words.isolated(name))]),
            feed: Some(&feed),
            kind: "thread",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

/// The thread page's address for a thread.
#[must_use]
pub fn of(base_url: &str, site: &Site, thread: &Thread) -> Address {
    Address::of(base_url, site, &thread.page_url, thread.page_id.as_deref())
}

/// The page's title, or its address if it has none.
#[must_use]
pub fn shown_title(thread: &Thread) -> &str {
    if thread.title.is_empty() {
        &thread.page_url
    } else {
        &thread.title
    }
}
