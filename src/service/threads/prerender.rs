//! All threads of a site, for builds that write the comments into their pages.
//!
//! Of each thread comes what a reader sees first of it ([`super::read`]), never more: no held comment, no
//! e-mail address, and of a thread of thousands its first page. An answer is bounded three ways, so that a
//! site of a million comments takes no more memory than one of five thousand; the next one begins behind it.
//! Nothing here writes.

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

/// Threads looked at for one answer.
pub const MAX_THREADS: i64 = 2_000;
/// Comments after which an answer takes no further thread.
pub const MAX_COMMENTS: usize = 5_000;
/// Bytes of what comments say after which an answer takes no further thread.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Threads of a site, oldest first.
pub struct Export {
    /// The site.
    pub site: Site,
    /// Those of its threads that have something to show.
    pub threads: Vec<ExportedThread>,
    /// The last thread that was looked at; none: there are no more.
    pub next: Option<ThreadId>,
}

/// A thread as a build takes it.
pub struct ExportedThread {
    /// The thread.
    pub thread: Thread,
    /// Its names: `/path` on the site's first origin, `//host/path` elsewhere, `id:…` for a page id.
    pub keys: Vec<String>,
    /// When its newest comment was written; none when only tombstones are left.
    pub newest_at: Option<Millis>,
    /// What readers see first.
    pub comments: Vec<CommentNode>,
}

/// The right to make an export: one of [`crate::app::context::MAX_EXPORTS_RENDERING`].
pub struct RenderPermit {
    _slot: OwnedSemaphorePermit,
}

/// The right to send an export: one of [`crate::app::context::MAX_EXPORTS_SENDING`], and one at a time for each client.
pub struct SendPermit {
    _place: OwnedSemaphorePermit,
    _client: OwnedSemaphorePermit,
}

/// Waits for the client's turn. Errors: `busy`.
pub async fn acquire_turn(app: &App, client: &Client) -> Result<(RenderPermit, SendPermit), Error> {
    let taken = async {
        let QueuePermit { slot, client } = app.exports.take(client.network).await?;
        let places = Arc::clone(&app.exports_sent);
        let place = timeout(EXPORT_TURN_TIMEOUT, places.acquire_owned())
            .await
            .ok()?
            .ok()?;
        Some((
            RenderPermit { _slot: slot },
            SendPermit {
                _place: place,
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

/// The threads that come after `after`.
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
                let weight = weigh(&nodes);
                (count, bytes) = (count + weight.0, bytes + weight.1);
                let newest = comments::newest_in(tx, site.id, thread.id, 1)?;
                exported.push(ExportedThread {
                    keys: threads::keys(tx, site.id, thread.id)?
                        .into_iter()
                        .map(|key| name(&main, key))
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

/// How many comments these are, and how long.
fn weigh(nodes: &[CommentNode]) -> (usize, usize) {
    let (mut count, mut bytes) = (0, 0);
    let mut waiting: Vec<&CommentNode> = nodes.iter().collect();
    while let Some(node) = waiting.pop() {
        (count, bytes) = (count + 1, bytes + node.comment.body.len());
        waiting.extend(&node.replies);
    }
    (count, bytes)
}

/// What the keys of the site's own pages begin with: `//blog.example`.
fn main_host(site: &Site) -> String {
    site.origins
        .first()
        .and_then(|origin| PageUrl::parse(&format!("{}/", origin.as_str())).ok())
        .map(|root| root.key().as_str().trim_end_matches('/').to_owned())
        .unwrap_or_default()
}

/// A key as a build knows it: pages of the site's own by their path.
fn name(main: &str, key: String) -> String {
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
            assert_eq!(name(main, key.to_owned()), shown);
        }
        assert_eq!(name("", "//a.example/x".to_owned()), "//a.example/x");
    }
}
