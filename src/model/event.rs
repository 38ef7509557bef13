//! Events: changes of the database that are delivered after their commit to caches, live readers, and consumers of the
//! outbox (mail, webhooks). An event has ids and values, and no text of comments.

use super::{
    comment::{Comment, Status},
    id::{CommentId, SiteId, ThreadId},
    string_enum::string_enum,
};

/// A change that a unit of work makes and records by `store::Tx::emit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The site that it happened on.
    pub site: SiteId,
    /// The thread that may look different to its readers now; none: the site as a whole.
    pub thread: Option<ThreadId>,
    /// The comment that it is about, if any.
    pub comment: Option<CommentId>,
    /// The change itself.
    pub change: Change,
}

/// The kind of a change, with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A comment was posted; it may be held.
    CommentPosted {
        /// The comment that it replies to.
        parent: Option<CommentId>,
        /// Its status after the post.
        status: Status,
    },
    /// The author or a moderator edited a comment.
    CommentEdited,
    /// The status of a comment changed.
    StatusChanged {
        /// The status before.
        from: Status,
        /// The status now.
        to: Status,
    },
    /// The text and the author of a comment were erased.
    CommentErased,
    /// A reader voted, or votes were discarded. The numbers are those after it.
    VotesChanged {
        /// Up-votes of the comment.
        up: i64,
        /// Down-votes of the comment.
        down: i64,
    },
    /// A thread was closed: it takes no new comments.
    ThreadClosed,
    /// A thread was opened again.
    ThreadOpened,
    /// The address or the title of a thread changed.
    ThreadEdited,
    /// A thread got another key: an alias.
    AliasAdded,
    /// The page of a thread moved to another address.
    ThreadMoved,
    /// A thread was merged into the thread of the event.
    ThreadsMerged {
        /// The thread that was removed.
        from: ThreadId,
    },
    /// Comments of a thread were rendered by another content policy.
    ThreadRerendered,
    /// Nothing changed now, but another server may have made a change that this one has not seen. Caches and live
    /// readers check the thread; consumers get no event.
    ThreadStale,
    /// A site was registered.
    SiteRegistered,
    /// The settings or origins of a site changed.
    SiteChanged,
    /// A site was removed with all its data.
    SiteRemoved,
    /// The demo ended: its site has no address any more.
    DemoEnded,
}

string_enum!(
    /// The kinds of events that a consumer can take.
    EventKind {
        /// See [`Change::CommentPosted`].
        CommentPosted = "comment_posted",
        /// See [`Change::CommentEdited`].
        CommentEdited = "comment_edited",
        /// See [`Change::StatusChanged`].
        StatusChanged = "status_changed",
        /// See [`Change::CommentErased`].
        CommentErased = "comment_erased",
        /// See [`Change::VotesChanged`].
        VotesChanged = "votes_changed",
        /// See [`Change::ThreadClosed`].
        ThreadClosed = "thread_closed",
        /// See [`Change::ThreadOpened`].
        ThreadOpened = "thread_opened",
        /// See [`Change::ThreadEdited`].
        ThreadEdited = "thread_edited",
        /// See [`Change::AliasAdded`].
        AliasAdded = "alias_added",
        /// See [`Change::ThreadMoved`].
        ThreadMoved = "thread_moved",
        /// See [`Change::ThreadsMerged`].
        ThreadsMerged = "threads_merged",
        /// See [`Change::ThreadRerendered`].
        ThreadRerendered = "thread_rerendered",
        /// See [`Change::SiteRegistered`].
        SiteRegistered = "site_registered",
        /// See [`Change::SiteChanged`].
        SiteChanged = "site_changed",
        /// See [`Change::SiteRemoved`].
        SiteRemoved = "site_removed",
        /// See [`Change::DemoEnded`].
        DemoEnded = "demo_ended",
    }
);

impl Event {
    /// An event about a comment, in its thread.
    #[must_use]
    pub fn of_comment(comment: &Comment, change: Change) -> Self {
        Self {
            site: comment.site_id,
            thread: Some(comment.thread_id),
            comment: Some(comment.id),
            change,
        }
    }

    /// An event about a thread.
    #[must_use]
    pub fn of_thread(site: SiteId, thread: ThreadId, change: Change) -> Self {
        Self {
            site,
            thread: Some(thread),
            comment: None,
            change,
        }
    }

    /// An event about a site.
    #[must_use]
    pub fn of_site(site: SiteId, change: Change) -> Self {
        Self {
            site,
            thread: None,
            comment: None,
            change,
        }
    }

    /// The kind; none for [`Change::ThreadStale`], which reports no change.
    #[must_use]
    pub fn kind(&self) -> Option<EventKind> {
        Some(match self.change {
            Change::CommentPosted { .. } => EventKind::CommentPosted,
            Change::CommentEdited => EventKind::CommentEdited,
            Change::StatusChanged { .. } => EventKind::StatusChanged,
            Change::CommentErased => EventKind::CommentErased,
            Change::VotesChanged { .. } => EventKind::VotesChanged,
            Change::ThreadClosed => EventKind::ThreadClosed,
            Change::ThreadOpened => EventKind::ThreadOpened,
            Change::ThreadEdited => EventKind::ThreadEdited,
            Change::AliasAdded => EventKind::AliasAdded,
            Change::ThreadMoved => EventKind::ThreadMoved,
            Change::ThreadsMerged { .. } => EventKind::ThreadsMerged,
            Change::ThreadRerendered => EventKind::ThreadRerendered,
            Change::SiteRegistered => EventKind::SiteRegistered,
            Change::SiteChanged => EventKind::SiteChanged,
            Change::SiteRemoved => EventKind::SiteRemoved,
            Change::DemoEnded => EventKind::DemoEnded,
            Change::ThreadStale => return None,
        })
    }
}
