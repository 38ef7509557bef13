//! The thread for search engines, as schema.org's `DiscussionForumPosting`.
//!
//! Contains only what the page shows to everybody: never a held comment, never an e-mail address.

use maud::Markup;
use serde_json::{Value, json};

use crate::{
    model::{comment::Status, thread::Thread},
    service::threads::tree::CommentNode,
    view::{author, i18n::Messages, raw_html, time},
};

/// The thread with the comments of this page.
#[must_use]
pub fn posting(words: &Messages, thread: &Thread, nodes: &[CommentNode]) -> Markup {
    raw_html::json_ld(&json!({
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "headline": thread.title,
        "url": thread.page_url,
        "mainEntityOfPage": thread.page_url,
        "datePublished": time::machine(thread.created_at),
        "commentCount": thread.comment_count,
        "comment": comments(words, nodes),
    }))
}

fn comments(words: &Messages, nodes: &[CommentNode]) -> Vec<Value> {
    nodes
        .iter()
        .flat_map(|node| match node.comment.status {
            Status::Approved => vec![comment(words, node)],
            // A deleted comment is left out, its replies are not.
            _ => comments(words, &node.replies),
        })
        .collect()
}

fn comment(words: &Messages, node: &CommentNode) -> Value {
    let (comment, author) = (&node.comment, &node.comment.author);
    let mut value = json!({
        "@type": "Comment",
        "author": {"@type": "Person", "name": author::name(words, author)},
        "datePublished": time::machine(comment.created_at),
        "text": raw_html::text(comment),
        "upvoteCount": comment.up,
    });
    if !author.website.is_empty() {
        value["author"]["url"] = author.website.clone().into();
    }
    if let Some(at) = comment.edited_at {
        value["dateModified"] = time::machine(at).into();
    }
    if !node.replies.is_empty() {
        value["comment"] = comments(words, &node.replies).into();
    }
    value
}
