//! The benchmark's Rust program: fills databases, serves baselines, and runs clients that wrk cannot be.
//!
//! `tests/bench/run` builds and runs it; it is not part of the server. Every command prints one line of JSON. Must
//! never use a part of Afterword that the server itself does not run. Next: `seed.rs`, `store.rs`.

mod baseline;
mod client;
mod listen;
mod paced;
mod raw;
mod seed;
mod store;
mod unit;
mod vocabulary;

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// The same allocator as the packaged server.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
enum Command {
    /// Fill a new database.
    Seed {
        /// The data folder; must not exist.
        folder: PathBuf,
        /// Threads at /posts/N/.
        #[arg(long)]
        threads: i64,
        /// Comments in each of them.
        #[arg(long)]
        each: i64,
        /// Comments of one more thread, at /long/.
        #[arg(long, default_value_t = 0)]
        long: i64,
    },
    /// Post through the store alone: the throughput of group commit.
    Store {
        /// The data folder.
        folder: PathBuf,
        /// The number of clients that wait for commits at once.
        #[arg(long)]
        clients: usize,
        /// Seconds to run.
        #[arg(long)]
        seconds: f64,
    },
    /// The same statements by rusqlite alone, in batches of one size.
    Raw {
        /// The data folder.
        folder: PathBuf,
        /// Posts in one transaction.
        #[arg(long)]
        batch: usize,
        /// Seconds to run.
        #[arg(long)]
        seconds: f64,
    },
    /// Serve one body for every request, from Afterword's accept loop.
    Baseline {
        /// The address to listen on.
        #[arg(long)]
        listen: SocketAddr,
        /// The file with the body.
        #[arg(long)]
        body: PathBuf,
        /// Its headers, as NAME:VALUE.
        #[arg(long)]
        header: Vec<String>,
    },
    /// Open many event streams and post: the time until the first and the last reader have the event.
    Listen {
        /// The server's address.
        server: SocketAddr,
        /// The number of readers.
        #[arg(long)]
        readers: usize,
        /// The number of timed posts.
        #[arg(long)]
        posts: usize,
    },
    /// Request one path at a steady rate, and time each response from its scheduled start.
    Paced {
        /// The server's address.
        server: SocketAddr,
        /// The path.
        path: String,
        /// Requests per second.
        #[arg(long)]
        rate: u64,
        /// Seconds to run.
        #[arg(long)]
        seconds: u64,
    },
}

fn main() {
    let command = Command::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let said = match command {
        Command::Seed {
            folder,
            threads,
            each,
            long,
        } => seed::run(&folder, threads, each, long),
        Command::Store {
            folder,
            clients,
            seconds,
        } => store::run(&runtime, &folder, clients, seconds),
        Command::Raw {
            folder,
            batch,
            seconds,
        } => raw::run(&folder, batch, seconds),
        Command::Baseline { listen, body, header } => baseline::run(&runtime, listen, &body, &header),
        Command::Listen {
            server,
            readers,
            posts,
        } => runtime.block_on(listen::run(server, readers, posts)),
        Command::Paced {
            server,
            path,
            rate,
            seconds,
        } => runtime.block_on(paced::run(server, path, rate, seconds)),
    };
    println!("{said}");
}
