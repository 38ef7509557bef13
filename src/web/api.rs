//! The public API, version 1, as `docs/api.md` describes it. Reads no cookies, sets none.
//!
//! The `match` below maps an endpoint to its handler. [`json`] has the JSON types; [`threads`], [`recent`], [`prerender`],
//! [`comments`] and [`live`] have the handlers. A test compares the routes and the error codes with the documentation.

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
    web::{
        http::{request::Incoming, response},
        route::{ApiEndpoint as Endpoint, ApiRoute},
        state::Shared,
    },
};

/// Answers `/api/…`.
pub(super) async fn handle(
    shared: Shared,
    route: Option<ApiRoute>,
    request: Incoming,
) -> Result<Response, Error> {
    let ApiRoute { site, endpoint } = route.ok_or(ErrorKind::NotFound)?;
    let (app, site, allowed) = (&shared.app, site.as_str(), endpoint.methods());
    // All but the most frequent are boxed: the future of each request has the size of the largest one that is not.
    match (request.verb(), &endpoint) {
        (&Method::OPTIONS, _) => Ok(response::preflight()),
        (&Method::GET, Endpoint::Thread) => threads::thread(&shared, request, site).await,
        (&Method::GET, Endpoint::Fragment) => Box::pin(prerender::fragment(&shared, request, site)).await,
        (&Method::GET, Endpoint::Threads) => Box::pin(prerender::threads(app, request, site)).await,
        (&Method::GET, Endpoint::Counts) => Box::pin(threads::counts(app, request, site)).await,
        (&Method::GET, Endpoint::Live) => Box::pin(live::stream(&shared, request, site)).await,
        (&Method::GET, Endpoint::Recent) => Box::pin(recent::recent(app, request, site)).await,
        (&Method::POST, Endpoint::Comments) => Box::pin(comments::post(app, request, site)).await,
        (&Method::GET, Endpoint::Comment(id)) => {
            Box::pin(threads::comment(app, request, site, CommentRef::parse(id)?)).await
        }
        (&Method::GET, Endpoint::Replies(id)) => {
            Box::pin(threads::replies(app, request, site, comment_id(id)?)).await
        }
        (&Method::PATCH, Endpoint::Comment(id)) => {
            Box::pin(comments::edit(app, request, site, comment_id(id)?)).await
        }
        (&Method::DELETE, Endpoint::Comment(id)) => {
            Box::pin(comments::delete(app, request, site, comment_id(id)?)).await
        }
        (&Method::PUT, Endpoint::Vote(id)) => {
            Box::pin(comments::vote(app, request, site, comment_id(id)?)).await
        }
        (&Method::POST, Endpoint::Preview) => Box::pin(comments::preview(app, request, site)).await,
        (&Method::POST, Endpoint::Own) => Box::pin(comments::own(app, request, site)).await,
        _ => request.refuse(Some(allowed), app),
    }
}

/// The id of a comment in a path. Errors: `comment_not_found`.
fn comment_id(text: &str) -> Result<CommentId, Error> {
    CommentId::parse(text).ok_or_else(|| ErrorKind::CommentNotFound.into())
}
