//! Each request's id: in the log, in `X-Request-Id`, and on the page or in the JSON of a failure.
//!
//! An owner who is told of a failure finds its line by the id. It says nothing about anybody: it is made here, or
//! comes from a proxy that is trusted, and then only if it looks like an id and not like an address or a path.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use warp::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The header, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an id that a proxy may give.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// An id. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a trusted proxy gave the request, else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap, peer_is_trusted: bool) -> Self {
        peer_is_trusted
            .then(|| given(headers))
            .flatten()
            .unwrap_or_else(Self::new)
    }

    /// Not to be foreseen and not to be counted by: how much goes on here is nobody's affair.
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

    /// As it is logged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Runs the work on a request so that [`current`] knows its id.
    pub async fn during<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// Puts it on the answer, unless others may show that answer again without asking: there it would be a lie.
    pub fn mark(&self, headers: &mut HeaderMap) {
        let kept = headers.get(header::CACHE_CONTROL).is_some_and(|value| {
            let value = value.as_bytes();
            value.starts_with(b"public, max-age=") && !value.starts_with(b"public, max-age=0,")
        });
        if !kept {
            headers.insert(HEADER, self.0.clone());
        }
    }
}

/// The id of the request that is being answered; none outside of one.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(|id| id.as_str().to_owned()).ok()
}

/// The only id in the headers, if it is well-formed.
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
    fn a_proxy_may_name_a_request_and_a_stranger_may_not() {
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(RequestId::of(&headers(&[id]), true).as_str(), id);
        assert_ne!(RequestId::of(&headers(&[id]), false).as_str(), id);
    }

    #[test]
    fn what_does_not_look_like_an_id_is_replaced() {
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
    fn an_answer_that_is_kept_elsewhere_has_none() {
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
