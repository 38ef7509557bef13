//! Metrics of an engine: commits, units, and units that a full queue refused.
//!
//! Counting never waits and never fails. What is measured when metrics are collected (queue lengths, file sizes) is in
//! [`super::Store`]. `web::metrics` exposes them.

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

/// The label of a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct QueueLabels {
    /// `read` or `write`.
    pub queue: &'static str,
}

/// The label of a kind of thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ThreadLabels {
    thread: &'static str,
}

/// The counters of an engine. Clones share them.
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
    /// Counts a commit of `units` that took `took`, `fdatasync` included.
    pub(super) fn committed(&self, units: usize, took: std::time::Duration) {
        self.units.observe(units as f64);
        self.seconds.observe(took.as_secs_f64());
    }

    /// Counts a failed commit.
    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    /// Counts a submitted unit.
    pub(super) fn submitted(&self, kind: UnitKind) {
        self.submitted.get_or_create(&queue_of(kind)).inc();
    }

    /// Counts a unit that was refused because the queue was full.
    pub(super) fn refused(&self, kind: UnitKind) {
        self.refused.get_or_create(&queue_of(kind)).inc();
    }

    /// Counts a thread that panicked and is restarted.
    pub(super) fn thread_ended(&self, thread: &'static str) {
        self.restarts.get_or_create(&ThreadLabels { thread }).inc();
    }

    /// Adds the counter of a kind of thread, at zero.
    pub(super) fn thread_begins(&self, thread: &'static str) {
        drop(self.restarts.get_or_create(&ThreadLabels { thread }));
    }

    /// Registers all counters.
    pub(super) fn register(&self, registry: &mut Registry) {
        // All labels at zero: a counter that appears with its first event has no rate before it.
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
