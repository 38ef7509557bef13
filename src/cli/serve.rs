//! `afterword serve`: opens the application, listens, prints the address, and serves until a signal stops it.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures_util::FutureExt as _;
use sd_notify::NotifyState;
use tokio::net::{TcpListener, TcpSocket};

use super::{open, open_files, signals};
use crate::{
    app::App,
    config::Loaded,
    jobs::{maintenance, supervisor},
    logging,
    service::{accounts::setup_link, sites::demo},
    store::{self, Migrate, files::DatabaseLock},
    web,
};

pub(super) fn run(loaded: Loaded) -> Result<(), String> {
    let Loaded {
        mut config, warnings, ..
    } = loaded;
    // Kept until the end of this function, so that the last lines are written before the process ends.
    let _log = logging::start(&config.log, config.log_format == "json")?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
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
    let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
    let ended = runtime.block_on(AssertUnwindSafe(serve(app)).catch_unwind());
    // Tasks that still run do not keep the process alive: their time was `stop_timeout`.
    runtime.shutdown_background();
    ended.unwrap_or_else(|_| Err("the server ended by a panic; its log says where".to_owned()))
}

async fn serve(app: App) -> Result<(), String> {
    // Before anything tells others that the server runs: whoever reads the greeting can stop it at once.
    let mut stop = signals::Stop::listen()?;
    let listener = listen(app.config.listen, "AFTERWORD_LISTEN")?;
    let metrics = match app.config.metrics_listen {
        Some(address) => Some(listen(address, "AFTERWORD_METRICS_LISTEN")?),
        None => None,
    };
    let shown = |error| open::explain(&app, error);
    let demo = demo::is_on(&app).await.map_err(shown)?;
    let setup = setup_link::create(&app).await.map_err(shown)?;
    greet(&app, demo, setup.as_deref());
    tell_systemd(NotifyState::Ready);
    if let Some(timeout) = sd_notify::watchdog_enabled() {
        tokio::spawn(supervisor::supervise(app.clone(), "watchdog", move || {
            say_alive(timeout)
        }));
    }
    let maintained = app.clone();
    tokio::spawn(supervisor::supervise(app.clone(), "maintenance", move || {
        maintenance::run(maintained.clone())
    }));
    let doors = web::listeners(&app);
    if let Some(listener) = metrics {
        tokio::spawn(serve_metrics(app.clone(), doors.metrics, listener));
    }
    let stopping = app.clone();
    web::server::serve(app.clone(), doors.public, listener, async move {
        let signal = stop.received().await;
        tracing::info!(signal, "stopping");
        tell_systemd(NotifyState::Stopping);
        tokio::spawn(async move {
            let signal = stop.received().await;
            tracing::info!(signal, "told to stop once more: connections are cut");
            stopping.cutting.cancel();
        });
    })
    .await;
    app.store.clean_up();
    Ok(())
}

/// Serves `/metrics` until the server stops.
async fn serve_metrics(app: App, service: web::Listener, first: TcpListener) {
    let (served, mut first) = (app.clone(), Some(first));
    supervisor::supervise(app, "metrics", move || {
        let (app, service, first) = (served.clone(), service.clone(), first.take());
        async move {
            let address = app.config.metrics_listen.unwrap_or(app.config.listen);
            let listener = first.map_or_else(|| listen(address, "AFTERWORD_METRICS_LISTEN"), Ok);
            match listener {
                Ok(listener) => {
                    let stopping = app.stopping.clone();
                    web::server::serve(app, service, listener, stopping.cancelled_owned()).await;
                }
                Err(error) => tracing::error!(error, "metrics cannot be answered"),
            }
        }
    })
    .await;
}

/// Length of the queue of connections to accept. If it is full, the system drops a browser's packets, and the browser
/// retries after one second, then three: a burst of connections would delay readers.
const LISTEN_BACKLOG: u32 = 4_096;
/// Send buffer per connection, in bytes, for clients that read slowly. By default the system would keep megabytes of
/// its memory for each of ten thousand connections.
const SEND_BUFFER_BYTES: u32 = 128 * 1024;

fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener, String> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let listening = socket.and_then(|socket| {
        // As in TcpListener::bind: a stopped server can be restarted at once.
        socket.set_reuseaddr(true)?;
        // Accepted connections inherit it.
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.bind(address)?;
        socket.listen(LISTEN_BACKLOG)
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

/// Notifies systemd, if it started the process.
fn tell_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told how the server is");
    }
}

/// Notifies systemd's watchdog, as often as the unit's `WatchdogSec` requires: a hung runtime sends nothing and is
/// restarted.
async fn say_alive(timeout: Duration) {
    loop {
        tokio::time::sleep(timeout / 3).await;
        tell_systemd(NotifyState::Watchdog);
    }
}

/// Maximum time that printing the greeting delays the server.
const GREETING_TIMEOUT: Duration = Duration::from_secs(1);

/// Prints the address and the setup link. On standard output and not in the log, since the setup link is a secret.
/// The server continues if nothing reads it.
fn greet(app: &App, demo: bool, setup: Option<&str>) {
    let base_url = &app.base_url;
    let mut text = format!(
        "Afterword {} serves on {} as {base_url}\n",
        env!("CARGO_PKG_VERSION"),
        app.config.listen
    );
    if app.config.base_url.is_empty() && !app.config.listen.ip().is_loopback() {
        tracing::warn!(
            "browsers will be sent to {base_url}: set AFTERWORD_BASE_URL to the address that they use, as in https://comments.example"
        );
    }
    if demo {
        text += &format!("Demo:  {base_url}/\n");
    }
    if let Some(token) = setup {
        text += &format!("Setup: {base_url}/admin/setup/{token}  (works once, for one hour)\n");
    }
    let (done, written) = std::sync::mpsc::channel();
    let writing = std::thread::Builder::new()
        .name("greeting".to_owned())
        .spawn(move || {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            let _ = done.send(());
        });
    if writing.is_ok() {
        // A full pipe without a reader never accepts it.
        let _ = written.recv_timeout(GREETING_TIMEOUT);
    }
}
