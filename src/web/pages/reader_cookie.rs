//! The reader's cookie: a secret, and which comments were written with it lately.
//!
//! `secret.id.id…`: the ids let one's own comments be found without searching, also while they wait for
//! a moderator. They prove nothing; the secret does.

use warp::reply::Response;

use crate::{
    app::{App, Error, secret::random},
    model::id::{CommentId, SiteId},
    service::comments::post::{self, is_idempotency_key},
    web::http::{cookie::Cookie, request::Incoming},
};

/// How many of one's own comments are remembered.
const MAX_REMEMBERED_COMMENTS: usize = 20;
/// How long the browser keeps the cookie; browsers allow no more.
const MAX_AGE_SECONDS: i64 = 400 * 24 * 3_600;

/// A reader, as the cookie tells.
#[derive(Clone, Debug)]
pub(super) struct ReaderCookie {
    /// What forms, votes and edit tokens are bound to.
    pub(super) secret: String,
    /// The reader's comments, newest last.
    pub(super) comments: Vec<CommentId>,
    /// The request came without the cookie.
    pub(super) is_new: bool,
}

impl ReaderCookie {
    /// Whom the cookie names; somebody new without it.
    pub(super) fn of(app: &App, request: &Incoming) -> Result<Self, Error> {
        match Cookie::Reader.read(app, request).as_deref().and_then(parse) {
            Some((secret, comments)) => Ok(Self {
                secret,
                comments,
                is_new: false,
            }),
            None => Ok(Self {
                secret: random::<16>().map_err(Error::internal)?,
                comments: Vec::new(),
                is_new: true,
            }),
        }
    }

    /// Remembers a comment.
    pub(super) fn wrote(&mut self, id: CommentId) {
        self.comments.retain(|known| *known != id);
        self.comments.push(id);
        let over = self.comments.len().saturating_sub(MAX_REMEMBERED_COMMENTS);
        self.comments.drain(..over);
    }

    /// Sets the cookie, for another while.
    pub(super) fn keep(&self, response: &mut Response, base_url: &str) {
        let ids = self
            .comments
            .iter()
            .map(|id| format!(".{id}"))
            .collect::<String>();
        Cookie::Reader.set(
            response,
            base_url,
            &format!("{}{ids}", self.secret),
            MAX_AGE_SECONDS,
        );
    }

    /// What changes and deletes a comment of this reader, as `service::comments::post` made it.
    pub(super) fn edit_token(&self, app: &App, site: SiteId, id: CommentId) -> String {
        post::edit_token(app, site, id, &self.secret)
    }
}

fn parse(value: &str) -> Option<(String, Vec<CommentId>)> {
    let mut parts = value.split('.');
    let secret = parts.next().filter(|secret| is_idempotency_key(secret, 22))?;
    Some((
        secret.to_owned(),
        parts
            .filter_map(CommentId::parse)
            .take(MAX_REMEMBERED_COMMENTS)
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_names_a_secret_and_comments() {
        let secret = "abcdefghijklmnopqrstuv";
        assert_eq!(
            parse(&format!("{secret}.12.x.13")),
            Some((secret.to_owned(), vec![CommentId(12), CommentId(13)]))
        );
        assert_eq!(parse(secret), Some((secret.to_owned(), Vec::new())));
        assert_eq!(parse("short.12"), None);
    }

    #[test]
    fn the_newest_comments_are_remembered() {
        let mut reader = ReaderCookie {
            secret: String::new(),
            comments: Vec::new(),
            is_new: true,
        };
        (1..=25).for_each(|id| reader.wrote(CommentId(id)));
        reader.wrote(CommentId(10));
        assert_eq!(reader.comments.len(), MAX_REMEMBERED_COMMENTS);
        assert_eq!(reader.comments.last(), Some(&CommentId(10)));
    }
}
