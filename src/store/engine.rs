//! The engines: threads that own their connections and take units of work from bounded queues.
//!
//! Nothing above [`crate::store`] knows which one runs. [`sqlite`] has one writer that commits in
//! groups and a few readers; [`postgres`] has connections that write and others that read. A thread that
//! panics is started again ([`worker_threads`]).

pub mod postgres;
pub mod sqlite;
pub mod unit_kind;
mod worker_threads;

pub use unit_kind::UnitKind;

use crate::store::{StoreError, Tx, metrics::StoreMetrics};

/// What an engine asks of a unit of work.
pub enum JobStep<'a> {
    /// Run on this transaction; answer whether to keep what was done. May come more than once.
    Run(&'a mut dyn Tx),
    /// Tell the caller; comes last, once: `Ok` when the transaction ended as the unit wished.
    End(Result<(), StoreError>),
}

/// A unit of work on its way to an engine.
pub struct Job(Box<dyn FnMut(JobStep<'_>) -> bool + Send>);

impl Job {
    /// Wraps a unit.
    pub fn new(unit: impl FnMut(JobStep<'_>) -> bool + Send + 'static) -> Self {
        Self(Box::new(unit))
    }

    /// Runs the unit; a panic in it is an error of that unit alone.
    pub(super) fn run(&mut self, tx: &mut dyn Tx) -> Result<bool, StoreError> {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.0)(JobStep::Run(tx))))
            .map_err(|_| StoreError::Failed("a unit of work panicked".into()))
    }

    /// Tells the caller how it ended.
    pub(super) fn end(mut self, outcome: Result<(), StoreError>) {
        (self.0)(JobStep::End(outcome));
    }
}

/// Runs units of work.
pub trait Engine: Send + Sync {
    /// Queues a unit. Errors: [`StoreError::Busy`] when the queue is full.
    fn submit(&self, kind: UnitKind, job: Job) -> Result<(), StoreError>;
    /// Do all of its threads run? The reason if not.
    fn alive(&self) -> Result<(), String>;
    /// Can it write, as far as is known without trying? The reason if not.
    fn health(&self) -> Result<(), String>;
    /// What it counts about itself.
    fn metrics(&self) -> &StoreMetrics;
    /// How many units wait, by queue.
    fn waiting(&self) -> Vec<(&'static str, usize)>;
    /// Leaves nothing behind that is not needed, when the server has stopped.
    fn rest(&self);
    /// The database's file, where it is one.
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
