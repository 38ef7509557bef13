//! A thread as an HTML fragment for other sites' pages: written in by a build, read by crawlers and by readers
//! without JavaScript, replaced by the widget.
//!
//! No script, no style, no form, and nothing that only moderators or authors may see. The microdata are schema.org's
//! `Comment`, and belong to the surrounding article if it has microdata. Dates are written as numbers, since the
//! language of the surrounding page is unknown here; the few words are English.

use maud::{Markup, html};

use super::{
    author, i18n, raw_html,
    thread::{Address, address::anchor, heading::HeadingText},
    time,
};
use crate::{
    model::{
        comment::{Comment, Status},
        site::Site,
        thread::Thread,
    },
    service::threads::tree::CommentNode,
    view::i18n::MessageKey,
};

/// The content of the fragment.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The comment origin.
    pub base_url: &'a str,
    /// The site, for its heading.
    pub site: &'a Site,
    /// The article's address.
    pub page_url: &'a str,
    /// The page id, which takes precedence over the address.
    pub page_id: Option<&'a str>,
    /// The thread; `None` before its first comment.
    pub thread: Option<&'a Thread>,
    /// The first comments, or all.
    pub nodes: &'a [CommentNode],
}

/// The heading, the comments, and a link to the thread page.
#[must_use]
pub fn fragment(view: &Fragment<'_>) -> Markup {
    let count = view.thread.map_or(0, |thread| thread.comment_count);
    let title = view.thread.map_or("", |thread| thread.title.as_str());
    let address = Address::of(view.base_url, view.site, view.page_url, view.page_id);
    let heading = HeadingText::of(i18n::english(), &view.site.rules.heading, count, title);
    html! {
        @if !view.nodes.is_empty() {
            h2 dir="auto" { (heading.text()) }
            (list(view, view.nodes))
        }
        p { a href=(address.here(&[], "")) { "Read and write comments" } }
    }
}

fn list(view: &Fragment<'_>, nodes: &[CommentNode]) -> Markup {
    html! {
        ol { @for node in nodes { li { (self::node(view, node)) } } }
    }
}

/// A comment and its replies. The service limits the depth.
fn node(view: &Fragment<'_>, node: &CommentNode) -> Markup {
    let comment = &node.comment;
    html! {
        @if comment.status == Status::Approved {
            article #(anchor(comment.id)) itemprop="comment" itemscope itemtype="https://schema.org/Comment" {
                (head(view, comment))
                div itemprop="text" dir="auto" { (raw_html::body(i18n::english(), comment)) }
                @if !node.replies.is_empty() { (list(view, &node.replies)) }
            }
        } @else {
            article #(anchor(comment.id)) {
                p { (i18n::english().text(MessageKey::Deleted)) }
                @if !node.replies.is_empty() { (list(view, &node.replies)) }
            }
        }
    }
}

fn head(view: &Fragment<'_>, comment: &Comment) -> Markup {
    let author = &comment.author;
    let name = html! { bdi itemprop="name" { (author::name(i18n::english(), author)) } };
    html! {
        p {
            span itemprop="author" itemscope itemtype="https://schema.org/Person" {
                @if author.website.is_empty() { (name) }
                @else { a itemprop="url" href=(author.website) rel="ugc nofollow noopener" { (name) } }
            }
            ", "
            a itemprop="url" href={ (view.page_url) "#" (anchor(comment.id)) } {
                time itemprop="datePublished" datetime=(time::machine(comment.created_at)) { (time::plain(comment.created_at)) }
            }
            @if let Some(at) = comment.edited_at { meta itemprop="dateModified" content=(time::machine(at)); }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content,
        model::{
            id::{CommentId, SiteId},
            site::Rules,
            text::SiteName,
            time::Millis,
        },
        service::threads::tree::{build_tree, tests::comment},
    };

    const HOSTILE: &str = "\"><script>alert(1)</script>";

    fn shown(comments: Vec<Comment>) -> String {
        let site = Site {
            id: SiteId(1),
            name: SiteName::parse("blog").unwrap(),
            created_at: Millis(0),
            origins: Vec::new(),
            rules: Rules::default(),
        };
        let view = Fragment {
            base_url: "https://c.example",
            site: &site,
            page_url: "https://blog.example/?a=\"&b",
            page_id: None,
            thread: None,
            nodes: &build_tree(comments),
        };
        fragment(&view).0
    }

    fn written(id: i64, parent: i64, name: &str, text: &str) -> Comment {
        let mut one = comment(id, parent, 0);
        one.author.name = name.into();
        one.author.website = "https://a.example/?\"><script>".into();
        one.body = content::from_markdown(text).unwrap().to_json();
        one
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = shown(vec![written(1, 0, HOSTILE, HOSTILE)]);
        assert!(
            !html.contains("<script") && !html.contains("\"><script"),
            "{html}"
        );
        assert_eq!(
            html.matches("&lt;script&gt;").count(),
            3,
            "name, website and text: {html}"
        );
        // The control: unescaped, the same text is markup.
        assert!(html! { (maud::PreEscaped(HOSTILE)) }.0.contains("<script>"));
    }

    #[test]
    fn replies_belong_to_what_they_answer() {
        let mut gone = written(2, 1, "Gone", "Erased.");
        gone.status = Status::Deleted;
        gone.root_id = CommentId(1);
        let html = shown(vec![
            written(1, 0, "Ann", "Tea."),
            gone,
            written(3, 2, "", "Yes."),
        ]);
        assert!(!html.contains("Erased") && !html.contains("Gone"), "{html}");
        let order: Vec<usize> = [
            "comment-1",
            "Ann",
            "Tea.",
            "comment-2",
            "was deleted",
            "comment-3",
            "Anonymous",
            "Yes.",
        ]
        .iter()
        .map(|part| html.find(part).unwrap_or_else(|| panic!("{part} in {html}")))
        .collect();
        assert!(order.is_sorted(), "{html}");
        assert!(
            html.contains("Yes.</p></div></article></li></ol></article></li></ol></article></li></ol>"),
            "{html}"
        );
    }

    #[test]
    fn an_empty_thread_is_the_way_to_it() {
        assert_eq!(
            shown(Vec::new()),
            "<p><a href=\"https://c.example/thread/blog?page=https%3A%2F%2Fblog.example%2F%3Fa%3D%22%26b\">Read and write comments</a></p>"
        );
    }
}
