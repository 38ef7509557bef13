//! Live readers of one thread and a writer: the time until all readers have an event.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    io::AsyncReadExt as _,
    io::AsyncWriteExt as _,
    sync::{mpsc, watch},
    time::timeout,
};

use super::{
    client::Connection,
    unit::ORIGIN,
    vocabulary::{Dice, hex},
};

const PAGE: &str = "https://blog.example/fifty-nine/";

/// One reader: reports when an event arrived, until told to end.
async fn reader(server: SocketAddr, heard: mpsc::UnboundedSender<Instant>, mut end: watch::Receiver<bool>) {
    let Ok(connection) = Connection::open(server).await else {
        return;
    };
    let mut io = connection.into_inner();
    let request = format!(
        "GET /api/v1/sites/blog/live?page={PAGE} HTTP/1.1\r\nHost: {server}\r\nAccept: text/event-stream\r\n\r\n"
    );
    if io.write_all(request.as_bytes()).await.is_err() {
        return;
    }
    let mut buffer = [0; 1024];
    loop {
        tokio::select! {
            count = io.read(&mut buffer) => match count {
                Ok(count) if count > 0 => {
                    // A heartbeat is a comment line, not an event.
                    if buffer[..count].windows(6).any(|window| window == b"data: ") {
                        let _ = heard.send(Instant::now());
                    }
                }
                _ => return,
            },
            _ = end.changed() => return,
        }
    }
}

/// Waits until this many have received it; returns the times, fewer after a timeout.
async fn hear(heard: &mut mpsc::UnboundedReceiver<Instant>, count: usize) -> Vec<Instant> {
    let mut times = Vec::with_capacity(count);
    while times.len() < count {
        match timeout(Duration::from_secs(15), heard.recv()).await {
            Ok(Some(at)) => times.push(at),
            _ => break,
        }
    }
    times.sort();
    times
}

/// Prints the number of listeners, and for each post the times of the first, the median and the last reader. Then it
/// waits for a line on standard input, so that the server can be inspected while they listen.
pub(crate) async fn run(server: SocketAddr, readers: usize, posts: usize) -> serde_json::Value {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let (end, ends) = watch::channel(false);
    for n in 0..readers {
        tokio::spawn(reader(server, heard.clone(), ends.clone()));
        if n % 100 == 99 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let listening = hear(&mut hears, readers).await.len();
    let mut writer = Connection::open(server).await.expect("a connection");
    let mut dice = Dice(Instant::now().elapsed().as_nanos() as u64 ^ u64::from(std::process::id()));
    let (mut first, mut middle, mut last, mut reached) = (Vec::new(), Vec::new(), Vec::new(), listening);
    for n in 0..posts {
        // Longer than the server's pause between two events.
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        let body =
            json!({"page": PAGE, "key": hex(&mut dice, 32), "name": "Ann", "text": format!("News {n}.")})
                .to_string();
        let request = format!(
            "POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: {server}\r\nOrigin: {ORIGIN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let began = Instant::now();
        let status = writer.ask(request.as_bytes()).await.expect("an answer");
        assert_eq!(status, 201, "a comment is taken");
        let times = hear(&mut hears, listening).await;
        reached = reached.min(times.len());
        let after = |at: Option<&Instant>| at.map_or(0, |at| (*at - began).as_micros() as u64);
        first.push(after(times.first()));
        middle.push(after(times.get(times.len() / 2)));
        last.push(after(times.last()));
    }
    println!(
        "{}",
        json!({"listening": listening, "reached": reached, "first_us": first, "middle_us": middle, "last_us": last})
    );
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
    let _ = end.send(true);
    json!({"ended": true})
}
