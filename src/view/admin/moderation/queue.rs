//! The moderation queue: tabs with counts, and each comment with the information for a decision.

use maud::{Markup, html};

use crate::{
    model::{
        comment::{HoldReason, Status},
        id::CommentId,
    },
    service::moderation::queue::{ChangedSince, MAX_COUNT, Queue, QueueItem},
    view::{
        admin::{AdminFrame, comment_diff},
        author, form_field, i18n, raw_html,
        thread::list,
        time,
    },
};

/// The content of the queue.
pub struct QueuePage<'a> {
    /// The frame.
    pub frame: &'a AdminFrame,
    /// The comments.
    pub queue: &'a Queue,
    /// The result of the last action.
    pub done: Option<&'a DecisionNotice>,
    /// True if this is the first page.
    pub first: bool,
}

/// The result of the last action.
#[derive(Clone, Debug)]
pub enum DecisionNotice {
    /// A comment got another status; `undone`: because a decision was undone.
    Status {
        /// The comment.
        id: CommentId,
        /// Its new status.
        now: Status,
        /// Its previous status.
        was: Status,
        /// Its new version; an undo is bound to it.
        version: i64,
        /// True if it was an undo.
        undone: bool,
    },
    /// This number of votes of one network was discarded.
    VotesDiscarded(i64),
    /// A comment was edited.
    Edited,
    /// Nothing was changed, since the comment has changed since the moderator saw it.
    Changed(Box<ChangedSince>),
    /// Nothing was changed, since the text of the comment has been purged.
    Erased,
}

fn past(status: Status) -> &'static str {
    match status {
        Status::Approved => "Approved",
        Status::Held => "Returned to the queue",
        Status::Spam => "Marked as spam",
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

/// The order of the tabs: statuses that need a decision first.
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
                            (tab(status)) " " span.count.none[count == 0] { (count) @if count >= MAX_COUNT { "+" } }
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
            Some(DecisionNotice::VotesDiscarded(0)) => p.notice.bad role="alert" { "Nothing was done: there are no votes from that network any more." },
            Some(DecisionNotice::VotesDiscarded(1)) => p.notice.good role="status" { "Discarded one vote." },
            Some(DecisionNotice::VotesDiscarded(count)) => p.notice.good role="status" { "Discarded " (count) " votes." },
            Some(DecisionNotice::Edited) => p.notice.good role="status" { "Changed." },
            Some(DecisionNotice::Erased) => p.notice.bad role="alert" { "Nothing was done: the text of that comment was erased. It cannot be restored." },
            Some(DecisionNotice::Changed(since)) => div.notice.bad role="alert" {
                p { "Nothing was done: that comment has changed since you looked. Decide again." }
                (comment_diff::difference(since))
                (decisions(view, &since.item, author::name(i18n::english(), &since.item.comment.author)))
            },
            Some(DecisionNotice::Status { id, now, was, version, undone }) => div.notice.good role="status" {
                @if *undone { "Undone. " } @else { (past(*now)) ". " }
                @if now != was {
                    form action=(view.frame.of_site(&format!("comments/{id}/status"))) method="post" {
                        (view.frame.token())
                        (form_field::hidden(&[("version", &version.to_string()), ("tab", view.queue.status.as_str()), ("undo", if *undone { "" } else { "1" })]))
                        button.link name="to" value=(was.as_str()) data-key="z" { @if *undone { "Redo" } @else { "Undo" } }
                    }
                }
            },
        }
    }
}

