//! A gate for writers: so many at once are let in, the next is asked to come back before anything is done for it.
//!
//! Rendering what people write takes processor time that readers need too, and a rush of writers would take all of
//! it before the full queue of the database refused the first. Who is turned away here lost nothing: nothing was
//! stored. What is rendered is mostly short, and done where the request is answered: handing it to another thread
//! costs more than the work. Long texts go to the blocking pool, and take turns there.

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::Error;

/// Writers at once. At the pace of one core and one disk that is a fraction of a second.
const WRITERS: usize = 512;
/// A text of so many bytes is short: rendered in a fraction of a millisecond, whatever it holds.
const SHORT: usize = 4 * 1024;

/// See the module.
pub(super) struct Gate {
    writers: Semaphore,
    turns: Semaphore,
}

impl Gate {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(WRITERS, cores)
    }

    fn of(writers: usize, turns: usize) -> Self {
        Self {
            writers: Semaphore::new(writers),
            turns: Semaphore::new(turns),
        }
    }

    /// Lets one more writer in, until what it gets is dropped. Errors: `busy`.
    pub(super) fn let_in(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.writers
            .try_acquire()
            .map_err(|_| Error::busy("too many write at once"))
    }

    /// Does work on this many bytes: here when they are few, else on the blocking pool, as many at once as there
    /// are cores.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        if bytes <= SHORT {
            return Ok(work());
        }
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Kind;

    #[test]
    fn who_comes_when_all_places_are_taken_is_asked_to_come_back() {
        let gate = Gate::of(2, 1);
        let (first, _second) = (gate.let_in().unwrap(), gate.let_in().unwrap());
        let error = gate.let_in().unwrap_err();
        assert_eq!((error.kind, error.retry_after), (Kind::Busy, Some(2)));
        drop(first);
        drop(gate.let_in().unwrap());
    }

    #[tokio::test]
    async fn long_work_is_done_elsewhere_and_short_work_here() {
        let gate = Gate::of(1, 1);
        let thread = || std::thread::current().id();
        assert_eq!(gate.work(SHORT, thread).await.unwrap(), thread());
        assert_ne!(gate.work(SHORT + 1, thread).await.unwrap(), thread());
    }
}
