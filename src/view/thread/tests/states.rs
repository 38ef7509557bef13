//! Renders every state of the page in a pseudo-language: text in other letters did not come from the catalogues, and
//! would stay English for all readers.

use super::*;
use crate::{
    app::ErrorKind,
    model::{page::Origin, site::Votes},
    view::{error, error_message::LocalizedError, i18n::tests::pseudo, thread::state},
};

/// Text from commenters, without English letters.
const DATA: &str = "\u{8336} 1";

/// The visible and spoken texts of a page.
#[derive(Debug, Default)]
struct Seen {
    /// In the language of the page.
    own: Vec<String>,
    /// In elements marked as English.
    english: Vec<String>,
}

/// Collects the texts of maud's output: well-formed, with every attribute in double quotes.
fn seen(html: &str) -> Seen {
    const VOID: &[&str] = &["meta", "link", "input", "br", "hr", "img"];
    let (mut seen, mut open): (Seen, Vec<(&str, bool)>) = (Seen::default(), Vec::new());
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().map(|(name, _)| name), Some(closed), "in {html}");
        } else if !tag.starts_with('!') {
            // The document always has a language; only elements within it count as marked.
            let marked = name != "html" && tag.contains(" lang=\"en\"");
            let english = marked || open.last().is_some_and(|(_, english)| *english);
            for attribute in ["aria-label", "title", "alt", "placeholder"] {
                let value = tag
                    .split_once(&format!(" {attribute}=\""))
                    .and_then(|(_, rest)| rest.split('"').next());
                seen.put(value.unwrap_or_default(), english);
            }
            if !VOID.contains(&name) {
                open.push((name, english));
            }
        }
        let (within, english) = open.last().copied().unwrap_or_default();
        // Data blocks are for programs, and codes are the same in every language.
        if !["script", "code"].contains(&within) {
            seen.put(text, english);
        }
    }
    seen
}

impl Seen {
    fn put(&mut self, text: &str, english: bool) {
        if !text.trim().is_empty() {
            if english { &mut self.english } else { &mut self.own }.push(text.to_owned());
        }
    }

    /// Texts in English letters that are not marked as English.
    fn foreign(&self) -> Vec<&String> {
        let is_foreign = |text: &&String| {
            let rest = [
                "&quot;",
                "&amp;",
                "&lt;",
                "&gt;",
                "Afterword",
                "UTC",
                "https://1.2.3.4",
            ]
            .iter()
            .fold((*text).clone(), |text, known| text.replace(known, ""));
            rest.contains(|letter: char| letter.is_ascii_alphabetic()) || rest.contains('{')
        };
        self.own.iter().filter(is_foreign).collect()
    }
}

fn said_by(id: i64, status: Status) -> Comment {
    let mut comment = comment(id, status, DATA);
    comment.author.name = DATA.into();
    comment
}

fn tree() -> Vec<CommentNode> {
    let mut deep = node(said_by(30, Status::Approved));
    for id in (20..30).rev() {
        let mut above = node(said_by(id, Status::Approved));
        deep.comment.parent_id = Some(CommentId(id));
        above.replies.push(deep);
        deep = above;
    }
    let mut anonymous = said_by(40, Status::Approved);
    (anonymous.author.name, anonymous.author.website) = (String::new(), String::new());
    (anonymous.edited_at, anonymous.down) = (Some(NOW), 5);
    let mut broken = said_by(42, Status::Approved);
    broken.body = "{".into();
    vec![
        deep,
        CommentNode {
            more: 1,
            ..node(anonymous)
        },
        CommentNode {
            more: 5,
            replies: vec![node(said_by(43, Status::Held))],
            ..node(said_by(41, Status::Deleted))
        },
        node(broken),
    ]
}

fn own() -> HashMap<CommentId, OwnComment> {
    let own = OwnComment {
        comment: said_by(20, Status::Approved),
        source: DATA.into(),
        edit_until: Millis(NOW.0 + 60_000),
    };
    HashMap::from([(CommentId(20), own)])
}

