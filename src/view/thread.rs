//! The thread page, which works without JavaScript: read, post, reply, edit, delete, vote, print.
//!
//! [`ThreadPage`] holds its content; [`comment`] renders a comment, [`forms`] the forms, [`json_ld`] the data for
//! search engines. The markup matches the widget's: a region with a heading, nested ordered lists, an article per
//! comment.

pub mod address;
mod comment;
pub mod forms;
pub mod heading;
pub mod json_ld;
pub mod list;
pub mod state;

use maud::{Markup, html};

pub use address::Address;
pub use state::CommentForm;

use heading::HeadingText;

use super::layout::{self, Head};
use crate::{
    model::{comment::Comment, id::CommentId, site::Sort},
    service::threads::tree::CommentNode,
    view::{
        i18n::{MessageKey, Messages},
        thread::state::{Notice, ThreadPage, ThreadPart},
    },
};

/// The page.
#[must_use]
pub fn page(view: &ThreadPage<'_>) -> Markup {
    let count = view.thread.map_or(0, |thread| thread.comment_count);
    let (words, title) = (view.words, view.title());
    let heading = HeadingText::of(words, &view.site.rules.heading, count, title);
    let own = heading.is_own.then_some("auto");
    let article = view
        .thread
        .map_or(view.address.page.as_str(), |thread| thread.page_url.as_str());
    let feed = view.thread.map(|thread| {
        format!(
            "{}/feeds/{}/{}.atom",
            view.base_url,
            view.site.name.as_str(),
            thread.id
        )
    });
    let names = comment::names(words, view.nodes);
    let main = html! {
        header.thread-head {
            p.back { a href=(article) { span aria-hidden="true" { @if words.dir().is_some() { "→ " } @else { "← " } } (words.text(MessageKey::Back)) } }
            h1 #thread-heading dir=[own] { (heading.markup()) }
            @if view.said == Some(Notice::Deleted) { p.notice.good role="status" { (words.text(MessageKey::DeleteDone)) } }
            @if view.open && view.change.is_none() && matches!(view.part, ThreadPart::Page(_)) && count > 3 { p { a href="#write" { (words.text(MessageKey::Write)) } } }
        }
        section #comments aria-labelledby="thread-heading" {
            @match &view.part {
                ThreadPart::Page(_) if view.nodes.len() > 1 || view.address.cursor.is_some() => (sorting(view)),
                ThreadPart::Page(_) => {},
                ThreadPart::Branch => p.notice { (words.text(MessageKey::Branch)) " " a href=(view.address.sorted(None)) { (words.text(MessageKey::ShowAll)) } },
                ThreadPart::Replies(..) => p.notice { (words.text(MessageKey::Replies)) " " a href=(view.address.sorted(None)) { (words.text(MessageKey::ShowAll)) } },
            }
            @if !view.nodes.is_empty() {
                ol.comments role="list" { @for node in view.nodes { li { (comment::node(view, node, &names, 0)) } } }
            }
            (further(view))
            (view.vote_form())
        }
        (forms::section(view))
        (foot(words, feed.as_deref()))
        @if let Some(thread) = view.thread.filter(|thread| thread.comment_count > 0) {
            (json_ld::posting(words, thread, view.nodes))
        }
    };
    let head = Head {
        words: Some(words),
        title: &heading.text(),
        canonical: Some(article),
        feed: feed.as_deref(),
        kind: "thread",
        ..Head::default()
    };
    layout::page(view.base_url, &head, &html! {}, &main)
}

fn sorting(view: &ThreadPage<'_>) -> Markup {
    html! {
        nav.sort aria-labelledby="sort-by" {
            span #sort-by { (view.words.text(MessageKey::Sort)) }
            ul role="list" {
                @for sort in Sort::ALL {
                    @let current = (*sort == view.sort).then_some("true");
                    li { a href=(view.address.sorted(Some(*sort))) aria-current=[current] { (view.words.text(sort_word(*sort))) } }
                }
            }
        }
    }
}

fn sort_word(sort: Sort) -> MessageKey {
    match sort {
        Sort::Oldest => MessageKey::SortOldest,
        Sort::Newest => MessageKey::SortNewest,
        Sort::Best => MessageKey::SortBest,
        Sort::Replies => MessageKey::SortReplies,
    }
}

fn further(view: &ThreadPage<'_>) -> Markup {
    html! {
        @match &view.part {
            ThreadPart::Page(Some(cursor)) => p.further { a.button rel="next" href=(view.address.next(cursor.clone())) { (view.words.text(MessageKey::More)) } },
            ThreadPart::Replies(top, Some((last, left))) => p.further {
                a.button rel="next" href=(comment::replies_after(view, *top, *last)) { (view.words.count(MessageKey::MoreReplies, *left)) }
            },
            ThreadPart::Page(None) | ThreadPart::Replies(_, None) | ThreadPart::Branch => {},
        }
    }
}

fn foot(words: &Messages, feed: Option<&str>) -> Markup {
    html! {
        footer.page-foot {
            @if let Some(feed) = feed { a href=(feed) { (words.text(MessageKey::Feed)) } }
            span { (words.text(MessageKey::Foot)) }
        }
    }
}

/// Finds a comment at any depth of these trees.
#[must_use]
pub fn find(nodes: &[CommentNode], id: CommentId) -> Option<&Comment> {
    let mut waiting: Vec<&CommentNode> = nodes.iter().collect();
    while let Some(node) = waiting.pop() {
        if node.comment.id == id {
            return Some(&node.comment);
        }
        waiting.extend(&node.replies);
    }
    None
}

#[cfg(test)]
mod tests;
