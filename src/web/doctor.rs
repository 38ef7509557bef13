//! `/healthz/doctor`: how a request looks from here, for `afterword doctor` alone.
//!
//! A proxy's configuration can only be judged by what arrives. The answer names addresses, so it is given to whoever
//! has the server's secret and to nobody else; for others there is nothing at this address.

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

/// How long a question may be under way, in milliseconds.
const TOKEN_LIFETIME_MS: i64 = 300 * SECOND;

/// How a request looked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ObservedRequest {
    /// The server's version.
    pub version: String,
    /// The other end of the connection.
    pub peer: Option<String>,
    /// Whether that is a trusted proxy.
    pub trusted: bool,
    /// The header in which a proxy says whom it speaks for.
    pub header: String,
    /// Whether that header was there.
    pub forwarded: bool,
    /// The network that limits count by.
    pub client: String,
    /// Why that may be somebody else.
    #[serde(default)]
    pub trouble: Option<ForwardingFault>,
    /// Whether a trusted proxy sent something unreadable since the server started.
    #[serde(default)]
    pub was_unreadable: bool,
}

/// What to send as a bearer token.
#[must_use]
pub fn token(app_secret: &secret::Secret, now: i64) -> String {
    let at = now.to_string();
    let mac = app_secret.token(Purpose::Doctor, &[&at]);
    format!("{at}.{mac}")
}

/// Answers it. Errors: `not_found` for everybody else.
pub(super) fn handle(app: &App, request: &Incoming) -> Result<Response, Error> {
    let asked = request.bearer().ok().filter(|token| is_ours(app, token));
    if asked.is_none() {
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

fn is_ours(app: &App, token: &str) -> bool {
    let Some((at, mac)) = token.split_once('.') else {
        return false;
    };
    let fresh = at
        .parse::<i64>()
        .is_ok_and(|at| (app.clock.now().0 - at).abs() <= TOKEN_LIFETIME_MS);
    fresh && secret::constant_time_eq(mac, &app.secret.token(Purpose::Doctor, &[at]))
}
