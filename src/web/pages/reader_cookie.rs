//! The reader's cookie: a secret, and the ids of the reader's newest comments.
//!
//! `secret.id.id…`: the ids find the reader's comments without a search, also while they are held. They prove nothing; the
//! secret does.

use warp::reply::Response;

use crate::{
    app::{App, Error, secret::random},
    model::id::{CommentId, SiteId},
    service::comments::post::{self, is_idempotency_key},
    web::http::{cookie::Cookie, request::Incoming},
};

/// The maximum number of comments in the cookie.
const MAX_REMEMBERED_COMMENTS: usize = 20;
/// The lifetime of the cookie: the longest that browsers allow.
const MAX_AGE_SECONDS: i64 = 400 * 24 * 3_600;

/// The content of the cookie.
#[derive(Clone, Debug)]
pub(super) struct ReaderCookie {
    /// The secret that forms, votes and edit tokens are bound to.
    pub(super) secret: String,
    /// The reader's comments, newest last.
    pub(super) comments: Vec<CommentId>,
    /// True if the request had no valid cookie.
    pub(super) is_new: bool,
}

impl ReaderCookie {
    /// The cookie of a request; a new one with a random secret if there is none. Errors: `internal` without randomness.
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

    /// Adds a comment as the newest one, and drops the oldest beyond the maximum.
    pub(super) fn add(&mut self, id: CommentId) {
        self.comments.retain(|known| *known != id);
        self.comments.push(id);
        let over = self.comments.len().saturating_sub(MAX_REMEMBERED_COMMENTS);
        self.comments.drain(..over);
    }

    /// Sets the cookie in a response, with a new lifetime.
    pub(super) fn set(&self, response: &mut Response, base_url: &str) {
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

    /// The edit token of a comment of this reader, as `service::comments::post` made it.
    pub(super) fn edit_token(&self, app: &App, site: SiteId, id: CommentId) -> String {
        post::edit_token(app, site, id, &self.secret)
    }
}

/// Parses the value of the cookie; `None` if its secret is malformed. Malformed ids are skipped.
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
        (1..=25).for_each(|id| reader.add(CommentId(id)));
        reader.add(CommentId(10));
        assert_eq!(reader.comments.len(), MAX_REMEMBERED_COMMENTS);
        assert_eq!(reader.comments.last(), Some(&CommentId(10)));
    }
}
