//! The thread page with hostile texts: they stay text, and the page shows the right messages.

use std::collections::HashMap;

use super::*;
use crate::{
    app::Error,
    content,
    model::{
        comment::{Author, Comment, Status},
        id::{SiteId, ThreadId},
        site::{Rules, Site},
        text::SiteName,
        thread::Thread,
        time::Millis,
    },
    service::comments::own_comments::OwnComment,
    view::{
        i18n,
        thread::state::{self, OpenForm},
    },
};

mod states;

const NOW: Millis = Millis(1_790_000_000_000);
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
        created_at: NOW,
        edited_at: None,
        up: 3,
        down: 0,
        reply_count: 0,
        descendant_count: 0,
        version: 1,
    }
}

fn node(comment: Comment) -> CommentNode {
    CommentNode {
        comment,
        replies: Vec::new(),
        more: 0,
    }
}

/// The values of a page, with defaults for what a test does not set.
struct Shown<'a> {
    words: &'static Messages,
    rules: Rules,
    title: &'a str,
    begun: bool,
    open: bool,
    count: i64,
    nodes: Vec<CommentNode>,
    part: ThreadPart,
    own: HashMap<CommentId, OwnComment>,
    said: Option<Notice>,
    parent: Option<&'a Comment>,
    typed: &'a str,
    error: Option<Error>,
    preview: bool,
    change: Option<OpenForm>,
    without_cookie: bool,
}

impl Default for Shown<'_> {
    fn default() -> Self {
        Self {
            words: i18n::english(),
            rules: Rules::default(),
            title: HOSTILE,
            begun: true,
            open: true,
            count: 2,
            nodes: Vec::new(),
            part: ThreadPart::Page(None),
            own: HashMap::new(),
            said: None,
            parent: None,
            typed: "",
            error: None,
            preview: false,
            change: None,
            without_cookie: false,
        }
    }
}

impl Shown<'_> {
    fn html(self) -> String {
        let site = Site {
            id: SiteId(1),
            name: SiteName::parse("blog").unwrap(),
            created_at: Millis(0),
            origins: Vec::new(),
            rules: self.rules,
        };
        let thread = Thread {
            site_id: SiteId(1),
            id: ThreadId(2),
            page_url: "https://blog.example/tea/".into(),
            title: self.title.into(),
            created_at: NOW,
            closed: !self.open,
            comment_count: self.count,
            total_count: self.count,
            version: 0,
            published_at: Some(Millis(1_790_000_000_000)),
            page_edited: false,
            page_id: None,
        };
        let address = Address {
            site: "https://c.example/thread/blog".into(),
            page: format!("https://blog.example/tea/?{HOSTILE}"),
            page_id: Some(HOSTILE.into()),
            title: self.title.into(),
            sort: None,
            cursor: None,
            lang: None,
        };
        let typed = state::TypedFields {
            text: self.typed.into(),
            name: self.typed.into(),
            ..state::TypedFields::default()
        };
        let preview = self
            .preview
            .then(|| content::from_markdown("*1*").unwrap().to_html());
        page(&ThreadPage {
            base_url: "https://c.example",
            words: self.words,
            site: &site,
            address: &address,
            thread: self.begun.then_some(&thread),
            open: self.open,
            sort: Sort::Oldest,
            nodes: &self.nodes,
            part: self.part,
            own: &self.own,
            form_token: "token",
            without_cookie: self.without_cookie,
            now: NOW,
            said: self.said,
            write: CommentForm {
                parent: self.parent,
                key: "key".into(),
                typed,
                error: self.error,
                preview,
            },
            change: self.change,
        })
        .0
    }
}

#[test]
fn whatever_people_write_stays_text() {
    for words in ["en", "de", "ar", "ja"].map(|tag| i18n::nearest(tag).unwrap()) {
        let (top, mut reply) = (
            comment(7, Status::Approved, &format!("*Tea* {HOSTILE}")),
            comment(8, Status::Approved, ""),
        );
        reply.parent_id = Some(CommentId(7));
        let nodes = vec![CommentNode {
            replies: vec![node(reply)],
            ..node(top.clone())
        }];
        let html = Shown {
            words,
            nodes,
            parent: Some(&top),
            typed: "</textarea><script>alert(2)</script>",
            ..Shown::default()
        }
        .html();
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("</script>").count(), 1, "the data block's own");
        assert!(html.contains("<em>Tea</em>"), "{html}");
        assert!(
            html.contains("<article class=\"comment\" id=\"comment-7\""),
            "{html}"
        );
        assert!(
            html.contains("<bdi>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
            "{html}"
        );
        assert!(
            html.contains("rel=\"canonical\" href=\"https://blog.example/tea/\""),
            "{html}"
        );
    }
}

#[test]
fn the_page_is_in_one_language_and_says_which() {
    let html = |tag: &str| {
        Shown {
            words: i18n::nearest(tag).unwrap(),
            title: "Tea",
            ..Shown::default()
        }
        .html()
    };
    let (english, arabic) = (html("en"), html("ar"));
    assert!(english.contains("<html lang=\"en\"><head>"), "{english}");
    assert!(english.contains("2 thoughts on “<bdi>Tea</bdi>”"), "{english}");
    assert!(
        english.contains("<title>2 thoughts on “Tea” · Afterword</title>"),
        "{english}"
    );
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">"), "{arabic}");
    assert!(arabic.contains("فكرتان حول «<bdi>Tea</bdi>»"), "{arabic}");
    assert!(arabic.contains("→ "), "back is to the right: {arabic}");
}

#[test]
fn what_waits_is_marked_and_told_to_no_search_engine() {
    let html = Shown {
        nodes: vec![node(comment(7, Status::Held, "Held back"))],
        ..Shown::default()
    }
    .html();
    assert!(html.contains("only you can see this"), "{html}");
    assert_eq!(
        html.matches("Held back").count(),
        1,
        "not in the data block: {html}"
    );
}

#[test]
fn a_closed_thread_has_no_form() {
    let html = Shown {
        nodes: vec![node(comment(7, Status::Approved, "Tea"))],
        open: false,
        ..Shown::default()
    }
    .html();
    assert!(html.contains("Comments are closed."), "{html}");
    assert!(!html.contains("<textarea") && !html.contains(">Reply"), "{html}");
}
