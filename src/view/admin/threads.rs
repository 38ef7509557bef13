//! A site's threads.

use maud::{Markup, html};

use super::{Frame, said};
use crate::{
    model::{site::Site, thread::Thread},
    service::Error,
    view::{field, thread::list as shown, time, told::Told},
};

/// The page of threads. `wanted`: the page that was looked for, if one was.
#[must_use]
pub fn list(
    frame: &Frame,
    site: &Site,
    threads: &[Thread],
    wanted: &str,
    happened: Option<&str>,
    error: Option<&Error>,
) -> Markup {
    let title = format!("Threads of {}", site.name.as_str());
    let main = html! {
        h1 { (title) }
        (said(happened))
        (field::summary(error.map(Told::to_staff).as_ref(), &[], "Not done."))
        form.inline action=(frame.of_site("threads")) method="get" role="search" {
            div.field { label for="page" { "Find the thread of a page" } input #page name="page" type="url" dir="ltr" value=(wanted) placeholder="https://"; }
            button { "Find" }
        }
        @if threads.is_empty() {
            p.empty { @if wanted.is_empty() { "No threads yet. One begins with the first comment on a page." } @else { "There is no thread under this address." } }
        }
        ul.threads role="list" {
            @for thread in threads {
                li {
                    h2 dir="auto" { a href=(shown::of(&frame.base_url, site, thread).here(&[], "")) { (shown::shown_title(thread)) } }
                    p { a.quiet href=(thread.page_url) rel="noreferrer" dir="ltr" { (thread.page_url) } }
                    p.quiet { (count(thread.comment_count)) ", since " (time::day(thread.created_at)) @if thread.closed { ", " strong { "closed" } } }
                    div.decisions {
                        form action=(frame.of_site(&format!("threads/{}/closed", thread.id))) method="post" {
                            (frame.token())
                            @if thread.closed { button name="closed" value="no" { "Open again" (which(thread)) } }
                            @else { button name="closed" value="yes" { "Close" (which(thread)) } }
                        }
                    }
                    @if frame.is_owner { (alias(frame, thread)) }
                }
            }
        }
    };
    frame.page(&title, &main)
}

fn which(thread: &Thread) -> Markup {
    html! { span.vh { ": " (shown::shown_title(thread)) } }
}

fn alias(frame: &Frame, thread: &Thread) -> Markup {
    let id = format!("alias-{}", thread.id);
    html! {
        details {
            summary { "Add an address" (which(thread)) }
            form.inline action=(frame.of_site(&format!("threads/{}/alias", thread.id))) method="post" {
                (frame.token())
                div.field {
                    label for=(id) { "The page is also found at" }
                    input #(id) name="alias" dir="ltr" required placeholder="https:// or id:";
                    p.hint { "After a page has moved: its new address. Or id: and the page id that its tag gives." }
                }
                button { "Add" }
            }
        }
    }
}

/// “59 comments”.
fn count(count: i64) -> String {
    match count {
        0 => "no comments".to_owned(),
        1 => "one comment".to_owned(),
        _ => format!("{count} comments"),
    }
}
