//! What is known of the health of tasks and of the database: kept here, asked for by [`crate::service::health`].

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

/// See the module.
#[derive(Default)]
pub struct Health {
    pub(crate) down: Mutex<BTreeSet<&'static str>>,
    pub(crate) restarts: Family<TaskLabels, Counter>,
    pub(crate) tried: Arc<tokio::sync::Mutex<Option<(Instant, Outcome)>>>,
    pub(crate) told: Mutex<Option<String>>,
}

impl Health {
    /// Adds what is counted to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        // There from the start, so that the first one can be compared with its past.
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

    /// Logs the reason when it is another one than before.
    pub(crate) fn tell(&self, outcome: &Outcome) {
        let now = outcome.as_ref().err();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.as_ref() != now {
            match now {
                Some(reason) => tracing::warn!(reason, "the server is not ready"),
                None => tracing::info!("the server is ready again"),
            }
            *told = now.cloned();
        }
    }
}
