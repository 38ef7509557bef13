//! A TCP stream with a write timeout that passes the received bytes to [`crate::web::server::request_head`].
//!
//! hyper has no write timeout. Here a write without progress for the whole timeout is an error, which ends the connection
//! and frees its permit. Not `tokio-io-timeout`: the received bytes are scanned in the same wrapper, and a second wrapper
//! around each connection would hold two timers instead of one.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

use crate::web::server::request_head::{HeadScanner, LengthAndChunks};

/// A TCP stream whose writes fail without progress for `timeout`.
pub(crate) struct WriteTimeout {
    io: TcpStream,
    timeout: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    heads: HeadScanner,
}

impl WriteTimeout {
    /// Wraps a connection whose writes may wait for `timeout`. `framing` is set by a request with two lengths.
    #[must_use]
    pub(crate) fn new(io: TcpStream, timeout: Duration, framing: LengthAndChunks) -> Self {
        Self {
            io,
            timeout,
            deadline: None,
            heads: HeadScanner::new(framing),
        }
    }

    /// Returns the progress of a write; an error once it has been pending for the whole timeout.
    fn watch<T>(&mut self, cx: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.deadline = None;
            return progress;
        }
        let timeout = self.timeout;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(timeout)));
        if deadline.deadline() > Instant::now() && deadline.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client does not take its answer",
        )))
    }
}

impl AsyncRead for WriteTimeout {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        self.heads.follow(&buf.filled()[before..]);
        read
    }
}

impl AsyncWrite for WriteTimeout {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write(cx, buf);
        self.watch(cx, progress)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.watch(cx, progress)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.io).poll_flush(cx);
        self.watch(cx, progress)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
