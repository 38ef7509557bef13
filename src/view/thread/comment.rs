//! Renders a comment and its replies.

use std::collections::HashMap;

use maud::{Markup, html};

use super::{address::anchor, forms};
use crate::{
    app::ErrorKind,
    model::{
        comment::{Comment, Status},
        id::CommentId,
        site::Votes,
    },
    service::{comments::own_comments::OwnComment, threads::tree::CommentNode},
    view::{
        author,
        i18n::{self, MessageKey, Messages},
        raw_html,
        thread::state::{OpenForm, ThreadPage, ThreadPart, notice_of},
        time,
    },
};

/// Maximum indentation of replies: phones have no room for more.
const MAX_INDENT: usize = 4;

/// The author names of the shown comments, for “in reply to”.
pub(super) fn names<'a>(words: &Messages, nodes: &'a [CommentNode]) -> HashMap<CommentId, &'a str> {
    let (mut names, mut waiting) = (HashMap::new(), nodes.iter().collect::<Vec<_>>());
    while let Some(node) = waiting.pop() {
        if node.comment.status != Status::Deleted {
            names.insert(node.comment.id, author::name(words, &node.comment.author));
        }
        waiting.extend(&node.replies);
    }
    names
}

/// A comment and its replies. The service limits the depth.
pub(super) fn node(
    view: &ThreadPage<'_>,
    node: &CommentNode,
    names: &HashMap<CommentId, &str>,
    depth: usize,
) -> Markup {
    html! {
        @if node.comment.status == Status::Deleted { (tombstone(view.words, &node.comment)) }
        @else { (article(view, &node.comment, names, depth > MAX_INDENT)) }
        @if !node.replies.is_empty() {
            ol.replies.flat[depth >= MAX_INDENT] role="list" { @for reply in &node.replies { li { (self::node(view, reply, names, depth + 1)) } } }
        }
        @if node.more > 0 && !matches!(view.part, ThreadPart::Replies(..)) {
            p.further { a.button href=(replies_after(view, node.comment.id, largest_below(node))) { (view.words.count(MessageKey::MoreReplies, node.more)) } }
        }
    }
}

/// The largest shown id below a top-level comment: later replies were left out.
fn largest_below(node: &CommentNode) -> CommentId {
    let (mut largest, mut waiting) = (node.comment.id, node.replies.iter().collect::<Vec<_>>());
    while let Some(reply) = waiting.pop() {
        // The reader's own held comments are shown but not counted in lists.
        if reply.comment.status != Status::Held {
            largest = largest.max(reply.comment.id);
        }
        waiting.extend(&reply.replies);
    }
    largest
}

/// The URL of the replies of a top-level comment after the shown ones.
pub(super) fn replies_after(view: &ThreadPage<'_>, top: CommentId, last: CommentId) -> String {
    view.address.here(
        &[("replies", &top.to_string()), ("after", &last.to_string())],
        "comments",
    )
}

fn tombstone(words: &Messages, comment: &Comment) -> Markup {
    html! {
        article.comment.gone #(anchor(comment.id)) tabindex="-1" { p { (words.text(MessageKey::Deleted)) } }
    }
}

/// Renders a comment. `flat`: indentation no longer shows its parent, so a text does.
fn article(view: &ThreadPage<'_>, comment: &Comment, names: &HashMap<CommentId, &str>, flat: bool) -> Markup {
    let (id, words) = (comment.id, view.words);
    let name = author::name(words, &comment.author);
    let written = time::plain(comment.created_at);
    let answered = comment.parent_id.and_then(|parent| names.get(&parent));
    let own = view.own.get(&id);
    html! {
        article.comment.mine[own.is_some()] #(anchor(id)) tabindex="-1" aria-labelledby={ "by-" (id) } {
            (author::avatar(&comment.author))
            header {
                h2.author #{ "by-" (id) } {
                    (author::linked(words, &comment.author))
                    @if let Some(answered) = answered {
                        " " span.vh[!flat].to[flat] { (words.html(MessageKey::InReplyTo, &[("name", &i18n::isolated(answered))])) }
                    }
                }
                a.permalink href=(view.address.comment(id)) aria-label=(words.fill(MessageKey::Permalink, &[("time", &written)])) { (time::moment(comment.created_at)) }
                @if let Some(at) = comment.edited_at { span.quiet { (words.text(MessageKey::Edited)) " " span.vh { (time::moment(at)) } } }
                @if comment.status == Status::Held { span.badge { (words.text(MessageKey::Held)) } }
            }
            (notice_of(view, id))
            @match &view.change {
                Some(OpenForm::Edit(open, typed, error)) if *open == id => {
                    @if error.as_ref().is_some_and(|error| error.kind == ErrorKind::Conflict) {
                        div.comment-body dir="auto" { (raw_html::body(words, comment)) }
                    }
                    (forms::edit(view, id, typed, error.as_ref()))
                },
                Some(OpenForm::Delete(open)) if *open == id => {
                    div.comment-body dir="auto" { (raw_html::body(words, comment)) }
                    (forms::delete(view, id))
                },
                _ => {
                    div.comment-body dir="auto" { (raw_html::body(words, comment)) }
                    (actions(view, comment, name, own))
                },
            }
        }
    }
}

fn actions(view: &ThreadPage<'_>, comment: &Comment, name: &str, own: Option<&OwnComment>) -> Markup {
    let (id, words) = (comment.id.to_string(), view.words);
    let named = words.isolated(name);
    let approved = comment.status == Status::Approved;
    let own = own.filter(|own| own.edit_until > view.now);
    let of = |action: MessageKey| {
        words.fill(
            MessageKey::Of,
            &[("action", words.text(action)), ("name", &named)],
        )
    };
    // The accessible name contains the visible label (WCAG 2.2, 2.5.3).
    html! {
        div.actions {
            @if approved { (votes(view, comment, &named)) }
            @if approved && view.open {
                a.act href=(view.address.here(&[("reply", &id)], "write")) aria-label=(words.fill(MessageKey::ReplyTo, &[("name", &named)])) {
                    (words.text(MessageKey::Reply))
                }
            }
            @if let Some(own) = own {
                a.act href=(view.address.here(&[("edit", &id)], &anchor(comment.id))) aria-label=(of(MessageKey::Edit)) { (words.text(MessageKey::Edit)) }
                a.act href=(view.address.here(&[("delete", &id)], &anchor(comment.id))) aria-label=(of(MessageKey::Delete)) { (words.text(MessageKey::Delete)) }
                span.quiet { (words.html(MessageKey::Until, &[("time", &time::moment(own.edit_until))])) }
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
    let vote = |value: i64, count: i64, word: MessageKey, shape: &str| {
        let label = view
            .words
            .fill(word, &[("name", name), ("count", &count.to_string())]);
        html! {
            button.act form="votes" name="vote" value={ (comment.id) ":" (value) } aria-label=(label) {
                svg.arrow viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(shape) fill="currentColor" {} }
                // As in the widget, a count of zero is only announced by screen readers.
                @if count != 0 { span { (count) } }
            }
        }
    };
    html! {
        @if up { (vote(1, comment.up, MessageKey::VoteUp, "M8 3.5 13 9.5H3z")) }
        @if down { (vote(-1, comment.down, MessageKey::VoteDown, "M8 12.5 3 6.5h10z")) }
    }
}
