//! The newest comments of a site, for a sidebar or a front page.

use serde::{Deserialize, Serialize};
use warp::reply::Response;

use super::json::AuthorJson;
use crate::{
    app::{App, Error, ErrorKind},
    content::SafeTree,
    model::{comment::Comment, thread::Thread},
    service::threads::feed,
    web::{
        api::threads::{encoded, find_site},
        http::request::Incoming,
    },
};

/// The maximum length of an excerpt in characters.
const EXCERPT_CHARS: usize = 160;

/// The query of GET recent.
#[derive(Deserialize)]
struct RecentQuery {
    limit: Option<String>,
}

/// `GET …/recent`: the newest comments, at most `limit`.
pub(super) async fn recent(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = find_site(app, &request, site).await?;
    let wrong = || {
        let max = feed::MAX_ENTRIES;
        Error::with_message(
            ErrorKind::BadQuery,
            format!("The parameter limit is a number from 1 to {max}."),
        )
    };
    let limit = match request
        .query::<RecentQuery>()?
        .limit
        .filter(|text| !text.is_empty())
    {
        Some(text) => text
            .parse()
            .ok()
            .filter(|n| (1..=feed::MAX_ENTRIES).contains(n))
            .ok_or_else(wrong)?,
        None => feed::MAX_RECENT,
    };
    let recent = feed::newest(app, site, None, limit).await?;
    encoded(app, &request, recent.content_bytes(), move || {
        serde_json::to_vec(&RecentAnswer {
            comments: recent
                .entries
                .iter()
                .map(|(comment, thread)| RecentJson::of(comment, thread))
                .collect(),
        })
    })
    .await
}

#[derive(Serialize)]
struct RecentAnswer<'a> {
    comments: Vec<RecentJson<'a>>,
}

#[derive(Serialize)]
struct RecentJson<'a> {
    id: i64,
    author: AuthorJson<'a>,
    created_at: i64,
    excerpt: String,
    thread: RecentThreadJson<'a>,
    link: String,
}

#[derive(Serialize)]
struct RecentThreadJson<'a> {
    page: &'a str,
    title: &'a str,
}

impl<'a> RecentJson<'a> {
    fn of(comment: &'a Comment, thread: &'a Thread) -> Self {
        Self {
            id: comment.id.0,
            author: AuthorJson::of(comment),
            created_at: comment.created_at.0,
            excerpt: SafeTree::from_json(&comment.body)
                .map(|tree| excerpt(&tree.to_text()))
                .unwrap_or_default(),
            thread: RecentThreadJson {
                page: &thread.page_url,
                title: &thread.title,
            },
            link: format!("{}#comment-{}", thread.page_url, comment.id),
        }
    }
}

/// The beginning of a text in one line, cut between two words if possible.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(EXCERPT_CHARS) else {
        return line;
    };
    let cut = line[..end].rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
    format!("{} …", line[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line_and_ends_between_words() {
        assert_eq!(excerpt("Loose\n\nleaf"), "Loose leaf");
        let long = excerpt(&"words and ".repeat(40));
        assert!(long.ends_with("and …") || long.ends_with("words …"), "{long}");
        assert!(long.chars().count() <= EXCERPT_CHARS + 2);
        assert_eq!(
            excerpt(&"茶".repeat(200)),
            format!("{} …", "茶".repeat(EXCERPT_CHARS))
        );
    }
}
