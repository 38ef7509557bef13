//! The values of all settings, typed.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use crate::config::limits::{Action, RateLimit};

/// Everything an operator may decide.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder for the database, the secret and the lock.
    pub data: PathBuf,
    /// `postgres://…`, or a SQLite file in `data`.
    pub database: String,
    /// Connections to the database.
    pub database_connections: usize,
    /// CA certificates for PostgreSQL, in PEM.
    pub database_ca: Option<PathBuf>,
    /// The comment origin as browsers see it, without a slash at the end; empty: from `listen`.
    pub base_url: String,
    /// 32 bytes or more in hexadecimal; empty: made once and kept in `data`.
    pub secret: String,
    /// Addresses of proxies whose forwarding header is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// The header that such proxies set, in lower case.
    pub forwarded_header: String,
    /// Log lines of this weight, as tracing's filter reads it.
    pub log: String,
    /// Where `/metrics` is answered; none: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// `text` or `json`.
    pub log_format: String,
    /// Limits by action.
    pub limits: [RateLimit; Action::ALL.len()],
    /// Memory for threads that are kept ready, in MiB.
    pub cache: u64,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one address (IPv6: one /64), unless it is a trusted proxy.
    pub max_connections_per_address: u32,
    /// Seconds for a request's head, its body, and for the client to take each part of the answer.
    pub timeout: u64,
    /// Seconds that requests in hand get when the server stops.
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

    /// Is this the address of a trusted proxy? `::ffff:192.0.2.1` is 192.0.2.1, as a socket for both kinds writes it.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }

    /// The limit of an action.
    #[must_use]
    pub fn limit(&self, action: Action) -> RateLimit {
        self.limits[action as usize]
    }
}
