//! Admission of writers: a maximum number at once; further ones are refused with `busy` before any work is done for
//! them.
//!
//! Rendering texts takes processor time that readers need too. Many writers would take all of it before the full queue
//! of the database refused the first of them. A refused writer loses nothing, since nothing was stored. Each client has
//! its share of the permits ([`crate::app::fair_share`]).
//!
//! Most texts are short, and are rendered on the request's task, since another thread costs more than the work. Long
//! texts are rendered on the blocking pool, as many at once as there are cores.

use tokio::sync::Semaphore;

use super::error::Error;
use crate::{
    app::fair_share::{Pool, PoolPermit},
    model::network::Network,
};

/// Maximum number of writers at once. One core and one disk serve so many in a fraction of a second.
const MAX_WRITERS: usize = 512;
/// Maximum size of a short text, in bytes. It is rendered in a fraction of a millisecond, whatever its content.
const INLINE_WORK_BYTES: usize = 4 * 1024;
/// Maximum size of all long work that waits or runs, in bytes. Its input is held in memory.
const MAX_QUEUED_WORK_BYTES: usize = 64 * 1024 * 1024;

/// The permits of writers and of long work.
pub(crate) struct Admission {
    writers: Pool,
    /// One permit per core.
    cores: Semaphore,
    /// One permit per kilobyte of long work.
    queued: Semaphore,
}

impl Admission {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(MAX_WRITERS, cores, MAX_QUEUED_WORK_BYTES)
    }

    fn of(writers: usize, cores: usize, queued_bytes: usize) -> Self {
        Self {
            writers: Pool::new(writers, usize::MAX),
            cores: Semaphore::new(cores),
            queued: Semaphore::new(queued_bytes / 1024),
        }
    }

    /// Admits a writer until the permit is dropped.
    ///
    /// # Errors
    /// `busy` if all permits, or the client's share of them, are taken.
    pub(crate) fn admit(&self, network: Network) -> Result<PoolPermit, Error> {
        self.writers
            .take(network)
            .map_err(|_| Error::busy("too many write at once"))
    }

    /// Runs work that takes as long as rendering `effort` bytes of text: short work on this task, long work on the
    /// blocking pool. `held`: bytes that stay in memory until it is done.
    ///
    /// # Errors
    /// `busy` if too many bytes wait; `internal` if long work panicked.
    pub(crate) async fn run_cpu_bound<T: Send + 'static>(
        &self,
        held: usize,
        effort: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        if effort <= INLINE_WORK_BYTES {
            return Ok(work());
        }
        let kilobytes = u32::try_from(held / 1024).unwrap_or(u32::MAX);
        let _queued = self
            .queued
            .try_acquire_many(kilobytes)
            .map_err(|_| Error::busy("too much waits to be rendered"))?;
        let _core = self.cores.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ErrorKind;

    #[test]
    fn a_writer_without_a_permit_is_busy() {
        let admission = Admission::of(2, 1, MAX_QUEUED_WORK_BYTES);
        let network = Network::of([192, 0, 2, 1].into());
        let (first, _second) = (
            admission.admit(network).unwrap(),
            admission.admit(network).unwrap(),
        );
        let error = admission.admit(network).unwrap_err();
        assert_eq!((error.kind, error.retry_after), (ErrorKind::Busy, Some(2)));
        drop(first);
        drop(admission.admit(network).unwrap());
    }

    #[test]
    fn one_client_does_not_take_all_permits() {
        let admission = Admission::new();
        let mut held = Vec::new();
        for n in 0..2 * MAX_WRITERS {
            let address = format!("2001:db8:1:{n:x}::1");
            held.extend(admission.admit(Network::of(address.parse().unwrap())).ok());
        }
        assert!(held.len() > MAX_WRITERS / 8, "{}", held.len());
        admission.admit(Network::of([192, 0, 2, 1].into())).unwrap();
    }

    #[tokio::test]
    async fn long_work_runs_on_another_thread_and_short_work_on_this_one() {
        let admission = Admission::of(1, 1, MAX_QUEUED_WORK_BYTES);
        let thread = || std::thread::current().id();
        assert_eq!(
            admission
                .run_cpu_bound(INLINE_WORK_BYTES, INLINE_WORK_BYTES, thread)
                .await
                .unwrap(),
            thread()
        );
        assert_ne!(
            admission
                .run_cpu_bound(0, INLINE_WORK_BYTES + 1, thread)
                .await
                .unwrap(),
            thread()
        );
    }

    #[tokio::test]
    async fn waiting_long_work_is_bounded_in_bytes() {
        use std::sync::Arc;
        let admission = Arc::new(Admission::of(1, 1, 20 * 1024));
        let (started, go) = (
            Arc::new(tokio::sync::Notify::new()),
            std::sync::mpsc::channel::<()>(),
        );
        let (inner, begun, wait) = (Arc::clone(&admission), Arc::clone(&started), go.1);
        let first = tokio::spawn(async move {
            inner
                .run_cpu_bound(12 * 1024, 12 * 1024, move || {
                    begun.notify_one();
                    let _ = wait.recv();
                })
                .await
        });
        started.notified().await;
        let refused = admission
            .run_cpu_bound(12 * 1024, 12 * 1024, || ())
            .await
            .unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Busy);
        admission
            .run_cpu_bound(0, INLINE_WORK_BYTES, || ())
            .await
            .unwrap();
        drop(go.0);
        first.await.unwrap().unwrap();
        admission
            .run_cpu_bound(12 * 1024, 12 * 1024, || ())
            .await
            .unwrap();
    }
}
