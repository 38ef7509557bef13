//! The content of the thread page as values.

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

/// The content of the thread page.
pub struct ThreadPage<'a> {
    /// The comment origin.
    pub base_url: &'a str,
    /// The language of the page.
    pub words: &'static Messages,
    /// The site with its rules.
    pub site: &'a Site,
    /// The page and the state of the view.
    pub address: &'a Address,
    /// The thread; `None` before its first comment.
    pub thread: Option<&'a Thread>,
    /// True if new comments are accepted.
    pub open: bool,
    /// The order of the comments.
    pub sort: Sort,
    /// The comments, including the reader's own held ones.
    pub nodes: &'a [CommentNode],
    /// The part of the thread that is shown.
    pub part: ThreadPart,
    /// The reader's own comments.
    pub own: &'a HashMap<CommentId, OwnComment>,
    /// The CSRF token of forms.
    pub form_token: &'a str,
    /// True if the reader's browser sent no cookie.
    pub without_cookie: bool,
    /// The current time.
    pub now: Millis,
    /// The notice of the last action.
    pub said: Option<Notice>,
    /// The form for a new comment or a reply.
    pub write: CommentForm<'a>,
    /// The comment whose edit or delete form is open.
    pub change: Option<OpenForm>,
}

/// The part of a thread that is shown.
#[derive(Clone, Debug)]
pub enum ThreadPart {
    /// A page of comments; the cursor of the next one.
    Page(Option<String>),
    /// The conversation of one comment.
    Branch,
    /// Further replies below a top-level comment: its id, and the last reply shown if there are more.
    Replies(CommentId, Option<(CommentId, i64)>),
}

/// The result of a submitted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A comment was posted and approved.
    Posted(CommentId),
    /// A comment was posted and is held.
    Held(CommentId),
    /// A comment was edited.
    Changed(CommentId),
    /// A comment was deleted.
    Deleted,
    /// A vote was counted, with this value.
    Voted(CommentId, i64),
}

/// The open form on one of the reader's own comments.
#[derive(Clone, Debug)]
pub enum OpenForm {
    /// The edit form: its values, and its error.
    Edit(CommentId, TypedFields, Option<Error>),
    /// The confirmation of a deletion.
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

    /// The page's title, or its address if the title is unknown.
    pub(super) fn title(&self) -> &str {
        let known = self.thread.map_or("", |thread| thread.title.as_str());
        if known.is_empty() {
            &self.address.title
        } else {
            known
        }
    }
}

/// The notice of an action on a comment, shown at the comment, to which the browser scrolls.
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

/// The typed values of a form.
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
    /// In an edit form, the version of the comment that was loaded.
    pub version: Option<i64>,
}

/// The form for a new comment or a reply.
#[derive(Default)]
pub struct CommentForm<'a> {
    /// The comment that it replies to.
    pub parent: Option<&'a Comment>,
    /// The idempotency key, generated when the form was first shown.
    pub key: String,
    /// The typed values.
    pub typed: TypedFields,
    /// The error of the submitted form.
    pub error: Option<Error>,
    /// The rendered preview.
    pub preview: Option<SafeHtml>,
}
