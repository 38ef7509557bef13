//! `afterword serve`: opens, listens, prints where, serves until it is told to stop.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
};

use sd_notify::NotifyState;
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use super::{open, open_files};
use crate::{
    config::Config,
    service::{App, demo, people, upkeep},
    store::{self, Migrate, files::DatabaseLock},
    web,
};

pub(super) fn run(mut config: Config) -> Result<(), String> {
    log_to_stderr(&config)?;
    let room = open_files::room_for(config.max_connections, config.database_connections);
    if room < config.max_connections {
        tracing::warn!(
            "the system allows too few open files for {} connections; {room} are served at once: raise the limit (LimitNOFILE= in systemd, ulimit -n in a shell), or set AFTERWORD_MAX_CONNECTIONS",
            config.max_connections
        );
        config.max_connections = room;
    }
    open::folder(&config.data)?;
    let _lock = if store::is_postgres(&config.database) {
        None
    } else {
        Some(DatabaseLock::take(&config.data.join(&config.database))?)
    };
    let app = open::app(config, Migrate::Always)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(32)
        .build();
    runtime
        .map_err(|error| format!("cannot start: {error}"))?
        .block_on(serve(app))
}

async fn serve(app: App) -> Result<(), String> {
    let listener = listen(app.config.listen, "AFTERWORD_LISTEN")?;
    let metrics = match app.config.metrics_listen {
        Some(address) => Some(listen(address, "AFTERWORD_METRICS_LISTEN")?),
        None => None,
    };
    let shown = |error| open::said(&app, error);
    let demo = demo::is_on(&app).await.map_err(shown)?;
    let setup = people::setup_link(&app).await.map_err(shown)?;
    greet(&app, demo, setup.as_deref());
    tell_systemd(NotifyState::Ready);
    let alive = tokio::spawn(say_alive());
    let mut terminate =
        signal(SignalKind::terminate()).map_err(|error| format!("cannot listen for signals: {error}"))?;
    let upkeep = tokio::spawn(upkeep::run(app.clone()));
    let doors = web::doors(&app);
    if let Some(listener) = metrics {
        let (app, stopping) = (app.clone(), app.stopping.clone());
        tokio::spawn(async move {
            web::server::serve(app, doors.metrics, listener, stopping.cancelled_owned()).await;
        });
    }
    web::server::serve(app.clone(), doors.public, listener, async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = tokio::signal::ctrl_c() => (),
        }
        tracing::info!("stopping");
        tell_systemd(NotifyState::Stopping);
    })
    .await;
    upkeep.abort();
    alive.abort();
    app.store.rest();
    Ok(())
}

/// Connections that wait to be taken up. Where the queue is full, the system drops what a browser sends, and
/// the browser tries again after a second, then three: one burst of strangers, and readers wait.
const WAITING: u32 = 4_096;
/// Bytes of an answer that the system keeps for a client who does not take them. Left alone it would keep
/// megabytes, of its own memory, for each of ten thousand.
const KEPT: u32 = 128 * 1024;

fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener, String> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let listening = socket.and_then(|socket| {
        // As TcpListener::bind does: a server that was stopped can be started again at once.
        socket.set_reuseaddr(true)?;
        // Accepted connections inherit it.
        socket.set_send_buffer_size(KEPT)?;
        socket.bind(address)?;
        socket.listen(WAITING)
    });
    listening.map_err(|error| {
        let remedy = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "another program listens there, perhaps Afterword itself: stop it, or "
            }
            io::ErrorKind::AddrNotAvailable => "this machine has no such address: ",
            io::ErrorKind::PermissionDenied => {
                "ports below 1024 are for root and for programs with the right CAP_NET_BIND_SERVICE: "
            }
            _ => "",
        };
        format!("cannot listen on {address}: {error}; {remedy}choose another address with {setting}")
    })
}

/// Tells systemd, where it started us and listens; elsewhere nothing happens.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told how the server is");
    }
}

/// As often as the unit's `WatchdogSec` wants it: a runtime that hangs says nothing, and is started anew.
async fn say_alive() {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    loop {
        tokio::time::sleep(patience / 3).await;
        tell_systemd(NotifyState::Watchdog);
    }
}

/// Tells the operator where it runs. To standard output and not to the log: the setup link is a secret. Where
/// nobody reads it any more, the server serves all the same.
fn greet(app: &App, demo: bool, setup: Option<&str>) {
    let base_url = &app.base_url;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(
        out,
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
        let _ = writeln!(out, "Demo:  {base_url}/");
    }
    if let Some(token) = setup {
        let _ = writeln!(
            out,
            "Setup: {base_url}/admin/setup/{token}  (works once, for one hour)"
        );
    }
}

fn log_to_stderr(config: &Config) -> Result<(), String> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| format!("log “{}” must be error, warn, info, debug or a filter such as info,afterword=debug: {error}; correct AFTERWORD_LOG", config.log))?;
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
