//! Connections for one kind of unit, with the queue that they take their work from.
//!
//! While nobody is connected, or while each connection has been busy with one unit for [`STUCK_AFTER`], the next unit is
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

/// Between two tries to connect.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(200);
/// A connection that has been busy with one unit for so long is held up.
const STUCK_AFTER: Duration = Duration::from_secs(5);

/// See the module.
pub(super) struct Pool {
    kind: UnitKind,
    jobs: Sender<Job>,
    reach: Arc<Availability>,
    busy: Vec<BusySince>,
}

/// Why a unit was not queued.
pub(super) enum SubmitError {
    /// The queue has no room.
    Full,
    /// There is no connection that could take it soon.
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
    /// Starts the threads. Errors: the system refuses one.
    pub(super) fn start(
        kind: UnitKind,
        connections: usize,
        queue: usize,
        dial: &Connector,
        threads: &WorkerThreads,
    ) -> Result<Arc<Self>, String> {
        let reach = Arc::new(Availability::of(connections));
        let (jobs, waiting) = bounded(queue);
        let name = match kind {
            UnitKind::Read => "postgres-reader",
            UnitKind::Write => "postgres-writer",
        };
        let mut all = Vec::new();
        for _ in 0..connections {
            let busy = BusySince::default();
            all.push(busy.clone());
            let (dial, waiting, reach) = (dial.clone(), waiting.clone(), Arc::clone(&reach));
            threads.spawn(
                name,
                (),
                || Ok(()),
                move |()| work(kind, &dial, &waiting, &reach, &busy),
            )?;
        }
        Ok(Arc::new(Self {
            kind,
            jobs,
            reach,
            busy: all,
        }))
    }

    /// Queues a unit.
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

    /// Could a unit be done soon? The reason if not.
    pub(super) fn health(&self) -> Result<(), String> {
        if self.reach.is_lost() {
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

    /// How many units wait.
    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }
}

/// Since when a connection is busy with one unit, in milliseconds of the process; 0: it is not.
#[derive(Clone, Default)]
struct BusySince(Arc<AtomicU64>);

impl BusySince {
    /// Busy until what it gives is dropped.
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

    /// How long it has been busy with the unit in hand.
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

/// A worker, counted among those that are connected until it is dropped, by a panic too.
struct ConnectionGuard<'a>(Worker, &'a Availability);

impl<'a> ConnectionGuard<'a> {
    fn new(worker: Worker, reach: &'a Availability) -> Self {
        reach.found();
        Self(worker, reach)
    }
}

impl Drop for ConnectionGuard<'_> {
    fn drop(&mut self) {
        self.1.dropped();
    }
}

fn work(kind: UnitKind, dial: &Connector, waiting: &Receiver<Job>, reach: &Availability, busy: &BusySince) {
    let mut connection: Option<ConnectionGuard<'_>> = None;
    loop {
        let Some(connected) = &mut connection else {
            match dial.connect_bounded(kind) {
                Ok(worker) => connection = Some(ConnectionGuard::new(worker, reach)),
                Err(error) => {
                    if reach.missed(&error) && !refuse_waiting(waiting, &error) {
                        return;
                    }
                    thread::sleep(RECONNECT_INTERVAL);
                }
            }
            continue;
        };
        let Ok(mut job) = waiting.recv() else { return };
        let held = busy.begin();
        let mut outcome = connected.0.run(&mut job);
        if matches!(outcome, Err(UnitFailure::Before(_))) && !reach.is_doubtful() {
            // The server went away while nobody used the connection; nothing of the unit has run.
            match dial.connect_bounded(kind) {
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
        drop(held);
        job.end(outcome.map_err(|ended| match ended {
            UnitFailure::Before(error) => unreachable_now(&error),
            UnitFailure::Within(error) => error,
        }));
    }
}

fn unreachable_now(error: &Fault) -> StoreError {
    StoreError::Busy(format!("PostgreSQL cannot be reached: {error}"))
}

/// Answers all that wait, so that nobody waits for a server that is not there. False: the store is closed.
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
        let held = busy.begin();
        thread::sleep(Duration::from_millis(30));
        assert!(busy.time() >= Duration::from_millis(25), "{:?}", busy.time());
        drop(held);
        assert_eq!(busy.time(), Duration::ZERO, "idle again");
        let _held = busy.begin();
        assert!(
            busy.time() < Duration::from_millis(25),
            "the next unit counts for itself"
        );
    }
}
