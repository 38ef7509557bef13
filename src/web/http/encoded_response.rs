//! Responses in a content encoding and with an entity tag, for clients and caches that revalidate.
//!
//! A response is compressed once and stored with its headers, so that sending it again costs almost nothing.
//! [`crate::web::thread_cache`] stores those of threads, one per encoding that was asked for.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use warp::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    reply::Response,
};

use crate::web::http::{conditional, response};

/// A compressed response with its headers.
pub struct EncodedResponse {
    body: Bytes,
    headers: HeaderMap,
    etag: HeaderValue,
}

impl EncodedResponse {
    /// Compresses a response. `kind` is its content type.
    #[must_use]
    pub fn new(plain: Vec<u8>, kind: &'static str, encoding: Encoding) -> Self {
        let tag = data_encoding::HEXLOWER.encode(&Sha256::digest(&plain)[..10]);
        let (body, encoding) = match encoding.compress(&plain) {
            // Copied, because an encoder's buffer has room for the uncompressed text, which would stay allocated.
            Some(body) => (Bytes::copy_from_slice(&body), encoding.name()),
            None => (Bytes::copy_from_slice(&plain), None),
        };
        let etag = match encoding {
            Some(name) => format!("\"{tag}-{name}\""),
            None => format!("\"{tag}\""),
        };
        // Hexadecimal digits and the name of an encoding are always a valid header value.
        let etag = HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\""));
        let mut response = Response::default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(name) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        headers.insert(header::ETAG, etag.clone());
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=0, must-revalidate"),
        );
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        response::allow_any_origin(&mut response);
        let headers = std::mem::take(response.headers_mut());
        Self { body, headers, etag }
    }

    /// The response to a request with these headers: 304 if the client has it already.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap) -> Response {
        if conditional::is_known(asked, &self.etag) {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            let headers = response.headers_mut();
            *headers = self.headers.clone();
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_ENCODING);
            return response;
        }
        let mut response = Response::new(self.body.clone().into());
        *response.headers_mut() = self.headers.clone();
        response
    }

    /// Bytes of the body.
    pub(crate) fn weight(&self) -> u64 {
        self.body.len() as u64
    }
}

/// A content encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// RFC 8878. Compresses in a tenth of the time of Brotli, to nearly the same size.
    Zstandard,
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
    /// Uncompressed.
    Plain,
}

impl Encoding {
    /// The encodings for what is compressed during a request, best first.
    pub const FRESH: &[Self] = &[Self::Zstandard, Self::Brotli, Self::Gzip];
    /// The encodings in which build.rs compressed the files, best first.
    pub const BUILT: &[Self] = &[Self::Brotli, Self::Gzip];

    /// The name in `Content-Encoding`; `None` for uncompressed.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Zstandard => Some("zstd"),
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// The first of `offered` that the request accepts (RFC 9110, 12.5.3; `q=0` refuses one).
    #[must_use]
    pub fn asked(headers: &HeaderMap, offered: &[Self]) -> Self {
        let takes = |encoding: &&Self| {
            let name = encoding.name().unwrap_or_default().as_bytes();
            headers
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
                .any(|item| {
                    let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
                    let named = parts
                        .next()
                        .is_some_and(|coding| coding.eq_ignore_ascii_case(name));
                    named && !parts.any(is_refusal)
                })
        };
        offered.iter().find(takes).copied().unwrap_or(Self::Plain)
    }

    /// The cost of writing and compressing `bytes` of comments, in bytes of Markdown that could be rendered in the same
    /// time: a half for Brotli, a tenth for all others.
    #[must_use]
    pub fn work(self, bytes: usize) -> usize {
        bytes / if self == Self::Brotli { 2 } else { 10 }
    }

    fn compress(self, plain: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Zstandard => zstd::bulk::compress(plain, 3).ok(),
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
            Self::Plain => None,
        }
    }
}

/// True for `q=0` with up to three decimals (RFC 9110, 12.4.2).
fn is_refusal(weight: &[u8]) -> bool {
    weight.split_at_checked(2).is_some_and(|(name, value)| {
        name.eq_ignore_ascii_case(b"q=") && matches!(value, b"0" | b"0." | b"0.0" | b"0.00" | b"0.000")
    })
}

