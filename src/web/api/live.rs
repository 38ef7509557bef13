//! News of a thread as Server-Sent Events (WHATWG HTML, 9.2), from `service::threads::live`.
//!
//! The bytes of an event are made once for all readers. A reader who is slow gets the latest state and not
//! every one on the way; one who takes nothing is cut off by `web::server::write_timeout`. There are only so many readers at
//! once, and each client has its share of the places (`app::fair_share`): the others are asked to come back, and lose
//! nothing but the sight of it.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;
use warp::{
    Reply as _,
    http::{HeaderValue, Method, header},
    reply::Response,
};

use crate::{
    app::{Error, ErrorKind, fair_share::PoolPermit},
    service::threads::{
        live::{LiveState, LiveUpdate},
        page::Page,
    },
    web::{
        api::threads::{PageQuery, find_site},
        http::{request::Incoming, response},
        state::Shared,
    },
};

/// When a reader comes back whose connection broke, in milliseconds.
const RETRY_MS: u64 = 5_000;

#[derive(Serialize)]
struct LiveJson {
    version: i64,
    count: i64,
    open: bool,
    newest: Vec<i64>,
}

/// An event as it goes over the line. Its id tells a returning reader's server nothing that it needs, but lets
/// a reader see that nothing was missed.
fn event(state: &LiveState) -> Bytes {
    let data = LiveJson {
        version: state.version,
        count: state.count,
        open: state.open,
        newest: state.newest.iter().map(|id| id.0).collect(),
    };
    let data = serde_json::to_string(&data).unwrap_or_default();
    let version = state.version;
    format!("retry: {RETRY_MS}\nid: {version}\nevent: thread\ndata: {data}\n\n").into()
}

pub(super) async fn stream(shared: &Shared, request: Incoming, site: &str) -> Result<Response, Error> {
    let app = &shared.app;
    let site = find_site(app, &request, site).await?;
    let query: PageQuery = request.query()?;
    let page = Page::of(&site, query.page()?, query.page_id.as_deref())?;
    let mut response = if request.method == Method::HEAD {
        warp::reply().into_response()
    } else {
        let listeners = &shared.listeners;
        let place = listeners.places.take(request.client.network).map_err(|_| Error {
            retry_after: Some(60),
            ..Error::with_message(
                ErrorKind::Busy,
                "Too many readers listen for news. Comments can be read as ever.",
            )
        })?;
        let news = listeners.hub.join(app, site, page.key, event).await?;
        warp::reply::stream(sent(news, place)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would collect events until a buffer is full.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response::allow_any_origin(&mut response);
    Ok(response)
}

struct Reader {
    news: watch::Receiver<LiveUpdate<Bytes>>,
    last: Option<Arc<Bytes>>,
    _place: PoolPermit,
}

/// The state now, then whenever it changes; a comment as a sign of life between. Ends with the server.
fn sent(
    news: watch::Receiver<LiveUpdate<Bytes>>,
    place: PoolPermit,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + Sync + 'static {
    let reader = Reader {
        news,
        last: None,
        _place: place,
    };
    futures_util::stream::unfold(reader, |mut reader| async move {
        if reader.last.is_some() {
            reader.news.changed().await.ok()?;
        }
        let state = Arc::clone(&reader.news.borrow_and_update().state);
        let same = reader.last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &state));
        let bytes = if same {
            Bytes::from_static(b":\n\n")
        } else {
            Bytes::clone(&state)
        };
        reader.last = Some(state);
        Some((Ok(bytes), reader))
    })
}
