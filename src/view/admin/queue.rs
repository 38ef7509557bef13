//! The queue: tabs with counts, and for each comment all that a decision needs.

use maud::{Markup, html};

use super::Frame;
use crate::{
    model::{
        comment::{Comment, Format, Status},
        id::CommentId,
    },
    service::{
        Error,
        draft::Raw,
        moderate::{COUNTED, Item, Queue},
    },
    view::{
        field::{self, Field, field},
        person, safe,
        thread::list,
        time,
        told::Told,
        words,
    },
};

/// What the queue shows.
pub struct QueuePage<'a> {
    /// What stands around it.
    pub frame: &'a Frame,
    /// The comments.
    pub queue: &'a Queue,
    /// What they answer.
    pub parents: &'a [Comment],
    /// What was done just now.
    pub done: Option<Done>,
    /// This is the first page.
    pub first: bool,
}

/// What was done just now.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// A comment got another status; `undone`: by taking a decision back.
    Status {
        /// The comment.
        id: CommentId,
        /// The status that it has now.
        now: Status,
        /// The status that it had.
        was: Status,
        /// It was an undo.
        undone: bool,
    },
    /// A comment was changed.
    Edited,
    /// Somebody else decided first.
    TooLate,
}

fn past(status: Status) -> &'static str {
    match status {
        Status::Approved => "Approved",
        Status::Held => "Put back",
        Status::Spam => "Called spam",
        Status::Deleted => "Deleted",
    }
}

fn tab(status: Status) -> &'static str {
    match status {
        Status::Held => "Waiting",
        Status::Approved => "Approved",
        Status::Spam => "Spam",
        Status::Deleted => "Deleted",
    }
}

/// The order of the tabs: what needs somebody first.
const TABS: [Status; 4] = [Status::Held, Status::Approved, Status::Spam, Status::Deleted];

/// The page.
#[must_use]
pub fn page(view: &QueuePage<'_>) -> Markup {
    let queue = view.queue;
    let title = format!("Comments on {}", queue.site.name.as_str());
    let main = html! {
        h1 { (title) }
        (flash(view))
        nav.tabs aria-label="By status" {
            ul role="list" {
                @for status in TABS {
                    @let count = queue.counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count);
                    @let current = (status == queue.status).then_some("page");
                    li {
                        a href=(view.frame.of_site(&format!("comments?status={}", status.as_str()))) aria-current=[current] {
                            (tab(status)) " " span.count.none[count == 0] { (count) @if count >= COUNTED { "+" } }
                        }
                    }
                }
            }
        }
        @if queue.items.is_empty() { (empty(queue.status, view.first)) }
        @else {
            ol.queue role="list" { @for item in &queue.items { li { (entry(view, item)) } } }
        }
        @if let Some(before) = queue.next {
            p.further { a.button rel="next" href=(view.frame.of_site(&format!("comments?status={}&before={before}", queue.status.as_str()))) { "Show older ones" } }
        }
        p.keys hidden data-keys {
            button.link type="button" aria-pressed="true" data-keys-switch { "Keys are on" }
            span data-keys-list {
                kbd { "j" } " next, " kbd { "k" } " previous, " kbd { "a" } " approve, " kbd { "s" } " spam, "
                kbd { "d" } " delete, " kbd { "e" } " edit, " kbd { "z" } " undo"
            }
        }
    };
    view.frame.page(&title, &main)
}

fn empty(status: Status, first: bool) -> Markup {
    html! {
        p.empty {
            @match (status, first) {
                (_, false) => "There are no older ones.",
                (Status::Held, _) => "Nothing waits for you. All is decided.",
                (Status::Approved, _) => "There are no approved comments.",
                (Status::Spam, _) => "No spam. Lucky you.",
                (Status::Deleted, _) => "Nothing was deleted.",
            }
        }
    }
}

fn flash(view: &QueuePage<'_>) -> Markup {
    html! {
        @match view.done {
            None => {},
            Some(Done::Edited) => p.notice.good role="status" { "Changed." },
            Some(Done::TooLate) => p.notice.bad role="alert" { "Somebody else decided about that comment meanwhile. This is how things stand now." },
            Some(Done::Status { id, now, was, undone }) => div.notice.good role="status" {
                @if undone { "Undone. " } @else { (past(now)) ". " }
                @if now != was {
                    form action=(view.frame.of_site(&format!("comments/{id}/status"))) method="post" {
                        (view.frame.token())
                        (field::hidden(&[("expected", now.as_str()), ("tab", view.queue.status.as_str()), ("undo", if undone { "" } else { "1" })]))
                        button.link name="to" value=(was.as_str()) data-key="z" { @if undone { "Redo" } @else { "Undo" } }
                    }
                }
            },
        }
    }
}

