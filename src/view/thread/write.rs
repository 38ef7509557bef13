//! The forms of the thread page: writing, replying, changing and deleting one's own.

use maud::{Markup, html};

use super::{Part, ThreadPage, address::place};
use crate::{
    content::SafeHtml,
    model::{comment::Comment, id::CommentId},
    service::Error,
    view::field::TOKEN,
    view::{
        field::{self, Field, field},
        person, safe,
    },
};

/// What somebody typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The name field.
    pub name: String,
    /// The e-mail field.
    pub email: String,
    /// The website field.
    pub website: String,
    /// The text field.
    pub text: String,
}

/// The form for a new comment or a reply.
#[derive(Default)]
pub struct Write<'a> {
    /// What it answers.
    pub parent: Option<&'a Comment>,
    /// The idempotency key, made when the form was first shown.
    pub key: String,
    /// What stands in it.
    pub typed: Typed,
    /// What is wrong with it.
    pub error: Option<Error>,
    /// The text as it will look.
    pub preview: Option<SafeHtml>,
}

/// The fields that tell their own errors.
const FIELDS: &[&str] = &["text", "name", "email", "website"];

/// The part of the page where one writes, or why one cannot.
pub(super) fn section(view: &ThreadPage<'_>) -> Markup {
    let write = &view.write;
    if !view.open {
        return html! { section #write.closed { p.notice { "Comments are closed." } } };
    }
    // One form at a time: fields are known by their names.
    if view.change.is_some() || write.parent.is_none() && !matches!(view.part, Part::Page(_)) {
        return html! {};
    }
    html! {
        section #write aria-labelledby="write-heading" {
            h2 #write-heading {
                @match write.parent {
                    Some(parent) => { "Reply to " bdi { (person::name(&parent.author)) } },
                    None => "Write a comment",
                }
            }
            @if let Some(parent) = write.parent {
                blockquote.parent dir="auto" tabindex="0" role="region" aria-label="What you answer" { (safe::body(parent)) }
                p { a href=(view.address.here(&[], &place(parent.id))) { "Cancel this reply" } }
            }
            @if let Some(preview) = &write.preview {
                section.preview aria-labelledby="preview-heading" {
                    h3 #preview-heading { "Preview" }
                    div.comment-body dir="auto" { (safe::content(preview)) }
                }
            }
            (form(view))
        }
    }
}

fn form(view: &ThreadPage<'_>) -> Markup {
    let (write, rules) = (&view.write, &view.site.rules);
    let (typed, error) = (&write.typed, write.error.as_ref());
    let parent = write
        .parent
        .map(|parent| parent.id.to_string())
        .unwrap_or_default();
    let (name, email) = (
        if rules.require_name {
            "Name"
        } else {
            "Name (optional)"
        },
        if rules.require_email {
            "E-mail (never shown)"
        } else {
            "E-mail (optional, never shown)"
        },
    );
    html! {
        form.write action=(view.address.action("post", "write")) method="post" novalidate {
            (field::summary(error, FIELDS, "Not posted."))
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (field::hidden(&view.address.pairs()))
            (field::hidden(&[("key", &write.key), ("parent", &parent)]))
            (field(Field { name: "text", label: "Your comment", value: &typed.text, kind: "area", hint: HINT, required: true, ..Field::default() }, error))
            div.who {
                (field(Field { name: "name", label: name, value: &typed.name, autocomplete: "name", required: rules.require_name, ..Field::default() }, error))
                (field(Field { name: "email", label: email, value: &typed.email, kind: "email", autocomplete: "email", required: rules.require_email, ..Field::default() }, error))
                (field(Field { name: "website", label: "Website (optional)", value: &typed.website, kind: "url", autocomplete: "url", ..Field::default() }, error))
            }
            div.buttons {
                button.primary name="action" value="post" { "Post comment" }
                button name="action" value="preview" { "Preview" }
            }
        }
    }
}

const HINT: &str = "Markdown works: *emphasis*, **strong**, `code`, > quote.";

/// The form that changes one's own comment, in its place.
pub(super) fn edit(view: &ThreadPage<'_>, id: CommentId, typed: &Typed, error: Option<&Error>) -> Markup {
    html! {
        form.write action=(view.address.action("edit", &place(id))) method="post" novalidate {
            (field::summary(error, FIELDS, "Not changed."))
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (field::hidden(&view.address.pairs()))
            (field::hidden(&[("id", &id.to_string())]))
            (field(Field { name: "text", label: "Change your comment", value: &typed.text, kind: "area", hint: HINT, required: true, ..Field::default() }, error))
            div.who {
                (field(Field { name: "name", label: "Name", value: &typed.name, autocomplete: "name", ..Field::default() }, error))
                (field(Field { name: "website", label: "Website (optional)", value: &typed.website, kind: "url", autocomplete: "url", ..Field::default() }, error))
            }
            div.buttons {
                button.primary { "Save" }
                a.button href=(view.address.here(&[], &place(id))) { "Cancel" }
            }
        }
    }
}

/// The question before one's own comment is deleted.
pub(super) fn delete(view: &ThreadPage<'_>, id: CommentId) -> Markup {
    html! {
        form.write action=(view.address.action("delete", "")) method="post" {
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (field::hidden(&view.address.pairs()))
            (field::hidden(&[("id", &id.to_string())]))
            p { "Delete this comment? What it says is erased at once and cannot be brought back." }
            div.buttons {
                button.danger { "Delete" }
                a.button href=(view.address.here(&[], &place(id))) { "Keep it" }
            }
        }
    }
}
