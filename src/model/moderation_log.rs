//! The moderation log: actor, action, target, and the value before.

use super::{comment::Status, id::CommentId, string_enum::string_enum, time::Millis};

string_enum!(
    /// An action that the log records.
    ModerationAction {
        /// A comment was approved.
        Approved = "approved",
        /// A comment was sent back to the queue.
        Held = "held",
        /// A comment was marked as spam.
        Spam = "spam",
        /// A comment was deleted.
        Deleted = "deleted",
        /// A moderator edited a comment.
        Edited = "edited",
        /// Votes of one network on a comment were discarded.
        VotesDiscarded = "votes_discarded",
        /// A thread was closed to new comments.
        ThreadClosed = "thread_closed",
        /// A thread was opened to new comments.
        ThreadOpened = "thread_opened",
        /// A page address or page id was added to a thread.
        AliasAdded = "alias_added",
        /// An owner set the page address and title of a thread.
        ThreadEdited = "thread_edited",
        /// A thread was moved to another page address.
        ThreadMoved = "thread_moved",
        /// Two threads were merged.
        ThreadsMerged = "threads_merged",
        /// A site was registered.
        SiteRegistered = "site_registered",
        /// A site was removed with all its threads.
        SiteRemoved = "site_removed",
        /// An origin was added to a site.
        OriginAdded = "origin_added",
        /// An origin was removed from a site.
        OriginRemoved = "origin_removed",
        /// A setting of a site was changed.
        SettingChanged = "setting_changed",
        /// An account was created.
        AccountCreated = "account_created",
        /// An account was removed.
        AccountRemoved = "account_removed",
        /// An account got a new password.
        PasswordChanged = "password_changed",
        /// An account got another role.
        RoleChanged = "role_changed",
    }
);

impl From<Status> for ModerationAction {
    fn from(status: Status) -> Self {
        match status {
            Status::Approved => Self::Approved,
            Status::Held => Self::Held,
            Status::Spam => Self::Spam,
            Status::Deleted => Self::Deleted,
        }
    }
}

/// The state of a thing before an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// The status of the comment that the act is about.
    Status(Status),
    /// A setting's value, a thread's address and title; empty where there is nothing to say.
    Text(String),
}

impl Before {
    /// The word or the text, as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::Text(text) => text,
        }
    }
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Its id.
    pub id: i64,
    /// The comment acted on; `None` for actions on other things.
    pub comment: Option<CommentId>,
    /// Name of the moderator or owner, or the command line.
    pub actor: String,
    /// The action.
    pub act: ModerationAction,
    /// The value before.
    pub before: Before,
    /// The thing acted on, if not a comment: a page, an origin, a setting with its new value, an account. For votes,
    /// which votes on the comment.
    pub target: String,
    /// When it was recorded.
    pub created_at: Millis,
}
