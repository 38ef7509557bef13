//! `afterword healthcheck`: requests `/healthz` from the server on this machine; for containers without curl.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use super::open;
use crate::config::Config;

pub(super) fn run(config: &Config) -> Result<(), String> {
    let address = open::reachable(config.listen);
    let failed = |error: std::io::Error| {
        format!(
            "no answer from {address}: {error}; is the server running, and does it listen there (AFTERWORD_LISTEN)?"
        )
    };
    let timeout = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, timeout).map_err(failed)?;
    stream.set_read_timeout(Some(timeout)).map_err(failed)?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .map_err(failed)?;
    let mut answer = String::new();
    stream.take(4_096).read_to_string(&mut answer).map_err(failed)?;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(format!(
            "{address} is not healthy: {}",
            answer.lines().next().unwrap_or("no answer")
        ))
    }
}
