//! Sweeps the tables of the limits in memory.

use std::time::Duration;

use futures_util::{
    FutureExt as _,
    future::{self, BoxFuture},
};

use crate::{
    app::{context::App, error::Error, metrics::JobName},
    jobs::schedule::{Job, Timing},
};

const INTERVAL: Duration = Duration::from_secs(60);

/// Drops full buckets and old sign-in failures.
pub(super) struct SweepLimits;

impl Job for SweepLimits {
    fn name(&self) -> JobName {
        JobName::SweepLimits
    }

    fn timing(&self) -> Timing {
        Timing::Every(INTERVAL)
    }

    fn run<'a>(&'a mut self, app: &'a App) -> BoxFuture<'a, Result<(), Error>> {
        app.limits.sweep();
        app.sign_ins.sweep(app.clock.now());
        future::ready(Ok(())).boxed()
    }
}
