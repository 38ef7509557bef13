//! A comment, as readers see it and as its author and moderators do.

use super::{
    id::{CommentId, SiteId, ThreadId},
    site::string_enum,
    time::Millis,
};

string_enum!(
    /// Where a comment stands.
    Status {
        /// Readers see it.
        Approved = "approved",
        /// It waits for a moderator; its author alone sees it.
        Held = "held",
        /// A moderator called it spam.
        Spam = "spam",
        /// Its author or a moderator deleted it.
        Deleted = "deleted",
    }
);

string_enum!(
    /// What a comment's source is written in.
    Format {
        /// What people type.
        Markdown = "markdown",
        /// What other systems export.
        Html = "html",
    }
);

impl Status {
    /// What the author is told of their comment's status, whichever way they ask: spam looks held, so that its
    /// sender does not learn what is recognized.
    #[must_use]
    pub fn to_author(self) -> Self {
        match self {
            Self::Spam => Self::Held,
            other => other,
        }
    }
}

/// A comment as the page shows it.
#[derive(Clone, Debug)]
pub struct Comment {
    /// The site that it belongs to.
    pub site_id: SiteId,
    /// The thread that it belongs to.
    pub thread_id: ThreadId,
    /// Its id.
    pub id: CommentId,
    /// What it answers; none at the top.
    pub parent_id: Option<CommentId>,
    /// The top-level comment above it; itself at the top.
    pub root_id: CommentId,
    /// Where it stands.
    pub status: Status,
    /// Who wrote it.
    pub author: Author,
    /// The safe tree as JSON, as [`crate::content`] made it.
    pub body: String,
    /// The content policy that made `body`.
    pub policy: i64,
    /// When it was written.
    pub created_at: Millis,
    /// When it was last edited.
    pub edited_at: Option<Millis>,
    /// Readers who like it.
    pub up: i64,
    /// Readers who do not.
    pub down: i64,
    /// Direct replies that readers see.
    pub reply_count: i64,
    /// On top-level comments: all comments below that readers see.
    pub descendant_count: i64,
    /// Raised by each change of text, author or status: what was decided from an earlier version is refused.
    pub version: i64,
}

impl Comment {
    /// Do readers see it, be it as a tombstone that keeps its replies in place?
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.status == Status::Approved || self.reply_count > 0
    }
}

/// What readers see of who wrote a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name; empty where the site takes comments without one.
    pub name: String,
    /// An http or https address; empty if none.
    pub website: String,
    /// Seed of a generated picture.
    pub avatar: String,
}

/// What readers never see of a comment.
#[derive(Clone, Debug)]
pub struct Details {
    /// What was written.
    pub source: String,
    /// What it is written in.
    pub format: Format,
    /// How to reach the author; empty if not given.
    pub author_email: String,
    /// The same for the same author of a site.
    pub author_key: String,
    /// Hash of the edit token; empty: none.
    pub token_hash: String,
    /// Keyed hash of the client address; emptied after [`ADDRESS_RETENTION_DAYS`].
    pub address_key: String,
    /// When it was deleted or called spam; its text goes [`REMOVED_RETENTION_DAYS`] later.
    pub removed_at: Option<Millis>,
    /// Why it waits for a moderator; empty if it does not.
    pub held_because: String,
    /// The address that it was posted from, for the thread while this is its earliest approved comment; empty: not known.
    pub page_url: String,
    /// The title that it was posted with.
    pub page_title: String,
}

impl Details {
    /// Is its text gone for good? No comment is without one before.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.source.is_empty()
    }
}

/// What a comment said before an edit replaced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The comment's version while it said this.
    pub version: i64,
    /// The name that it was signed with.
    pub author_name: String,
    /// The website beside the name.
    pub author_website: String,
    /// What was written.
    pub source: String,
    /// When the edit replaced it.
    pub replaced_at: Millis,
}

/// Days that the keyed hash of an address is kept.
pub const ADDRESS_RETENTION_DAYS: i64 = 30;
/// Days that the text of a deleted or spam comment is kept, so that a moderator can undo.
pub const REMOVED_RETENTION_DAYS: i64 = 30;
/// Days that moderators see what a comment said before an edit.
pub const REVISION_RETENTION_DAYS: i64 = 30;
/// Days that idempotency keys are kept.
pub const IDEMPOTENCY_KEY_RETENTION_DAYS: i64 = 7;
