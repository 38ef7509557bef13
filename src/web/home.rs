//! The root of the comment origin: the front page, `robots.txt`, the icon.

use warp::{
    http::{HeaderValue, StatusCode, header},
    reply::Response,
};

use crate::{
    app::{App, Error, ErrorKind},
    service::sites::demo,
    view,
    web::{
        http::{request::Incoming, response},
        route::{HomeRoute, Methods},
    },
};

const ICON: &[u8] = include_bytes!("../view/assets/icon.svg");
/// Search engines may index thread pages, but not the admin pages.
const ROBOTS: &[u8] = b"User-agent: *\nDisallow: /admin\n";

/// Answers the paths of no other area.
pub(super) async fn handle(app: App, route: Option<HomeRoute>, request: Incoming) -> Result<Response, Error> {
    let app = &app;
    let route = route.ok_or(ErrorKind::NotFound)?;
    if let Some(refusal) = request.refuse_method(Methods::READ, app) {
        return Ok(refusal);
    }
    match route {
        HomeRoute::Front => {
            request.count(app)?;
            let page = if demo::is_on(app).await? {
                view::home::demo(&app.base_url)
            } else {
                view::home::plain(&app.base_url)
            };
            Ok(response::page(StatusCode::OK, &page))
        }
        HomeRoute::Robots => Ok(file(ROBOTS, "text/plain; charset=utf-8")),
        HomeRoute::Icon => Ok(file(ICON, "image/svg+xml")),
    }
}

fn file(bytes: &'static [u8], kind: &'static str) -> Response {
    let mut response = Response::new(bytes.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
