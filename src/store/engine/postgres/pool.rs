//! A pool: connections for one kind of unit, and the queue from which they take units.
//!
//! While no worker is connected, or every connection has been busy with one unit for [`STUCK_AFTER`], the next unit is
//! refused at once: it would only wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded};

use super::{
    UnitKind, WorkerThreads,
    tx::Fault,
    worker::{UnitFailure, Worker},
};
use crate::store::{
    StoreError,
    engine::{
        Job,
        postgres::{availability::Availability, connect::Connector},
        queue_full,
    },
};

/// Time between attempts to connect.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(200);
/// Time with one unit after which a connection is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(5);

/// Connections for one kind of unit, with their queue.
pub(super) struct Pool {
    kind: UnitKind,
    jobs: Sender<Job>,
    availability: Arc<Availability>,
    busy: Vec<BusySince>,
}

/// Why a unit was not queued.
pub(super) enum SubmitError {
    /// The queue has no room.
    Full,
    /// No connection can take it soon.
    Unavailable(StoreError),
}

impl SubmitError {
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }
}

impl From<SubmitError> for StoreError {
    fn from(refused: SubmitError) -> Self {
        match refused {
            SubmitError::Full => queue_full(),
            SubmitError::Unavailable(error) => error,
        }
    }
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn start(
        kind: UnitKind,
        connections: usize,
        queue: usize,
        connector: &Connector,
        threads: &WorkerThreads,
    ) -> Result<Arc<Self>, String> {
        let availability = Arc::new(Availability::of(connections));
        let (jobs, waiting) = bounded(queue);
        let name = match kind {
            UnitKind::Read => "postgres-reader",
            UnitKind::Write => "postgres-writer",
        };
        let mut all = Vec::new();
        for _ in 0..connections {
            let busy = BusySince::default();
            all.push(busy.clone());
            let (connector, waiting, availability) =
                (connector.clone(), waiting.clone(), Arc::clone(&availability));
            threads.spawn(
                name,
                (),
                || Ok(()),
                move |()| work(kind, &connector, &waiting, &availability, &busy),
            )?;
        }
        Ok(Arc::new(Self {
            kind,
            jobs,
            availability,
            busy: all,
        }))
    }

    /// Queues a unit.
    ///
    /// # Errors
    /// The queue is full, or no connection can take it soon.
    pub(super) fn submit(&self, job: Job) -> Result<(), SubmitError> {
        self.health()
            .map_err(|reason| SubmitError::Unavailable(StoreError::Busy(reason)))?;
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => SubmitError::Full,
            TrySendError::Disconnected(_) => {
                SubmitError::Unavailable(StoreError::Failed("the database is closed".into()))
            }
        })
    }

    /// Checks that a unit would run soon.
    ///
    /// # Errors
    /// The reason why it would not.
    pub(super) fn health(&self) -> Result<(), String> {
        if self.availability.is_lost() {
            return Err("PostgreSQL cannot be reached".into());
        }
        if self.busy.iter().all(|busy| busy.time() > STUCK_AFTER) {
            let what = match self.kind {
                UnitKind::Read => "read",
                UnitKind::Write => "write",
            };
            return Err(format!(
                "PostgreSQL holds up every connection for units that {what}: look for locks, or for a standby that is missing"
            ));
        }
        Ok(())
    }

    /// The number of units that wait.
    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }
}

/// The start of the unit that a connection runs, in milliseconds of the process; 0: it runs none.
#[derive(Clone, Default)]
struct BusySince(Arc<AtomicU64>);

impl BusySince {
    /// Marks the connection busy until the returned guard is dropped.
    fn begin(&self) -> impl Drop + use<> {
        struct End(BusySince);
        impl Drop for End {
            fn drop(&mut self) {
                self.0.0.store(0, Ordering::Release);
            }
        }
        self.0.store(now(), Ordering::Release);
        End(self.clone())
    }

    /// The time since the start of the unit.
    fn time(&self) -> Duration {
        match self.0.load(Ordering::Acquire) {
            0 => Duration::ZERO,
            since => Duration::from_millis(now().saturating_sub(since)),
        }
    }
}

/// Milliseconds since the first call; never 0.
fn now() -> u64 {
    static BEGAN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
}

/// A worker that counts as connected until it is dropped, even by a panic.
struct ConnectionGuard<'a>(Worker, &'a Availability);

impl<'a> ConnectionGuard<'a> {
    fn new(worker: Worker, availability: &'a Availability) -> Self {
        availability.record_connect();
        Self(worker, availability)
    }
}

impl Drop for ConnectionGuard<'_> {
    fn drop(&mut self) {
        self.1.record_loss();
    }
}

fn work(
    kind: UnitKind,
    connector: &Connector,
    waiting: &Receiver<Job>,
    availability: &Availability,
    busy: &BusySince,
) {
    let mut connection: Option<ConnectionGuard<'_>> = None;
    loop {
        let Some(connected) = &mut connection else {
            match connector.connect_bounded(kind) {
                Ok(worker) => connection = Some(ConnectionGuard::new(worker, availability)),
                Err(error) => {
                    if availability.record_failure(&error) && !refuse_waiting(waiting, &error) {
                        return;
                    }
                    thread::sleep(RECONNECT_INTERVAL);
                }
            }
            continue;
        };
        let Ok(mut job) = waiting.recv() else { return };
        let busy_guard = busy.begin();
        let mut outcome = connected.0.run(&mut job);
        if matches!(outcome, Err(UnitFailure::Before(_))) && !availability.is_doubtful() {
            // The server was gone while the connection was idle; nothing of the unit has run.
            match connector.connect_bounded(kind) {
                Ok(again) => {
                    connected.0 = again;
                    outcome = connected.0.run(&mut job);
                }
                Err(error) => outcome = Err(UnitFailure::Before(error)),
            }
        }
        if connected.0.is_unusable() || matches!(outcome, Err(UnitFailure::Before(_))) {
            connection = None;
        }
        drop(busy_guard);
        job.end(outcome.map_err(|ended| match ended {
            UnitFailure::Before(error) => unreachable_now(&error),
            UnitFailure::Within(error) => error,
        }));
    }
}

fn unreachable_now(error: &Fault) -> StoreError {
    StoreError::Busy(format!("PostgreSQL cannot be reached: {error}"))
}

/// Refuses all units that wait, since no server can be reached. Returns false if the store is closed.
fn refuse_waiting(waiting: &Receiver<Job>, error: &Fault) -> bool {
    loop {
        match waiting.try_recv() {
            Ok(job) => job.end(Err(unreachable_now(error))),
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_busy_from_the_beginning_of_a_unit_to_its_end() {
        let busy = BusySince::default();
        assert_eq!(busy.time(), Duration::ZERO, "idle");
        let busy_guard = busy.begin();
        thread::sleep(Duration::from_millis(30));
        assert!(busy.time() >= Duration::from_millis(25), "{:?}", busy.time());
        drop(busy_guard);
        assert_eq!(busy.time(), Duration::ZERO, "idle again");
        let _held = busy.begin();
        assert!(
            busy.time() < Duration::from_millis(25),
            "the next unit counts for itself"
        );
    }
}
