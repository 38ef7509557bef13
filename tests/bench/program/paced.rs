//! A reader with a steady request rate, whether or not the last response came: queueing time is counted.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::sync::{Mutex, mpsc};

use super::client::Connection;

/// Connections that are used in turn.
const CONNECTIONS: usize = 32;

/// Prints response times, measured from the scheduled start.
pub(crate) async fn run(server: SocketAddr, path: String, rate: u64, seconds: u64) -> serde_json::Value {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n");
    let (due, waiting) = mpsc::channel::<Instant>(usize::try_from(rate * seconds).unwrap_or(1).max(1));
    let waiting = Arc::new(Mutex::new(waiting));
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let (waiting, request) = (Arc::clone(&waiting), request.clone());
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(server).await.expect("a connection");
            let (mut took, mut failed) = (Vec::new(), 0_u64);
            loop {
                let next = waiting.lock().await.recv().await;
                let Some(at) = next else { break };
                match connection.ask(request.as_bytes()).await {
                    Ok(200) => took.push(at.elapsed().as_micros() as u64),
                    Ok(_) => failed += 1,
                    Err(_) => {
                        failed += 1;
                        connection = Connection::open(server).await.expect("a connection");
                    }
                }
            }
            (took, failed)
        }));
    }
    let start = Instant::now();
    for n in 0..rate * seconds {
        let at = start + Duration::from_nanos(n * 1_000_000_000 / rate);
        tokio::time::sleep_until(at.into()).await;
        due.send(at).await.expect("a connection that takes it");
    }
    drop(due);
    let (mut took, mut failed) = (Vec::new(), 0);
    for task in tasks {
        let (some, wrong) = task.await.expect("a reader");
        took.extend(some);
        failed += wrong;
    }
    took.sort_unstable();
    let at = |share: usize| took.get((took.len() * share / 1000).min(took.len().saturating_sub(1)));
    json!({"answers": took.len(), "failed": failed, "p50_us": at(500), "p99_us": at(990), "max_us": took.last()})
}
