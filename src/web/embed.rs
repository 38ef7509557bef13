//! The widget's files and the pages' style, as build.rs put them into the binary.
//!
//! The loader is revalidated; everything else lies in a folder named after its content and never changes.

use warp::{
    http::{HeaderValue, StatusCode, header},
    reply::Response,
};

use super::{
    prepared::{Encoding, accepted},
    reply::{self, Face},
    request::Incoming,
};
use crate::{
    service::{Error, Kind},
    view::asset::ASSETS,
};

/// Answers `/embed.js`, `/embed/…` and `/assets/…`.
pub async fn answer(request: Incoming) -> Result<Response, Error> {
    if let Some(refusal) = request.refuse_writes(Face::Json) {
        return Ok(refusal);
    }
    let path = request.segments.join("/");
    let asset = ASSETS
        .iter()
        .find(|asset| asset.path == path)
        .ok_or(Kind::NotFound)?;
    let (bytes, encoding) = match accepted(&request.headers) {
        Encoding::Brotli => (asset.brotli, Some("br")),
        Encoding::Gzip => (asset.gzip, Some("gzip")),
        Encoding::Plain => (asset.plain, None),
    };
    let etag = format!("\"{}{}\"", asset.etag, encoding.unwrap_or(""));
    let has_it = request.header(header::IF_NONE_MATCH).is_some_and(|line| {
        line.split(',')
            .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    });
    let mut response = Response::new(if has_it {
        Vec::new().into()
    } else {
        bytes::Bytes::from_static(bytes).into()
    });
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    if let Some(encoding) = encoding.filter(|_| !has_it) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let caching = if path == "embed.js" {
        "public, max-age=600, stale-while-revalidate=604800"
    } else {
        "public, max-age=31536000, immutable"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    reply::for_everyone(&mut response);
    if has_it {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(response)
}
