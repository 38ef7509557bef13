//! The accept loop: warp behind our own listener, since warp's sets no timeout at all.
//!
//! A connection has a place among [`ConnectionLimits::max_connections`], of which a client has its share (`app::fair_share`);
//! behind a trusted proxy the client is whom that speaks for, and has its share of the requests in flight. A request
//! has so long for its head, its body and its answer ([`crate::web::router`]); a client that does not take its
//! answer is cut off. Stopping drains for so long and no longer. Measured reasons:
//! docs/decisions/0002-warp-at-the-edge.md.

pub(crate) mod request_head;
pub(crate) mod write_timeout;

use std::{
    convert::Infallible,
    future::Future,
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use hyper::{
    Request, Version,
    body::{Body as HttpBody, Frame, Incoming as Body, SizeHint},
    server::conn::http1,
};
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

use super::Listener;
use crate::{
    app::{
        App, Error, ErrorKind,
        fair_share::{Pool, PoolPermit},
    },
    config::Config,
    model::network::Network,
    web::{
        http::{
            forwarded,
            request::Peer,
            request_id::RequestId,
            response::{self, Audience},
        },
        route::{Methods, Route},
        server::{request_head::LengthAndChunks, write_timeout::WriteTimeout},
        thread_fast_path::FastPath,
    },
};

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections at once.
    pub max_connections: usize,
    /// Connections of one network at the most, and requests in flight of one behind a trusted proxy.
    pub per_address: usize,
    /// For a head, for a body, for an answer, and for each part of an answer to be taken.
    pub timeout: Duration,
    /// For requests in hand when the server stops.
    pub drain: Duration,
}

impl ConnectionLimits {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            max_connections: config.max_connections,
            per_address: config.max_connections_per_address as usize,
            timeout: Duration::from_secs(config.timeout),
            drain: Duration::from_secs(config.stop_timeout),
        }
    }
}

/// Serves until `shutdown` ends, then lets requests in hand finish.
pub async fn serve(
    app: App,
    door: impl Into<Listener>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let Listener { routes, ready } = door.into();
    let (limits, service) = (ConnectionLimits::new(&app.config), warp::service(routes));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let connections = Pool::new(limits.max_connections, limits.per_address);
    let handed_on = Pool::new(limits.max_connections, limits.per_address);
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
        let share = if trusted {
            connections.take_for_proxy()
        } else {
            connections.take(Network::of(peer.ip()))
        };
        let Ok(share) = share else {
            app.metrics.refused();
            continue;
        };
        let connected = app.metrics.connected();
        let _ = io.set_nodelay(true);
        let inner = TowerToHyperService::new(service.clone());
        let (app, ready) = (app.clone(), ready.clone());
        let both = LengthAndChunks::default();
        let seen = both.clone();
        let handed_on = trusted.then(|| handed_on.clone());
        let handler = hyper::service::service_fn(move |request: Request<Body>| {
            respond(
                app.clone(),
                ready.clone(),
                inner.clone(),
                request,
                peer.ip().to_canonical(),
                handed_on.clone(),
                seen.clone(),
            )
        });
        // Boxed: a task that takes it over has room for it twice, for as long as the connection lasts.
        let mut connection = Box::pin(
            http.serve_connection(TokioIo::new(WriteTimeout::new(io, limits.timeout, both)), handler),
        );
        let stop = stop.clone();
        tasks.spawn(async move {
            let _held = (share, slot, connected);
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
async fn respond<S>(
    app: App,
    ready: Option<FastPath>,
    inner: S,
    mut request: Request<Body>,
    peer: IpAddr,
    handed_on: Option<Pool>,
    both_lengths: LengthAndChunks,
) -> Result<warp::http::Response<impl HttpBody<Data = Bytes, Error = warp::Error>>, Infallible>
where
    S: hyper::service::Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let (started, method) = (Instant::now(), request.method().clone());
    strip_base_path(&app.base_url, &mut request);
    let route = Arc::new(Route::parse(request.uri().path()));
    let group = route.group(&method);
    let id = RequestId::of(request.headers(), handed_on.is_some());
    // RFC 9112, 6.1: the connection must not go on behind a request that may be an attempt at smuggling; so it ends
    // behind every body in chunks.
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let refuse = |kind: ErrorKind| response::error(&kind.into(), Audience::Json, &app.base_url);
    let client = Network::of(forwarded::client(&app.config, peer, request.headers()));
    // Whoever comes without a proxy has a share of the connections.
    let share = handed_on.map(|requests| requests.take(client)).transpose();
    let answering = async {
        if share.is_err() {
            response::error(&Error::rate_limited(1), Audience::Json, &app.base_url)
        } else if method == Method::CONNECT {
            // warp 0.4.3 panics on a bare CONNECT (docs/decisions/0002-warp-at-the-edge.md).
            response::method_not_allowed(
                Methods("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
                Audience::Json,
                &app.base_url,
            )
        } else if chunked && (both_lengths.seen() || !only_chunks(&request)) {
            refuse(ErrorKind::BadRequest)
        } else if !one_host(&request) || request.uri().path_and_query().is_none() {
            // `POST somewhere HTTP/1.1` is a host without a path to hyper, and a panic to warp.
            refuse(ErrorKind::BadRequest)
        } else if let Some(answer) = ready.and_then(|ready| ready.answer(&app, &route, &request, client)) {
            answer
        } else {
            request.extensions_mut().insert(Peer {
                address: peer,
                network: client,
            });
            request.extensions_mut().insert(route);
            let Ok(response) = inner.call(request).await;
            response
        }
    };
    // A panic on the way to the answer is a failure of this request alone, and is answered as one.
    let answering = async {
        let answered = AssertUnwindSafe(answering).catch_unwind().await;
        answered.unwrap_or_else(|_| {
            response::error(
                &Error::internal("answering it panicked"),
                Audience::Json,
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
    Ok(response.map(|body| BodyWithPermit {
        body,
        _share: share.ok().flatten(),
    }))
}

/// A body that holds its client's share of the requests in flight until it is sent.
struct BodyWithPermit<B> {
    body: B,
    _share: Option<PoolPermit>,
}

impl<B: HttpBody + Unpin> HttpBody for BodyWithPermit<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
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
