//! A comment that changed after a moderator looked at it: what it said then beside what it says now.

use maud::{Markup, html};

use crate::{
    model::comment::{Revision, Status},
    service::moderation::queue::ChangedSince,
    view::time,
};

/// What changed since the moderator looked.
pub(super) fn difference(since: &ChangedSince) -> Markup {
    let (comment, details) = (&since.item.comment, &since.item.details);
    html! {
        @match &since.seen {
            Some(seen) => div.versions {
                section aria-labelledby="version-seen" {
                    h3 #version-seen { "When you looked" }
                    (said(&seen.author_name, &seen.author_website, &seen.source))
                }
                section aria-labelledby="version-now" {
                    h3 #version-now { "Now" }
                    (said(&comment.author.name, &comment.author.website, &details.source))
                }
            },
            None => p { "Its text is still the same." },
        }
        p { "It is now " strong { (status(comment.status)) } "." }
    }
}

/// What a comment said before its edits.
pub(super) fn earlier(revisions: &[Revision]) -> Markup {
    html! {
        @if !revisions.is_empty() {
            details.context {
                summary { "Earlier versions (" (revisions.len()) ")" }
                @for revision in revisions {
                    p.quiet { "Until " (time::moment(revision.replaced_at)) }
                    (said(&revision.author_name, &revision.author_website, &revision.source))
                }
            }
        }
    }
}

/// The source, as it was written: a rendered text could hide what changed. The website is text, since a link
/// from here would tell its owner where the queue is.
fn said(name: &str, website: &str, source: &str) -> Markup {
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