/// Every state of the thread page, with a name.
fn states<'a>(words: &'static Messages, parent: &'a Comment) -> Vec<(String, Shown<'a>)> {
    let base = || Shown {
        words,
        title: DATA,
        nodes: tree(),
        own: own(),
        count: 12,
        ..Shown::default()
    };
    let mut states = vec![
        ("full".to_owned(), base()),
        ("no title".to_owned(), Shown { title: "", ..base() }),
        (
            "empty".to_owned(),
            Shown {
                nodes: Vec::new(),
                begun: false,
                ..base()
            },
        ),
        (
            "closed".to_owned(),
            Shown {
                open: false,
                ..base()
            },
        ),
        (
            "next page".to_owned(),
            Shown {
                part: ThreadPart::Page(Some("1".into())),
                ..base()
            },
        ),
        (
            "branch".to_owned(),
            Shown {
                part: ThreadPart::Branch,
                ..base()
            },
        ),
        (
            "replies".to_owned(),
            Shown {
                part: ThreadPart::Replies(CommentId(20), Some((CommentId(30), 1))),
                ..base()
            },
        ),
        (
            "reply".to_owned(),
            Shown {
                parent: Some(parent),
                preview: true,
                ..base()
            },
        ),
        (
            "delete".to_owned(),
            Shown {
                change: Some(OpenForm::Delete(CommentId(20))),
                ..base()
            },
        ),
    ];
    for (votes, required) in [(Votes::Off, true), (Votes::Up, false), (Votes::Both, true)] {
        let rules = Rules {
            votes,
            require_name: required,
            require_email: required,
            ..Rules::default()
        };
        states.push((format!("{votes:?}"), Shown { rules, ..base() }));
    }
    let at = CommentId(20);
    for said in [
        Notice::Posted(at),
        Notice::Held(at),
        Notice::Changed(at),
        Notice::Deleted,
        Notice::Voted(at, 1),
        Notice::Voted(at, 0),
    ] {
        states.push((
            format!("{said:?}"),
            Shown {
                said: Some(said),
                ..base()
            },
        ));
    }
    for (kind, field) in ErrorKind::ALL
        .iter()
        .flat_map(|kind| [(*kind, None), (*kind, Some("text"))])
    {
        let error = Error {
            field,
            retry_after: Some(3),
            ..Error::from(kind)
        };
        let typed = state::TypedFields::default();
        states.push((
            format!("{kind:?} {field:?}"),
            Shown {
                error: Some(error.clone()),
                without_cookie: field.is_some(),
                ..base()
            },
        ));
        states.push((
            format!("change: {kind:?} {field:?}"),
            Shown {
                change: Some(OpenForm::Edit(at, typed, Some(error))),
                ..base()
            },
        ));
    }
    states
}

#[test]
fn nothing_is_said_but_from_the_catalogues() {
    let parent = said_by(20, Status::Approved);
    let (mut pages, mut english) = (0, Vec::new());
    for (state, shown) in states(pseudo(), &parent) {
        let seen = seen(&shown.html());
        assert!(seen.own.len() > 10, "{state}: {seen:?}");
        let foreign = seen.foreign();
        assert!(foreign.is_empty(), "{state} says {foreign:?}");
        if !seen.english.is_empty() {
            english.push(state);
        }
        pages += 1;
    }
    assert!(pages > 150, "control: {pages}");
    // The server's own sentences, for errors that readers cannot act on: never for errors of the form.
    for kind in [
        "TextMissing",
        "TextTooLong",
        "NameMissing",
        "EmailInvalid",
        "RateLimited",
        "Busy",
        "KeyReused",
        "FormNotOurs",
        "ThreadClosed",
        "TokenExpired",
    ] {
        assert!(
            !english.iter().any(|state| state.contains(kind)),
            "{kind} is told in English"
        );
    }
    assert!(
        english.iter().any(|state| state.contains("NameInvalid")),
        "control: {english:?}"
    );
}

#[test]
fn nor_on_the_list_and_on_pages_of_errors() {
    let site = Site {
        id: SiteId(1),
        name: SiteName::parse("42").unwrap(),
        created_at: NOW,
        origins: vec![Origin::parse("https://1.2.3.4").unwrap()],
        rules: Rules::default(),
    };
    let thread = |count: i64, closed: bool| Thread {
        site_id: SiteId(1),
        id: ThreadId(2),
        page_url: "https://1.2.3.4/".into(),
        title: DATA.into(),
        created_at: NOW,
        closed,
        comment_count: count,
        total_count: count,
        version: 0,
        published_at: Some(Millis(1_790_000_000_000)),
        page_edited: false,
        page_id: None,
    };
    let threads = [thread(0, true), thread(1, false), thread(7, true)];
    let mut pages = vec![
        list::page("https://c.example", pseudo(), None, &site, &[]).0,
        list::page("https://c.example", pseudo(), None, &site, &threads).0,
    ];
    for kind in ErrorKind::ALL {
        let error = Error {
            retry_after: Some(1),
            ..Error::from(*kind)
        };
        pages.push(
            error::page(
                "https://c.example",
                &LocalizedError::to_reader(&error, pseudo()),
                None,
            )
            .0,
        );
    }
    for page in pages {
        let seen = seen(&page);
        assert!(seen.own.len() >= 4, "{page}");
        assert!(seen.foreign().is_empty(), "{:?}", seen.foreign());
    }
}

#[test]
fn a_sentence_that_is_not_from_the_catalogues_would_be_seen() {
    for (html, foreign) in [
        ("<p>Back</p>", 1),
        ("<p>\u{ff22}</p>", 0),
        ("<a aria-label=\"Back\">\u{ff22}</a>", 1),
        ("<input title=\"Back\"><p>More</p>", 2),
        ("<div><p lang=\"en\">Back <b>to</b></p></div>", 0),
        ("<div><p lang=\"en\">Back</p>to</div>", 1),
        ("<html lang=\"en\"><p>Back</p></html>", 1),
        ("<code>not_found</code><script>var a</script>", 0),
        ("<p>{name}</p>", 1),
        ("<time>2026-11-22 20:00 UTC</time>", 0),
    ] {
        assert_eq!(seen(html).foreign().len(), foreign, "{html}");
    }
}
