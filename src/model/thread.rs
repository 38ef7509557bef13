//! A thread: the comments of one page.

use super::{
    id::{SiteId, ThreadId},
    time::Millis,
};

/// A thread as it is stored.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The site that it belongs to.
    pub site_id: SiteId,
    /// Its id.
    pub id: ThreadId,
    /// Address of the page, taken from the earliest approved comment unless an owner set it.
    pub page_url: String,
    /// Title of the page, as text; from the same comment.
    pub title: String,
    /// When its first comment was written.
    pub created_at: Millis,
    /// True if a moderator closed it.
    pub closed: bool,
    /// Number of approved comments.
    pub comment_count: i64,
    /// Number of comments of any status.
    pub total_count: i64,
    /// Raised by each change that readers see.
    pub version: i64,
    /// Time of the first approved comment; `None` while readers see a page without comments.
    pub published_at: Option<Millis>,
    /// True if an owner set the address and title, so that no comment changes them.
    pub page_edited: bool,
    /// The page id among its keys (the first of several); `None` if it has none. Links carry it, since the address
    /// alone may lead to another thread.
    pub page_id: Option<String>,
}

impl Thread {
    /// Returns true if readers see it.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }
}
