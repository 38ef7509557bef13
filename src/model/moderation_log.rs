//! The log of moderation: who did what, to what, and how it was before.

use super::{comment::Status, id::CommentId, site::string_enum, time::Millis};

string_enum!(
    /// An act that the log records.
    ModerationAction {
        /// A comment was approved.
        Approved = "approved",
        /// A comment was sent back to the queue.
        Held = "held",
        /// A comment was marked as spam.
        Spam = "spam",
        /// A comment was deleted.
        Deleted = "deleted",
        /// A moderator changed what a comment says.
        Edited = "edited",
        /// Votes of one network on a comment were discarded.
        VotesDiscarded = "votes_discarded",
        /// A thread takes no new comments.
        ThreadClosed = "thread_closed",
        /// A thread takes comments again.
        ThreadOpened = "thread_opened",
        /// A thread got one more address or page id.
        AliasAdded = "alias_added",
        /// An owner set the address and the title of a thread.
        ThreadEdited = "thread_edited",
        /// A page moved to another address.
        ThreadMoved = "thread_moved",
        /// Two threads became one.
        ThreadsMerged = "threads_merged",
        /// A site was registered.
        SiteRegistered = "site_registered",
        /// A site was removed with everything in it.
        SiteRemoved = "site_removed",
        /// A site got one more origin.
        OriginAdded = "origin_added",
        /// A site lost an origin.
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

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Its id.
    pub id: i64,
    /// The comment that it is about; none where it is about something else.
    pub comment: Option<CommentId>,
    /// Who acted.
    pub actor: String,
    /// What was done.
    pub act: ModerationAction,
    /// How it was before: a comment's status, a setting's value, a thread's address and title; empty where there is nothing to say.
    pub before: String,
    /// What was changed where it is no comment: a page, an origin, a setting with its new value, an account; which votes
    /// on a comment.
    pub target: String,
    /// When.
    pub created_at: Millis,
}
