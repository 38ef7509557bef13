//! Lookup of the part of a thread that a page shows: a page of it, a conversation, or further replies; with the reader's
//! own held comments in the positions that they will have. Visibility is decided by the use cases.

use std::collections::HashMap;

use crate::{
    app::{App, Error, ErrorKind},
    model::{
        comment::{Comment, Status},
        id::{CommentId, ThreadId},
        site::{Site, Sort},
        thread::Thread,
    },
    service::{
        comments::own_comments::OwnComment,
        threads::{
            conversation::{self, CommentRef, Conversation, Replies},
            page::Page,
            read::{self, Cursor},
            tree::{CommentNode, build_tree},
        },
    },
    view::thread::{self, Address, state::ThreadPart},
};

/// A part of a thread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum RequestedPart {
    /// A page of the thread.
    #[default]
    Page,
    /// The conversation of a comment.
    Branch(CommentId),
    /// The replies to a top-level comment, after the id of a reply.
    Replies(CommentId, i64),
}

/// A part of a thread that was found.
pub(super) struct FoundThread {
    pub(super) thread: Option<Thread>,
    /// The id of the thread, also while it has no approved comments.
    pub(super) thread_id: Option<ThreadId>,
    pub(super) open: bool,
    pub(super) sort: Sort,
    pub(super) nodes: Vec<CommentNode>,
    pub(super) part: ThreadPart,
}

/// Looks up a part of the thread of a page. Errors: `bad_query` for a wrong cursor, `comment_not_found`.
pub(super) async fn find(
    app: &App,
    site: &Site,
    page: &Page,
    address: &Address,
    part: RequestedPart,
) -> Result<FoundThread, Error> {
    match part {
        RequestedPart::Page => {
            let cursor = address.cursor.as_deref().map(Cursor::parse).transpose()?;
            let view = read::thread(app, site.clone(), page.clone(), address.sort, cursor).await?;
            let part = ThreadPart::Page(view.next.map(Cursor::written));
            Ok(FoundThread {
                thread_id: view.state.map(|(id, _)| id),
                thread: view.thread,
                open: view.open,
                sort: view.sort,
                nodes: view.comments,
                part,
            })
        }
        RequestedPart::Branch(id) => {
            let branch = branch_of(app, site, page, id).await?;
            Ok(FoundThread {
                thread_id: Some(branch.thread.id),
                thread: Some(branch.thread),
                open: branch.open,
                sort: site.rules.sort,
                nodes: branch.comments,
                part: ThreadPart::Branch,
            })
        }
        RequestedPart::Replies(top, after) => {
            let branch = branch_of(app, site, page, top).await?;
            let Replies { comments, left } = conversation::replies(app, site.id, top, after).await?;
            let last = comments.last().map(|reply| (reply.id, left)).filter(|_| left > 0);
            let tops = branch
                .comments
                .into_iter()
                .map(|node| node.comment)
                .filter(|comment| comment.id == top);
            let nodes = build_tree(tops.chain(comments).collect());
            Ok(FoundThread {
                thread_id: Some(branch.thread.id),
                thread: Some(branch.thread),
                open: branch.open,
                sort: site.rules.sort,
                nodes,
                part: ThreadPart::Replies(top, last),
            })
        }
    }
}

/// The conversation of a comment in the thread of this page. Errors: `comment_not_found`.
async fn branch_of(app: &App, site: &Site, page: &Page, id: CommentId) -> Result<Conversation, Error> {
    let branch = conversation::around(app, site.clone(), CommentRef::Id(id)).await?;
    if branch.is_of(page) {
        Ok(branch)
    } else {
        Err(ErrorKind::CommentNotFound.into())
    }
}

/// Adds the reader's own held comments in the positions that they will have.
pub(super) fn add_own(found: &mut FoundThread, own: &HashMap<CommentId, OwnComment>) {
    let Some(thread) = found.thread_id else { return };
    let mut held: Vec<&Comment> = own.values().map(|own| &own.comment).collect();
    held.retain(|comment| comment.status == Status::Held && comment.thread_id == thread);
    held.sort_by_key(|comment| comment.id);
    for comment in held {
        let known = thread::find(&found.nodes, comment.id).is_some();
        let node = CommentNode {
            comment: comment.clone(),
            replies: Vec::new(),
            more: 0,
        };
        match comment
            .parent_id
            .and_then(|parent| find_node(&mut found.nodes, parent))
        {
            _ if known => (),
            Some(parent) => parent.replies.push(node),
            None if !matches!(found.part, ThreadPart::Page(_)) => (),
            None if found.sort == Sort::Newest => found.nodes.insert(0, node),
            None => found.nodes.push(node),
        }
    }
}

fn find_node(nodes: &mut [CommentNode], id: CommentId) -> Option<&mut CommentNode> {
    let mut waiting: Vec<&mut CommentNode> = nodes.iter_mut().collect();
    while let Some(node) = waiting.pop() {
        if node.comment.id == id {
            return Some(node);
        }
        waiting.extend(node.replies.iter_mut());
    }
    None
}

/// The approved comment that a reply is to. Errors: `parent_not_found`.
pub(super) async fn parent(
    app: &App,
    site: &Site,
    page: &Page,
    nodes: &[CommentNode],
    id: CommentId,
) -> Result<Comment, Error> {
    let found = match thread::find(nodes, id) {
        Some(comment) => Some(comment.clone()),
        None => {
            let branch = branch_of(app, site, page, id)
                .await
                .map_err(|_| ErrorKind::ParentNotFound)?;
            thread::find(&branch.comments, id).cloned()
        }
    };
    found
        .filter(|comment| comment.status == Status::Approved)
        .ok_or_else(|| ErrorKind::ParentNotFound.into())
}