fn entry(view: &QueuePage<'_>, item: &Item) -> Markup {
    let (comment, details) = (&item.comment, &item.details);
    let id = comment.id;
    let name = person::name(words::english(), &comment.author);
    let parent = comment
        .parent_id
        .and_then(|parent| view.parents.iter().find(|known| known.id == parent));
    html! {
        article.item #{ "item-" (id) } tabindex="-1" data-item aria-labelledby={ "by-" (id) } {
            (person::disc(&comment.author))
            header {
                h2.author #{ "by-" (id) } { bdi { (name) } }
                span.quiet { (time::moment(comment.created_at)) @if comment.edited_at.is_some() { ", edited" } }
                // Where every comment waits, that says nothing of this one.
                @if !matches!(details.held_because.as_str(), "" | "all") && comment.status == Status::Held { span.badge { (why(&details.held_because)) } }
            }
            dl.facts {
                @if !details.author_email.is_empty() { div { dt { "E-mail" } dd { bdi dir="ltr" { (details.author_email) } } } }
                // As text: a link from here would tell its owner where the queue is.
                @if !comment.author.website.is_empty() { div { dt { "Website" } dd { bdi dir="ltr" { (comment.author.website) } } } }
                div { dt { "On" } dd { a href=(list::of(&view.frame.base_url, &view.queue.site, &item.thread).here(&[], "")) dir="auto" { (list::shown_title(&item.thread)) } } }
            }
            @if let Some(parent) = parent.filter(|parent| parent.status == Status::Deleted) {
                p.quiet { "In reply to a comment that was deleted" @if !parent.author.name.is_empty() { ", by " bdi { (parent.author.name) } } }
            } @else if let Some(parent) = parent {
                details.context {
                    summary { "In reply to " bdi { (person::name(words::english(), &parent.author)) } }
                    blockquote.parent dir="auto" { (safe::body(words::english(), parent)) }
                }
            }
            div.comment-body dir="auto" {
                @if details.source.is_empty() && comment.status != Status::Approved { p.quiet { "Its text is gone." } }
                @else { (safe::body(words::english(), comment)) }
            }
            (decisions(view, item, name))
        }
    }
}

fn why(reason: &str) -> &str {
    match reason {
        "first" => "First comment of its author",
        "edited" => "Changed by its author",
        "moderator" => "Put back by a moderator",
        other => other,
    }
}

fn decisions(view: &QueuePage<'_>, item: &Item, name: &str) -> Markup {
    let (id, now) = (item.comment.id, item.comment.status);
    let gone = now == Status::Deleted && item.details.source.is_empty();
    html! {
        div.decisions {
            @if !gone {
                form action=(view.frame.of_site(&format!("comments/{id}/status"))) method="post" {
                    (view.frame.token())
                    (field::hidden(&[("expected", now.as_str()), ("tab", view.queue.status.as_str())]))
                    @if now != Status::Approved { button.primary name="to" value="approved" data-key="a" { "Approve" (whose(name)) } }
                    @if now == Status::Approved { button name="to" value="held" { "Put back" (whose(name)) } }
                    @if now != Status::Spam { button name="to" value="spam" data-key="s" { "Spam" (whose(name)) } }
                    @if now != Status::Deleted { button name="to" value="deleted" data-key="d" { "Delete" (whose(name)) } }
                }
                a.button href=(view.frame.of_site(&format!("comments/{id}/edit"))) data-key="e" { "Edit" (whose(name)) }
            }
        }
    }
}

fn whose(name: &str) -> Markup {
    html! { span.vh { ": comment by " (name) } }
}

/// The page that changes what a comment says.
#[must_use]
pub fn edit(frame: &Frame, item: &Item, raw: &Raw, error: Option<&Error>) -> Markup {
    let id = item.comment.id;
    let hint = match item.details.format {
        Format::Markdown => "Markdown, as its author wrote it.",
        Format::Html => "HTML: this comment was imported.",
    };
    let told = error.map(Told::to_staff);
    let main = html! {
        h1 { "Change a comment" }
        p.quiet { "By " bdi { (person::name(words::english(), &item.comment.author)) } ", " (time::moment(item.comment.created_at)) ". Readers see that it was edited." }
        form action=(frame.of_site(&format!("comments/{id}/edit"))) method="post" novalidate {
            (field::summary(told.as_ref(), &["text", "name", "website"], "Not saved."))
            (frame.token())
            (field(Field { name: "text", label: "Text", value: &raw.text, kind: "area", hint, required: true, ..Field::default() }, told.as_ref()))
            div.who {
                (field(Field { name: "name", label: "Name", value: &raw.name, ..Field::default() }, told.as_ref()))
                (field(Field { name: "website", label: "Website", value: &raw.website, kind: "url", ..Field::default() }, told.as_ref()))
            }
            div.buttons {
                button.primary { "Save" }
                a.button href=(frame.of_site(&format!("comments?status={}", item.comment.status.as_str()))) { "Cancel" }
            }
        }
    };
    frame.page("Change a comment", &main)
}

/// A moderator came before any site did.
#[must_use]
pub fn no_site(frame: &Frame) -> Markup {
    frame.page(
        "No sites yet",
        &html! { h1 { "No sites yet" } p.empty { "An owner has to register the first one." } },
    )
}
