//! The root of the comment origin: the front page, `robots.txt`, the icon.

use warp::{
    http::{HeaderValue, Method, StatusCode, header},
    reply::Response,
};

use crate::{
    app::{Error, ErrorKind},
    service::sites::demo,
    view,
    web::http::{
        request::Incoming,
        response::{self, Audience},
    },
};

const ICON: &[u8] = include_bytes!("../view/assets/icon.svg");
/// Thread pages may be found; what is behind the door need not be.
const ROBOTS: &[u8] = b"User-agent: *\nDisallow: /admin\n";

/// Answers whatever no other area takes.
pub async fn handle(request: Incoming) -> Result<Response, Error> {
    let base_url = &request.app.base_url;
    let known = matches!(
        request.path().as_slice(),
        [""] | ["robots.txt" | "favicon.svg" | "favicon.ico"]
    );
    if known && !matches!(request.method, Method::GET | Method::HEAD) {
        return Ok(response::method_not_allowed(
            "GET, HEAD",
            Audience::Page,
            base_url,
        ));
    }
    if request.path() == [""] {
        request.count()?;
    }
    match request.path().as_slice() {
        [""] if demo::is_on(&request.app).await? => {
            Ok(response::page(StatusCode::OK, &view::home::demo(base_url)))
        }
        [""] => Ok(response::page(StatusCode::OK, &view::home::plain(base_url))),
        ["robots.txt"] => Ok(file(ROBOTS, "text/plain; charset=utf-8")),
        ["favicon.svg" | "favicon.ico"] => Ok(file(ICON, "image/svg+xml")),
        _ => Err(ErrorKind::NotFound.into()),
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