fn brotli(plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(plain.len() / 3);
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: 20,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut out, &params).ok()?;
    Some(out)
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    use std::io::Write as _;
    let mut out =
        flate2::write::GzEncoder::new(Vec::with_capacity(plain.len() / 3), flate2::Compression::new(6));
    out.write_all(plain).ok()?;
    out.finish().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(name: header::HeaderName, line: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(line).unwrap())])
    }

    #[test]
    fn a_body_has_no_unused_capacity() {
        for encoding in [
            Encoding::Zstandard,
            Encoding::Brotli,
            Encoding::Gzip,
            Encoding::Plain,
        ] {
            let mut plain = Vec::with_capacity(1 << 20);
            plain.extend(std::iter::repeat_n(*b"all the same ", 1_000).flatten());
            let Ok(body) = EncodedResponse::new(plain, "text/plain", encoding)
                .body
                .try_into_mut()
            else {
                panic!("the body is shared");
            };
            let (room, length) = (body.capacity(), body.len());
            assert!(
                room <= length + 16,
                "{encoding:?}: room for {room} around {length}"
            );
        }
    }

    #[test]
    fn the_best_accepted_encoding_is_chosen() {
        for (line, fresh, built) in [
            ("gzip, deflate, br, zstd", Encoding::Zstandard, Encoding::Brotli),
            ("gzip, deflate, br", Encoding::Brotli, Encoding::Brotli),
            ("br;q=0, zstd; Q=0.0, GZIP;q=0.1", Encoding::Gzip, Encoding::Gzip),
            ("zstd", Encoding::Zstandard, Encoding::Plain),
            ("identity", Encoding::Plain, Encoding::Plain),
            ("brotli, zst", Encoding::Plain, Encoding::Plain),
        ] {
            let headers = asking(header::ACCEPT_ENCODING, line);
            assert_eq!(Encoding::asked(&headers, Encoding::FRESH), fresh, "{line}");
            assert_eq!(Encoding::asked(&headers, Encoding::BUILT), built, "{line}");
        }
        assert_eq!(
            Encoding::asked(&HeaderMap::new(), Encoding::FRESH),
            Encoding::Plain
        );
    }

    #[test]
    fn a_tag_names_the_bytes_and_their_encoding() {
        let one = |text: &str, encoding| EncodedResponse::new(text.into(), "text/plain", encoding);
        let (plain, zstd) = (one("tea", Encoding::Plain), one("tea", Encoding::Zstandard));
        assert_ne!(plain.etag, zstd.etag);
        assert_ne!(one("coffee", Encoding::Plain).etag, plain.etag);
        let etag = plain.etag.to_str().unwrap();
        for line in [etag, "*", &format!("W/{etag}"), &format!("\"x\" , {etag}")] {
            let answer = plain.answer(&asking(header::IF_NONE_MATCH, line));
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{line}");
            assert_eq!(answer.headers()[header::ETAG], etag);
            assert!(!answer.headers().contains_key(header::CONTENT_TYPE));
        }
        for line in ["\"x\"", zstd.etag.to_str().unwrap(), etag.trim_matches('"')] {
            let answer = plain.answer(&asking(header::IF_NONE_MATCH, line));
            assert_eq!(answer.status(), StatusCode::OK, "{line}");
        }
    }

    #[test]
    fn compressed_bodies_decompress_to_the_text() {
        let text = "to be read again ".repeat(500);
        let packed = |encoding: Encoding| encoding.compress(text.as_bytes()).unwrap();
        let zstd = zstd::bulk::decompress(&packed(Encoding::Zstandard), 100_000).unwrap();
        let mut br = Vec::new();
        brotli::BrotliDecompress(&mut &*packed(Encoding::Brotli), &mut br).unwrap();
        let mut gz = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::GzDecoder::new(&*packed(Encoding::Gzip)),
            &mut gz,
        )
        .unwrap();
        assert!(zstd == text.as_bytes() && br == text.as_bytes() && gz == text);
    }
}
