//! Threads as the moderation log and error messages name them.

use crate::model::thread::Thread;

/// The address, and the title if there is one: `https://blog.example/tea “On tea”`.
pub(super) fn label(thread: &Thread) -> String {
    if thread.title.is_empty() {
        thread.page_url.clone()
    } else {
        format!("{} “{}”", thread.page_url, thread.title)
    }
}

/// The number of comments of every status: `59 comments`.
pub(super) fn comment_count(thread: &Thread) -> String {
    match thread.total_count {
        1 => "one comment".to_owned(),
        count => format!("{count} comments"),
    }
}
