//! Exports the threads of a site for builds that write the comments into their pages.
//!
//! The export of a thread is its first page as readers see it ([`super::read`]): no held comment, no e-mail address, and
//! of a thread of thousands the first page only. An export is bounded by threads, comments and bytes, so that a site of a
//! million comments takes no more memory than one of five thousand; the next export continues after it. Nothing here
//! writes.

use std::sync::Arc;

use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::{read, tree::CommentNode};
use crate::{
    app::{
        context::{App, Client, EXPORT_TURN_TIMEOUT},
        error::{Error, ErrorKind},
        fair_share::QueuePermit,
    },
    model::{comment::Comment, id::ThreadId, page::PageUrl, site::Site, thread::Thread, time::Millis},
    store::tables::{comments, threads},
};

/// Threads that are read for one export.
pub const MAX_THREADS: i64 = 2_000;
/// Comments after which an export takes no further thread.
pub const MAX_COMMENTS: usize = 5_000;
/// Bytes of comments after which an export takes no further thread.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Threads of a site, oldest first.
pub struct Export {
    /// The site.
    pub site: Site,
    /// Threads with visible comments.
    pub threads: Vec<ExportedThread>,
    /// The last thread that was read, after which the next export begins; `None` if there are no more.
    pub next: Option<ThreadId>,
}

/// The export of one thread.
pub struct ExportedThread {
    /// The thread.
    pub thread: Thread,
    /// Its keys: `/path` on the site's first origin, `//host/path` elsewhere, `id:…` for a page id.
    pub keys: Vec<String>,
    /// The time of its newest comment; `None` when only tombstones are left.
    pub newest_at: Option<Millis>,
    /// The first page.
    pub comments: Vec<CommentNode>,
}

/// A permit to render an export: one of [`crate::app::context::MAX_EXPORTS_RENDERING`].
pub struct RenderPermit {
    _slot: OwnedSemaphorePermit,
}

/// A permit to send an export: one of [`crate::app::context::MAX_EXPORTS_SENDING`], and one at a time for each client.
pub struct SendPermit {
    _slot: OwnedSemaphorePermit,
    _client: OwnedSemaphorePermit,
}

/// Waits for the client's turn.
///
/// # Errors
/// `busy` after [`EXPORT_TURN_TIMEOUT`].
pub async fn acquire_turn(app: &App, client: &Client) -> Result<(RenderPermit, SendPermit), Error> {
    let taken = async {
        let QueuePermit { slot, client } = app.exports.take(client.network).await?;
        let slots = Arc::clone(&app.exports_sent);
        let send_slot = timeout(EXPORT_TURN_TIMEOUT, slots.acquire_owned())
            .await
            .ok()?
            .ok()?;
        Some((
            RenderPermit { _slot: slot },
            SendPermit {
                _slot: send_slot,
                _client: client,
            },
        ))
    };
    taken.await.ok_or_else(|| Error {
        retry_after: Some(10),
        ..Error::with_message(
            ErrorKind::Busy,
            "Other builds are being served. Ask again in a moment.",
        )
    })
}

/// Reads the threads whose ids are above `after`, oldest first.
///
/// # Errors
/// Those of the store.
pub async fn threads(app: &App, site: Site, after: Option<ThreadId>) -> Result<Export, Error> {
    app.store
        .read(move |tx| {
            let main = main_host(&site);
            let found = threads::after(tx, site.id, after.map_or(0, |id| id.0), MAX_THREADS + 1)?;
            let (mut exported, mut next) = (Vec::new(), None);
            let (mut count, mut bytes) = (0, 0);
            for (n, thread) in found.iter().enumerate() {
                if n as i64 == MAX_THREADS || count >= MAX_COMMENTS || bytes >= MAX_BYTES {
                    next = Some(found[n - 1].id);
                    break;
                }
                let (nodes, _) = read::page_of(tx, thread, site.rules.sort, None)?;
                if nodes.is_empty() {
                    continue;
                }
                let (more_comments, more_bytes) = count_and_bytes(&nodes);
                (count, bytes) = (count + more_comments, bytes + more_bytes);
                let newest = comments::newest_in(tx, site.id, thread.id, 1)?;
                exported.push(ExportedThread {
                    keys: threads::keys(tx, site.id, thread.id)?
                        .into_iter()
                        .map(|key| exported_key(&main, key))
                        .collect(),
                    newest_at: newest.first().map(|comment: &Comment| comment.created_at),
                    comments: nodes,
                    thread: thread.clone(),
                });
            }
            Ok(Export {
                site: site.clone(),
                threads: exported,
                next,
            })
        })
        .await
}

/// The number of comments in trees, and the bytes of their bodies.
fn count_and_bytes(nodes: &[CommentNode]) -> (usize, usize) {
    let (mut count, mut bytes) = (0, 0);
    let mut pending: Vec<&CommentNode> = nodes.iter().collect();
    while let Some(node) = pending.pop() {
        (count, bytes) = (count + 1, bytes + node.comment.body.len());
        pending.extend(&node.replies);
    }
    (count, bytes)
}

/// The prefix of the keys of pages on the site's first origin: `//blog.example`.
fn main_host(site: &Site) -> String {
    site.origins
        .first()
        .and_then(|origin| PageUrl::parse(&format!("{}/", origin.as_str())).ok())
        .map(|root| root.key().as_str().trim_end_matches('/').to_owned())
        .unwrap_or_default()
}

/// A key in the form of an export: the path alone on the site's first origin.
fn exported_key(main: &str, key: String) -> String {
    match key
        .strip_prefix(main)
        .filter(|path| !main.is_empty() && path.starts_with('/'))
    {
        Some(path) => path.to_owned(),
        None => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_first_origin_go_by_their_path() {
        let main = "//blog.example";
        for (key, shown) in [
            ("//blog.example/posts/tea", "/posts/tea"),
            ("//blog.example/", "/"),
            ("//blog.example.evil/x", "//blog.example.evil/x"),
            ("//blog.example:8080/x", "//blog.example:8080/x"),
            ("id:tea", "id:tea"),
        ] {
            assert_eq!(exported_key(main, key.to_owned()), shown);
        }
        assert_eq!(exported_key("", "//a.example/x".to_owned()), "//a.example/x");
    }
}
