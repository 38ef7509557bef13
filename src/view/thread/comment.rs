//! One comment with what hangs from it.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{Change, Part, ThreadPage, address::place, said_here, write};
use crate::{
    model::{
        comment::{Comment, Status},
        id::CommentId,
        site::Votes,
    },
    service::{own::Own, tree::Node},
    view::{person, safe, time},
};

/// Replies deeper than this are no longer set in: a phone has no room.
const FLAT: usize = 4;

/// Who wrote what is shown: for “in reply to”.
pub(super) fn names(nodes: &[Node]) -> HashMap<CommentId, &str> {
    let (mut names, mut waiting) = (HashMap::new(), nodes.iter().collect::<Vec<_>>());
    while let Some(node) = waiting.pop() {
        if node.comment.status != Status::Deleted {
            names.insert(node.comment.id, person::name(&node.comment.author));
        }
        waiting.extend(&node.replies);
    }
    names
}

/// A comment and its replies. The service bounds how deep they nest.
pub(super) fn node(
    view: &ThreadPage<'_>,
    node: &Node,
    names: &HashMap<CommentId, &str>,
    depth: usize,
) -> Markup {
    html! {
        @if node.comment.status == Status::Deleted { (tombstone(&node.comment)) }
        @else { (article(view, &node.comment, names, depth > FLAT)) }
        @if !node.replies.is_empty() {
            ol.replies.flat[depth >= FLAT] role="list" { @for reply in &node.replies { li { (self::node(view, reply, names, depth + 1)) } } }
        }
        @if node.more > 0 && !matches!(view.part, Part::Replies(..)) {
            p.further { a.button href=(replies_after(view, node.comment.id, largest_below(node))) { (more_replies(node.more)) } }
        }
    }
}

/// The largest id below a top-level comment that is shown: what comes after it was left out.
fn largest_below(node: &Node) -> CommentId {
    let (mut largest, mut waiting) = (node.comment.id, node.replies.iter().collect::<Vec<_>>());
    while let Some(reply) = waiting.pop() {
        // A held comment of one's own stands in the tree, though no list counts it.
        if reply.comment.status != Status::Held {
            largest = largest.max(reply.comment.id);
        }
        waiting.extend(&reply.replies);
    }
    largest
}

/// Where the replies of a top-level comment go on.
pub(super) fn replies_after(view: &ThreadPage<'_>, top: CommentId, last: CommentId) -> String {
    view.address.here(
        &[("replies", &top.to_string()), ("after", &last.to_string())],
        "comments",
    )
}

/// The words of that link.
pub(super) fn more_replies(count: i64) -> String {
    if count == 1 {
        "Show one more reply".to_owned()
    } else {
        format!("Show {count} more replies")
    }
}

fn tombstone(comment: &Comment) -> Markup {
    html! {
        article.comment.gone #(place(comment.id)) tabindex="-1" { p { "This comment was deleted." } }
    }
}

/// `flat`: its place no longer shows what it answers, so words do.
fn article(view: &ThreadPage<'_>, comment: &Comment, names: &HashMap<CommentId, &str>, flat: bool) -> Markup {
    let (id, name) = (comment.id, person::name(&comment.author));
    let answered = comment.parent_id.and_then(|parent| names.get(&parent));
    let own = view.own.get(&id);
    html! {
        article.comment.mine[own.is_some()] #(place(id)) tabindex="-1" aria-labelledby={ "by-" (id) } {
            (person::disc(&comment.author))
            header {
                h2.author #{ "by-" (id) } {
                    (person::linked(&comment.author))
                    @if let Some(answered) = answered { span.vh[!flat].to[flat] { ", in reply to " bdi { (answered) } } }
                }
                a.permalink href=(view.address.comment(id)) { span.vh { "Link to the comment of " } (time::moment(comment.created_at)) }
                @if let Some(at) = comment.edited_at { span.quiet { "edited " span.vh { (time::moment(at)) } } }
                @if comment.status == Status::Held { span.badge { "Waiting for approval — only you can see this" } }
            }
            (said_here(view, id))
            @match &view.change {
                Some(Change::Edit(open, typed, error)) if *open == id => (write::edit(view, id, typed, error.as_ref())),
                Some(Change::Delete(open)) if *open == id => {
                    div.comment-body dir="auto" { (safe::body(comment)) }
                    (write::delete(view, id))
                },
                _ => {
                    div.comment-body dir="auto" { (safe::body(comment)) }
                    (actions(view, comment, name, own))
                },
            }
        }
    }
}

fn actions(view: &ThreadPage<'_>, comment: &Comment, name: &str, own: Option<&Own>) -> Markup {
    let id = comment.id.to_string();
    let approved = comment.status == Status::Approved;
    html! {
        div.actions {
            @if approved { (votes(view, comment, name)) }
            @if approved && view.open {
                a.act href=(view.address.here(&[("reply", &id)], "write")) { "Reply" span.vh { " to " (name) } }
            }
            @if let Some(own) = own.filter(|own| own.edit_until > view.now) {
                a.act href=(view.address.here(&[("edit", &id)], &place(comment.id))) { "Edit" span.vh { " your comment" } }
                a.act href=(view.address.here(&[("delete", &id)], &place(comment.id))) { "Delete" span.vh { " your comment" } }
                span.quiet { "for another " (time::span(own.edit_until.since(view.now))) }
            }
        }
    }
}

fn votes(view: &ThreadPage<'_>, comment: &Comment, name: &str) -> Markup {
    let (up, down) = match view.site.rules.votes {
        Votes::Off => return html! {},
        Votes::Up => (true, false),
        Votes::Both => (true, true),
    };
    html! {
        @if up { (vote(comment.id, 1, comment.up, "Vote up", name, "M8 3.5 13 9.5H3z")) }
        @if down { (vote(comment.id, -1, comment.down, "Vote down", name, "M8 12.5 3 6.5h10z")) }
    }
}

fn vote(id: CommentId, value: i64, count: i64, what: &str, name: &str, shape: &str) -> Markup {
    html! {
        button.act form="votes" name="vote" value={ (id) ":" (value) } {
            svg.arrow viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(shape) fill="currentColor" {} }
            span.vh { (what) " the comment by " (name) ": " }
            // As in the widget: nobody is told that nobody voted, but by ear.
            span.vh[count == 0] { (count) }
        }
    }
}
