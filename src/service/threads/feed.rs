//! Reads the newest approved comments of a site or a thread, for feeds.

use super::{
    read::{MAX_PAGE_BYTES, count_fitting},
    tree::COMMENT_OVERHEAD_BYTES,
};
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::{Comment, Status},
        id::ThreadId,
        site::Site,
        thread::Thread,
    },
    store::tables::{comments, threads},
};

/// Entries of a feed; fewer if the comments are very long ([`MAX_PAGE_BYTES`]).
pub const MAX_ENTRIES: i64 = 50;
/// Entries of the list of recent comments on a page, unless the page asks for another number.
pub const MAX_RECENT: i64 = 5;

/// The newest comments of a thread or of a site.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The thread; `None` for the feed of a site.
    pub thread: Option<Thread>,
    /// Comments, newest first, each with its thread.
    pub entries: Vec<(Comment, Thread)>,
}

impl Feed {
    /// The size of the comments in bytes, with [`COMMENT_OVERHEAD_BYTES`] for each.
    #[must_use]
    pub fn content_bytes(&self) -> usize {
        self.entries
            .iter()
            .map(|(comment, _)| comment.body.len() + COMMENT_OVERHEAD_BYTES)
            .sum()
    }
}

/// Reads at most `limit` of the newest approved comments of a thread, or of the site.
///
/// # Errors
/// `not_found` for an unknown thread, and those of the store.
pub async fn newest(app: &App, site: Site, thread: Option<ThreadId>, limit: i64) -> Result<Feed, Error> {
    app.store
        .read(move |tx| {
            let one = match thread {
                Some(id) => Some(
                    threads::by_id_or_merged(tx, site.id, id)?
                        .filter(Thread::is_published)
                        .ok_or(Error::from(ErrorKind::NotFound))?,
                ),
                None => None,
            };
            let found = match &one {
                Some(thread) => comments::newest_in(tx, site.id, thread.id, limit)?,
                None => comments::by_status(tx, site.id, Status::Approved, i64::MAX, limit)?,
            };
            let mut entries = Vec::with_capacity(found.len());
            let shown = count_fitting(&found, &mut { MAX_PAGE_BYTES }).max(1);
            for comment in found.into_iter().take(shown) {
                let thread = match &one {
                    Some(thread) => thread.clone(),
                    None => threads::by_id(tx, site.id, comment.thread_id)?
                        .ok_or_else(|| Error::internal("a comment without thread"))?,
                };
                entries.push((comment, thread));
            }
            Ok(Feed { thread: one, entries })
        })
        .await
}
