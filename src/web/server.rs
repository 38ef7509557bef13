//! The accept loop: warp's routes behind a listener of this module, since warp's own listener has no timeouts.
//!
//! Connections are limited to [`ConnectionLimits::max_connections`], of which each client has a share
//! (`app::fair_share`). Behind a trusted proxy the client is the one that the proxy reports, and has a share of the
//! requests in flight. The head, the body and the response of a request have time limits each ([`crate::web::router`]); a
//! client that does not read its response is disconnected. Stopping waits for requests in flight up to a limit. Measured
//! reasons: docs/decisions/0002-warp-at-the-edge.md.

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

/// The limits of connections and their requests.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections at the same time.
    pub max_connections: usize,
    /// Connections of one network, or requests in flight of one network behind a trusted proxy.
    pub per_address: usize,
    /// The time limit for a head, for a body, for a response, and for each write of a response.
    pub timeout: Duration,
    /// The time limit for requests in flight when the server stops.
    pub drain: Duration,
}

impl ConnectionLimits {
    /// The limits of a configuration.
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

/// Serves connections until `shutdown` ends, then waits for requests in flight up to the limit.
pub async fn serve(
    app: App,
    routes: impl Into<Listener>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let Listener { routes, ready } = routes.into();
    let (limits, service) = (ConnectionLimits::new(&app.config), warp::service(routes));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let connections = Pool::new(limits.max_connections, limits.per_address);
    let in_flight = Pool::new(limits.max_connections, limits.per_address);
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
                    // Most likely all file descriptors are in use, until other connections end.
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
        let framing = LengthAndChunks::default();
        let seen = framing.clone();
        let in_flight = trusted.then(|| in_flight.clone());
        let handler = hyper::service::service_fn(move |request: Request<Body>| {
            respond(
                app.clone(),
                ready.clone(),
                inner.clone(),
                request,
                peer.ip().to_canonical(),
                in_flight.clone(),
                seen.clone(),
            )
        });
        // Boxed: a task has room for a future that is moved into it twice, while the connection lasts.
        let mut connection = Box::pin(http.serve_connection(
            TokioIo::new(WriteTimeout::new(io, limits.timeout, framing)),
            handler,
        ));
        let stop = stop.clone();
        tasks.spawn(async move {
            let _permits = (share, slot, connected);
            tokio::select! {
                // An error of a connection has no one to be reported to but the client, which is gone.
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

/// Answers one request. Requests that warp cannot handle safely are refused here; all others go to the routes.
async fn respond<S>(
    app: App,
    ready: Option<FastPath>,
    inner: S,
    mut request: Request<Body>,
    peer: IpAddr,
    in_flight: Option<Pool>,
    framing: LengthAndChunks,
) -> Result<warp::http::Response<impl HttpBody<Data = Bytes, Error = warp::Error>>, Infallible>
where
    S: hyper::service::Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let (started, method) = (Instant::now(), request.method().clone());
    strip_base_path(&app.base_url, &mut request);
    let route = Arc::new(Route::parse(request.uri().path()));
    let group = route.group(&method);
    let id = RequestId::of(request.headers(), in_flight.is_some());
    // RFC 9112, 6.1: the connection must be closed after a request that may be an attempt at smuggling. It is closed after
    // every chunked body.
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let refuse = |kind: ErrorKind| response::error(&kind.into(), Audience::Json, &app.base_url);
    let client = Network::of(forwarded::client(&app.config, peer, request.headers()));
    // A client without a proxy has a share of the connections instead.
    let share = in_flight.map(|requests| requests.take(client)).transpose();
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
        } else if chunked && (framing.seen() || !is_only_chunked(&request)) {
            refuse(ErrorKind::BadRequest)
        } else if !has_one_host(&request) || request.uri().path_and_query().is_none() {
            // hyper parses `POST somewhere HTTP/1.1` as a host without a path, and warp panics on it.
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
    // A panic while a request is answered fails this request alone.
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
    // The log has neither paths nor addresses: they show who reads what, and a setup link is a path.
    tracing::debug!(request = id.as_str(), %method, status = response.status().as_u16(), micros = started.elapsed().as_micros() as u64, "answered");
    Ok(response.map(|body| BodyWithPermit {
        body,
        _share: share.ok().flatten(),
    }))
}

/// A body that holds its client's permit for a request in flight until it is sent.
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

/// True if the number of `Host` fields is right (RFC 9112, 3.2): one since HTTP/1.1. Of two a proxy might route by one
/// and this server by the other.
fn has_one_host<B>(request: &Request<B>) -> bool {
    let least = usize::from(request.version() >= Version::HTTP_11);
    (least..=1).contains(&request.headers().get_all(header::HOST).iter().count())
}

/// True if `chunked` is the only transfer coding, and there once (RFC 9112, 6.3 and 7.1): a proxy might read any other
/// combination differently.
fn is_only_chunked<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    let first = codings
        .next()
        .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"));
    first && codings.next().is_none()
}

/// Adds the headers that every response has.
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

/// Removes the path of the base URL from the path of a request, for a proxy that does not remove it itself.
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
    fn the_base_path_is_removed() {
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
