//! The page on which a moderator edits a comment.

use maud::{Markup, html};

use crate::{
    app::Error,
    model::comment::Format,
    service::{
        comments::input::CommentInput,
        moderation::queue::{ChangedSince, QueueItem},
    },
    view::{
        admin::{AdminFrame, comment_diff},
        author,
        error_message::LocalizedError,
        form_field::{self, Field, field},
        i18n, time,
    },
};

/// The content of the page.
pub struct EditPage<'a> {
    /// The frame.
    pub frame: &'a AdminFrame,
    /// The current comment; saving is bound to its version.
    pub item: &'a QueueItem,
    /// The values of the form.
    pub raw: &'a CommentInput,
    /// The error of the submitted form.
    pub error: Option<&'a Error>,
    /// The changes since the form was loaded, if they prevented saving.
    pub since: Option<&'a ChangedSince>,
}

const TITLE: &str = "Edit a comment";

/// The page.
#[must_use]
pub fn page(view: &EditPage<'_>) -> Markup {
    let (frame, comment) = (view.frame, &view.item.comment);
    let id = comment.id;
    let hint = match view.item.details.format {
        Format::Markdown => "Markdown, as its author wrote it.",
        Format::Html => "HTML: this comment was imported.",
    };
    let message = view.error.map(LocalizedError::to_staff);
    let back = frame.of_site(&format!("comments?status={}", comment.status.as_str()));
    let main = html! {
        h1 { (TITLE) }
        @if let Some(since) = view.since {
            div.notice.bad role="alert" {
                p { strong { "Not saved." } " This comment has changed since you opened it. Compare, and save again to replace what it says now." }
                (comment_diff::difference(since))
            }
        }
        p.quiet { "By " bdi { (author::name(i18n::english(), &comment.author)) } ", " (time::moment(comment.created_at)) ". Readers see that it was edited." }
        form action=(frame.of_site(&format!("comments/{id}/edit"))) method="post" novalidate {
            (form_field::summary(message.as_ref(), &["text", "name", "website"], "Not saved."))
            (frame.token())
            (form_field::hidden(&[("version", &comment.version.to_string())]))
            (field(Field { name: "text", label: "Text", value: &view.raw.text, kind: "area", hint, required: true, ..Field::default() }, message.as_ref()))
            div.who {
                (field(Field { name: "name", label: "Name", value: &view.raw.name, ..Field::default() }, message.as_ref()))
                (field(Field { name: "website", label: "Website", value: &view.raw.website, kind: "url", ..Field::default() }, message.as_ref()))
            }
            div.buttons {
                button.primary { "Save" }
                a.button href=(back) { "Cancel" }
            }
        }
    };
    frame.page(TITLE, &main)
}

/// The page of a comment whose text has been purged.
#[must_use]
pub fn erased(frame: &AdminFrame) -> Markup {
    let main = html! {
        h1 { (TITLE) }
        p.notice.bad role="alert" { "The text of this comment was erased. It cannot be edited or restored." }
        p { a.button href=(frame.of_site("comments")) { "Back to the queue" } }
    };
    frame.page(TITLE, &main)
}
