//! Runs background tasks for as long as the server runs, and starts them again when they end.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;

use crate::app::{context::App, health::TaskLabels};

/// Between the end of a task and its next start.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// Runs a background task for as long as the server runs. When it panics or ends it is not alive until the task runs
/// again, a second later.
pub async fn supervise<F: Future<Output = ()>>(app: App, task: &'static str, mut run: impl FnMut() -> F) {
    loop {
        drop(app.health.restarts.get_or_create(&TaskLabels { task }));
        // Begun by the closure, which may panic as well.
        let panicked = AssertUnwindSafe(async { run().await })
            .catch_unwind()
            .await
            .is_err();
        if app.stopping.is_cancelled() {
            return;
        }
        app.health.set_down(task, true);
        app.health.restarts.get_or_create(&TaskLabels { task }).inc();
        tracing::error!(task, panicked, "a background task ended; it is started again");
        tokio::time::sleep(RESTART_AFTER).await;
        app.health.set_down(task, false);
    }
}
