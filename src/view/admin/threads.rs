//! The list of a site's threads, with the forms that manage them.

use maud::{Markup, html};

use super::{AdminFrame, notice};
use crate::{
    app::Error,
    model::{site::Site, thread::Thread},
    view::{error_message::LocalizedError, form_field, thread::list as shown, time},
};

/// The page of threads. `wanted`: the page searched for, or empty.
#[must_use]
pub fn list(
    frame: &AdminFrame,
    site: &Site,
    threads: &[Thread],
    wanted: &str,
    happened: Option<&str>,
    error: Option<&Error>,
) -> Markup {
    let title = format!("Threads of {}", site.name.as_str());
    let main = html! {
        h1 { (title) }
        (notice(happened))
        (form_field::summary(error.map(LocalizedError::to_staff).as_ref(), &[], "Not done."))
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
                    p.quiet {
                        (count(thread.comment_count)) ", since " (time::day(thread.created_at))
                        @if !thread.is_published() { ", " strong { "not shown to readers" } ": no comment is approved" }
                        @if thread.closed { ", " strong { "closed" } }
                    }
                    div.decisions {
                        form action=(frame.of_site(&format!("threads/{}/closed", thread.id))) method="post" {
                            (frame.token())
                            @if thread.closed { button name="closed" value="no" { "Open again" (which(thread)) } }
                            @else { button name="closed" value="yes" { "Close" (which(thread)) } }
                        }
                    }
                    @if frame.is_owner {
                        (edit_page(frame, thread))
                        (one_field(frame, thread, &ALIAS))
                        (one_field(frame, thread, &MOVE))
                        (one_field(frame, thread, &MERGE))
                    }
                }
            }
        }
    };
    frame.page(&title, &main)
}

fn which(thread: &Thread) -> Markup {
    html! { span.vh { ": " (shown::shown_title(thread)) } }
}

fn edit_page(frame: &AdminFrame, thread: &Thread) -> Markup {
    let (title, address) = (format!("title-{}", thread.id), format!("address-{}", thread.id));
    html! {
        details {
            summary { "Edit title and address" (which(thread)) }
            form.inline action=(frame.of_site(&format!("threads/{}/page", thread.id))) method="post" {
                (frame.token())
                div.field { label for=(title) { "Title" } input #(title) name="title" dir="auto" value=(thread.title); }
                div.field {
                    label for=(address) { "Address" }
                    input #(address) name="address" type="url" dir="ltr" required value=(thread.page_url);
                    p.hint { "Where links to the thread lead. Until you set them, both are those of the earliest approved comment." }
                }
                button { "Save" }
            }
        }
    }
}

/// A form with one field for a thread.
struct OneField {
    action: &'static str,
    name: &'static str,
    summary: &'static str,
    label: &'static str,
    placeholder: &'static str,
    hint: &'static str,
    button: &'static str,
}

const ALIAS: OneField = OneField {
    action: "alias",
    name: "alias",
    summary: "Add an address",
    label: "The page is also found at",
    placeholder: "https:// or id:",
    hint: "Another address of the same page. Or id: and the page id that its tag gives.",
    button: "Add",
};
const MOVE: OneField = OneField {
    action: "move",
    name: "to",
    summary: "Move to another address",
    label: "The page is now at",
    placeholder: "https://",
    hint: "Links in feeds and permalinks lead there, and the old address still finds the thread.",
    button: "Move",
};
const MERGE: OneField = OneField {
    action: "merge",
    name: "into",
    summary: "Merge into another thread",
    label: "The thread to merge into is found at",
    placeholder: "https:// or id:",
    hint: "All comments of this thread move there. You are asked once more before it is done.",
    button: "Merge…",
};

fn one_field(frame: &AdminFrame, thread: &Thread, form: &OneField) -> Markup {
    let id = format!("{}-{}", form.action, thread.id);
    html! {
        details {
            summary { (form.summary) (which(thread)) }
            form.inline action=(frame.of_site(&format!("threads/{}/{}", thread.id, form.action))) method="post" {
                (frame.token())
                div.field {
                    label for=(id) { (form.label) }
                    input #(id) name=(form.name) dir="ltr" required placeholder=(form.placeholder);
                    p.hint { (form.hint) }
                }
                button { (form.button) }
            }
        }
    }
}

/// The confirmation page before two threads are merged.
#[must_use]
pub fn confirm_merge(frame: &AdminFrame, from: &Thread, into: &Thread, named: &str) -> Markup {
    let main = html! {
        h1 { "Merge two threads" }
        p { "This cannot be undone. All comments of the first thread move to the second, in the order in which they were written, and all addresses of both lead to it." }
        ul.threads role="list" {
            @for (thread, what) in [(from, "From"), (into, "Into")] {
                li {
                    h2 dir="auto" { (what) ": " (shown::shown_title(thread)) }
                    p { a.quiet href=(thread.page_url) rel="noreferrer" dir="ltr" { (thread.page_url) } }
                    p.quiet { (count(thread.comment_count)) ", " (thread.total_count) " with those that readers do not see" }
                }
            }
        }
        form action=(frame.of_site(&format!("threads/{}/merge", from.id))) method="post" {
            (frame.token())
            input type="hidden" name="into" value=(named);
            div.buttons {
                button.primary name="confirmed" value="yes" { "Merge" }
                a href=(frame.of_site("threads")) { "Cancel" }
            }
        }
    };
    frame.page("Merge two threads", &main)
}

/// A number of comments in words: “59 comments”.
fn count(count: i64) -> String {
    match count {
        0 => "no comments".to_owned(),
        1 => "one comment".to_owned(),
        _ => format!("{count} comments"),
    }
}
