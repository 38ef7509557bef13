//! Deliberately slow clients: with request heads, with bodies, with reading responses.
//!
//! They come from many addresses of the loopback network, and reconnect when they are cut off, as an attacker does.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
    time::{sleep, timeout},
};

use super::target::thread;

/// Clients from one address; the server's default allows 200.
const PER_ADDRESS: usize = 100;

/// A running attack; it ends on drop.
pub(crate) struct Attack {
    stop: Arc<AtomicBool>,
    counts: Arc<Counts>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    open: AtomicUsize,
    cut: AtomicUsize,
}

impl Attack {
    /// Starts this number of clients, evenly of all kinds.
    pub(crate) fn start(address: SocketAddr, clients: usize) -> Self {
        let (stop, counts) = (Arc::<AtomicBool>::default(), Arc::<Counts>::default());
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&counts));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                for number in 0..clients {
                    let (stop, counts) = (Arc::clone(&stopped), Arc::clone(&counted));
                    tokio::spawn(client(address, number, stop, counts));
                    if number % 50 == 49 {
                        sleep(Duration::from_millis(10)).await;
                    }
                }
                while !stopped.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(50)).await;
                }
            });
        });
        Self {
            stop,
            counts,
            thread: Some(thread),
        }
    }

    /// The number of connected clients.
    pub(crate) fn open(&self) -> usize {
        self.counts.open.load(Ordering::Relaxed)
    }

    /// The number of clients that were cut off.
    pub(crate) fn cut(&self) -> usize {
        self.counts.cut.load(Ordering::Relaxed)
    }

    /// Waits for a limited time until this number is connected.
    pub(crate) fn wait_for(&self, open: usize) {
        for _ in 0..200 {
            if self.open() >= open {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Attack {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn client(to: SocketAddr, number: usize, stop: Arc<AtomicBool>, counts: Arc<Counts>) {
    let from = number / PER_ADDRESS;
    let from = Ipv4Addr::new(127, 1, (from / 250) as u8, (from % 250 + 1) as u8);
    while !stop.load(Ordering::Relaxed) {
        let socket = TcpSocket::new_v4().unwrap();
        // A small window: the server soon notices that nothing is read.
        let _ = socket.set_recv_buffer_size(2048);
        socket.bind(SocketAddr::new(from.into(), 0)).unwrap();
        let Ok(mut stream) = socket.connect(to).await else {
            sleep(Duration::from_millis(200)).await;
            continue;
        };
        counts.open.fetch_add(1, Ordering::Relaxed);
        let _ = torment(&mut stream, number % 4, &stop).await;
        counts.open.fetch_sub(1, Ordering::Relaxed);
        counts.cut.fetch_add(1, Ordering::Relaxed);
    }
}

/// Holds the connection as long as the server allows.
async fn torment(stream: &mut tokio::net::TcpStream, kind: usize, stop: &AtomicBool) -> std::io::Result<()> {
    match kind {
        0 => stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await?,
        1 => {
            let head = b"POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n";
            stream.write_all(head).await?;
        }
        2 => {
            let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", thread());
            for _ in 0..50 {
                stream.write_all(request.as_bytes()).await?;
            }
        }
        _ => (),
    }
    let mut answer = [0; 512];
    while !stop.load(Ordering::Relaxed) {
        match kind {
            0 | 1 => stream.write_all(b"a").await?,
            // Reads nothing at all; notices the end by writing.
            2 => {
                sleep(Duration::from_secs(1)).await;
                stream.write_all(b"\r\n").await?;
                continue;
            }
            _ => (),
        }
        // A response to half a request is the end: the server has timed it out.
        if timeout(Duration::from_millis(500), stream.read(&mut answer))
            .await
            .is_ok()
        {
            break;
        }
    }
    Ok(())
}
