//! What an engine counts about itself: commits, units, and those that it refused because too many waited.
//!
//! Counting never waits and never fails. What is read off only when somebody asks (how many wait, how large the
//! files are) is not here but in [`super::Store`]. Who shows it: `web::metrics`.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use crate::store::engine::unit_kind::UnitKind;

/// Which of an engine's queues.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct QueueLabels {
    /// `read` or `write`.
    pub queue: &'static str,
}

/// One of an engine's kinds of threads.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ThreadLabels {
    thread: &'static str,
}

/// See the module. Clones count together.
#[derive(Clone)]
pub struct StoreMetrics {
    units: Histogram,
    seconds: Histogram,
    failed: Counter,
    submitted: Family<QueueLabels, Counter>,
    refused: Family<QueueLabels, Counter>,
    restarts: Family<ThreadLabels, Counter>,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        Self {
            units: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 14)),
            failed: Counter::default(),
            submitted: Family::default(),
            refused: Family::default(),
            restarts: Family::default(),
        }
    }
}

impl StoreMetrics {
    /// A commit of so many units that took so long, `fdatasync` included.
    pub(super) fn committed(&self, units: usize, took: std::time::Duration) {
        self.units.observe(units as f64);
        self.seconds.observe(took.as_secs_f64());
    }

    /// A commit that failed.
    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    /// A unit that somebody asked for.
    pub(super) fn submitted(&self, kind: UnitKind) {
        self.submitted.get_or_create(&queue_of(kind)).inc();
    }

    /// A unit for which there was no room.
    pub(super) fn refused(&self, kind: UnitKind) {
        self.refused.get_or_create(&queue_of(kind)).inc();
    }

    /// A thread panicked and is started again.
    pub(super) fn thread_ended(&self, thread: &'static str) {
        self.restarts.get_or_create(&ThreadLabels { thread }).inc();
    }

    /// Threads of this name are run, and can be restarted.
    pub(super) fn thread_begins(&self, thread: &'static str) {
        drop(self.restarts.get_or_create(&ThreadLabels { thread }));
    }

    /// Shows all of it.
    pub(super) fn register(&self, registry: &mut Registry) {
        // A counter that is not there until something happens cannot be compared with its past.
        for queue in ["read", "write"] {
            drop(self.submitted.get_or_create(&QueueLabels { queue }));
            drop(self.refused.get_or_create(&QueueLabels { queue }));
        }
        let mut add = |name: &str, help: &str, histogram: &Histogram| {
            registry.register(name, help, histogram.clone());
        };
        add(
            "afterword_store_commit_units",
            "Units of work that one commit of SQLite made durable",
            &self.units,
        );
        add(
            "afterword_store_commit_seconds",
            "Seconds that a commit of SQLite took",
            &self.seconds,
        );
        registry.register(
            "afterword_store_commits_failed",
            "Commits of SQLite that failed",
            self.failed.clone(),
        );
        registry.register(
            "afterword_store_units",
            "Units of work that were asked for",
            self.submitted.clone(),
        );
        registry.register(
            "afterword_store_refused",
            "Units of work refused because too many waited",
            self.refused.clone(),
        );
        registry.register(
            "afterword_store_thread_restarts",
            "Threads of the database that panicked and were started again",
            self.restarts.clone(),
        );
    }
}

fn queue_of(kind: UnitKind) -> QueueLabels {
    let queue = match kind {
        UnitKind::Read => "read",
        UnitKind::Write => "write",
    };
    QueueLabels { queue }
}
