//! HTTP: routes, requests and responses. This layer translates between HTTP and the use cases; it has no rules and no SQL.
//!
//! [`route`] parses a path, [`router`] collects the body, and the `match` in [`answer`] passes both to an area. A handler
//! takes the application or all of [`state::Shared`], its route and an [`crate::web::http::request::Incoming`], and returns
//! `Result<Response, Error>`; [`crate::web::http::response`] is the one place that turns an error into a response.
//! [`server`] has the accept loop with its timeouts. API and pages share no credentials: [`api`] reads no cookies,
//! [`pages`] and [`admin`] refuse forms of other origins.

pub mod admin;
pub mod api;
pub mod doctor;
pub mod feeds;
pub mod health;
pub mod home;
pub mod http;
pub mod metrics;
pub mod pages;
pub mod route;
pub mod router;
pub mod server;
pub mod state;
pub mod static_files;
pub mod thread_cache;
mod thread_fast_path;

use std::sync::Arc;

use warp::{Filter as _, reply::Response};

use http::{request::Incoming, response::Audience};
use route::{Area, Route};
use router::{AreaRules, Routes};
use state::Shared;
use thread_fast_path::FastPath;
pub use thread_fast_path::Listener;

use crate::{
    app::{App, Error, ErrorKind},
    view::i18n,
};

/// The largest JSON body or form: the longest text that a site may allow, 20,000 graphemes of ten code points, fits.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The listeners of one server.
pub struct Listeners {
    /// For everybody: all routes but the metrics.
    pub public: Listener,
    /// For the operator: `/metrics` alone.
    pub metrics: Listener,
}

/// The routes of the public listener, for callers without a listener.
#[must_use]
pub fn routes(app: &App) -> Routes {
    listeners(app).public.routes
}

/// Both listeners. They share the cache and the live readers.
#[must_use]
pub fn listeners(app: &App) -> Listeners {
    let shared = Shared {
        app: app.clone(),
        threads: Arc::new(thread_cache::ThreadCache::new(app.config.cache * 1024 * 1024)),
        listeners: Arc::new(state::LiveReaders::new(&app.config)),
    };
    let metrics = warp::path("metrics").boxed();
    Listeners {
        public: Listener {
            routes: router::routes(warp::any().boxed(), &shared, rules, answer),
            ready: Some(FastPath(Arc::clone(&shared.threads))),
        },
        metrics: router::routes(metrics, &shared, |_| AreaRules::FOR_PROGRAMS, answer_metrics).into(),
    }
}

/// The audience of errors and the largest body of an area of the public listener.
#[must_use]
pub fn rules(area: Area) -> AreaRules {
    let (audience, max_body) = match area {
        Area::Api => (Audience::Json, MAX_BODY_BYTES),
        Area::Pages => (Audience::Reader(i18n::english()), MAX_BODY_BYTES),
        Area::Admin => (Audience::Page, MAX_BODY_BYTES),
        Area::Metrics | Area::Home => (Audience::Page, 0),
        Area::Assets | Area::Feeds | Area::Health => return AreaRules::FOR_PROGRAMS,
    };
    AreaRules { audience, max_body }
}

/// Answers a request of the public listener. Errors: those of the areas; `not_found` for an unknown path.
async fn answer(shared: Shared, route: Route, request: Incoming) -> Result<Response, Error> {
    // All but the most frequent are boxed: the future of each request has the size of the largest one that is not.
    match route {
        Route::Api(route) => api::handle(shared, route, request).await,
        Route::Asset(path) => static_files::handle(&shared.app, &path, &request),
        Route::Feed(route) => Box::pin(feeds::handle(shared.app, route, request)).await,
        Route::Page(route) => Box::pin(pages::handle(shared.app, route, request)).await,
        Route::Admin(route) => Box::pin(admin::handle(shared.app, route, request)).await,
        Route::Health(route) => Box::pin(health::handle(shared.app, route, request)).await,
        Route::Home(route) => Box::pin(home::handle(shared.app, route, request)).await,
        // The metrics have a listener of their own.
        Route::Metrics => Err(ErrorKind::NotFound.into()),
        Route::Malformed(_) => Err(ErrorKind::BadRequest.into()),
    }
}

/// Answers a request of the operator's listener.
async fn answer_metrics(shared: Shared, route: Route, request: Incoming) -> Result<Response, Error> {
    match route {
        Route::Malformed(_) => Err(ErrorKind::BadRequest.into()),
        _ => metrics::handle(shared, request).await,
    }
}
