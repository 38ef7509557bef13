//! `afterword serve`: opens, listens, prints where, serves until it is told to stop.

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use super::open;
use crate::{
    config::Config,
    service::{App, demo, people, upkeep},
    store::{self, engine::sqlite::FolderLock},
    web,
};

pub(super) fn run(config: Config) -> Result<(), String> {
    log_to_stderr(&config)?;
    allow_files(config.max_connections);
    open::folder(&config.data)?;
    let _lock = if store::is_postgres(&config.database) {
        None
    } else {
        Some(FolderLock::take(&config.data)?)
    };
    let app = open::app(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(32)
        .build();
    runtime
        .map_err(|error| format!("cannot start: {error}"))?
        .block_on(serve(app))
}

async fn serve(app: App) -> Result<(), String> {
    let address = app.config.listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; choose another address with AFTERWORD_LISTEN")
    })?;
    let shown = |error: crate::service::Error| error.cause.unwrap_or_else(|| error.message.into_owned());
    let demo = demo::is_on(&app).await.map_err(shown)?;
    let setup = people::setup_link(&app).await.map_err(shown)?;
    greet(&app, demo, setup.as_deref());
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|error| format!("cannot listen for signals: {error}"))?;
    let upkeep = tokio::spawn(upkeep::run(app.clone()));
    web::server::serve(app.clone(), web::routes(&app), listener, async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = tokio::signal::ctrl_c() => (),
        }
        tracing::info!("stopping");
    })
    .await;
    upkeep.abort();
    Ok(())
}

/// Tells the operator where it runs. To standard output and not to the log: the setup link is a secret.
fn greet(app: &App, demo: bool, setup: Option<&str>) {
    let base_url = &app.base_url;
    println!(
        "Afterword {} serves on {} as {base_url}",
        env!("CARGO_PKG_VERSION"),
        app.config.listen
    );
    if app.config.base_url.is_empty() && !app.config.listen.ip().is_loopback() {
        tracing::warn!(
            "browsers will be sent to {base_url}: set AFTERWORD_BASE_URL to the address that they use, as in https://comments.example"
        );
    }
    if demo {
        println!("Demo:  {base_url}/");
    }
    if let Some(token) = setup {
        println!("Setup: {base_url}/admin/setup/{token}  (works once, for one hour)");
    }
}

/// Every connection is an open file: takes as many as the system gives this process, and says when they are too few.
fn allow_files(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let now = setrlimit(Resource::Nofile, raised).map_or(limit.current, |()| limit.maximum);
    // Beside connections: the database, its log, the listener.
    if let Some(now) = now.filter(|now| *now < connections as u64 + 64) {
        tracing::warn!(
            "the system allows {now} open files, too few for max_connections = {connections}; raise it (LimitNOFILE= in a systemd unit, ulimit -n in a shell) or set AFTERWORD_MAX_CONNECTIONS lower"
        );
    }
}

fn log_to_stderr(config: &Config) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| format!("log: “{}” is no filter: {error}", config.log))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let done = if config.log_format == "json" {
        log.json().try_init()
    } else {
        log.with_ansi(false).try_init()
    };
    done.map_err(|error| format!("cannot log: {error}"))
}
