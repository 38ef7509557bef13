//! HTTP: routes as tables, requests in, replies out. Translates; decides no rule and knows no SQL.
//!
//! warp matches the area by its first segment ([`route`]); inside an area a `match` over method and
//! segments is the table of routes. Handlers take an [`request::Incoming`] and answer
//! `Result<Response, Error>`; [`reply`] is the one place that turns an error into a response.
//! [`server`] owns the accept loop with its timeouts. Two planes never touch: [`api`] reads no cookies,
//! [`pages`] and [`admin`] take no foreign forms.

pub mod admin;
pub mod api;
pub mod cache;
pub mod cookie;
pub mod doctor;
pub mod embed;
pub mod feeds;
pub mod form;
mod forwarded;
pub mod health;
pub mod home;
pub mod language;
pub mod metrics;
pub mod pages;
pub mod prepared;
mod raw_head;
mod ready;
pub mod reply;
pub mod request;
pub mod request_id;
pub mod route;
pub mod server;
mod stall;

use std::sync::Arc;

pub use ready::Door;
use ready::Ready;
use reply::Face;
use request::Shared;
use route::{Route, any_of, area};

use crate::{service::App, view::words};

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
        threads: Arc::new(cache::Threads::new(app.config.cache * 1024 * 1024)),
        listeners: Arc::new(api::live::Listeners::new(&app.config)),
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
        area("embed.js", shared, 0, Face::Json, embed::answer),
        area("count.js", shared, 0, Face::Json, embed::answer),
        area("recent.js", shared, 0, Face::Json, embed::answer),
        area("embed", shared, 0, Face::Json, embed::answer),
        area("js", shared, 0, Face::Json, embed::answer),
        area("web", shared, 0, Face::Json, embed::answer),
        area("assets", shared, 0, Face::Json, embed::answer),
        area("feeds", shared, 0, Face::Json, feeds::answer),
        area(
            "thread",
            shared,
            BODY,
            Face::Reader(words::english()),
            pages::answer,
        ),
        area("admin", shared, BODY, Face::Page, admin::answer),
        area("healthz", shared, 0, Face::Json, health::answer),
        area("readyz", shared, 0, Face::Json, health::answer),
        route::rest(shared, Face::Page, home::answer),
    ])
}
