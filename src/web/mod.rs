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
pub mod embed;
pub mod feeds;
pub mod form;
pub mod health;
pub mod home;
pub mod pages;
pub mod reply;
pub mod request;
pub mod route;
pub mod server;

use route::{Route, any_of, area};

use crate::service::App;

/// The largest JSON body or form.
const BODY: usize = 256 * 1024;

/// All areas; the hottest first.
#[must_use]
pub fn routes(app: &App) -> Route {
    any_of([
        area("api", app, BODY, reply::Face::Json, api::answer),
        area("embed.js", app, 0, reply::Face::Json, embed::answer),
        area("embed", app, 0, reply::Face::Json, embed::answer),
        area("assets", app, 0, reply::Face::Json, embed::answer),
        area("feeds", app, 0, reply::Face::Json, feeds::answer),
        area("thread", app, BODY, reply::Face::Page, pages::answer),
        area("admin", app, BODY, reply::Face::Page, admin::answer),
        area("healthz", app, 0, reply::Face::Json, health::alive),
        area("readyz", app, 0, reply::Face::Json, health::ready),
        route::rest(app, reply::Face::Page, home::answer),
    ])
}
