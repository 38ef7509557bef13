//! The thread page without JavaScript: one conversation under one article, readable, writable, printable.
//!
//! [`ThreadPage`] is all that it shows; [`comment`] draws one comment, [`mod@write`] the forms, [`json_ld`] what
//! search engines read. The mark-up is that of the widget: a region with a heading, nested ordered lists,
//! an article for each comment.

pub mod address;
mod comment;
pub mod forms;
pub mod heading;
pub mod json_ld;
pub mod list;

use std::collections::HashMap;

use maud::{Markup, html};

pub use address::Address;
pub use forms::Write;

use heading::Wording;

use super::layout::{self, Head};
use crate::{
    app::Error,
    model::{
        comment::Comment,
        id::CommentId,
        site::{Site, Sort},
        thread::Thread,
        time::Millis,
    },
    service::{comments::own_comments::Own, threads::tree::Node},
    view::i18n::{Word, Words},
};

/// Everything that the page shows.
pub struct ThreadPage<'a> {
    /// The comment origin.
    pub base_url: &'a str,
    /// The language of the page.
    pub words: &'static Words,
    /// The site, with its rules.
    pub site: &'a Site,
    /// Which view this is.
    pub address: &'a Address,
    /// The thread; none while nobody has commented.
    pub thread: Option<&'a Thread>,
    /// Whether new comments are taken.
    pub open: bool,
    /// The order of the comments.
    pub sort: Sort,
    /// The comments, the reader's own held ones among them.
    pub nodes: &'a [Node],
    /// How much of the thread this is.
    pub part: Part,
    /// The reader's own comments.
    pub own: &'a HashMap<CommentId, Own>,
    /// The proof that forms are ours.
    pub form_token: &'a str,
    /// The reader's browser sent no cookie.
    pub without_cookie: bool,
    /// Now.
    pub now: Millis,
    /// What to say first.
    pub said: Option<Said>,
    /// The form for a new comment or a reply.
    pub write: Write<'a>,
    /// The comment whose edit or delete form is open.
    pub change: Option<Change>,
}

/// How much of a thread is shown.
#[derive(Clone, Debug)]
pub enum Part {
    /// A page of it; the cursor of the next one.
    Page(Option<String>),
    /// One comment's conversation.
    Branch,
    /// More of what lies below a top-level comment: its id, and the last one shown if there are more.
    Replies(CommentId, Option<(CommentId, i64)>),
}

/// What a form did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A comment appeared.
    Posted(CommentId),
    /// A comment was received and waits.
    Held(CommentId),
    /// A comment was changed.
    Changed(CommentId),
    /// A comment was deleted.
    Deleted,
    /// A vote was counted; its value.
    Voted(CommentId, i64),
}

/// An open form on one's own comment.
#[derive(Clone, Debug)]
pub enum Change {
    /// To change it: what stands in the form, and what is wrong with it.
    Edit(CommentId, forms::Typed, Option<Error>),
    /// To delete it.
    Delete(CommentId),
}

impl ThreadPage<'_> {
    fn vote_form(&self) -> Markup {
        html! {
            form #votes action=(self.address.action("vote", "")) method="post" {
                input type="hidden" name=(crate::view::form_field::TOKEN) value=(self.form_token);
                (crate::view::form_field::hidden(&self.address.pairs()))
            }
        }
    }

    /// The article's title, or its address where the title is not known.
    fn title(&self) -> &str {
        let known = self.thread.map_or("", |thread| thread.title.as_str());
        if known.is_empty() {
            &self.address.title
        } else {
            known
        }
    }
}

/// The page.
#[must_use]
pub fn page(view: &ThreadPage<'_>) -> Markup {
    let count = view.thread.map_or(0, |thread| thread.comment_count);
    let (words, title) = (view.words, view.title());
    let heading = Wording::of(words, &view.site.rules.heading, count, title);
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
            p.back { a href=(article) { span aria-hidden="true" { @if words.dir().is_some() { "→ " } @else { "← " } } (words.say(Word::Back)) } }
            h1 #thread-heading dir=[own] { (heading.markup()) }
            @if view.said == Some(Said::Deleted) { p.notice.good role="status" { (words.say(Word::DeleteDone)) } }
            @if view.open && view.change.is_none() && matches!(view.part, Part::Page(_)) && count > 3 { p { a href="#write" { (words.say(Word::Write)) } } }
        }
        section #comments aria-labelledby="thread-heading" {
            @match &view.part {
                Part::Page(_) if view.nodes.len() > 1 || view.address.cursor.is_some() => (sorting(view)),
                Part::Page(_) => {},
                Part::Branch => p.notice { (words.say(Word::Branch)) " " a href=(view.address.sorted(None)) { (words.say(Word::ShowAll)) } },
                Part::Replies(..) => p.notice { (words.say(Word::Replies)) " " a href=(view.address.sorted(None)) { (words.say(Word::ShowAll)) } },
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

/// What was done to a comment, said at its place: that is where the browser goes.
fn said_here(view: &ThreadPage<'_>, id: CommentId) -> Markup {
    let words = view.words;
    html! {
        @match view.said {
            Some(Said::Posted(at)) if at == id => p.notice.good role="status" { (words.say(Word::Posted)) },
            Some(Said::Held(at)) if at == id => p.notice.good role="status" { (words.say(Word::Received)) },
            Some(Said::Changed(at)) if at == id => p.notice.good role="status" { (words.say(Word::Saved)) },
            Some(Said::Voted(at, 0)) if at == id => p.notice.good role="status" { (words.say(Word::VoteBack)) },
            Some(Said::Voted(at, _)) if at == id => div.notice.good role="status" {
                (words.say(Word::Voted)) " " button.link form="votes" name="vote" value={ (id) ":0" } { (words.say(Word::TakeBack)) }
            },
            _ => {},
        }
    }
}

fn sorting(view: &ThreadPage<'_>) -> Markup {
    html! {
        nav.sort aria-labelledby="sort-by" {
            span #sort-by { (view.words.say(Word::Sort)) }
            ul role="list" {
                @for sort in Sort::ALL {
                    @let current = (*sort == view.sort).then_some("true");
                    li { a href=(view.address.sorted(Some(*sort))) aria-current=[current] { (view.words.say(sort_word(*sort))) } }
                }
            }
        }
    }
}

fn sort_word(sort: Sort) -> Word {
    match sort {
        Sort::Oldest => Word::SortOldest,
        Sort::Newest => Word::SortNewest,
        Sort::Best => Word::SortBest,
        Sort::Replies => Word::SortReplies,
    }
}

fn further(view: &ThreadPage<'_>) -> Markup {
    html! {
        @match &view.part {
            Part::Page(Some(cursor)) => p.further { a.button rel="next" href=(view.address.next(cursor.clone())) { (view.words.say(Word::More)) } },
            Part::Replies(top, Some((last, left))) => p.further {
                a.button rel="next" href=(comment::replies_after(view, *top, *last)) { (view.words.count(Word::MoreReplies, *left)) }
            },
            Part::Page(None) | Part::Replies(_, None) | Part::Branch => {},
        }
    }
}

fn foot(words: &Words, feed: Option<&str>) -> Markup {
    html! {
        footer.page-foot {
            @if let Some(feed) = feed { a href=(feed) { (words.say(Word::Feed)) } }
            span { (words.say(Word::Foot)) }
        }
    }
}

/// The comment in these trees, wherever it stands.
#[must_use]
pub fn find(nodes: &[Node], id: CommentId) -> Option<&Comment> {
    let mut waiting: Vec<&Node> = nodes.iter().collect();
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
