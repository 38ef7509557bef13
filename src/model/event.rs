//! Acts that change what the database holds, as whoever follows them hears of each once it is committed: caches, live
//! readers, and what leaves the server later (mail, webhooks). An event names things by their ids and carries no text
//! of comments.

use super::{
    comment::{Comment, Status},
    id::{CommentId, SiteId, ThreadId},
    string_enum::string_enum,
};

/// One change of a unit of work. A unit says what it changes by `store::Tx::emit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The site that it happened on.
    pub site: SiteId,
    /// The thread whose readers may see something else now; none: the site as a whole.
    pub thread: Option<ThreadId>,
    /// The comment that it is about.
    pub comment: Option<CommentId>,
    /// The change itself.
    pub change: Change,
}

/// The change that an event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A comment was stored, for readers or held.
    CommentPosted {
        /// The comment that it answers.
        parent: Option<CommentId>,
        /// Its first status.
        status: Status,
    },
    /// Its author or a moderator replaced what a comment says.
    CommentEdited,
    /// A comment got another status.
    StatusChanged {
        /// The status before.
        from: Status,
        /// The status now.
        to: Status,
    },
    /// The text and the author of a comment are gone for good.
    CommentErased,
    /// A reader voted, or votes were discarded.
    VotesChanged {
        /// Votes for the comment now.
        up: i64,
        /// Votes against it now.
        down: i64,
    },
    /// A thread takes no new comments.
    ThreadClosed,
    /// A thread takes comments again.
    ThreadOpened,
    /// A thread got another address or title.
    ThreadEdited,
    /// A thread got one more address or page id.
    AliasAdded,
    /// A page moved, and its thread with it.
    ThreadMoved,
    /// Two threads became one, which the event names.
    ThreadsMerged {
        /// The thread that is gone.
        from: ThreadId,
    },
    /// Comments of a thread were rendered by another content policy.
    ThreadRerendered,
    /// Nothing changed now, but this server may not have heard of an earlier change: another one may have made it.
    /// Caches and live readers look again; nobody else is told.
    ThreadStale,
    /// A site was registered.
    SiteRegistered,
    /// A site got other settings or origins.
    SiteChanged,
    /// A site is gone with everything in it.
    SiteRemoved,
    /// The demo's site is found under no address any more.
    DemoEnded,
}

string_enum!(
    /// The kinds of events that a consumer can ask for.
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
    /// A change of a comment, in its thread.
    #[must_use]
    pub fn of_comment(comment: &Comment, change: Change) -> Self {
        Self {
            site: comment.site_id,
            thread: Some(comment.thread_id),
            comment: Some(comment.id),
            change,
        }
    }

    /// A change of a thread.
    #[must_use]
    pub fn of_thread(site: SiteId, thread: ThreadId, change: Change) -> Self {
        Self {
            site,
            thread: Some(thread),
            comment: None,
            change,
        }
    }

    /// A change of a site.
    #[must_use]
    pub fn of_site(site: SiteId, change: Change) -> Self {
        Self {
            site,
            thread: None,
            comment: None,
            change,
        }
    }

    /// The kind; none for [`Change::ThreadStale`], which is no act.
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
