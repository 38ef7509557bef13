//! Builds trees of comments.
//!
//! The input is a list in which a parent comes before its replies. Nesting stops at [`MAX_DEPTH`]: a deeper comment hangs,
//! in order, from its ancestor at that depth (each comment still names its parent), so that no response is nested beyond
//! the limits of JSON parsers. Nothing here is recursive, since a thread may be one long chain.

use std::collections::HashMap;

use crate::model::{comment::Comment, id::CommentId};

/// Levels of replies below a top-level comment in a response.
pub const MAX_DEPTH: usize = 30;
/// Bytes of a response for each comment in addition to its body.
pub const COMMENT_OVERHEAD_BYTES: usize = 256;

/// A comment with the replies below it.
#[derive(Clone, Debug)]
pub struct CommentNode {
    /// The comment.
    pub comment: Comment,
    /// The comments that hang from it, oldest first.
    pub replies: Vec<CommentNode>,
    /// Visible comments below a top-level comment that are not in the tree; 0 for replies.
    pub more: i64,
}

/// Arranges comments as trees. A comment without an ancestor in the list is the top of a tree; tops keep the list's order.
#[must_use]
pub fn build_tree(comments: Vec<Comment>) -> Vec<CommentNode> {
    // For each comment: its index and its depth.
    let mut place: HashMap<CommentId, (usize, usize)> = HashMap::with_capacity(comments.len());
    // For each comment: the index of the one that it hangs from.
    let mut above: Vec<Option<usize>> = Vec::with_capacity(comments.len());
    for (n, comment) in comments.iter().enumerate() {
        // If its parent is not in the list, it hangs from its top-level comment.
        let parent = comment.parent_id.and_then(|parent| {
            place
                .get(&parent)
                .or_else(|| place.get(&comment.root_id))
                .copied()
        });
        let (hangs_from, depth) = match parent {
            None => (None, 0),
            Some((at, depth)) if depth < MAX_DEPTH => (Some(at), depth + 1),
            Some((at, depth)) => (above[at], depth),
        };
        above.push(hangs_from);
        place.insert(comment.id, (n, depth));
    }
    let mut nodes: Vec<Option<CommentNode>> = comments
        .into_iter()
        .map(|comment| {
            Some(CommentNode {
                more: 0,
                replies: Vec::new(),
                comment,
            })
        })
        .collect();
    let (mut tops, mut loaded) = (Vec::new(), vec![0_i64; nodes.len()]);
    // From the end: everything below a comment comes after it in the list.
    for n in (0..nodes.len()).rev() {
        let Some(mut node) = nodes[n].take() else { continue };
        node.replies.reverse();
        match above[n] {
            Some(at) => {
                loaded[at] += loaded[n] + 1;
                if let Some(parent) = &mut nodes[at] {
                    parent.replies.push(node);
                }
            }
            None => {
                if node.comment.parent_id.is_none() {
                    node.more = (node.comment.descendant_count - loaded[n]).max(0);
                }
                tops.push(node);
            }
        }
    }
    tops.reverse();
    tops
}

/// The size of the comments in bytes, with [`COMMENT_OVERHEAD_BYTES`] for each.
#[must_use]
pub fn content_bytes(nodes: &[CommentNode]) -> usize {
    let (mut bytes, mut pending) = (0, vec![nodes]);
    while let Some(nodes) = pending.pop() {
        for node in nodes {
            bytes += node.comment.body.len() + COMMENT_OVERHEAD_BYTES;
            pending.push(&node.replies);
        }
    }
    bytes
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::{
        comment::{Author, Status},
        id::{SiteId, ThreadId},
        time::Millis,
    };

    pub(crate) fn comment(id: i64, parent: i64, below: i64) -> Comment {
        Comment {
            site_id: SiteId(1),
            thread_id: ThreadId(1),
            id: CommentId(id),
            parent_id: (parent != 0).then_some(CommentId(parent)),
            root_id: CommentId(if parent == 0 { id } else { 1 }),
            status: Status::Approved,
            author: Author {
                name: "Ann".into(),
                website: String::new(),
                avatar: "x".into(),
            },
            body: "[]".into(),
            policy: 1,
            created_at: Millis(id),
            edited_at: None,
            up: 0,
            down: 0,
            reply_count: 0,
            descendant_count: below,
            version: 1,
        }
    }

    fn shape(nodes: &[CommentNode]) -> String {
        nodes
            .iter()
            .map(|node| {
                let below = if node.replies.is_empty() {
                    String::new()
                } else {
                    format!("({})", shape(&node.replies))
                };
                format!("{}{below}", node.comment.id)
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn replies_are_below_their_parents_oldest_first() {
        let nodes = build_tree(vec![
            comment(1, 0, 3),
            comment(2, 0, 0),
            comment(3, 1, 0),
            comment(4, 3, 0),
            comment(5, 1, 0),
        ]);
        assert_eq!(shape(&nodes), "1(3(4) 5) 2");
        assert_eq!(nodes[0].more, 0);
    }

    #[test]
    fn comments_that_are_not_in_the_tree_are_counted() {
        let nodes = build_tree(vec![comment(1, 0, 7), comment(3, 1, 0)]);
        assert_eq!(nodes[0].more, 6);
    }

    #[test]
    fn tops_keep_the_order_of_the_list() {
        assert_eq!(
            shape(&build_tree(vec![
                comment(9, 0, 0),
                comment(1, 0, 1),
                comment(4, 1, 0)
            ])),
            "9 1(4)"
        );
    }

    #[test]
    fn a_chain_of_thousands_is_no_deeper_than_the_limit() {
        let mut chain = vec![comment(1, 0, 4_999)];
        chain.extend((2..=5_000).map(|id| comment(id, id - 1, 0)));
        let nodes = build_tree(chain);
        let (mut depth, mut at) = (0, &nodes[0]);
        while let Some(next) = at.replies.first() {
            (depth, at) = (depth + 1, next);
        }
        assert_eq!(depth, MAX_DEPTH);
        assert_eq!(nodes[0].more, 0);
    }
}
