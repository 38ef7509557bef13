//! Changes of a thread as server-sent events (WHATWG HTML, 9.2), from `service::threads::live`.
//!
//! The bytes of an event are made once for all readers. A slow reader gets the latest state and not each one before it; a
//! reader who receives nothing is disconnected by `web::server::write_timeout`. The number of live readers is limited, and
//! each client has a share of it (`app::fair_share`): further ones are refused with `Retry-After`, and can read the thread
//! without live updates.

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

/// The time after which a browser reconnects, in milliseconds.
const RETRY_MS: u64 = 5_000;

#[derive(Serialize)]
struct LiveJson {
    version: i64,
    count: i64,
    open: bool,
    newest: Vec<i64>,
}

/// The bytes of an event. Its id is the thread's version: a reconnecting reader can see that nothing was missed; the server
/// does not need it.
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

/// `GET …/live`: the stream of events of a thread.
pub(super) async fn stream(shared: &Shared, request: Incoming, site: &str) -> Result<Response, Error> {
    let app = &shared.app;
    let site = find_site(app, &request, site).await?;
    let query: PageQuery = request.query()?;
    let page = Page::of(&site, query.page()?, query.page_id.as_deref())?;
    let mut response = if request.method == Method::HEAD {
        warp::reply().into_response()
    } else {
        let listeners = &shared.listeners;
        let permit = listeners
            .permits
            .take(request.client.network)
            .map_err(|_| Error {
                retry_after: Some(60),
                ..Error::with_message(
                    ErrorKind::Busy,
                    "Too many readers listen for news. Comments can be read as ever.",
                )
            })?;
        let updates = listeners.hub.join(app, site, page.key, event).await?;
        warp::reply::stream(events(updates, permit)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx buffers events until a buffer is full otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response::allow_any_origin(&mut response);
    Ok(response)
}

/// A live reader with the state that was sent last.
struct Reader {
    updates: watch::Receiver<LiveUpdate<Bytes>>,
    last: Option<Arc<Bytes>>,
    _permit: PoolPermit,
}

/// The present state, then each change of it, and a comment as a heartbeat in between. Ends when the server stops.
fn events(
    updates: watch::Receiver<LiveUpdate<Bytes>>,
    permit: PoolPermit,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + Sync + 'static {
    let reader = Reader {
        updates,
        last: None,
        _permit: permit,
    };
    futures_util::stream::unfold(reader, |mut reader| async move {
        if reader.last.is_some() {
            reader.updates.changed().await.ok()?;
        }
        let state = Arc::clone(&reader.updates.borrow_and_update().state);
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
