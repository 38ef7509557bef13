//! The API of `docs/api.md`, on the real server over a socket.
//!
//! With `AFTERWORD_TEST_ENGINE=postgres` the server uses PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod after_commit;
mod assets;
mod clocks;
mod demo;
mod error_codes;
mod expensive_reads;
mod health;
mod links;
mod live;
mod lookup;
mod maintenance;
mod metrics;
mod moderation;
mod panics;
mod prerender;
mod reads;
mod request_ids;
mod reserved_names;
mod routes;
mod schedule;
mod thread_cache;
mod thread_log;
mod thread_refusals;
mod threads;
mod transport;
mod writes;

fn thread_path(query: &str) -> String {
    format!("/api/v1/sites/blog/thread?{query}")
}
