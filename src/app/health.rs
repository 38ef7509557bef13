//! The state of the server's health: tasks that are down, and the last result of a write. [`crate::service::health`]
//! checks it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

pub(crate) type Outcome = Result<(), String>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct TaskLabels {
    pub(crate) task: &'static str,
}

/// The state of tasks and of the database.
#[derive(Default)]
pub struct Health {
    /// Tasks that ended and are not restarted yet.
    pub(crate) down: Mutex<BTreeSet<&'static str>>,
    pub(crate) restarts: Family<TaskLabels, Counter>,
    /// The time and the result of the last trial write.
    pub(crate) tried: Arc<tokio::sync::Mutex<Option<(Instant, Outcome)>>>,
    /// The last reason that was logged; none if the server was ready.
    logged: Mutex<Option<String>>,
}

impl Health {
    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        // Present from the start, so that the first restart is an increase.
        drop(self.restarts.get_or_create(&TaskLabels { task: "maintenance" }));
        registry.register(
            "afterword_task_restarts",
            "Background tasks that ended unexpectedly and were started again",
            self.restarts.clone(),
        );
    }

    pub(crate) fn set_down(&self, task: &'static str, down: bool) {
        let mut all = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        if down {
            all.insert(task);
        } else {
            all.remove(task);
        }
    }

    /// Logs a change: a new reason why the server is not ready, or that it is ready again.
    pub(crate) fn log_change(&self, outcome: &Outcome) {
        let now = outcome.as_ref().err();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.as_ref() != now {
            match now {
                Some(reason) => tracing::warn!(reason, "the server is not ready"),
                None => tracing::info!("the server is ready again"),
            }
            *logged = now.cloned();
        }
    }
}
