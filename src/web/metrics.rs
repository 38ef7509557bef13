//! `/metrics` for Prometheus, on a listener of its own: never where readers are.
//!
//! Everything is read off when it is asked for; what must be counted as it happens is counted in
//! `app::metrics`, `app::rate_limit`, `store::metrics` and [`crate::web::thread_cache`]. docs/operate.md lists the names, and
//! a test compares.

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
    web::http::{request::Incoming, response::Audience},
};

/// Answers `/metrics`.
pub async fn handle(request: Incoming) -> Result<Response, Error> {
    if let Some(refusal) = request.refuse_writes(Audience::Json) {
        return Ok(refusal);
    }
    let mut registry = Registry::default();
    let app = &request.app;
    app.metrics.register(&mut registry);
    app.store.register(&mut registry);
    app.limits.register(&mut registry);
    app.health.register(&mut registry);
    registry.register(
        "afterword_log_dropped_lines",
        "Lines of the log that were dropped, since they could not be written",
        ConstCounter::new(logging::dropped_lines()),
    );
    request.threads.register(&mut registry);
    program(&mut registry, &app.config.database);
    let number = |registry: &mut Registry, name: &str, help: &str, value: u64| {
        gauge(registry, name, help, value as f64);
    };
    let most = app.config.max_connections as u64;
    number(
        &mut registry,
        "afterword_connections_max",
        "Connections at once, at the most",
        most,
    );
    let listeners = &request.listeners;
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
    // A database that cannot be asked has no size; everything else is still worth knowing.
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

/// The group of routes that a request belongs to: a word of ours, never one of the path's.
#[must_use]
pub fn group(method: &Method, path: &str) -> &'static str {
    let mut segments = path.trim_start_matches('/').split('/');
    match segments.next() {
        Some("api") => match (method, segments.nth(3)) {
            (&Method::GET | &Method::HEAD, Some("thread")) => "thread",
            (&Method::GET | &Method::HEAD, Some("live")) => "live",
            (&Method::GET | &Method::HEAD, _) => "read",
            (&Method::OPTIONS, _) => "preflight",
            (_, Some("preview")) => "preview",
            _ => "write",
        },
        Some("embed.js" | "count.js" | "recent.js" | "embed" | "js" | "web" | "assets") => "script",
        Some("feeds") => "feed",
        Some("thread") => "page",
        Some("admin") => "admin",
        Some("healthz" | "readyz") => "health",
        Some("metrics") => "metrics",
        _ => "other",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Program {
    version: &'static str,
    engine: &'static str,
}

/// Which program this is; its value is always 1.
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

/// The names under which every exporter shows its process.
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
            process.most_descriptors,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_becomes_a_label() {
        for (method, path, expected) in [
            (Method::GET, "/api/v1/sites/blog/thread", "thread"),
            (Method::GET, "/api/v1/sites/blog/live", "live"),
            (Method::GET, "/api/v1/sites/blog/counts", "read"),
            (Method::POST, "/api/v1/sites/blog/comments", "write"),
            (Method::PUT, "/api/v1/sites/blog/comments/1/vote", "write"),
            (Method::POST, "/api/v1/sites/blog/preview", "preview"),
            (Method::OPTIONS, "/api/v1/sites/blog/comments", "preflight"),
            (Method::GET, "/embed.js", "script"),
            (Method::GET, "/admin/setup/secret-token", "admin"),
            (Method::GET, "/", "other"),
            (Method::GET, "/wp-login.php", "other"),
        ] {
            assert_eq!(group(&method, path), expected, "{method} {path}");
        }
    }
}
