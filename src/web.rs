//! HTTP: routes as tables, requests in, replies out. Translates; decides no rule and knows no SQL.
//!
//! warp matches the area by its first segment ([`router`]); inside an area a `match` over method and
//! segments is the table of routes. Handlers take an [`crate::web::http::request::Incoming`] and answer
//! `Result<Response, Error>`; [`crate::web::http::response`] is the one place that turns an error into a response.
//! [`server`] owns the accept loop with its timeouts. Two planes never touch: [`api`] reads no cookies,
//! [`pages`] and [`admin`] take no foreign forms.

pub mod admin;
pub mod api;
pub mod doctor;
pub mod feeds;
pub mod health;
pub mod home;
pub mod http;
pub mod metrics;
pub mod pages;
pub mod router;
pub mod server;
pub mod state;
pub mod static_files;
pub mod thread_cache;
mod thread_fast_path;

use std::sync::Arc;

use http::response::Audience;
use router::{Route, any_of, area};
use state::Shared;
use thread_fast_path::FastPath;
pub use thread_fast_path::Listener;

use crate::{app::App, view::i18n};

/// The largest JSON body or form: the longest text that a site may allow, 20,000 graphemes of ten code points, fits.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the doors of one server lead to.
pub struct Listeners {
    /// For everybody.
    pub public: Listener,
    /// For the operator: `/metrics` and nothing else.
    pub metrics: Listener,
}

/// The areas for everybody, for who calls them without a listener.
#[must_use]
pub fn routes(app: &App) -> Route {
    listeners(app).public.routes
}

/// Both doors, which share the cache and the readers who listen.
#[must_use]
pub fn listeners(app: &App) -> Listeners {
    let shared = Shared {
        app: app.clone(),
        threads: Arc::new(thread_cache::ThreadCache::new(app.config.cache * 1024 * 1024)),
        listeners: Arc::new(state::LiveReaders::new(&app.config)),
    };
    Listeners {
        public: Listener {
            routes: public(&shared),
            ready: Some(FastPath(Arc::clone(&shared.threads))),
        },
        metrics: any_of([area("metrics", &shared, 0, Audience::Json, metrics::handle)]).into(),
    }
}

/// All areas; the hottest first.
fn public(shared: &Shared) -> Route {
    any_of([
        area("api", shared, MAX_BODY_BYTES, Audience::Json, api::handle),
        area("embed.js", shared, 0, Audience::Json, static_files::handle),
        area("count.js", shared, 0, Audience::Json, static_files::handle),
        area("recent.js", shared, 0, Audience::Json, static_files::handle),
        area("embed", shared, 0, Audience::Json, static_files::handle),
        area("js", shared, 0, Audience::Json, static_files::handle),
        area("web", shared, 0, Audience::Json, static_files::handle),
        area("assets", shared, 0, Audience::Json, static_files::handle),
        area("feeds", shared, 0, Audience::Json, feeds::handle),
        area(
            "thread",
            shared,
            MAX_BODY_BYTES,
            Audience::Reader(i18n::english()),
            pages::handle,
        ),
        area("admin", shared, MAX_BODY_BYTES, Audience::Page, admin::handle),
        area("healthz", shared, 0, Audience::Json, health::handle),
        area("readyz", shared, 0, Audience::Json, health::handle),
        router::fallback(shared, Audience::Page, home::handle),
    ])
}
