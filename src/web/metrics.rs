//! `/metrics` for Prometheus, on a listener of its own that is not public.
//!
//! Gauges are read when they are requested. Counters are in `app::metrics`, `app::rate_limit`, `store::metrics` and
//! [`crate::web::thread_cache`], where their events happen. docs/operate.md lists the names, and a test compares them.

use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text::encode},
    metrics::{
        counter::ConstCounter,
        family::Family,
        gauge::{ConstGauge, Gauge},
    },
    registry::Registry,
};
use warp::{
    http::{HeaderValue, Method, header},
    reply::Response,
};

use crate::{
    app::{Error, system_info},
    logging,
    service::health,
    store,
    web::{http::request::Incoming, route::Methods, state::Shared},
};

/// Answers `/metrics`.
pub(super) async fn handle(shared: Shared, request: Incoming) -> Result<Response, Error> {
    let app = &shared.app;
    if let Some(refusal) = request.refuse_method(Methods::READ, app) {
        return Ok(refusal);
    }
    let mut registry = Registry::default();
    app.metrics.register(&mut registry);
    app.store.register(&mut registry);
    app.limits.register(&mut registry);
    app.health.register(&mut registry);
    registry.register(
        "afterword_log_dropped_lines",
        "Lines of the log that were dropped, since they could not be written",
        ConstCounter::new(logging::dropped_lines()),
    );
    shared.threads.register(&mut registry);
    program(&mut registry, &app.config.database);
    let number = |registry: &mut Registry, name: &str, help: &str, value: u64| {
        gauge(registry, name, help, value as f64);
    };
    let max = app.config.max_connections as u64;
    number(
        &mut registry,
        "afterword_connections_max",
        "Connections at once, at the most",
        max,
    );
    let listeners = &shared.listeners;
    number(
        &mut registry,
        "afterword_live_readers",
        "Readers who listen for news",
        listeners.readers() as u64,
    );
    number(
        &mut registry,
        "afterword_live_threads",
        "Threads that somebody listens to",
        listeners.watched() as u64,
    );
    let writable = u64::from(health::writable(app).await.is_ok());
    number(
        &mut registry,
        "afterword_store_writable",
        "1 while the store takes writes",
        writable,
    );
    // While the database is unavailable its size is unknown; all other metrics are served.
    if let Ok(size) = app.store.size().await {
        number(
            &mut registry,
            "afterword_database_bytes",
            "Bytes of the database",
            size.database,
        );
        if let Some(log) = size.log {
            number(
                &mut registry,
                "afterword_wal_bytes",
                "Bytes of SQLite's write-ahead log",
                log,
            );
        }
    }
    if let Ok(room) = system_info::disk_space(&app.config.data) {
        number(
            &mut registry,
            "afterword_disk_free_bytes",
            "Bytes free where the data folder lies",
            room.free,
        );
        number(
            &mut registry,
            "afterword_disk_bytes",
            "Bytes in all where the data folder lies",
            room.total,
        );
    }
    process(&mut registry, app.started.0);
    let mut text = String::new();
    encode(&mut text, &registry).map_err(Error::internal)?;
    if request.method == Method::HEAD {
        text.clear();
    }
    let mut response = Response::new(text.into());
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Program {
    version: &'static str,
    engine: &'static str,
}

/// The version and the database engine of the program as labels; the value is always 1.
fn program(registry: &mut Registry, database: &str) {
    let programs = Family::<Program, Gauge>::default();
    let engine = if store::is_postgres(database) {
        "postgres"
    } else {
        "sqlite"
    };
    let version = env!("CARGO_PKG_VERSION");
    programs.get_or_create(&Program { version, engine }).set(1);
    registry.register(
        "afterword_build_info",
        "The program’s version and its database",
        programs,
    );
}

/// The metrics of the process, by the names that all Prometheus client libraries use.
fn process(registry: &mut Registry, started: i64) {
    gauge(
        registry,
        "process_start_time_seconds",
        "When it started, in seconds since 1970",
        started as f64 / 1e3,
    );
    let Some(process) = system_info::process_info() else {
        return;
    };
    for (name, help, value) in [
        ("process_resident_memory_bytes", "Memory held", process.resident),
        ("process_virtual_memory_bytes", "Memory mapped", process.mapped),
        ("process_open_fds", "Open file descriptors", process.descriptors),
        (
            "process_max_fds",
            "File descriptors that may be open",
            process.max_descriptors,
        ),
    ] {
        gauge(registry, name, help, value as f64);
    }
    registry.register(
        "process_cpu_seconds",
        "Seconds of processor time",
        ConstCounter::new(process.seconds),
    );
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: f64) {
    registry.register(name, help, ConstGauge::new(value));
}
