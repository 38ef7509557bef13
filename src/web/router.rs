//! The routes of a listener as one warp filter, boxed so that its type is short and compiles fast: takes a request apart,
//! collects its body within a limit, waits for the response up to a time limit, and turns an error or a panic into a
//! response.
//!
//! A warp rejection means that a path does not belong to the listener, never that a request failed: every other request is
//! answered (docs/decisions/0002-warp-at-the-edge.md).

use std::{convert::Infallible, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;
use warp::{
    Buf, Filter, Reply as _,
    filters::BoxedFilter,
    http::{HeaderMap, Method, header},
    path::FullPath,
    reply::Response,
};

use crate::{
    app::{Error, ErrorKind},
    web::{
        http::{
            language,
            request::{Incoming, Peer},
            response::{self, Audience},
        },
        route::{Area, Route},
        state::Shared,
    },
};

/// All routes of a listener.
pub type Routes = BoxedFilter<(Response,)>;

/// The audience of errors and the largest body of an area.
#[derive(Clone, Copy, Debug)]
pub struct AreaRules {
    /// The audience of errors.
    pub audience: Audience,
    /// The largest body in bytes; 0: no body is accepted.
    pub max_body: usize,
}

impl AreaRules {
    /// Errors as JSON, no body.
    pub const FOR_PROGRAMS: Self = Self {
        audience: Audience::Json,
        max_body: 0,
    };
}

/// The filter that answers each request that `matched` accepts by `handler`.
pub fn routes<H, F>(
    matched: BoxedFilter<()>,
    shared: &Shared,
    rules: fn(Area) -> AreaRules,
    handler: H,
) -> Routes
where
    H: Fn(Shared, Route, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    let shared = shared.clone();
    let raw_query = warp::query::raw().or_else(|_| async { Ok::<_, Infallible>((String::new(),)) });
    matched
        .and(warp::method())
        .and(warp::path::full())
        .and(raw_query)
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<Peer>())
        .and(warp::ext::optional::<Arc<Route>>())
        .and(warp::body::stream())
        .then(
            move |method: Method,
                  path: FullPath,
                  query: String,
                  headers: HeaderMap,
                  peer: Option<Peer>,
                  route: Option<Arc<Route>>,
                  body| {
                let (shared, handler) = (shared.clone(), handler.clone());
                async move {
                    let app = shared.app.clone();
                    let route = route.map_or_else(|| Route::parse(path.as_str()), Arc::unwrap_or_clone);
                    let AreaRules { audience, max_body } = rules(route.area());
                    let audience = language::audience(audience, &headers, &query);
                    let is_head = method == Method::HEAD;
                    let answered = async {
                        let limit = Duration::from_secs(app.config.timeout);
                        let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
                        let body = if reads {
                            Vec::new()
                        } else {
                            bounded_body(&headers, body, max_body, limit).await?
                        };
                        let request =
                            Incoming::new(method, path.as_str(), query, headers, audience, peer, body);
                        in_time(limit, reads, handler(shared, route, request)).await
                    };
                    // A panic while a request is answered fails this request alone.
                    let answered = AssertUnwindSafe(answered).catch_unwind().await;
                    let answered = answered.unwrap_or_else(|_| Err(Error::internal("answering it panicked")));
                    let mut response =
                        answered.unwrap_or_else(|error| response::error(&error, audience, &app.base_url));
                    if is_head {
                        *response.body_mut() = warp::reply().into_response().into_body();
                    }
                    response
                }
            },
        )
        .boxed()
}

/// Collects a body of at most `max` bytes within `limit`. Errors: `body_too_large`, `request_timeout`, `bad_request`.
async fn bounded_body<S, B>(
    headers: &HeaderMap,
    body: S,
    max: usize,
    limit: Duration,
) -> Result<Vec<u8>, Error>
where
    S: futures_util::Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let too_large = is_announced_too_large(headers, max);
    if too_large && !is_discarded(headers, max) {
        return Err(ErrorKind::BodyTooLarge.into());
    }
    let (max, late) = if too_large {
        (0, ErrorKind::BodyTooLarge)
    } else {
        (max, ErrorKind::RequestTimeout)
    };
    let collected = timeout(limit, collect(body, max)).await;
    collected.map_err(|_| Error::from(late))?
}

/// Waits for a response for at most `limit`. A write runs to its end in a task of its own, even if the client is gone,
/// because the cache and the live readers must be notified of what was stored. Errors: those of the answer; `busy` for a
/// read that takes too long, `internal` for a panic.
async fn in_time<F>(limit: Duration, reads: bool, answer: F) -> Result<Response, Error>
where
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    if reads {
        let late = |_| Err(Error::busy("an answer took too long"));
        return timeout(limit, answer).await.unwrap_or_else(late);
    }
    match timeout(limit, tokio::spawn(answer)).await {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => Err(Error::internal(panic)),
        Err(_) => Err(Error::unknown("a change took too long")),
    }
}

/// The bytes of a body that is too large which are read and discarded. Browsers send a whole form before they read the
/// response: if the connection is closed earlier, they show an error page of their own instead of the reason.
const DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// The length of the body by `Content-Length`.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// True if `Content-Length` is above `max`.
fn is_announced_too_large(headers: &HeaderMap, max: usize) -> bool {
    announced(headers).is_some_and(|length| length > max as u64)
}

/// True if a body that is too large is read, so that its sender sees the response: not where no body is accepted, and not
/// from a client that waits for `100 Continue`.
fn is_discarded(headers: &HeaderMap, max: usize) -> bool {
    max > 0
        && !headers.contains_key(header::EXPECT)
        && announced(headers).is_none_or(|length| length <= DISCARDED_BYTES as u64)
}

/// Collects a body of at most `max` bytes, with or without a known length. Errors: `body_too_large`, `bad_request`.
async fn collect<S, B>(body: S, max: usize) -> Result<Vec<u8>, Error>
where
    S: futures_util::Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let (mut body, mut whole) = (std::pin::pin!(body), Vec::new());
    while let Some(chunk) = body.next().await {
        let mut chunk = chunk.map_err(|error| Error {
            cause: Some(error.to_string()),
            ..ErrorKind::BadRequest.into()
        })?;
        if whole.len() + chunk.remaining() > max {
            let mut left = DISCARDED_BYTES;
            while let Some(Ok(chunk)) = body.next().await {
                left = left.saturating_sub(chunk.remaining());
                if left == 0 {
                    break;
                }
            }
            return Err(ErrorKind::BodyTooLarge.into());
        }
        while chunk.has_remaining() {
            let part = chunk.chunk();
            whole.extend_from_slice(part);
            let taken = part.len();
            chunk.advance(taken);
        }
    }
    Ok(whole)
}
