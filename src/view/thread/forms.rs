//! The forms of the thread page: post, reply, edit, delete.

use maud::{Markup, html};

use super::address::anchor;
use crate::{
    app::Error,
    model::id::CommentId,
    view::{
        author,
        error_message::{LocalizedError, WriterContext},
        form_field::{self, Field, TOKEN, field},
        i18n::{self, MessageKey},
        raw_html,
        thread::state::{ThreadPage, ThreadPart, TypedFields},
    },
};

/// The fields that show their own errors.
const FIELDS: &[&str] = &["text", "name", "email", "website"];

/// The section with the comment form, or the reason why there is none.
pub(super) fn section(view: &ThreadPage<'_>) -> Markup {
    let (write, words) = (&view.write, view.words);
    if !view.open {
        return html! { section #write.closed { p.notice { (words.text(MessageKey::Closed)) } } };
    }
    // Only one form is open at a time, since fields are identified by name.
    if view.change.is_some() || write.parent.is_none() && !matches!(view.part, ThreadPart::Page(_)) {
        return html! {};
    }
    html! {
        section #write aria-labelledby="write-heading" {
            h2 #write-heading {
                @match write.parent {
                    Some(parent) => (words.html(MessageKey::ReplyTo, &[("name", &i18n::isolated(author::name(words, &parent.author)))])),
                    None => (words.text(MessageKey::Write)),
                }
            }
            @if let Some(parent) = write.parent {
                blockquote.parent dir="auto" tabindex="0" role="region" aria-label=(words.text(MessageKey::Answered)) { (raw_html::body(words, parent)) }
                p { a href=(view.address.here(&[], &anchor(parent.id))) { (words.text(MessageKey::Cancel)) } }
            }
            @if let Some(preview) = &write.preview {
                section.preview aria-labelledby="preview-heading" {
                    h3 #preview-heading { (words.text(MessageKey::Preview)) }
                    div.comment-body dir="auto" { (raw_html::content(preview)) }
                }
            }
            (form(view))
        }
    }
}

fn form(view: &ThreadPage<'_>) -> Markup {
    let (write, rules, words) = (&view.write, &view.site.rules, view.words);
    let (typed, message) = (&write.typed, message(view, write.error.as_ref()));
    let parent = write
        .parent
        .map(|parent| parent.id.to_string())
        .unwrap_or_default();
    let label = |word: MessageKey, required: bool| {
        if required {
            words.text(word).to_owned()
        } else {
            words.fill(MessageKey::Optional, &[("label", words.text(word))])
        }
    };
    let (name, email, website) = (
        label(MessageKey::Name, rules.require_name),
        label(MessageKey::Email, rules.require_email),
        label(MessageKey::Website, false),
    );
    html! {
        form.write action=(view.address.action("post", "write")) method="post" novalidate {
            (form_field::summary(message.as_ref(), FIELDS, words.text(MessageKey::NotPosted)))
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (form_field::hidden(&view.address.pairs()))
            (form_field::hidden(&[("key", &write.key), ("parent", &parent)]))
            (field(Field { name: "text", label: words.text(MessageKey::Text), value: &typed.text, kind: "area", hint: words.text(MessageKey::Hint), required: true, ..Field::default() }, message.as_ref()))
            div.who {
                (field(Field { name: "name", label: &name, value: &typed.name, autocomplete: "name", required: rules.require_name, ..Field::default() }, message.as_ref()))
                (field(Field { name: "email", label: &email, value: &typed.email, kind: "email", autocomplete: "email", required: rules.require_email, ..Field::default() }, message.as_ref()))
                (field(Field { name: "website", label: &website, value: &typed.website, kind: "url", autocomplete: "url", ..Field::default() }, message.as_ref()))
            }
            div.buttons {
                button.primary name="action" value="post" { (words.text(MessageKey::Post)) }
                button name="action" value="preview" { (words.text(MessageKey::Preview)) }
            }
        }
    }
}

/// The error of a submitted form, with its message for the writer.
fn message<'a>(view: &ThreadPage<'_>, error: Option<&'a Error>) -> Option<LocalizedError<'a>> {
    let writer = WriterContext {
        max_text: view.site.rules.max_text,
        without_cookie: view.without_cookie,
    };
    error.map(|error| LocalizedError::to_writer(error, view.words, writer))
}

/// The form that edits the reader's own comment, in its place.
pub(super) fn edit(
    view: &ThreadPage<'_>,
    id: CommentId,
    typed: &TypedFields,
    error: Option<&Error>,
) -> Markup {
    let (words, message) = (view.words, message(view, error));
    let website = words.fill(
        MessageKey::Optional,
        &[("label", words.text(MessageKey::Website))],
    );
    html! {
        form.write action=(view.address.action("edit", &anchor(id))) method="post" novalidate {
            (form_field::summary(message.as_ref(), FIELDS, words.text(MessageKey::NotSaved)))
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (form_field::hidden(&view.address.pairs()))
            (form_field::hidden(&[("id", &id.to_string())]))
            @if let Some(version) = typed.version { (form_field::hidden(&[("version", &version.to_string())])) }
            (field(Field { name: "text", label: words.text(MessageKey::Change), value: &typed.text, kind: "area", hint: words.text(MessageKey::Hint), required: true, ..Field::default() }, message.as_ref()))
            div.who {
                (field(Field { name: "name", label: words.text(MessageKey::Name), value: &typed.name, autocomplete: "name", ..Field::default() }, message.as_ref()))
                (field(Field { name: "website", label: &website, value: &typed.website, kind: "url", autocomplete: "url", ..Field::default() }, message.as_ref()))
            }
            div.buttons {
                button.primary { (words.text(MessageKey::Save)) }
                a.button href=(view.address.here(&[], &anchor(id))) { (words.text(MessageKey::Cancel)) }
            }
        }
    }
}

/// The confirmation before the reader's own comment is deleted.
pub(super) fn delete(view: &ThreadPage<'_>, id: CommentId) -> Markup {
    let words = view.words;
    html! {
        form.write action=(view.address.action("delete", "")) method="post" {
            input type="hidden" name=(TOKEN) value=(view.form_token);
            (form_field::hidden(&view.address.pairs()))
            (form_field::hidden(&[("id", &id.to_string())]))
            p { (words.text(MessageKey::Sure)) }
            div.buttons {
                button.danger { (words.text(MessageKey::Delete)) }
                a.button href=(view.address.here(&[], &anchor(id))) { (words.text(MessageKey::Cancel)) }
            }
        }
    }
}
