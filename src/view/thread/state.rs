//! All that the thread page shows, as values.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::{
    app::Error,
    content::SafeHtml,
    model::{
        comment::Comment,
        id::CommentId,
        site::{Site, Sort},
        thread::Thread,
        time::Millis,
    },
    service::{comments::own_comments::OwnComment, threads::tree::CommentNode},
    view::{
        i18n::{MessageKey, Messages},
        thread::address::Address,
    },
};

/// Everything that the page shows.
pub struct ThreadPage<'a> {
    /// The comment origin.
    pub base_url: &'a str,
    /// The language of the page.
    pub words: &'static Messages,
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
    pub nodes: &'a [CommentNode],
    /// How much of the thread this is.
    pub part: ThreadPart,
    /// The reader's own comments.
    pub own: &'a HashMap<CommentId, OwnComment>,
    /// The proof that forms are ours.
    pub form_token: &'a str,
    /// The reader's browser sent no cookie.
    pub without_cookie: bool,
    /// Now.
    pub now: Millis,
    /// What to say first.
    pub said: Option<Notice>,
    /// The form for a new comment or a reply.
    pub write: CommentForm<'a>,
    /// The comment whose edit or delete form is open.
    pub change: Option<OpenForm>,
}

/// How much of a thread is shown.
#[derive(Clone, Debug)]
pub enum ThreadPart {
    /// A page of it; the cursor of the next one.
    Page(Option<String>),
    /// One comment's conversation.
    Branch,
    /// More of what lies below a top-level comment: its id, and the last one shown if there are more.
    Replies(CommentId, Option<(CommentId, i64)>),
}

/// What a form did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
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
pub enum OpenForm {
    /// To change it: what stands in the form, and what is wrong with it.
    Edit(CommentId, TypedFields, Option<Error>),
    /// To delete it.
    Delete(CommentId),
}

impl ThreadPage<'_> {
    pub(super) fn vote_form(&self) -> Markup {
        html! {
            form #votes action=(self.address.action("vote", "")) method="post" {
                input type="hidden" name=(crate::view::form_field::TOKEN) value=(self.form_token);
                (crate::view::form_field::hidden(&self.address.pairs()))
            }
        }
    }

    /// The article's title, or its address where the title is not known.
    pub(super) fn title(&self) -> &str {
        let known = self.thread.map_or("", |thread| thread.title.as_str());
        if known.is_empty() {
            &self.address.title
        } else {
            known
        }
    }
}

/// What was done to a comment, said at its place: that is where the browser goes.
pub(crate) fn notice_of(view: &ThreadPage<'_>, id: CommentId) -> Markup {
    let words = view.words;
    html! {
        @match view.said {
            Some(Notice::Posted(at)) if at == id => p.notice.good role="status" { (words.text(MessageKey::Posted)) },
            Some(Notice::Held(at)) if at == id => p.notice.good role="status" { (words.text(MessageKey::Received)) },
            Some(Notice::Changed(at)) if at == id => p.notice.good role="status" { (words.text(MessageKey::Saved)) },
            Some(Notice::Voted(at, 0)) if at == id => p.notice.good role="status" { (words.text(MessageKey::VoteBack)) },
            Some(Notice::Voted(at, _)) if at == id => div.notice.good role="status" {
                (words.text(MessageKey::Voted)) " " button.link form="votes" name="vote" value={ (id) ":0" } { (words.text(MessageKey::TakeBack)) }
            },
            _ => {},
        }
    }
}

/// What somebody typed.
#[derive(Clone, Debug, Default)]
pub struct TypedFields {
    /// The name field.
    pub name: String,
    /// The e-mail field.
    pub email: String,
    /// The website field.
    pub website: String,
    /// The text field.
    pub text: String,
    /// Of a comment that is changed: the version that this was made from.
    pub version: Option<i64>,
}

/// The form for a new comment or a reply.
#[derive(Default)]
pub struct CommentForm<'a> {
    /// What it answers.
    pub parent: Option<&'a Comment>,
    /// The idempotency key, made when the form was first shown.
    pub key: String,
    /// What stands in it.
    pub typed: TypedFields,
    /// What is wrong with it.
    pub error: Option<Error>,
    /// The text as it will look.
    pub preview: Option<SafeHtml>,
}
