//! Opening the application: data folder, secret, database. Shared by all commands.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use crate::{
    config::Config,
    model::time::Clock,
    service::{
        App,
        secret::{Secret, random_root},
    },
    store::{self, Options, Store, files},
};

/// Opens the application, creating what is missing. Must not be called inside an async runtime.
/// Errors: a sentence that names the thing and the remedy.
pub(super) fn app(config: Config) -> Result<App, String> {
    folder(&config.data)?;
    let secret = secret(&config)?;
    let options = Options {
        connections: config.database_connections,
        ca_file: config.database_ca.clone(),
        ..Options::default()
    };
    let store = Store::open(&config.database, &config.data, &options)?;
    Ok(App::new(config, store, secret, Clock::system()))
}

/// A runtime for a command that asks one thing.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map(|runtime| runtime.block_on(work))
        .map_err(|error| format!("cannot start: {error}"))
}

/// Creates the data folder, for nobody else to read.
pub(super) fn folder(path: &Path) -> Result<(), String> {
    files::create_folder(path).map_err(|error| {
        format!(
            "cannot create the data folder {}: {error}; choose another one with AFTERWORD_DATA",
            path.display()
        )
    })
}

/// The configured secret, or the one in the data folder; none if it is not made yet.
pub(super) fn existing_secret(config: &Config) -> Result<Option<Secret>, String> {
    if !config.secret.is_empty() {
        return Secret::from_hex(&config.secret).map(Some);
    }
    let file = config.data.join("secret.key");
    match fs::read_to_string(&file) {
        Ok(hex) => Secret::from_hex(&hex).map(Some).map_err(|wrong| {
            format!(
                "{}: {wrong}; restore the file, or delete it: all edit tokens and open forms end then, and readers count as new ones",
                file.display()
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot use {}: {error}", file.display())),
    }
}

/// Where a server that listens everywhere is asked from its own machine: on loopback.
pub(super) fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(if listen.is_ipv4() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        });
    }
    listen
}

/// [`existing_secret`], made the first time.
fn secret(config: &Config) -> Result<Secret, String> {
    if let Some(secret) = existing_secret(config)? {
        return Ok(secret);
    }
    let hex = files::read_or_create(&config.data.join("secret.key"), || {
        if store::is_postgres(&config.database) {
            tracing::warn!(
                "the secret is made for this machine alone; nodes that share the database must share AFTERWORD_SECRET"
            );
        }
        random_root()
    })?;
    Secret::from_hex(&hex)
}
