//! Threads of an engine. Each owns a connection, and is restarted after a panic.
//!
//! While one of them is down, the store is not healthy. The unit that it ran fails as unknown, since its caller's
//! channel closes; units in the queue are run by the next thread, on a new connection.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::store::metrics::StoreMetrics;

/// Time from a panic to the restart, and between attempts to restart.
const RESTART_AFTER: Duration = Duration::from_millis(500);

/// The threads of one engine.
#[derive(Clone)]
pub(super) struct WorkerThreads {
    down: Arc<AtomicUsize>,
    metrics: StoreMetrics,
}

impl WorkerThreads {
    /// No threads yet.
    pub(super) fn new(metrics: StoreMetrics) -> Self {
        Self {
            down: Arc::default(),
            metrics,
        }
    }

    /// Checks that all threads run.
    ///
    /// # Errors
    /// A thread has ended and is not restarted yet.
    pub(super) fn health(&self) -> Result<(), String> {
        match self.down.load(Ordering::Acquire) {
            0 => Ok(()),
            down => Err(format!(
                "{down} threads of the database ended and are being restarted"
            )),
        }
    }

    /// Runs `run` with the connection `first` on a new thread until it returns. After a panic it runs again, with the
    /// connection that `again` opens.
    ///
    /// # Errors
    /// The system refuses the thread.
    pub(super) fn spawn<C: Send + 'static>(
        &self,
        name: &'static str,
        first: C,
        mut again: impl FnMut() -> Result<C, String> + Send + 'static,
        mut run: impl FnMut(C) + Send + 'static,
    ) -> Result<(), String> {
        self.metrics.thread_begins(name);
        let threads = self.clone();
        let supervised = move || {
            let mut connection = Some(first);
            loop {
                let Some(own) = connection.take() else {
                    thread::sleep(RESTART_AFTER);
                    match again() {
                        Ok(new) => {
                            connection = Some(new);
                            threads.down.fetch_sub(1, Ordering::AcqRel);
                            tracing::info!(thread = name, "a thread of the database runs again");
                        }
                        Err(error) => {
                            tracing::error!(
                                thread = name,
                                error,
                                "a thread of the database cannot be restarted"
                            );
                        }
                    }
                    continue;
                };
                // Only the queue and the counters remain after a panic.
                if catch_unwind(AssertUnwindSafe(|| run(own))).is_ok() {
                    return;
                }
                threads.down.fetch_add(1, Ordering::AcqRel);
                threads.metrics.thread_ended(name);
            }
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(supervised)
            .map(|_| ())
            .map_err(|error| format!("cannot start the thread {name}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn until(what: &str, threads: &WorkerThreads, healthy: bool) {
        let began = Instant::now();
        while threads.health().is_ok() != healthy {
            assert!(began.elapsed() < Duration::from_secs(10), "{what}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn a_thread_that_panics_is_noticed_at_once_and_comes_back() {
        let threads = WorkerThreads::new(StoreMetrics::default());
        let (work, waiting) = crossbeam_channel::unbounded::<u32>();
        let (done, results) = crossbeam_channel::unbounded();
        let mut failures = 2;
        let again = move || {
            failures -= 1;
            if failures > 0 {
                Err("not yet".to_owned())
            } else {
                Ok("second")
            }
        };
        let run = move |connection| {
            for job in &waiting {
                assert_ne!(job, 0, "a panic on purpose");
                done.send((connection, job)).unwrap();
            }
        };
        threads.spawn("test", "first", again, run).unwrap();
        work.send(1).unwrap();
        assert_eq!(results.recv().unwrap(), ("first", 1));
        assert!(threads.health().is_ok(), "control");
        work.send(0).unwrap();
        until("it is noticed", &threads, false);
        work.send(2).unwrap();
        until("it comes back", &threads, true);
        assert_eq!(results.recv().unwrap(), ("second", 2), "what waited is done");
    }
}
