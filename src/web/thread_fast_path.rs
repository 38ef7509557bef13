//! The shortest way to a thread that is kept ready, taken before the routes: those cost more than such an answer.
//!
//! It gives what `api::threads::thread` would give, from the same cache, by the same reading of the request, and counted by
//! the same limit. Whatever is not there, or odd in any way, goes to the routes: nothing is refused here but by the limit.

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

/// What a listener leads to: its routes, and what is answered before them.
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

/// See the module.
#[derive(Clone)]
pub(super) struct FastPath(pub(super) Arc<ThreadCache>);

impl FastPath {
    /// The answer, if it is kept and true.
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
