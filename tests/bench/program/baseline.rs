//! One fixed body for every request, from Afterword's own accept loop: the lower bound of a read's cost.

use std::{net::SocketAddr, path::Path};

use afterword::{
    app::{App, secret::Secret},
    config::Config,
    model::time::Clock,
    store::{Options, Store},
    web,
};
use bytes::Bytes;
use warp::{
    Filter as _,
    http::{HeaderMap, HeaderName, HeaderValue},
    reply::Response,
};

/// Serves until it is stopped.
pub(crate) fn run(
    runtime: &tokio::runtime::Runtime,
    listen: SocketAddr,
    body: &Path,
    headers: &[String],
) -> serde_json::Value {
    let body = Bytes::from(std::fs::read(body).expect("the body"));
    let headers: HeaderMap = headers
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| {
            (
                name.parse::<HeaderName>().expect("a header's name"),
                HeaderValue::from_str(value.trim()).expect("a header's value"),
            )
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open("afterword.db", folder.path(), &Options::default()).expect("a store");
    let config = Config {
        listen,
        max_connections_per_address: 1_000_000,
        ..Config::default()
    };
    let secret = Secret::from_hex(&"5a".repeat(32)).expect("a secret");
    let app = App::new(config, store, secret, Clock::system());
    let routes = warp::any()
        .map(move || {
            let mut response = Response::new(body.clone().into());
            *response.headers_mut() = headers.clone();
            response
        })
        .boxed();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.expect("a free port");
        web::server::serve(app, routes, listener, async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await;
    });
    serde_json::json!({"stopped": true})
}
