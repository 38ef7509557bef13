//! A thread: the conversation under one page.

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
    /// Where people read it: the address of its earliest approved comment, unless the owner set another.
    pub page_url: String,
    /// The article's title, as text; from the same comment.
    pub title: String,
    /// When its first comment was written.
    pub created_at: Millis,
    /// Closed by a moderator.
    pub closed: bool,
    /// Approved comments.
    pub comment_count: i64,
    /// Rows, whatever their status.
    pub total_count: i64,
    /// Raised by whatever changes what readers see.
    pub version: i64,
    /// Since when it has an approved comment; none: readers see a page without comments.
    pub published_at: Option<Millis>,
    /// The owner set its address and title: no comment changes them.
    pub page_edited: bool,
    /// The page id that finds it, where it has one (the first of several). Links carry it: the address alone may
    /// lead to another thread.
    pub page_id: Option<String>,
}

impl Thread {
    /// Do readers see it?
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }
}
