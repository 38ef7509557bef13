//! What the benchmark needs in Rust: databases full of comments, baselines, and clients that wrk cannot be.
//!
//! `tests/bench/run` builds and drives it; nothing of it is part of the server. Every command prints one line of
//! JSON. Must never use anything of Afterword that the server itself would not run. Next: `seed.rs`, `store.rs`.

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

/// The packaged server's own.
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
    /// Post through the store alone: what group commit gives.
    Store {
        /// The data folder.
        folder: PathBuf,
        /// How many wait for their commits at once.
        #[arg(long)]
        clients: usize,
        /// For how long.
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
        /// For how long.
        #[arg(long)]
        seconds: f64,
    },
    /// Serve one body, whatever is asked, from Afterword's accept loop.
    Baseline {
        /// Where.
        #[arg(long)]
        listen: SocketAddr,
        /// What.
        #[arg(long)]
        body: PathBuf,
        /// Its headers, as NAME:VALUE.
        #[arg(long)]
        header: Vec<String>,
    },
    /// Open many event streams and post: how long until the first and the last reader hear of it?
    Listen {
        /// The server.
        server: SocketAddr,
        /// How many.
        #[arg(long)]
        readers: usize,
        /// How many posts are timed.
        #[arg(long)]
        posts: usize,
    },
    /// Ask for one path at a steady pace, and time each answer from when it was due.
    Paced {
        /// The server.
        server: SocketAddr,
        /// The path.
        path: String,
        /// Requests in a second.
        #[arg(long)]
        rate: u64,
        /// For how long.
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
