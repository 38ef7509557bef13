//! Opening the application: data folder, secret, database. Shared by all commands.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use crate::{
    app::{
        App, Error, ErrorKind,
        secret::{Secret, random_root},
        secret_binding::{self, BindingState, SecretOwnership},
    },
    config::Config,
    model::time::Clock,
    store::{self, Migrate, Options, Store, StoreError, files, inspect},
};

/// The remedy for a lost secret.
pub(super) const LOST_SECRET: &str = "restore secret.key (or AFTERWORD_SECRET) from the backup that this database belongs with; if it is lost for good, `afterword secret replace` starts with a new one: edit links and votes of before then belong to nobody";

/// Opens the application, and creates what is missing. Must not be called inside an async runtime.
///
/// # Errors
/// A sentence that names the thing and the remedy.
pub(super) fn app(config: Config, migrate: Migrate) -> Result<App, String> {
    folder(&config.data)?;
    let found = existing_secret(&config)?;
    // Checked before any migration, since older programs, which would be started again, refuse a newer database. An
    // unreadable database is reported when it is opened.
    let options = options(&config, migrate);
    if let Ok(binding) = inspect::examine(
        &config.database,
        &config.data,
        &options,
        secret_binding::binding_state,
    ) {
        belongs(&config, binding, found.as_ref())?;
    }
    let store = store(&config, migrate)?;
    let secret = block_on(own_secret(&config, &store, found))??;
    Ok(App::new(config, store, secret, Clock::system()))
}

/// Opens the database only.
pub(super) fn store(config: &Config, migrate: Migrate) -> Result<Store, String> {
    Store::open(&config.database, &config.data, &options(config, migrate))
}

fn options(config: &Config, migrate: Migrate) -> Options {
    Options {
        connections: config.database_connections,
        ca_file: config.database_ca.clone(),
        migrate,
        ..Options::default()
    }
}

/// The name of the database for messages.
pub(super) fn database(config: &Config) -> String {
    if store::is_postgres(&config.database) {
        "the PostgreSQL database".to_owned()
    } else {
        config.data.join(&config.database).display().to_string()
    }
}

/// The message of a use case's error for the user of a command: invalid input, or the failed part and its cause.
pub(super) fn explain(app: &App, error: Error) -> String {
    match error.kind {
        ErrorKind::Internal | ErrorKind::Busy => format!(
            "{} cannot be used: {}; if its disk is full, make room; `afterword doctor` tells more",
            database(&app.config),
            error.cause.unwrap_or_else(|| error.message.into_owned())
        ),
        _ => error.message.into_owned(),
    }
}

/// Runs one future on a runtime of its own.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map(|runtime| runtime.block_on(work))
        .map_err(|error| format!("cannot start: {error}"))
}

/// Creates the data folder, accessible to its owner only.
pub(super) fn folder(path: &Path) -> Result<(), String> {
    files::create_folder(path).map_err(|error| {
        format!(
            "cannot use the data folder {}: {}",
            path.display(),
            files::explain_folder_error(path, &error)
        )
    })
}

/// The path of the secret that is not configured.
pub(super) fn secret_file(config: &Config) -> PathBuf {
    config.data.join("secret.key")
}

/// The configured secret, or the one in the data folder; `None` if it does not exist yet.
pub(super) fn existing_secret(config: &Config) -> Result<Option<Secret>, String> {
    if !config.secret.is_empty() {
        return Secret::from_hex(&config.secret).map(Some);
    }
    let file = secret_file(config);
    let shown = file.display();
    // Reading a pipe would block until it is written to.
    if fs::metadata(&file).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(format!(
            "{shown} is a device, a pipe or a socket, where a file is needed: move it away; {LOST_SECRET}"
        ));
    }
    match fs::read(&file) {
        Ok(hex) => Secret::from_hex(&String::from_utf8_lossy(&hex))
            .map(Some)
            .map_err(|wrong| format!("{shown} is damaged: {wrong}; {LOST_SECRET}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!(
            "cannot read {shown}: {}",
            files::explain_error(&file, &error)
        )),
    }
}

/// The address at which this machine reaches a server with this listen address; the unspecified address becomes
/// loopback.
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

/// The secret that the database is bound to: the found one, or a new one for an unbound database.
async fn own_secret(config: &Config, store: &Store, found: Option<Secret>) -> Result<Secret, String> {
    let unreadable = |error: StoreError| format!("{} cannot be used: {error}", database(config));
    let file = secret_file(config);
    let secret = match found {
        Some(secret) => secret,
        None => {
            let binding = store
                .read(secret_binding::binding_state)
                .await
                .map_err(unreadable)?;
            belongs(config, binding, None)?;
            let hex = files::read_or_create(&file, || {
                if store::is_postgres(&config.database) {
                    tracing::warn!(
                        "the secret is made for this machine alone; nodes that share the database must share AFTERWORD_SECRET"
                    );
                }
                random_root()
            })?;
            Secret::from_hex(&hex)?
        }
    };
    if config.secret.is_empty() {
        files::restrict_to_owner(&file);
    }
    match secret_binding::bind(store, &secret).await.map_err(unreadable)? {
        SecretOwnership::Own => Ok(secret),
        SecretOwnership::Foreign => Err(foreign(config)),
    }
}

/// Checks that the database is not bound to another secret than the found one.
///
/// # Errors
/// A sentence with the remedy.
fn belongs(config: &Config, binding: BindingState, found: Option<&Secret>) -> Result<(), String> {
    match (binding, found) {
        (BindingState::None, _) | (BindingState::Unknown, Some(_)) => Ok(()),
        (BindingState::Secret(known), Some(secret)) if known == secret.fingerprint() => Ok(()),
        (BindingState::Secret(_), Some(_)) => Err(foreign(config)),
        (BindingState::Secret(_) | BindingState::Unknown, None) => Err(format!(
            "{} is missing, and {} belongs to it; {LOST_SECRET}",
            secret_file(config).display(),
            database(config)
        )),
    }
}

fn foreign(config: &Config) -> String {
    let place = if config.secret.is_empty() {
        format!("in {}", secret_file(config).display())
    } else {
        "in AFTERWORD_SECRET".to_owned()
    };
    format!(
        "the secret {place} is not the one that {} belongs to; {LOST_SECRET}",
        database(config)
    )
}
