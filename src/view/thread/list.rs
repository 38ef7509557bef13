//! A site's newest threads: what the thread page shows when it does not know which article is meant.

use maud::{Markup, html};

use super::Address;
use crate::{
    model::{site::Site, thread::Thread},
    view::{
        layout::{self, Head},
        time,
    },
};

/// The list.
#[must_use]
pub fn page(base_url: &str, site: &Site, threads: &[Thread]) -> Markup {
    let name = site.name.as_str();
    let title = format!("Conversations on {name}");
    let main = html! {
        h1 { (title) }
        @if threads.is_empty() {
            p.lead { "Nobody has written anything here yet. Comments are read and written under the articles of the site:" }
            ul { @for origin in &site.origins { li { a href=(origin.as_str()) { (origin.as_str()) } } } }
        } @else {
            ol.threads role="list" {
                @for thread in threads {
                    @let address = of(base_url, site, thread);
                    li {
                        h2 dir="auto" { a href=(address.here(&[], "")) { (shown_title(thread)) } }
                        p.quiet {
                            (count(thread.comment_count)) ", since " (time::day(thread.created_at))
                            @if thread.closed { ", closed" }
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
            title: &title,
            feed: Some(&feed),
            kind: "thread",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

/// The thread page of a thread.
#[must_use]
pub fn of(base_url: &str, site: &Site, thread: &Thread) -> Address {
    Address {
        site: format!("{base_url}/thread/{}", site.name.as_str()),
        page: thread.page_url.clone(),
        page_id: None,
        title: String::new(),
        sort: None,
        cursor: None,
    }
}

/// The article's title, or its address.
#[must_use]
pub fn shown_title(thread: &Thread) -> &str {
    if thread.title.is_empty() {
        &thread.page_url
    } else {
        &thread.title
    }
}

/// “59 comments”.
#[must_use]
pub fn count(count: i64) -> String {
    match count {
        0 => "no comments".to_owned(),
        1 => "one comment".to_owned(),
        _ => format!("{count} comments"),
    }
}
