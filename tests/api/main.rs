//! The API of `docs/api.md`, on the real server over a socket.
//!
//! With `AFTERWORD_TEST_ENGINE=postgres` the server uses PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod assets;
mod builds;
mod clocks;
mod dear_reads;
mod demo;
mod finding;
mod health;
mod kept;
mod links;
mod live;
mod metrics;
mod moderating;
mod names;
mod reading;
mod refusing;
mod request_ids;
mod thread_acts;
mod thread_refusals;
mod threads;
mod transport;
mod upkeep;
mod writing;

fn thread_path(query: &str) -> String {
    format!("/api/v1/sites/blog/thread?{query}")
}
