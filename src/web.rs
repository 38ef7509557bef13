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

use http::response::Face;
use router::{Route, any_of, area};
use state::Shared;
pub use thread_fast_path::Door;
use thread_fast_path::Ready;

use crate::{app::App, view::i18n};

/// The largest JSON body or form: the longest text that a site may allow, 20,000 graphemes of ten code points, fits.
const BODY: usize = 1024 * 1024;

/// What the doors of one server lead to.
pub struct Doors {
    /// For everybody.
    pub public: Door,
    /// For the operator: `/metrics` and nothing else.
    pub metrics: Door,
}

/// The areas for everybody, for who calls them without a listener.
#[must_use]
pub fn routes(app: &App) -> Route {
    doors(app).public.routes
}

/// Both doors, which share the cache and the readers who listen.
#[must_use]
pub fn doors(app: &App) -> Doors {
    let shared = Shared {
        app: app.clone(),
        threads: Arc::new(thread_cache::Threads::new(app.config.cache * 1024 * 1024)),
        listeners: Arc::new(state::Listeners::new(&app.config)),
    };
    Doors {
        public: Door {
            routes: public(&shared),
            ready: Some(Ready(Arc::clone(&shared.threads))),
        },
        metrics: any_of([area("metrics", &shared, 0, Face::Json, metrics::answer)]).into(),
    }
}

/// All areas; the hottest first.
fn public(shared: &Shared) -> Route {
    any_of([
        area("api", shared, BODY, Face::Json, api::answer),
        area("embed.js", shared, 0, Face::Json, static_files::answer),
        area("count.js", shared, 0, Face::Json, static_files::answer),
        area("recent.js", shared, 0, Face::Json, static_files::answer),
        area("embed", shared, 0, Face::Json, static_files::answer),
        area("js", shared, 0, Face::Json, static_files::answer),
        area("web", shared, 0, Face::Json, static_files::answer),
        area("assets", shared, 0, Face::Json, static_files::answer),
        area("feeds", shared, 0, Face::Json, feeds::answer),
        area(
            "thread",
            shared,
            BODY,
            Face::Reader(i18n::english()),
            pages::answer,
        ),
        area("admin", shared, BODY, Face::Page, admin::answer),
        area("healthz", shared, 0, Face::Json, health::answer),
        area("readyz", shared, 0, Face::Json, health::answer),
        router::rest(shared, Face::Page, home::answer),
    ])
}
