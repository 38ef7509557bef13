//! A minimal HTTP/1.1 client: one kept-alive connection, responses with a length.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection.
pub(crate) struct Connection {
    io: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Opens it.
    pub(crate) async fn open(server: SocketAddr) -> io::Result<Self> {
        let io = TcpStream::connect(server).await?;
        io.set_nodelay(true)?;
        Ok(Self { io, read: Vec::new() })
    }

    /// Sends a request; returns the status once the whole response has arrived.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<u16> {
        self.io.write_all(request).await?;
        self.read.clear();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let count = self.io.read(&mut buffer).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.read.extend_from_slice(&buffer[..count]);
            if let Some((status, whole)) = parse(&self.read)
                && self.read.len() >= whole
            {
                return Ok(status);
            }
        }
    }

    /// The connection itself, for streams that are no plain response.
    pub(crate) fn into_inner(self) -> TcpStream {
        self.io
    }
}

/// The status of a response and its total length, once its head has arrived.
fn parse(bytes: &[u8]) -> Option<(u16, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok());
    Some((status, end + length.unwrap_or(0)))
}
