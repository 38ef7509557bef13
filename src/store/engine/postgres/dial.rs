//! How PostgreSQL is reached: the URL read once, TLS by rustls. Never shows the password.

use std::{collections::HashMap, sync::Arc};

use postgres::{
    Config,
    config::{Host, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Worker, reach};
use crate::store::Options;

/// Everything that a worker needs to connect.
#[derive(Clone)]
pub(super) struct Dial {
    config: Config,
    tls: MakeRustlsConnect,
}

impl Dial {
    /// Errors: a sentence without the password.
    pub(super) fn new(url: &str, options: &Options) -> Result<Self, String> {
        let mut config: Config = url.parse().map_err(|error| {
            format!(
                "the database URL in AFTERWORD_DATABASE is not of the form postgres://user:password@host/name: {error}; write special characters of the password as %40 and so on"
            )
        })?;
        config.application_name("afterword");
        reach::bound(&mut config, url);
        if config.get_ssl_mode() == SslMode::Prefer && url.contains("sslmode=") {
            config.ssl_mode(SslMode::Require);
        }
        let tls = MakeRustlsConnect::new(tls(options)?);
        Ok(Self { config, tls })
    }

    /// The servers, for sentences.
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

    pub(super) fn connect(&self) -> Result<Worker, postgres::Error> {
        Ok(Worker {
            client: self.config.connect(self.tls.clone())?,
            statements: HashMap::new(),
            elsewhere: false,
        })
    }
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
