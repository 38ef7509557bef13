//! A narrow gate before what takes a core: so many at once, so many in line, the rest is asked to come back.
//!
//! Rendering what people write takes processor time that readers need too. Without the gate a rush of writers
//! would fill the blocking pool with threads, each as likely to run as those that answer readers. Who is turned
//! away here lost nothing: it is before anything was stored. The database has a line of its own ([`crate::store`]).

use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::{Error, Kind};

/// How many may stand in line. At the pace of one core that is a fraction of a second.
const LINE: usize = 256;

/// See the module.
pub(super) struct Gate {
    places: Semaphore,
    line: Semaphore,
}

impl Gate {
    /// As many at once as half of the cores.
    #[must_use]
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of((cores / 2).max(1), LINE)
    }

    fn of(places: usize, line: usize) -> Self {
        Self {
            places: Semaphore::new(places),
            line: Semaphore::new(line),
        }
    }

    /// Waits for a place, if there is room in the line. Errors: `busy`.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, Error> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _in_line = self.line.try_acquire().map_err(|_| Error {
            retry_after: Some(2),
            ..Kind::Busy.into()
        })?;
        self.places.acquire().await.map_err(Error::internal)
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_finds_the_line_full_is_turned_away_and_the_others_get_in() {
        let gate = std::sync::Arc::new(Gate::of(1, 2));
        let first = gate.enter().await.unwrap();
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let gate = std::sync::Arc::clone(&gate);
                tokio::spawn(async move { gate.enter().await.map(drop) })
            })
            .collect();
        while gate.line.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let error = gate.enter().await.unwrap_err();
        assert_eq!((error.kind, error.retry_after), (Kind::Busy, Some(2)));
        drop(first);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        drop(gate.enter().await.unwrap());
    }
}
