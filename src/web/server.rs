//! The accept loop: warp behind our own listener, since warp's sets no timeout at all.
//!
//! A connection has a place among [`Limits::max_connections`] and among those of its address; a request
//! has so long for its head, its body and its answer ([`super::route`]); a client that does not take its
//! answer is cut off. Stopping drains for so long and no longer. Measured reasons:
//! docs/decisions/0002-warp-at-the-edge.md.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use hyper::{Request, Version, body::Incoming as Body, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use warp::{
    http::{HeaderValue, Method, Uri, header},
    reply::Response,
};

use super::{
    Door, metrics,
    raw_head::LengthAndChunks,
    ready::Ready,
    reply::{self, Face},
    request::Peer,
    request_id::RequestId,
    stall::Stall,
};
use crate::{
    config::Config,
    model::network::Network,
    service::{App, Error, Kind},
};

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one network.
    pub per_address: u32,
    /// For a head, for a body, for an answer, and for each part of an answer to be taken.
    pub timeout: Duration,
    /// For requests in hand when the server stops.
    pub drain: Duration,
}

impl Limits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            max_connections: config.max_connections,
            per_address: config.max_connections_per_address,
            timeout: Duration::from_secs(config.timeout),
            drain: Duration::from_secs(config.stop_timeout),
        }
    }
}

/// Live connections by network; a place is given back when it is dropped.
#[derive(Default, Clone)]
struct Places(Arc<Mutex<HashMap<Network, u32>>>);

struct Place(Places, Network);

impl Places {
    fn take(&self, address: IpAddr, most: u32) -> Option<Place> {
        let network = Network::of(address);
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(network).or_insert(0);
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place(self.clone(), network))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.1);
            }
        }
    }
}

/// Serves until `shutdown` ends, then lets requests in hand finish.
pub async fn serve(
    app: App,
    door: impl Into<Door>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let Door { routes, ready } = door.into();
    let (limits, service) = (Limits::new(&app.config), warp::service(routes));
    let (stop, tasks, places) = (CancellationToken::new(), TaskTracker::new(), Places::default());
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.timeout)
        .max_buf_size(32 * 1024)
        .max_headers(64);
    tokio::pin!(shutdown);
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            () = &mut shutdown => break,
        };
        let (io, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of file descriptors, most likely: others must end before it gets better.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let trusted = app.config.trusts(peer.ip());
        let place = places.take(peer.ip(), if trusted { u32::MAX } else { limits.per_address });
        if place.is_none() {
            app.metrics.refused();
            continue;
        }
        let connected = app.metrics.connected();
        let _ = io.set_nodelay(true);
        let inner = TowerToHyperService::new(service.clone());
        let (app, ready) = (app.clone(), ready.clone());
        let both = LengthAndChunks::default();
        let seen = both.clone();
        let handler = hyper::service::service_fn(move |request: Request<Body>| {
            one(
                app.clone(),
                ready.clone(),
                inner.clone(),
                request,
                (peer, trusted),
                seen.clone(),
            )
        });
        // Boxed: a task that takes it over has room for it twice, for as long as the connection lasts.
        let mut connection =
            Box::pin(http.serve_connection(TokioIo::new(Stall::new(io, limits.timeout, both)), handler));
        let stop = stop.clone();
        tasks.spawn(async move {
            let _held = (slot, place, connected);
            tokio::select! {
                // Errors of a connection are the client's affair.
                _ = connection.as_mut() => return,
                () = stop.cancelled() => (),
            }
            connection.as_mut().graceful_shutdown();
            let _ = timeout(limits.drain, connection).await;
        });
    }
    drop(listener);
    app.stopping.cancel();
    stop.cancel();
    tasks.close();
    tokio::select! {
        drained = timeout(limits.drain, tasks.wait()) => if drained.is_err() {
            tracing::warn!(connections = tasks.len(), "the time for stopping is over; connections are cut");
        },
        () = app.cutting.cancelled() => (),
    }
}

