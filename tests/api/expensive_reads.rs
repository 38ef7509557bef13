//! Expensive reads: many long comments. Each response is bounded in bytes, loses nothing, and counts against the limit
//! by its size.

use std::collections::BTreeSet;

use afterword::{
    config::{Action, RateLimit},
    service::threads::read::MAX_PAGE_BYTES,
};
use serde_json::{Value, json};

use super::support::server::{PAGE, TestServer, encoded};

/// Longer than a page of comments by the fields of one comment and by the last comment.
const ANSWER_BYTES: usize = MAX_PAGE_BYTES + 64 * 1024;

/// A text of 10,000 characters, all of them links.
fn addresses(number: usize) -> String {
    let mut text = String::new();
    while text.len() < 9_900 {
        text.push_str(&format!("https://a.example/{number}/{} ", text.len()));
    }
    text
}

/// A thread of `tops` long comments, the first of which has `replies` long replies. Its ids in order.
fn long_thread(server: &TestServer, tops: usize, replies: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for number in 0..tops {
        ids.push(server.posted(json!({"text": addresses(number)})).0);
    }
    for number in 0..replies {
        ids.push(
            server
                .posted(json!({"text": addresses(number), "parent": ids[0]}))
                .0,
        );
    }
    ids
}

fn collect(nodes: &Value, into: &mut Vec<i64>) {
    for node in nodes.as_array().unwrap() {
        into.push(node["id"].as_i64().unwrap());
        collect(&node["replies"], into);
    }
}

#[test]
fn pages_of_long_comments_are_bounded_in_bytes_and_complete() {
    let server = TestServer::start();
    let ids = long_thread(&server, 60, 60);
    for sort in ["oldest", "newest", "best", "replies"] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!(
                "/api/v1/sites/blog/thread?page={}&sort={sort}&cursor={cursor}",
                encoded(PAGE)
            );
            let answer = server.get(&path);
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.body.len() < ANSWER_BYTES, "{sort}: {}", answer.body.len());
            let answer = answer.json();
            collect(&answer["comments"], &mut seen);
            for top in answer["comments"].as_array().unwrap() {
                let mut inside = Vec::new();
                collect(&top["replies"], &mut inside);
                let mut after = inside.iter().max().copied().unwrap_or(0);
                let mut more = top["more"].as_i64().unwrap_or(0);
                while more > 0 {
                    let path = format!(
                        "/api/v1/sites/blog/comments/{}/replies?after={after}",
                        top["id"].as_i64().unwrap()
                    );
                    let replies = server.get(&path);
                    assert!(replies.body.len() < ANSWER_BYTES, "{}", replies.body.len());
                    let replies = replies.json();
                    let found = replies["comments"].as_array().unwrap();
                    assert!(!found.is_empty(), "more than none");
                    for reply in found {
                        after = reply["id"].as_i64().unwrap();
                        seen.push(after);
                    }
                    more = replies["more"].as_i64().unwrap();
                }
            }
            pages += 1;
            match answer["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert!(pages > 1, "{sort}: the thread is longer than a page");
        let once: BTreeSet<i64> = seen.iter().copied().collect();
        assert_eq!(once.len(), seen.len(), "{sort}: nothing comes twice");
        assert_eq!(once, ids.iter().copied().collect(), "{sort}");
    }
}

#[test]
fn feeds_conversations_and_lists_are_bounded_in_bytes() {
    let server = TestServer::start();
    let ids = long_thread(&server, 50, 60);
    let thread = server.thread(PAGE)["thread"]["id"].as_i64().unwrap();
    for path in [
        "/feeds/blog.atom".to_owned(),
        format!("/feeds/blog/{thread}.atom"),
        "/api/v1/sites/blog/recent?limit=50".to_owned(),
        format!("/api/v1/sites/blog/comments/{}", ids[0]),
        format!("/api/v1/sites/blog/comments/{}/replies", ids[0]),
        format!("/api/v1/sites/blog/fragment?page={}", encoded(PAGE)),
        format!("/thread/blog?page={}", encoded(PAGE)),
    ] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        // HTML needs more bytes per link than JSON.
        assert!(
            answer.body.len() < 3 * ANSWER_BYTES,
            "{path}: {}",
            answer.body.len()
        );
        assert!(answer.body.len() > 4_000, "{path}: {}", answer.body.len());
    }
}

#[test]
fn a_linked_comment_in_a_long_conversation_is_bounded_in_bytes() {
    let server = TestServer::start();
    let mut chain: Vec<i64> = Vec::new();
    for number in 0..50 {
        let change = json!({"text": addresses(number), "parent": chain.last()});
        chain.push(server.posted(change).0);
    }
    let deepest = chain[chain.len() - 1];
    let answer = server.get(&format!("/api/v1/sites/blog/comments/{deepest}"));
    assert!(answer.body.len() < ANSWER_BYTES, "{}", answer.body.len());
    let mut shown = Vec::new();
    collect(&answer.json()["comments"], &mut shown);
    for near in [chain[0], chain[47], chain[48], deepest] {
        assert!(shown.contains(&near), "its top and what it answers are shown");
    }
    let page = server.get(&format!("/thread/blog?page={}&comment={deepest}", encoded(PAGE)));
    assert!(page.body.len() < 3 * ANSWER_BYTES, "{}", page.body.len());
    // From half of the size on, its replies share the space with their parent.
    let middle = server.get(&format!("/api/v1/sites/blog/comments/{}", chain[25]));
    assert!(middle.body.len() < ANSWER_BYTES, "{}", middle.body.len());
}

#[test]
fn a_read_counts_by_size_and_a_cached_one_counts_once() {
    let server = TestServer::configured(|config| {
        config.limits[Action::Read as usize] = RateLimit::parse("address=200/1h").unwrap();
    });
    // Each post counts as one request, too.
    let ids = long_thread(&server, 2, 60);
    let path = format!("/api/v1/sites/blog/thread?page={}", encoded(PAGE));
    assert_eq!(server.get(&path).status, 200);
    for _ in 0..20 {
        assert_eq!(server.get(&path).status, 200, "from the cache");
    }
    let replies = format!("/api/v1/sites/blog/comments/{}/replies", ids[0]);
    let good = (0..20).filter(|_| server.get(&replies).status == 200).count();
    assert!((2..10).contains(&good), "{good} dear reads");
    let refused = server.get(&replies);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
}
