//! The public API, version 1, as `docs/api.md` describes it. Reads no cookies, sets none.
//!
//! The `match` below is the table of routes. [`json`] holds the shapes, [`threads`], [`recent`], [`prerender`], [`comments`]
//! and [`live`] the handlers. A test compares the table and the error codes with the documentation.

mod comments;
pub mod json;
pub mod live;
mod prerender;
mod recent;
mod threads;

pub(super) use threads::cache_request;

use warp::{http::Method, reply::Response};

use crate::{
    app::{Error, ErrorKind},
    model::id::CommentId,
    service::threads::conversation::CommentRef,
    web::http::{
        request::Incoming,
        response::{self, Audience},
    },
};

/// The paths, with `:` before what varies, and the methods that they take. `docs/api.md` lists the same.
pub const ROUTES: &[(&str, &str)] = &[
    ("/api/v1/sites/:site/thread", "GET, HEAD"),
    ("/api/v1/sites/:site/comments/:id", "GET, HEAD, PATCH, DELETE"),
    ("/api/v1/sites/:site/comments/:id/replies", "GET, HEAD"),
    ("/api/v1/sites/:site/fragment", "GET, HEAD"),
    ("/api/v1/sites/:site/threads", "GET, HEAD"),
    ("/api/v1/sites/:site/counts", "GET, HEAD"),
    ("/api/v1/sites/:site/recent", "GET, HEAD"),
    ("/api/v1/sites/:site/live", "GET, HEAD"),
    ("/api/v1/sites/:site/comments", "POST"),
    ("/api/v1/sites/:site/comments/:id/vote", "PUT"),
    ("/api/v1/sites/:site/preview", "POST"),
    ("/api/v1/sites/:site/own", "POST"),
];

/// Answers `/api/…`.
pub async fn handle(mut request: Incoming) -> Result<Response, Error> {
    let method = match request.method {
        Method::HEAD => Method::GET,
        ref other => other.clone(),
    };
    // Taken out, since the request itself goes on to a handler; none of them looks at the path again.
    let segments = std::mem::take(&mut request.segments);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let ["api", "v1", "sites", site, rest @ ..] = path.as_slice() else {
        return Err(ErrorKind::NotFound.into());
    };
    if method == Method::OPTIONS {
        return if allowed(rest).is_some() {
            Ok(response::preflight())
        } else {
            Err(ErrorKind::NotFound.into())
        };
    }
    // All but the hottest are boxed: what they hold on to would be carried along by every read.
    match (&method, rest) {
        (&Method::GET, ["thread"]) => threads::thread(request, site).await,
        (&Method::GET, ["fragment"]) => Box::pin(prerender::fragment(request, site)).await,
        (&Method::GET, ["threads"]) => Box::pin(prerender::threads(request, site)).await,
        (&Method::GET, ["counts"]) => Box::pin(threads::counts(request, site)).await,
        (&Method::GET, ["live"]) => Box::pin(live::stream(request, site)).await,
        (&Method::GET, ["recent"]) => Box::pin(recent::recent(request, site)).await,
        (&Method::POST, ["comments"]) => Box::pin(comments::post(request, site)).await,
        (&Method::GET, ["comments", id]) => {
            Box::pin(threads::comment(request, site, CommentRef::parse(id)?)).await
        }
        (&Method::GET, ["comments", id, "replies"]) => {
            Box::pin(threads::replies(request, site, comment_id(id)?)).await
        }
        (&Method::PATCH, ["comments", id]) => Box::pin(comments::edit(request, site, comment_id(id)?)).await,
        (&Method::DELETE, ["comments", id]) => {
            Box::pin(comments::delete(request, site, comment_id(id)?)).await
        }
        (&Method::PUT, ["comments", id, "vote"]) => {
            Box::pin(comments::vote(request, site, comment_id(id)?)).await
        }
        (&Method::POST, ["preview"]) => Box::pin(comments::preview(request, site)).await,
        (&Method::POST, ["own"]) => Box::pin(comments::own(request, site)).await,
        (_, rest) => match allowed(rest) {
            Some(methods) => Ok(response::method_not_allowed(
                methods,
                Audience::Json,
                &request.app.base_url,
            )),
            None => Err(ErrorKind::NotFound.into()),
        },
    }
}

/// The methods that a path below the site takes; none: there is no such path.
fn allowed(rest: &[&str]) -> Option<&'static str> {
    ROUTES
        .iter()
        .find(|(path, _)| {
            let wanted: Vec<&str> = path.split('/').skip(5).collect();
            wanted.len() == rest.len()
                && wanted
                    .iter()
                    .zip(rest)
                    .all(|(wanted, got)| wanted.starts_with(':') || wanted == got)
        })
        .map(|(_, methods)| *methods)
}

fn comment_id(text: &str) -> Result<CommentId, Error> {
    CommentId::parse(text).ok_or_else(|| ErrorKind::CommentNotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_its_paths() {
        assert_eq!(allowed(&["comments", "12", "vote"]), Some("PUT"));
        assert_eq!(allowed(&["comments", "12"]), Some("GET, HEAD, PATCH, DELETE"));
        assert_eq!(allowed(&["comment"]), None);
        assert_eq!(allowed(&[]), None);
    }
}
