//! A comment: its public columns ([`Comment`]) and those that only its author and moderators see
//! ([`Details`]).

use super::{
    id::{CommentId, SiteId, ThreadId},
    string_enum::string_enum,
    time::Millis,
};

string_enum!(
    /// The moderation status of a comment.
    Status {
        /// Visible to readers.
        Approved = "approved",
        /// Waiting for a moderator; visible to its author only.
        Held = "held",
        /// Marked as spam by a moderator.
        Spam = "spam",
        /// Deleted by its author or by a moderator.
        Deleted = "deleted",
    }
);

string_enum!(
    /// The markup language of a comment's source.
    Format {
        /// Markdown, from the comment form.
        Markdown = "markdown",
        /// HTML, from an import.
        Html = "html",
    }
);

string_enum!(
    /// Why a comment waits for a moderator.
    HoldReason {
        /// The site holds every comment.
        All = "all",
        /// It is the first comment of its author.
        First = "first",
        /// Its author changed it, and what they write now would be held.
        Edited = "edited",
        /// A moderator sent it back to the queue.
        Moderator = "moderator",
    }
);

impl Status {
    /// The status that the author is told, in every response: spam is reported as held, so that its sender does not
    /// learn what is recognized.
    #[must_use]
    pub fn to_author(self) -> Self {
        match self {
            Self::Spam => Self::Held,
            other => other,
        }
    }
}

/// A comment, without the columns of [`Details`].
#[derive(Clone, Debug)]
pub struct Comment {
    /// The site that it belongs to.
    pub site_id: SiteId,
    /// The thread that it belongs to.
    pub thread_id: ThreadId,
    /// Its id.
    pub id: CommentId,
    /// The comment that it replies to; `None` for a top-level comment.
    pub parent_id: Option<CommentId>,
    /// The top-level comment of its conversation; its own id for a top-level comment.
    pub root_id: CommentId,
    /// The moderation status.
    pub status: Status,
    /// The author as readers see them.
    pub author: Author,
    /// The safe tree as JSON, as [`crate::content`] made it.
    pub body: String,
    /// The content policy version that `body` was rendered with.
    pub policy: i64,
    /// When it was written.
    pub created_at: Millis,
    /// When it was last edited.
    pub edited_at: Option<Millis>,
    /// Number of up-votes.
    pub up: i64,
    /// Number of down-votes.
    pub down: i64,
    /// Number of direct replies that readers see.
    pub reply_count: i64,
    /// Number of comments below it that readers see; 0 for replies.
    pub descendant_count: i64,
    /// Raised by each change of text, author or status. A decision made on an earlier version is refused.
    pub version: i64,
}

impl Comment {
    /// Returns true if readers see it, including as a tombstone that keeps its replies in place.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.status == Status::Approved || self.reply_count > 0
    }
}

/// A comment to be stored, as it is posted: without edits, votes and replies.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// The site that it belongs to.
    pub site_id: SiteId,
    /// The thread that it belongs to.
    pub thread_id: ThreadId,
    /// Its id.
    pub id: CommentId,
    /// The comment that it replies to; `None` for a top-level comment.
    pub parent_id: Option<CommentId>,
    /// The top-level comment of its conversation; its own id for a top-level comment.
    pub root_id: CommentId,
    /// The moderation status.
    pub status: Status,
    /// The author as readers see them.
    pub author: Author,
    /// The safe tree as JSON, as [`crate::content`] made it.
    pub body: String,
    /// The content policy version that `body` was rendered with.
    pub policy: i64,
    /// When it was written.
    pub created_at: Millis,
}

/// The edits and votes that a comment already has when it is stored. The default has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// When it was last edited.
    pub edited_at: Option<Millis>,
    /// Number of up-votes.
    pub up: i64,
    /// Number of down-votes.
    pub down: i64,
}

/// A comment from another system, with its history. Its replies are counted when it is stored.
#[derive(Clone, Debug)]
pub struct ImportedComment {
    /// The comment as it is now.
    pub comment: NewComment,
    /// Its edits and votes.
    pub history: History,
}

impl From<NewComment> for Comment {
    /// The comment right after it is stored, before any reply.
    fn from(new: NewComment) -> Self {
        let History { edited_at, up, down } = History::default();
        Self {
            site_id: new.site_id,
            thread_id: new.thread_id,
            id: new.id,
            parent_id: new.parent_id,
            root_id: new.root_id,
            status: new.status,
            author: new.author,
            body: new.body,
            policy: new.policy,
            created_at: new.created_at,
            edited_at,
            up,
            down,
            reply_count: 0,
            descendant_count: 0,
            version: 1,
        }
    }
}

/// The author of a comment as readers see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name; empty if the comment was posted without one.
    pub name: String,
    /// The website, an http or https URL; empty if none.
    pub website: String,
    /// Seed of the generated avatar.
    pub avatar: String,
}

/// The columns of a comment that readers never see.
#[derive(Clone, Debug)]
pub struct Details {
    /// The source text.
    pub source: String,
    /// The markup language of `source`.
    pub format: Format,
    /// The author's e-mail address; empty if not given.
    pub author_email: String,
    /// Key of the author, the same for all comments of one author on a site.
    pub author_key: String,
    /// Hash of the edit token; empty if there is none.
    pub token_hash: String,
    /// Keyed hash of the client address; emptied after [`ADDRESS_RETENTION_DAYS`].
    pub address_key: String,
    /// When it was deleted or marked as spam; its text is purged [`REMOVED_RETENTION_DAYS`] later.
    pub removed_at: Option<Millis>,
    /// The reason why it is held; none if it is not.
    pub held_because: Option<HoldReason>,
    /// The page address that it was posted from. The thread takes it from its earliest approved comment; empty if
    /// unknown.
    pub page_url: String,
    /// The page title that it was posted with; same use.
    pub page_title: String,
}

impl Details {
    /// Returns true if its text has been purged. No comment has an empty source before that.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.source.is_empty()
    }
}

/// The text of a comment before an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version of the comment that had this text.
    pub version: i64,
    /// The author's name.
    pub author_name: String,
    /// The author's website.
    pub author_website: String,
    /// The source text.
    pub source: String,
    /// When the edit replaced it.
    pub replaced_at: Millis,
}

/// Days after which the keyed hash of a client address is purged.
pub const ADDRESS_RETENTION_DAYS: i64 = 30;
/// Days after which the text of a deleted or spam comment is purged; until then a moderator can restore it.
pub const REMOVED_RETENTION_DAYS: i64 = 30;
/// Days after which the text before an edit is purged.
pub const REVISION_RETENTION_DAYS: i64 = 30;
/// Days after which idempotency keys are purged.
pub const IDEMPOTENCY_KEY_RETENTION_DAYS: i64 = 7;
