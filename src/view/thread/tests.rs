//! The page with the worst that people may write: it stays text, and says what it should.

use std::collections::HashMap;

use super::*;
use crate::{
    content,
    model::{
        comment::{Author, Comment, Status},
        id::{SiteId, ThreadId},
        site::Rules,
        text::SiteName,
    },
};

const HOSTILE: &str = "\"><script>alert(1)</script>";

fn comment(id: i64, status: Status, text: &str) -> Comment {
    Comment {
        site_id: SiteId(1),
        thread_id: ThreadId(2),
        id: CommentId(id),
        parent_id: None,
        root_id: CommentId(id),
        status,
        author: Author {
            name: HOSTILE.into(),
            website: "https://a.example/".into(),
            avatar: HOSTILE.into(),
        },
        body: content::from_markdown(text).unwrap().to_json(),
        policy: 1,
        created_at: Millis(1_790_000_000_000),
        edited_at: None,
        up: 3,
        down: 0,
        reply_count: 0,
        descendant_count: 0,
    }
}

fn node(comment: Comment) -> Node {
    Node {
        comment,
        replies: Vec::new(),
        more: 0,
    }
}

fn shown(nodes: &[Node], open: bool, typed: &str) -> String {
    let site = Site {
        id: SiteId(1),
        name: SiteName::parse("blog").unwrap(),
        created_at: Millis(0),
        origins: Vec::new(),
        rules: Rules::default(),
    };
    let thread = Thread {
        site_id: SiteId(1),
        id: ThreadId(2),
        page_url: "https://blog.example/tea/".into(),
        title: format!("Tea {HOSTILE}"),
        created_at: Millis(1_790_000_000_000),
        closed: !open,
        comment_count: 2,
        total_count: 2,
        version: 0,
    };
    let address = Address {
        site: "https://c.example/thread/blog".into(),
        page: format!("https://blog.example/tea/?{HOSTILE}"),
        page_id: Some(HOSTILE.into()),
        title: HOSTILE.into(),
        sort: None,
        cursor: None,
    };
    let typed = write::Typed {
        text: typed.into(),
        name: typed.into(),
        ..write::Typed::default()
    };
    page(&ThreadPage {
        base_url: "https://c.example",
        site: &site,
        address: &address,
        thread: Some(&thread),
        open,
        sort: Sort::Oldest,
        nodes,
        part: Part::Page(None),
        own: &HashMap::new(),
        form_token: "token",
        now: Millis(1_790_000_000_000),
        said: None,
        write: Write {
            key: "key".into(),
            typed,
            ..Write::default()
        },
        change: None,
    })
    .0
}

#[test]
fn whatever_people_write_stays_text() {
    let nodes = [node(comment(7, Status::Approved, &format!("*Tea* {HOSTILE}")))];
    let html = shown(&nodes, true, "</textarea><script>alert(2)</script>");
    assert!(!html.contains("<script>"), "{html}");
    assert_eq!(html.matches("</script>").count(), 1, "the data block's own");
    assert!(html.contains("<em>Tea</em>"), "{html}");
    assert!(
        html.contains("<article class=\"comment\" id=\"comment-7\""),
        "{html}"
    );
    assert!(html.contains("2 thoughts on “Tea "), "{html}");
    assert!(
        html.contains("rel=\"canonical\" href=\"https://blog.example/tea/\""),
        "{html}"
    );
}

#[test]
fn what_waits_is_marked_and_told_to_no_search_engine() {
    let html = shown(&[node(comment(7, Status::Held, "Held back"))], true, "");
    assert!(html.contains("only you can see this"), "{html}");
    assert_eq!(
        html.matches("Held back").count(),
        1,
        "not in the data block: {html}"
    );
}

#[test]
fn a_closed_thread_has_no_form() {
    let html = shown(&[node(comment(7, Status::Approved, "Tea"))], false, "");
    assert!(html.contains("Comments are closed."), "{html}");
    assert!(!html.contains("<textarea") && !html.contains(">Reply"), "{html}");
}
