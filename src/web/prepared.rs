//! Answers with their encodings and their tags: how bytes go out to whoever may cache them.
//!
//! [`super::cache`] keeps them; what is asked for seldom is compressed once, as it is asked for.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warp::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    reply::Response,
};

use super::reply;

/// An answer in every encoding that it is sent in.
pub struct Prepared {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    etag: String,
    kind: &'static str,
}

impl Prepared {
    /// Compressed in all ways, to be kept.
    #[must_use]
    pub fn kept(plain: Vec<u8>, kind: &'static str) -> Self {
        Self {
            brotli: brotli(&plain),
            gzip: gzip(&plain),
            ..Self::new(plain, kind)
        }
    }

    /// Compressed only as this request wants it.
    #[must_use]
    pub fn once(plain: Vec<u8>, kind: &'static str, headers: &HeaderMap) -> Self {
        match accepted(headers) {
            Encoding::Brotli => Self {
                brotli: brotli(&plain),
                ..Self::new(plain, kind)
            },
            Encoding::Gzip => Self {
                gzip: gzip(&plain),
                ..Self::new(plain, kind)
            },
            Encoding::Plain => Self::new(plain, kind),
        }
    }

    fn new(plain: Vec<u8>, kind: &'static str) -> Self {
        let etag = data_encoding::HEXLOWER.encode(&Sha256::digest(&plain)[..10]);
        Self {
            plain: plain.into(),
            brotli: None,
            gzip: None,
            etag,
            kind,
        }
    }

    /// The response to a request: 304 where the client has it already, else in the best encoding.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        let (bytes, encoding) = match (accepted(asked), &self.brotli, &self.gzip) {
            (Encoding::Brotli, Some(bytes), _) => (bytes, Some("br")),
            (Encoding::Brotli | Encoding::Gzip, _, Some(bytes)) => (bytes, Some("gzip")),
            _ => (&self.plain, None),
        };
        let etag = format!(
            "\"{}{}{}\"",
            self.etag,
            if encoding.is_some() { "-" } else { "" },
            encoding.unwrap_or("")
        );
        let has_it = asked
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|line| {
                line.split(',')
                    .map(|tag| tag.trim().trim_start_matches("W/"))
                    .any(|tag| tag == etag || tag == "*")
            });
        let mut response = if has_it {
            Response::new(Vec::new().into())
        } else {
            Response::new(bytes.clone().into())
        };
        let headers = response.headers_mut();
        if !has_it {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate"),
        );
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        reply::for_everyone(&mut response);
        if has_it {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        response
    }

    pub(super) fn weight(&self) -> u64 {
        let length = |bytes: &Option<Bytes>| bytes.as_ref().map_or(0, Bytes::len);
        (self.plain.len() + length(&self.brotli) + length(&self.gzip) + 512) as u64
    }
}

/// How an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
    /// Not at all.
    Plain,
}

/// The best encoding that the request takes (RFC 9110, 12.5.3; `q=0` is a refusal).
#[must_use]
pub fn accepted(asked: &HeaderMap) -> Encoding {
    let takes = |name: &str| {
        asked
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|line| {
                line.split(',').any(|item| {
                    let mut parts = item.split(';').map(str::trim);
                    let named = parts
                        .next()
                        .is_some_and(|coding| coding.eq_ignore_ascii_case(name));
                    named
                        && !parts.any(|weight| {
                            matches!(weight.trim_start_matches("q="), "0" | "0.0" | "0.00" | "0.000")
                        })
                })
            })
    };
    if takes("br") {
        Encoding::Brotli
    } else if takes("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Plain
    }
}

fn brotli(plain: &[u8]) -> Option<Bytes> {
    let mut out = Vec::with_capacity(plain.len() / 3);
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: 20,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut out, &params).ok()?;
    Some(out.into())
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    use std::io::Write as _;
    let mut out =
        flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::new(6));
    out.write_all(plain).ok()?;
    Some(out.finish().ok()?.into())
}
