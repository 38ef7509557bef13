//! Cached responses for threads, answered before the routes, which take longer than such a response.
//!
//! The response is that of `api::threads::thread`: from the same cache, by the same parsing of the request, counted by the
//! same rate limit. A request without a fresh entry, or with any error, goes to the routes; the only refusal here is by the
//! rate limit.

use std::sync::Arc;

use hyper::{Request, body::Incoming as Body};
use warp::{http::Method, reply::Response};

use super::api::cache_request;
use crate::{
    app::App,
    model::network::Network,
    web::{
        http::response::{self, Audience},
        route::{ApiEndpoint, ApiRoute, Route},
        router::Routes,
        thread_cache::ThreadCache,
    },
};

/// The routes of a listener, and the fast path before them.
#[derive(Clone)]
pub struct Listener {
    pub(super) routes: Routes,
    pub(super) ready: Option<FastPath>,
}

impl From<Routes> for Listener {
    fn from(routes: Routes) -> Self {
        Self { routes, ready: None }
    }
}

/// Answers requests for threads from the cache.
#[derive(Clone)]
pub(super) struct FastPath(pub(super) Arc<ThreadCache>);

impl FastPath {
    /// The response, if the request is for a thread with a fresh entry.
    pub(super) fn answer(
        &self,
        app: &App,
        route: &Route,
        request: &Request<Body>,
        client: Network,
    ) -> Option<Response> {
        if request.method() != Method::GET {
            return None;
        }
        let Route::Api(Some(ApiRoute {
            site,
            endpoint: ApiEndpoint::Thread,
        })) = route
        else {
            return None;
        };
        let query = request.uri().query().unwrap_or_default();
        let wanted = cache_request(site, query, request.headers()).ok()?;
        let kept = self.0.get_fresh(app, &wanted)?;
        Some(match app.limits.count_request(client) {
            Ok(()) => kept.answer(request.headers()),
            Err(error) => response::error(&error, Audience::Json, &app.base_url),
        })
    }
}
