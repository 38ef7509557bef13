//! The id of each request: in the log, in `X-Request-Id`, and on the page or in the JSON of a failure.
//!
//! It leads an owner from a reported failure to the line of the log. It contains nothing about the client: it is made
//! here, or comes from a trusted proxy, and then only if it looks like an id and not like an address or a path.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use warp::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The header of requests and responses.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The allowed numbers of characters of an id from a proxy.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a trusted proxy gave to the request, else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap, peer_is_trusted: bool) -> Self {
        peer_is_trusted
            .then(|| given(headers))
            .flatten()
            .unwrap_or_else(Self::new)
    }

    /// A new id, unpredictable so that it does not reveal the number of requests.
    fn new() -> Self {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let hash = KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
        let text = data_encoding::HEXLOWER.encode(&hash.to_be_bytes());
        Self(
            HeaderValue::try_from(text)
                .unwrap_or_else(|_| unreachable!("hexadecimal digits are a header's text")),
        )
    }

    /// The id as text, as the log has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Runs the work on a request; [`current`] returns the id during it.
    pub async fn during<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Puts the id into the headers of a response, unless a cache may use the response for other requests without
    /// revalidation.
    pub fn mark(&self, headers: &mut HeaderMap) {
        let is_cacheable = headers.get(header::CACHE_CONTROL).is_some_and(|value| {
            let value = value.as_bytes();
            value.starts_with(b"public, max-age=") && !value.starts_with(b"public, max-age=0,")
        });
        if !is_cacheable {
            headers.insert(HEADER, self.0.clone());
        }
    }
}

/// The id of the request that the current task answers; `None` outside of a request.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(|id| id.as_str().to_owned()).ok()
}

/// The id in the headers; `None` unless there is exactly one and it is well-formed.
fn given(headers: &HeaderMap) -> Option<RequestId> {
    let mut values = headers.get_all(HEADER).iter();
    let first = values.next()?;
    let fits = |text: &str| {
        LENGTH.contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (values.next().is_none() && first.to_str().is_ok_and(fits)).then(|| RequestId(first.clone()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_a_trusted_proxy_gives_an_id() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(RequestId::of(&headers(&[id]), true).as_str(), id);
        assert_ne!(RequestId::of(&headers(&[id]), false).as_str(), id);
    }

    #[test]
    fn a_malformed_id_is_replaced() {
        for bad in [
            "short",
            "192.0.2.1",
            "a b c d e f g h",
            "/admin/setup/x",
            &"a".repeat(65),
            "2001:db8::1:2:3",
        ] {
            assert_ne!(RequestId::of(&headers(&[bad]), true).as_str(), bad);
        }
        let twice = ["request-one", "request-two"];
        let id = RequestId::of(&headers(&twice), true);
        assert!(!twice.contains(&id.as_str()), "{id:?}");
    }

    #[test]
    fn ids_are_hexadecimal_and_differ() {
        let ids: HashSet<String> = (0..10_000)
            .map(|_| RequestId::new().as_str().to_owned())
            .collect();
        assert_eq!(ids.len(), 10_000);
        assert!(
            ids.iter()
                .all(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        );
    }

    #[test]
    fn a_response_for_shared_caches_has_none() {
        let marked = |caching: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
            RequestId::new().mark(&mut headers);
            headers.contains_key(HEADER)
        };
        assert!(marked("no-store") && marked("public, max-age=0, must-revalidate"));
        assert!(!marked("public, max-age=31536000, immutable") && !marked("public, max-age=600"));
    }
}