/// One request: what warp must not see is answered here, the rest goes to the routes.
async fn one<S>(
    app: App,
    ready: Option<Ready>,
    inner: S,
    mut request: Request<Body>,
    (peer, trusted): (SocketAddr, bool),
    both_lengths: LengthAndChunks,
) -> Result<Response, Infallible>
where
    S: hyper::service::Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let (started, method) = (Instant::now(), request.method().clone());
    strip_base_path(&app.base_url, &mut request);
    let group = metrics::group(&method, request.uri().path());
    let id = RequestId::of(request.headers(), trusted);
    // RFC 9112, 6.1: the connection must not go on behind a request that may be an attempt at smuggling; so it ends
    // behind every body in chunks.
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let refuse = |kind: Kind| reply::error(&kind.into(), Face::Json, &app.base_url);
    let answering = async {
        if method == Method::CONNECT {
            // warp 0.4.3 panics on a bare CONNECT (docs/decisions/0002-warp-at-the-edge.md).
            reply::method_not_allowed(
                "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
                Face::Json,
                &app.base_url,
            )
        } else if chunked && (both_lengths.seen() || !only_chunks(&request)) {
            refuse(Kind::BadRequest)
        } else if !one_host(&request) || request.uri().path_and_query().is_none() {
            // `POST somewhere HTTP/1.1` is a host without a path to hyper, and a panic to warp.
            refuse(Kind::BadRequest)
        } else if let Some(answer) = ready.and_then(|ready| ready.answer(&app, &request, peer)) {
            answer
        } else {
            request.extensions_mut().insert(Peer(Some(peer)));
            let Ok(response) = inner.call(request).await;
            response
        }
    };
    // A panic on the way to the answer is a failure of this request alone, and is answered as one.
    let answering = async {
        let answered = AssertUnwindSafe(answering).catch_unwind().await;
        answered.unwrap_or_else(|_| {
            reply::error(
                &Error::internal("answering it panicked"),
                Face::Json,
                &app.base_url,
            )
        })
    };
    let response = id.clone().during(answering).await;
    let mut response = with_common_headers(response, &app.base_url);
    id.mark(response.headers_mut());
    if chunked {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    app.metrics
        .answered(group, response.status().as_u16(), started.elapsed());
    // Paths and addresses stay out of the log: they tell who reads what, and a setup link is a path.
    tracing::debug!(request = id.as_str(), %method, status = response.status().as_u16(), micros = started.elapsed().as_micros() as u64, "answered");
    Ok(response)
}

/// RFC 9112, 3.2: exactly one Host since HTTP/1.1, since a proxy may route by one of two and we by the other.
fn one_host<B>(request: &Request<B>) -> bool {
    let least = usize::from(request.version() >= Version::HTTP_11);
    (least..=1).contains(&request.headers().get_all(header::HOST).iter().count())
}

/// RFC 9112, 6.3 and 7.1: a body comes in chunks, once, and in no other coding, since others may read it another way.
fn only_chunks<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    let first = codings
        .next()
        .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"));
    first && codings.next().is_none()
}

/// What every answer carries.
fn with_common_headers(mut response: Response, base_url: &str) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ));
    if base_url.starts_with("https://") {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Behind a proxy that hands `/comments/embed.js` through as it is, for a base URL with a path.
fn strip_base_path<B>(base_url: &str, request: &mut Request<B>) {
    let base_path = base_url.splitn(4, '/').nth(3).unwrap_or_default();
    if base_path.is_empty() {
        return;
    }
    let whole = request
        .uri()
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    if let Some(rest) = whole
        .strip_prefix(&format!("/{base_path}"))
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    {
        let rest = if rest.starts_with('/') {
            rest.to_owned()
        } else {
            format!("/{rest}")
        };
        if let Ok(uri) = rest.parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back() {
        let places = Places::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        let first = places.take(address, 1);
        assert!(first.is_some() && places.take(address, 1).is_none());
        let mapped = |last| IpAddr::from(std::net::Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped());
        assert!(places.take(mapped(1), 1).is_none(), "the same client");
        assert!(places.take(mapped(2), 1).is_some(), "another");
        drop(first);
        assert!(places.take(address, 1).is_some());
        assert!(places.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_base_path_is_taken_off() {
        let path = |base: &str, uri: &str| {
            let mut request = Request::builder().uri(uri).body(()).unwrap();
            strip_base_path(base, &mut request);
            request.uri().to_string()
        };
        assert_eq!(
            path("https://example.org/comments", "/comments/embed.js?a=1"),
            "/embed.js?a=1"
        );
        assert_eq!(path("https://example.org/comments", "/comments"), "/");
        assert_eq!(
            path("https://example.org/comments", "/commentsx/y"),
            "/commentsx/y"
        );
        assert_eq!(path("https://example.org", "/embed.js"), "/embed.js");
    }
}
