//! The typed values of all settings.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use crate::config::limits::{Action, RateLimit};

/// The configuration of the server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The folder for the database, the secret and the lock.
    pub data: PathBuf,
    /// `postgres://…`, or a SQLite file in `data`.
    pub database: String,
    /// Number of database connections.
    pub database_connections: usize,
    /// CA certificates for PostgreSQL, in PEM.
    pub database_ca: Option<PathBuf>,
    /// The comment origin as browsers see it, without a trailing slash; empty: derived from `listen`.
    pub base_url: String,
    /// 32 bytes or more in hexadecimal; empty: generated once and kept in `data`.
    pub secret: String,
    /// Networks of proxies whose forwarding header is trusted.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// The header that these proxies set, in lower case.
    pub forwarded_header: String,
    /// Filter of log lines, in tracing's syntax.
    pub log: String,
    /// Address and port of `/metrics`; `None`: not served.
    pub metrics_listen: Option<SocketAddr>,
    /// `text` or `json`.
    pub log_format: String,
    /// Rate limits by action.
    pub limits: [RateLimit; Action::ALL.len()],
    /// Memory for cached threads, in MiB.
    pub cache: u64,
    /// Maximum simultaneous connections.
    pub max_connections: usize,
    /// Maximum simultaneous connections from one address (IPv6: one /64), except from trusted proxies.
    pub max_connections_per_address: u32,
    /// Seconds for a request's head, for its body, and for the client to take each part of the response.
    pub timeout: u64,
    /// Seconds that requests in progress get when the server stops.
    pub stop_timeout: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from("afterword-data"),
            database: "afterword.db".to_owned(),
            database_connections: 4,
            database_ca: None,
            base_url: String::new(),
            secret: String::new(),
            trusted_proxies: Vec::new(),
            forwarded_header: "x-forwarded-for".to_owned(),
            log: "info".to_owned(),
            metrics_listen: None,
            log_format: "text".to_owned(),
            limits: Action::ALL.map(Action::default_limit),
            cache: 20,
            max_connections: 10_000,
            max_connections_per_address: 200,
            timeout: 10,
            stop_timeout: 10,
        }
    }
}

impl Config {
    /// The comment origin, e.g. `https://comments.example` or `https://example.org/comments`.
    #[must_use]
    pub fn base_url(&self) -> String {
        if self.base_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.base_url.clone()
        }
    }

    /// Returns true if this is the address of a trusted proxy. `::ffff:192.0.2.1` counts as 192.0.2.1, as dual-stack sockets
    /// write it.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }

    /// The rate limit of an action.
    #[must_use]
    pub fn limit(&self, action: Action) -> RateLimit {
        self.limits[action as usize]
    }
}
