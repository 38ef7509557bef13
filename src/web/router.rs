//! One boxed warp filter for a listener, so that its type is one word and compiles fast: takes a request apart, collects its
//! bounded body, waits so long for the answer, and turns an error or a panic into a response.
//!
//! A warp rejection means “not this listener's”, never “your request failed”: whatever comes is answered, also what is
//! wrong (docs/decisions/0002-warp-at-the-edge.md).

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

/// How an area talks, and what it takes.
#[derive(Clone, Copy, Debug)]
pub struct AreaRules {
    /// To whom errors are told.
    pub audience: Audience,
    /// Bytes of a body at the most.
    pub max_body: usize,
}

impl AreaRules {
    /// Errors as JSON, and no body.
    pub const FOR_PROGRAMS: Self = Self {
        audience: Audience::Json,
        max_body: 0,
    };
}

/// Answers whatever `matched` lets through, by `handler`.
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
                        let patience = Duration::from_secs(app.config.timeout);
                        let reads = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
                        let body = if reads {
                            Vec::new()
                        } else {
                            bounded_body(&headers, body, max_body, patience).await?
                        };
                        let request =
                            Incoming::new(method, path.as_str(), query, headers, audience, peer, body);
                        in_time(patience, reads, handler(shared, route, request)).await
                    };
                    // A panic on the way to the answer is a failure of this request alone.
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

/// The body, within the bytes and the time that it may take. Errors: `body_too_large`, `request_timeout`, `bad_request`.
async fn bounded_body<S, B>(
    headers: &HeaderMap,
    body: S,
    most: usize,
    patience: Duration,
) -> Result<Vec<u8>, Error>
where
    S: futures_util::Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let too_large = is_announced_too_large(headers, most);
    if too_large && !is_worth_reading(headers, most) {
        return Err(ErrorKind::BodyTooLarge.into());
    }
    let (most, late) = if too_large {
        (0, ErrorKind::BodyTooLarge)
    } else {
        (most, ErrorKind::RequestTimeout)
    };
    let collected = timeout(patience, collect(body, most)).await;
    collected.map_err(|_| Error::from(late))?
}

/// Waits so long for an answer. What changes something is done to its end, whether or not its client waits:
/// what was stored must also be told to the cache and to the readers.
async fn in_time<F>(patience: Duration, reads: bool, answer: F) -> Result<Response, Error>
where
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    if reads {
        let late = |_| Err(Error::busy("an answer took too long"));
        return timeout(patience, answer).await.unwrap_or_else(late);
    }
    match timeout(patience, tokio::spawn(answer)).await {
        Ok(Ok(done)) => done,
        Ok(Err(panic)) => Err(Error::internal(panic)),
        Err(_) => Err(Error::unknown("a change took too long")),
    }
}

/// How much of a body that is too large is read and thrown away. Browsers send a form to its end before they look at the
/// answer: if the connection is closed earlier, they show an error of their own, and nobody reads why it was refused.
const THROWN_AWAY_BYTES: usize = 16 * 1024 * 1024;

/// The length that a body says beforehand to have.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Does the body say beforehand that it is too large?
fn is_announced_too_large(headers: &HeaderMap, most: usize) -> bool {
    announced(headers).is_some_and(|length| length > most as u64)
}

/// Is a body that is too large read, so that its sender sees the answer? Not where no body is taken at all, nor from whoever
/// asks before sending it.
fn is_worth_reading(headers: &HeaderMap, most: usize) -> bool {
    most > 0
        && !headers.contains_key(header::EXPECT)
        && announced(headers).is_none_or(|length| length <= THROWN_AWAY_BYTES as u64)
}

/// The body, at most `most` bytes, whether it says its length or comes in chunks.
async fn collect<S, B>(body: S, most: usize) -> Result<Vec<u8>, Error>
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
        if whole.len() + chunk.remaining() > most {
            let mut left = THROWN_AWAY_BYTES;
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
