//! The engines: threads that own their connections and take units of work from bounded queues.
//!
//! Nothing above [`crate::store`] depends on which engine runs. [`sqlite`] has one writer that commits in groups, and
//! some readers; [`postgres`] has connections that write and others that read. A thread that panics is restarted
//! ([`worker_threads`]).

pub mod postgres;
pub mod sqlite;
pub mod unit_kind;
mod worker_threads;

pub use unit_kind::UnitKind;

use crate::store::{StoreError, Tx, metrics::StoreMetrics};

/// A call of an engine to a unit of work.
pub enum JobStep<'a> {
    /// Run on this transaction, and return whether to commit. Can come more than once.
    Run(&'a mut dyn Tx),
    /// Send the result to the caller. Comes once, at the end: `Ok` if the transaction ended as the unit returned.
    End(Result<(), StoreError>),
}

/// A unit of work in a queue of an engine.
pub struct Job {
    kind: UnitKind,
    unit: Box<dyn FnMut(JobStep<'_>) -> bool + Send>,
}

impl Job {
    /// Wraps a unit, which is called with each step; its result counts for [`JobStep::Run`] only.
    pub fn new(kind: UnitKind, unit: impl FnMut(JobStep<'_>) -> bool + Send + 'static) -> Self {
        Self {
            kind,
            unit: Box::new(unit),
        }
    }

    /// The kind of the unit.
    pub(super) fn kind(&self) -> UnitKind {
        self.kind
    }

    /// Runs the unit, and returns whether to commit.
    ///
    /// # Errors
    /// `Failed` if the unit panics.
    pub(super) fn run(&mut self, tx: &mut dyn Tx) -> Result<bool, StoreError> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.unit)(JobStep::Run(tx))))
            .map_err(|_| StoreError::Failed("a unit of work panicked".into()))
    }

    /// Sends the outcome to the caller.
    pub(super) fn end(mut self, outcome: Result<(), StoreError>) {
        (self.unit)(JobStep::End(outcome));
    }
}

/// A database that runs units of work.
pub trait Engine: Send + Sync {
    /// Queues a unit.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the queue is full or the database is unavailable.
    fn submit(&self, kind: UnitKind, job: Job) -> Result<(), StoreError>;
    /// Checks that all threads of the engine run.
    ///
    /// # Errors
    /// The reason why one does not.
    fn alive(&self) -> Result<(), String>;
    /// Checks that the database takes writes, as far as is known without a try.
    ///
    /// # Errors
    /// The reason why it does not.
    fn health(&self) -> Result<(), String>;
    /// The counters of the engine.
    fn metrics(&self) -> &StoreMetrics;
    /// The number of units that wait, by queue.
    fn waiting(&self) -> Vec<(&'static str, usize)>;
    /// Cleans up after the server has stopped.
    fn clean_up(&self);
    /// The database's file; none for PostgreSQL.
    fn file(&self) -> Option<&std::path::Path>;
}

/// The error of a full queue.
fn queue_full() -> StoreError {
    StoreError::Busy("too many units of work wait".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_is_busy_and_not_a_failure() {
        assert!(matches!(queue_full(), StoreError::Busy(_)));
    }
}
