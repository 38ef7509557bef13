//! The front page: a description of the server; on a new server, a demo article with a working thread.

use maud::{Markup, html};

use super::layout::{self, Head};

/// The front page of a server with sites.
#[must_use]
pub fn plain(base_url: &str) -> Markup {
    let main = html! {
        div.narrow {
            p.brand { "Afterword" }
            h1 { "Comments are served from here" }
            p.lead { "This is the comment server of one or more sites. Their conversations stand under their articles." }
            p { a.button href={ (base_url) "/admin" } { "Moderate" } }
        }
    };
    layout::page(
        base_url,
        &Head {
            title: "Comment server",
            kind: "plain",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

/// The demo article, with its thread by the embed code. The embed code names the title, since the document's title
/// has a suffix.
#[must_use]
pub fn demo(base_url: &str) -> Markup {
    let main = html! {
        article.essay {
            p.notice { "You see this because no site is registered here yet. The thread below is real: try it. " a href={ (base_url) "/admin" } { "Register your site" } }
            h1 { (TITLE) }
            (essay())
        }
        section.demo aria-label="Comments" {
            script async src={ (base_url) "/embed.js" } data-site="demo" data-page-title=(TITLE) {}
            noscript {
                p { a href={ (base_url) "/thread/demo?page=" (page_parameter(base_url)) } { "Read and write comments" } }
            }
        }
    };
    layout::page(
        base_url,
        &Head {
            title: TITLE,
            kind: "demo",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

const TITLE: &str = "Notes in the margin";

fn page_parameter(base_url: &str) -> String {
    url::form_urlencoded::byte_serialize(format!("{base_url}/").as_bytes()).collect()
}

fn essay() -> Markup {
    html! {
        p.lead {
            "Before printing made books cheap, a wide margin was an invitation. Whoever owned the copy next would answer in it, \
             and whoever came after that would answer the answer."
        }
        p {
            "Some of those notes are famous. Fermat ran out of margin and kept mathematicians busy for three centuries. Most are not: \
             a merchant correcting a price, a nun disagreeing with a saint, a student who wrote only “no” and underlined it twice. \
             They are the nearest thing we have to hearing somebody read. The author speaks once; the margin shows what became of it."
        }
        p {
            "Newspapers found their own margin in the letters page. It was never a fair sample of anything. It favoured the patient, \
             the retired and the cross. Yet an editor who printed a correction from a signal-box keeper, beside a poem, beside a complaint \
             about the poem, was telling readers something that no column could: this paper is a room, and you are in it."
        }
        h2 { "The hard part was always the editing" }
        p {
            "A margin is small, and a letter costs a stamp. That little friction did much of the work. When writing back became free, the \
             margin filled with shouting, and many publishers did the sensible thing and cut it off. What was lost is easy to miss, because \
             it never made the headlines: the reader who was there, the one who knows the manual by heart, the one who says that the second \
             step did not work for her and what she did instead. A recipe with such notes is better than the same recipe without. So is \
             a bug report, a sermon, a piece of local news."
        }
        p {
            "None of it needs a crowd. Three good notes are worth more than three hundred quick ones, and they come when a place is calm, \
             when it belongs to somebody who reads along, and when answering takes a sentence rather than an account. The tools should be \
             modest for the same reason that paper is: they are not what anybody came for."
        }
        p {
            "So leave the margin wide. Print what is kind or useful or true, and set aside the rest without ceremony. An article says what \
             one person thought on one day. What its readers add, slowly, underneath, is how it keeps thinking after its author has gone to bed."
        }
        p { "The pencil is below." }
    }
}
