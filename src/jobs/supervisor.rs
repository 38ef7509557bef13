//! Supervision of background tasks, which run for as long as the server runs.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;

use crate::app::{context::App, health::TaskLabels};

/// Time between the end of a task and its restart.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// Runs the background task `task`. If it panics or ends, it is restarted after [`RESTART_AFTER`], and the server is
/// not alive until then. Returns when the task ends while the server stops.
pub async fn supervise<F: Future<Output = ()>>(app: App, task: &'static str, mut run: impl FnMut() -> F) {
    loop {
        drop(app.health.restarts.get_or_create(&TaskLabels { task }));
        // `run` can panic before it returns a future.
        let panicked = AssertUnwindSafe(async { run().await })
            .catch_unwind()
            .await
            .is_err();
        if app.stopping.is_cancelled() {
            return;
        }
        app.health.set_down(task, true);
        app.health.restarts.get_or_create(&TaskLabels { task }).inc();
        tracing::error!(task, panicked, "a background task ended; it is restarted");
        tokio::time::sleep(RESTART_AFTER).await;
        app.health.set_down(task, false);
    }
}
