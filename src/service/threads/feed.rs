//! The newest approved comments of a site or a thread, for feeds.

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

/// Entries of a feed; fewer where they are very long ([`MAX_PAGE_BYTES`]).
pub const MAX_ENTRIES: i64 = 50;
/// Entries of the list that a page shows beside its articles, if it does not say how many.
pub const MAX_RECENT: i64 = 5;

/// Comments, newest first, each with its thread; and the thread, if it is the feed of one.
pub type FeedEntries = (Option<Thread>, Vec<(Comment, Thread)>);

/// Bytes of what these entries say.
#[must_use]
pub fn content_bytes((_, entries): &FeedEntries) -> usize {
    entries
        .iter()
        .map(|(comment, _)| comment.body.len() + COMMENT_OVERHEAD_BYTES)
        .sum()
}

/// The newest comments of a thread, or of the whole site. Errors: `not_found` for an unknown thread.
pub async fn newest(
    app: &App,
    site: Site,
    thread: Option<ThreadId>,
    limit: i64,
) -> Result<FeedEntries, Error> {
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
            Ok((one, entries))
        })
        .await
}