fn entry(view: &QueuePage<'_>, item: &QueueItem) -> Markup {
    let (comment, details) = (&item.comment, &item.details);
    let id = comment.id;
    let name = author::name(i18n::english(), &comment.author);
    let parent = comment
        .parent_id
        .and_then(|parent| view.queue.parents.iter().find(|known| known.id == parent));
    html! {
        article.item #{ "item-" (id) } tabindex="-1" data-item aria-labelledby={ "by-" (id) } {
            (author::avatar(&comment.author))
            header {
                h2.author #{ "by-" (id) } { bdi { (name) } }
                span.quiet { (time::moment(comment.created_at)) @if comment.edited_at.is_some() { ", edited" } }
                @if !item.few_networks.is_empty() { span.badge { "Votes from few networks" } }
                @if comment.status == Status::Held {
                    @if let Some(why) = details.held_because.and_then(why) { span.badge { (why) } }
                }
            }
            dl.facts {
                @if !details.author_email.is_empty() { div { dt { "E-mail" } dd { bdi dir="ltr" { (details.author_email) } } } }
                // Plain text: a link would tell its owner the address of the queue.
                @if !comment.author.website.is_empty() { div { dt { "Website" } dd { bdi dir="ltr" { (comment.author.website) } } } }
                div { dt { "On" } dd { a href=(list::of(&view.frame.base_url, &view.queue.site, &item.thread).here(&[], "")) dir="auto" { (list::shown_title(&item.thread)) } } }
            }
            @if let Some(parent) = parent.filter(|parent| parent.status == Status::Deleted) {
                p.quiet { "In reply to a comment that was deleted" @if !parent.author.name.is_empty() { ", by " bdi { (parent.author.name) } } }
            } @else if let Some(parent) = parent {
                details.context {
                    summary { "In reply to " bdi { (author::name(i18n::english(), &parent.author)) } }
                    blockquote.parent dir="auto" { (raw_html::body(i18n::english(), parent)) }
                }
            }
            div.comment-body dir="auto" {
                @if details.is_erased() { p.quiet { "Its text is gone." } }
                @else { (raw_html::body(i18n::english(), comment)) }
            }
            (comment_diff::earlier(&item.revisions))
            (few_networks(view, item))
            (decisions(view, item, name))
        }
    }
}

fn why(reason: HoldReason) -> Option<&'static str> {
    match reason {
        // If every comment is held, the reason says nothing about this one.
        HoldReason::All => None,
        HoldReason::First => Some("First comment of its author"),
        HoldReason::Edited => Some("Changed by its author"),
        HoldReason::Moderator => Some("Returned by a moderator"),
    }
}

/// Votes that come mostly from few networks; discarding them takes two steps, since it cannot be undone.
fn few_networks(view: &QueuePage<'_>, item: &QueueItem) -> Markup {
    let (id, all) = (item.comment.id, item.comment.up + item.comment.down);
    html! {
        @for network in &item.few_networks {
            details {
                summary { (network.count()) " of " (all) " votes are from one network" }
                form action=(view.frame.of_site(&format!("comments/{id}/votes"))) method="post" {
                    (view.frame.token())
                    (form_field::hidden(&[("network", &network.address_key), ("tab", view.queue.status.as_str())]))
                    p { (network.up) " up, " (network.down) " down. A school or an office votes from one network, too. Discarded votes cannot be restored." }
                    button { "Discard votes from this network" }
                }
            }
        }
    }
}

fn decisions(view: &QueuePage<'_>, item: &QueueItem, name: &str) -> Markup {
    let (id, now) = (item.comment.id, item.comment.status);
    let version = item.comment.version.to_string();
    html! {
        div.decisions {
            @if !item.details.is_erased() {
                form action=(view.frame.of_site(&format!("comments/{id}/status"))) method="post" {
                    (view.frame.token())
                    (form_field::hidden(&[("version", &version), ("tab", view.queue.status.as_str())]))
                    @if now != Status::Approved { button.primary name="to" value="approved" data-key="a" { "Approve" (whose(name)) } }
                    @if now == Status::Approved { button name="to" value="held" { "Return to queue" (whose(name)) } }
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

/// The page for a moderator while there is no site.
#[must_use]
pub fn no_site(frame: &AdminFrame) -> Markup {
    frame.page(
        "No sites yet",
        &html! { h1 { "No sites yet" } p.empty { "An owner has to register the first one." } },
    )
}
