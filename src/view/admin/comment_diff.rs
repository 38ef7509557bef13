//! Comparison of the version of a comment that a moderator saw with the current one.

use maud::{Markup, html};

use crate::{
    model::comment::{Revision, Status},
    service::moderation::queue::ChangedSince,
    view::time,
};

/// The versions before and after a change that the moderator has not seen.
pub(super) fn difference(since: &ChangedSince) -> Markup {
    let (comment, details) = (&since.item.comment, &since.item.details);
    html! {
        @match &since.seen {
            Some(seen) => div.versions {
                section aria-labelledby="version-seen" {
                    h3 #version-seen { "When you looked" }
                    (source_text(&seen.author_name, &seen.author_website, &seen.source))
                }
                section aria-labelledby="version-now" {
                    h3 #version-now { "Now" }
                    (source_text(&comment.author.name, &comment.author.website, &details.source))
                }
            },
            None => p { "Its text is still the same." },
        }
        p { "It is now " strong { (status(comment.status)) } "." }
    }
}

/// The earlier versions of an edited comment.
pub(super) fn earlier(revisions: &[Revision]) -> Markup {
    html! {
        @if !revisions.is_empty() {
            details.context {
                summary { "Earlier versions (" (revisions.len()) ")" }
                @for revision in revisions {
                    p.quiet { "Until " (time::moment(revision.replaced_at)) }
                    (source_text(&revision.author_name, &revision.author_website, &revision.source))
                }
            }
        }
    }
}

/// The source as typed, since rendered text could hide changes. The website is plain text, since a link would tell
/// its owner the address of the queue.
fn source_text(name: &str, website: &str, source: &str) -> Markup {
    html! {
        p.quiet { bdi { (name) } @if !website.is_empty() { " " bdi dir="ltr" { (website) } } }
        pre.source dir="auto" { (source) }
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Approved => "approved",
        Status::Held => "waiting",
        Status::Spam => "in spam",
        Status::Deleted => "deleted",
    }
}
