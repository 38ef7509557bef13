//! Reads one conversation of a thread: a linked comment with its ancestors and replies, and further replies.
//!
//! Nothing here writes. [`super::read`] reads whole threads.

use std::collections::HashSet;

use super::{
    read::{MAX_PAGE_BYTES, count_fitting, is_open},
    tree::{CommentNode, build_tree},
};
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::Comment,
        id::{CommentId, SiteId},
        site::Site,
        thread::Thread,
    },
    service::threads::page::Page,
    store::{
        StoreError, Tx,
        tables::{comments, legacy_ids, threads},
    },
};

/// Replies in one response to “show more replies”.
pub const MAX_REPLIES: i64 = 100;
/// Ancestors that are read for a linked comment, if they fit a response; the topmost of them hangs from the top-level
/// comment.
const MAX_ANCESTORS: usize = 50;

/// A linked comment with its ancestors above and its replies below.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The site.
    pub site: Site,
    /// The thread.
    pub thread: Thread,
    /// The keys of the thread.
    pub keys: Vec<String>,
    /// True if the thread takes new comments.
    pub open: bool,
    /// The linked comment.
    pub id: CommentId,
    /// One tree, from the top-level comment down.
    pub comments: Vec<CommentNode>,
}

impl Conversation {
    /// Returns true if this page shows the thread.
    #[must_use]
    pub fn is_of(&self, page: &Page) -> bool {
        self.keys.iter().any(|key| key == page.key.as_str())
    }
}

/// The name of a comment in a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentRef {
    /// An id. If no comment has it, it is the number of an imported comment: `WordPress` and others named theirs
    /// `#comment-12`.
    Id(CommentId),
    /// The fragment of a permalink in another system, such as `isso-12`.
    Legacy(String),
}

impl CommentRef {
    /// Parses the last part of a link's fragment.
    ///
    /// # Errors
    /// `comment_not_found` for a text that no system uses as a name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fits = (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        match CommentId::parse(text) {
            Some(id) => Ok(Self::Id(id)),
            None if fits => Ok(Self::Legacy(text.to_owned())),
            None => Err(ErrorKind::CommentNotFound.into()),
        }
    }

    fn find(&self, tx: &mut dyn Tx, site: SiteId) -> Result<Comment, Error> {
        let name = match self {
            Self::Id(id) => match visible(tx, site, *id)? {
                Some(found) => return Ok(found),
                None => format!("comment-{id}"),
            },
            Self::Legacy(name) => name.clone(),
        };
        let id = legacy_ids::find(tx, site, &name)?.ok_or(ErrorKind::CommentNotFound)?;
        visible(tx, site, id)?.ok_or_else(|| ErrorKind::CommentNotFound.into())
    }
}

/// Reads a comment with its ancestors and replies.
///
/// # Errors
/// `comment_not_found`, and those of the store.
pub async fn around(app: &App, site: Site, named: CommentRef) -> Result<Conversation, Error> {
    let now = app.clock.now();
    app.store
        .read(move |tx| {
            let comment = named.find(tx, site.id)?;
            let missing = || Error::internal("a comment without its thread or top");
            let thread = threads::by_id(tx, site.id, comment.thread_id)?.ok_or_else(missing)?;
            let top = comments::by_id(tx, site.id, comment.root_id)?.ok_or_else(missing)?;
            let mut room = MAX_PAGE_BYTES;
            let mut chain = Vec::new();
            let mut above = comment.parent_id;
            while let Some(parent) = above.filter(|parent| *parent != top.id && chain.len() < MAX_ANCESTORS) {
                let parent = comments::by_id(tx, site.id, parent)?.ok_or_else(missing)?;
                // The comment's own parent is shown, however long it is.
                if count_fitting(std::slice::from_ref(&parent), &mut room) == 0 && !chain.is_empty() {
                    break;
                }
                above = parent.parent_id;
                chain.push(parent);
            }
            chain.reverse();
            let mut within: HashSet<CommentId> = HashSet::from([comment.id]);
            let mut found = vec![top.clone()];
            found.extend(chain);
            if comment.id != top.id {
                found.push(comment.clone());
            }
            for reply in comments::descendants(tx, &top, comment.id.0, MAX_REPLIES)? {
                if count_fitting(std::slice::from_ref(&reply), &mut room) == 0 {
                    break;
                }
                if reply.parent_id.is_some_and(|parent| within.contains(&parent)) {
                    within.insert(reply.id);
                    found.push(reply);
                }
            }
            let open = is_open(&site, Some(&thread), now);
            Ok(Conversation {
                keys: threads::keys(tx, site.id, thread.id)?,
                site: site.clone(),
                thread,
                open,
                id: comment.id,
                comments: build_tree(found),
            })
        })
        .await
}

/// Some of the comments below a top-level comment.
#[derive(Clone, Debug)]
pub struct Replies {
    /// The comments, by id.
    pub comments: Vec<Comment>,
    /// The number of comments after these.
    pub left: i64,
}

/// Reads the comments below a top-level comment whose ids are above `after`.
///
/// # Errors
/// `comment_not_found`, also for a reply; and those of the store.
pub async fn replies(app: &App, site: SiteId, id: CommentId, after: i64) -> Result<Replies, Error> {
    app.store
        .read(move |tx| {
            let top = visible(tx, site, id)?.ok_or(ErrorKind::CommentNotFound)?;
            if top.parent_id.is_some() {
                return Err(Error::with_message(
                    ErrorKind::CommentNotFound,
                    "Ask for the replies of a top-level comment.",
                ));
            }
            let mut found = comments::descendants(tx, &top, after.max(top.id.0), MAX_REPLIES + 1)?;
            let shown = count_fitting(&found, &mut { MAX_PAGE_BYTES }).clamp(1, MAX_REPLIES as usize);
            let more = found.len() > shown;
            found.truncate(shown);
            let mut left = 0;
            if let Some(last) = found.last().filter(|_| more) {
                left = comments::count_descendants(tx, &top, last.id.0)?;
            }
            Ok(Replies {
                comments: found,
                left,
            })
        })
        .await
}

/// The comment, if there is one and readers see it.
fn visible(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Option<Comment>, StoreError> {
    Ok(comments::by_id(tx, site, id)?.filter(Comment::is_visible))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_a_comment_by_its_id_or_its_legacy_name() {
        assert_eq!(CommentRef::parse("12").unwrap(), CommentRef::Id(CommentId(12)));
        for before in [
            "isso-12",
            "remark42__comment-3f0b9a52-1c",
            "0",
            "012345678901234567890",
        ] {
            assert_eq!(
                CommentRef::parse(before).unwrap(),
                CommentRef::Legacy(before.to_owned())
            );
        }
        for never in ["", "a b", "é", &"x".repeat(101)] {
            assert!(CommentRef::parse(never).is_err(), "{never}");
        }
    }
}
