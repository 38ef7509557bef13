//! A gate for writers: so many at once are let in, the next is asked to come back before anything is done for it.
//!
//! Rendering what people write takes processor time that readers need too, and a rush of writers would take all of
//! it before the full queue of the database refused the first. Who is turned away here lost nothing: nothing was
//! stored. One client has its share of the places ([`crate::app::fair_share`]). What is rendered is mostly short, and done where the request is answered: handing it to another thread
//! costs more than the work. Long texts go to the blocking pool, and take turns there.

use tokio::sync::Semaphore;

use super::error::Error;
use crate::{
    app::fair_share::{Pool, PoolPermit},
    model::network::Network,
};

/// Writers at once. At the pace of one core and one disk that is a fraction of a second.
const MAX_WRITERS: usize = 512;
/// A text of so many bytes is short: rendered in a fraction of a millisecond, whatever it holds.
const INLINE_WORK_BYTES: usize = 4 * 1024;
/// Bytes of long work that wait or are being done at once: what they are made from is held in memory meanwhile.
const MAX_QUEUED_WORK_BYTES: usize = 64 * 1024 * 1024;

/// See the module.
pub(crate) struct Admission {
    writers: Pool,
    turns: Semaphore,
    /// A permit for each kilobyte of long work.
    long: Semaphore,
}

impl Admission {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(MAX_WRITERS, cores, MAX_QUEUED_WORK_BYTES)
    }

    fn of(writers: usize, turns: usize, long: usize) -> Self {
        Self {
            writers: Pool::new(writers, usize::MAX),
            turns: Semaphore::new(turns),
            long: Semaphore::new(long / 1024),
        }
    }

    /// Lets one more writer in, until what it gets is dropped. Errors: `busy`.
    pub(crate) fn admit(&self, network: Network) -> Result<PoolPermit, Error> {
        self.writers
            .take(network)
            .map_err(|_| Error::busy("too many write at once"))
    }

    /// Does work that costs as much as rendering `effort` bytes of text: here when it is little, else on the blocking
    /// pool, as many at once as there are cores. `held` bytes stay in memory until it is done.
    /// Errors: `busy` when too many bytes wait for that.
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
        let _long = self
            .long
            .try_acquire_many(kilobytes)
            .map_err(|_| Error::busy("too much waits to be rendered"))?;
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ErrorKind;

    #[test]
    fn who_comes_when_all_places_are_taken_is_asked_to_come_back() {
        let gate = Admission::of(2, 1, MAX_QUEUED_WORK_BYTES);
        let network = Network::of([192, 0, 2, 1].into());
        let (first, _second) = (gate.admit(network).unwrap(), gate.admit(network).unwrap());
        let error = gate.admit(network).unwrap_err();
        assert_eq!((error.kind, error.retry_after), (ErrorKind::Busy, Some(2)));
        drop(first);
        drop(gate.admit(network).unwrap());
    }

    #[test]
    fn one_client_does_not_take_all_places() {
        let gate = Admission::new();
        let mut held = Vec::new();
        for n in 0..2 * MAX_WRITERS {
            let address = format!("2001:db8:1:{n:x}::1");
            held.extend(gate.admit(Network::of(address.parse().unwrap())).ok());
        }
        assert!(held.len() > MAX_WRITERS / 8, "{}", held.len());
        gate.admit(Network::of([192, 0, 2, 1].into())).unwrap();
    }

    #[tokio::test]
    async fn long_work_is_done_elsewhere_and_short_work_here() {
        let gate = Admission::of(1, 1, MAX_QUEUED_WORK_BYTES);
        let thread = || std::thread::current().id();
        assert_eq!(
            gate.run_cpu_bound(INLINE_WORK_BYTES, INLINE_WORK_BYTES, thread)
                .await
                .unwrap(),
            thread()
        );
        assert_ne!(
            gate.run_cpu_bound(0, INLINE_WORK_BYTES + 1, thread)
                .await
                .unwrap(),
            thread()
        );
    }
    #[tokio::test]
    async fn long_work_that_waits_is_bounded_in_bytes() {
        use std::sync::Arc;
        let gate = Arc::new(Admission::of(1, 1, 20 * 1024));
        let (started, go) = (
            Arc::new(tokio::sync::Notify::new()),
            std::sync::mpsc::channel::<()>(),
        );
        let (inner, begun, wait) = (Arc::clone(&gate), Arc::clone(&started), go.1);
        let first = tokio::spawn(async move {
            inner
                .run_cpu_bound(12 * 1024, 12 * 1024, move || {
                    begun.notify_one();
                    let _ = wait.recv();
                })
                .await
        });
        started.notified().await;
        let refused = gate.run_cpu_bound(12 * 1024, 12 * 1024, || ()).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Busy);
        gate.run_cpu_bound(0, INLINE_WORK_BYTES, || ()).await.unwrap();
        drop(go.0);
        first.await.unwrap().unwrap();
        gate.run_cpu_bound(12 * 1024, 12 * 1024, || ()).await.unwrap();
    }
}
