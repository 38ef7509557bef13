//! Connects to PostgreSQL: parses the URL once, uses TLS by rustls, and never shows the password.
//!
//! The server bounds the time of each statement. The client bounds it as well, for a server that does not answer at
//! all. `lock_timeout` and `statement_timeout` in the `options` of the URL take precedence.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, LoadBalanceHosts, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    UnitKind, availability,
    tx::{BoundedWait, Fault},
    worker::Worker,
};
use crate::store::Options;

/// Timeout for a connection to one host, with TLS and authentication.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(6);
/// Time that a statement may wait for a lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);

/// Timeout of a statement. Writes of maintenance may take longer than a reader waits.
fn statement_timeout(kind: UnitKind) -> Duration {
    Duration::from_secs(match kind {
        UnitKind::Read => 8,
        UnitKind::Write => 30,
    })
}

/// The configuration with which workers connect.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Connector {
    /// Parses a URL.
    ///
    /// # Errors
    /// A sentence without the password.
    pub(super) fn new(url: &str, options: &Options) -> Result<Self, String> {
        let mut config: Config = url.parse().map_err(|error| {
            format!(
                "the database URL in AFTERWORD_DATABASE is not of the form postgres://user:password@host/name: {error}; write special characters of the password as %40 and so on"
            )
        })?;
        config.application_name("afterword");
        availability::set_timeouts(&mut config, url);
        if config.get_ssl_mode() == SslMode::Prefer && url.contains("sslmode=") {
            config.ssl_mode(SslMode::Require);
        }
        let tls = MakeRustlsConnect::new(tls(options)?);
        Ok(Self { config, tls })
    }

    /// The servers and the database, for messages.
    pub(super) fn hosts(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate();
        let hosts: Vec<String> = hosts
            .map(|(n, host)| {
                let port = ports.get(n).or(ports.first()).copied().unwrap_or(5432);
                match host {
                    Host::Tcp(name) => format!("{name}:{port}"),
                    Host::Unix(folder) => format!("{}/.s.PGSQL.{port}", folder.display()),
                }
            })
            .collect();
        let database = self
            .config
            .get_dbname()
            .or(self.config.get_user())
            .unwrap_or_default();
        format!("{} (database “{database}”)", hosts.join(", "))
    }

    /// Connects, without a timeout for statements.
    ///
    /// # Errors
    /// No host accepts the connection.
    pub(super) fn connect(&self) -> Result<Worker, Fault> {
        self.connect_with(None)
    }

    /// Connects for units of work of this kind, with a timeout for each statement.
    ///
    /// # Errors
    /// No host accepts the connection.
    pub(super) fn connect_bounded(&self, kind: UnitKind) -> Result<Worker, Fault> {
        let timeout = statement_timeout(kind);
        // The timeout of the server comes first, since its error says more.
        let mut worker = self.connect_with(Some(timeout + Duration::from_secs(1)))?;
        let given = self.config.get_options().unwrap_or_default();
        for (name, bound) in [("lock_timeout", LOCK_TIMEOUT), ("statement_timeout", timeout)] {
            if !given.contains(name) {
                worker.set_up(&format!("SET {name} = {}", bound.as_millis()))?;
            }
        }
        Ok(worker)
    }

    /// Tries one host after the other, so that one that does not answer does not hide the next.
    fn connect_with(&self, timeout: Option<Duration>) -> Result<Worker, Fault> {
        let mut last = None;
        for config in each_host(&self.config) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|_| Fault::Silence(Duration::ZERO))?;
            let tls = self.tls.clone();
            match BoundedWait(&runtime, Some(CONNECT_TIMEOUT)).on(config.connect(tls)) {
                Ok((client, connection)) => {
                    runtime.spawn(connection);
                    return Ok(Worker::new(client, runtime, timeout));
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(Fault::Silence(Duration::ZERO)))
    }
}

/// A configuration for each host of `config`; `config` itself if it has one host.
fn each_host(config: &Config) -> Vec<Config> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let count = hosts.len().max(addresses.len());
    let in_order = config.get_load_balance_hosts() == LoadBalanceHosts::Disable;
    if count < 2
        || !in_order
        || (!hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len())
    {
        return vec![config.clone()];
    }
    let ports = config.get_ports();
    (0..count)
        .map(|n| {
            of_host(
                config,
                hosts.get(n),
                addresses.get(n),
                ports.get(n).or(ports.first()),
            )
        })
        .collect()
}

fn of_host(all: &Config, host: Option<&Host>, address: Option<&IpAddr>, port: Option<&u16>) -> Config {
    let mut one = Config::new();
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(name) = all.get_dbname() {
        one.dbname(name);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    match host {
        Some(Host::Tcp(name)) => drop(one.host(name)),
        Some(Host::Unix(path)) => drop(one.host_path(path)),
        None => (),
    }
    if let Some(address) = address {
        one.hostaddr(*address);
    }
    if let Some(port) = port {
        one.port(*port);
    }
    if let Some(bound) = all.get_connect_timeout() {
        one.connect_timeout(*bound);
    }
    if let Some(bound) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*bound);
    }
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.keepalives(all.get_keepalives())
        .keepalives_idle(all.get_keepalives_idle())
        .ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .target_session_attrs(all.get_target_session_attrs())
        .channel_binding(all.get_channel_binding());
    one
}

fn tls(options: &Options) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(file) = &options.ca_file {
        use rustls::pki_types::{CertificateDer, pem::PemObject as _};
        let unreadable = |error: &dyn std::fmt::Display| {
            format!(
                "cannot read certificates from {}: {error}; AFTERWORD_DATABASE_CA names a file of certificates in PEM",
                file.display()
            )
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
            roots
                .add(certificate.map_err(|error| unreadable(&error))?)
                .map_err(|error| unreadable(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_is_tried_with_everything_that_the_url_says() {
        let url = "postgres://ann:hush@one:5433,two,[::1]:5434/comments?sslmode=require&options=-c%20a%3Db&connect_timeout=2&target_session_attrs=read-write&keepalives=0&keepalives_idle=7&channel_binding=require";
        let config: Config = url.parse().unwrap();
        let all = each_host(&config);
        assert_eq!(all.len(), 3);
        for (n, one) in all.iter().enumerate() {
            assert_eq!(one.get_hosts(), &config.get_hosts()[n..=n]);
            assert_eq!(one.get_ports(), &config.get_ports()[n..=n]);
            // Everything but the host and the port is the same.
            let rest = |config: &Config| {
                let text = format!("{config:?}");
                let parts = text
                    .split(", ")
                    .filter(|part| !part.contains("host") && !part.contains("port"));
                parts.map(str::to_owned).collect::<Vec<_>>()
            };
            let (mine, whole) = (rest(one), rest(&config));
            assert!(
                mine.iter().all(|part| whole.contains(part)),
                "{mine:?} of {whole:?}"
            );
            assert_eq!(one.get_password(), config.get_password());
        }
        let single: Config = "postgres://a@one/x".parse().unwrap();
        assert_eq!(each_host(&single), std::slice::from_ref(&single));
    }

    #[test]
    fn a_server_that_accepts_and_never_answers_is_given_up() {
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://a@{}/x?sslmode=disable", mute.local_addr().unwrap());
        let connector = Connector::new(&url, &Options::default()).unwrap();
        let began = std::time::Instant::now();
        let error = connector.connect().err().expect("nobody answers");
        assert!(error.is_silence(), "{error}");
        assert!(began.elapsed() < CONNECT_TIMEOUT * 2, "{:?}", began.elapsed());
    }
}
