//! `/healthz/doctor`: describes the request as it arrives, for `afterword doctor` alone.
//!
//! The configuration of a proxy can only be checked by the requests that arrive. The response contains addresses, so it is
//! for clients that have the server's secret; all others get 404.

use serde::{Deserialize, Serialize};
use warp::{http::StatusCode, reply::Response};

pub use crate::web::http::forwarded::ForwardingFault;
use crate::{
    app::{
        App, Error, ErrorKind,
        secret::{self, Purpose},
    },
    model::time::SECOND,
    web::http::{forwarded, request::Incoming, response},
};

/// The lifetime of a token in milliseconds.
const TOKEN_LIFETIME_MS: i64 = 300 * SECOND;

/// A request as it arrived.
#[derive(Debug, Serialize, Deserialize)]
pub struct ObservedRequest {
    /// The server's version.
    pub version: String,
    /// The other end of the connection.
    pub peer: Option<String>,
    /// True if that is a trusted proxy.
    pub trusted: bool,
    /// The configured header in which proxies name the client.
    pub header: String,
    /// True if the request had that header.
    pub forwarded: bool,
    /// The network that limits count by.
    pub client: String,
    /// A reason why that may not be the client's network.
    #[serde(default)]
    pub trouble: Option<ForwardingFault>,
    /// True if a trusted proxy sent an element without an address since the server started.
    #[serde(default)]
    pub was_unreadable: bool,
}

/// The bearer token for a request at the time `now` in milliseconds.
#[must_use]
pub fn token(app_secret: &secret::Secret, now: i64) -> String {
    let at = now.to_string();
    let mac = app_secret.token(Purpose::Doctor, &[&at]);
    format!("{at}.{mac}")
}

/// Answers `/healthz/doctor`. Errors: `not_found` without a valid token.
pub(super) fn handle(app: &App, request: &Incoming) -> Result<Response, Error> {
    let token = request.bearer().ok().filter(|token| is_valid(app, token));
    if token.is_none() {
        return Err(ErrorKind::NotFound.into());
    }
    let config = &app.config;
    let seen = ObservedRequest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        peer: request.peer.map(|peer| peer.to_string()),
        trusted: request.peer.is_some_and(|peer| config.trusts(peer)),
        header: config.forwarded_header.clone(),
        forwarded: request.headers.contains_key(config.forwarded_header.as_str()),
        client: request.client.network.to_string(),
        trouble: request
            .peer
            .and_then(|peer| forwarded::read(config, peer, &request.headers).1),
        was_unreadable: forwarded::was_unreadable(),
    };
    Ok(response::json(StatusCode::OK, &seen))
}

/// True if a token was made with the secret of this server, within its lifetime.
fn is_valid(app: &App, token: &str) -> bool {
    let Some((at, mac)) = token.split_once('.') else {
        return false;
    };
    let fresh = at
        .parse::<i64>()
        .is_ok_and(|at| (app.clock.now().0 - at).abs() <= TOKEN_LIFETIME_MS);
    fresh && secret::constant_time_eq(mac, &app.secret.token(Purpose::Doctor, &[at]))
}
