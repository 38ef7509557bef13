//! Runs jobs at their times. A job has a name, which is its label in the log and the metrics, and a time.
//!
//! Jobs run one after another in one task. A job that fails or panics is logged and counted, and the others go on.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::time::Instant;

use crate::app::{
    context::App,
    error::Error,
    metrics::{JobName, JobOutcome},
};

/// The time of a job.
#[derive(Clone, Copy, Debug)]
pub enum Timing {
    /// Once, before all periodic jobs.
    AtStart,
    /// Again and again, so long after the start of the schedule and after the end of each run.
    Every(Duration),
}

/// Work on a schedule.
pub trait Job: Send {
    /// Its name.
    fn name(&self) -> JobName;

    /// Its time.
    fn timing(&self) -> Timing;

    /// Runs once.
    ///
    /// # Errors
    /// The reason why the work is not done. It is logged, and the job runs again at its next time.
    fn run<'a>(&'a mut self, app: &'a App) -> BoxFuture<'a, Result<(), Error>>;
}

struct Periodic {
    job: Box<dyn Job>,
    interval: Duration,
    due: Instant,
}

/// Runs the jobs at start in their order, then the periodic ones when they are due; of several that are due, the first
/// in the list runs first. Returns only if no job is periodic.
pub async fn run(app: App, jobs: Vec<Box<dyn Job>>) {
    let mut periodic = Vec::new();
    for mut job in jobs {
        match job.timing() {
            Timing::AtStart => run_once(&app, &mut *job).await,
            Timing::Every(interval) => periodic.push((job, interval)),
        }
    }
    let start = Instant::now();
    let mut periodic: Vec<_> = periodic
        .into_iter()
        .map(|(job, interval)| Periodic {
            job,
            interval,
            due: start + interval,
        })
        .collect();
    while let Some(next) = periodic.iter().map(|periodic| periodic.due).min() {
        tokio::time::sleep_until(next).await;
        for periodic in &mut periodic {
            if periodic.due <= Instant::now() {
                run_once(&app, &mut *periodic.job).await;
                periodic.due = Instant::now() + periodic.interval;
            }
        }
    }
}

async fn run_once(app: &App, job: &mut dyn Job) {
    let name = job.name();
    // `run` can panic before it returns a future.
    let result = AssertUnwindSafe(async { job.run(app).await })
        .catch_unwind()
        .await;
    let outcome = match result {
        Ok(Ok(())) => JobOutcome::Succeeded,
        Ok(Err(error)) => {
            tracing::error!(job = name.as_str(), %error, cause = ?error.cause, "a job failed");
            JobOutcome::Failed
        }
        Err(_) => {
            tracing::error!(job = name.as_str(), "a job panicked");
            JobOutcome::Panicked
        }
    };
    app.metrics.job_ran(name, outcome);
}
