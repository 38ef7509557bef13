//! Maintenance: the jobs that keep stored data within its retention times and by the current rules.

mod batch;
mod purge;
mod rekey;
mod rerender;
mod sweep;

pub use purge::purge_expired;
pub use rekey::rekey_stale;
pub use rerender::rerender_stale;

use super::{purge_clock::PurgeClock, schedule};
use crate::app::context::App;

/// Runs all jobs of maintenance for as long as the server runs.
pub async fn run(app: App) {
    let purge_clock = PurgeClock::start(&app.clock);
    if let Err(error) = PurgeClock::establish(&app).await {
        tracing::error!(%error, "could not store the time of the last use of the database");
    }
    schedule::run(
        app,
        vec![
            Box::new(rerender::RerenderStale),
            Box::new(rekey::RekeyStale),
            Box::new(sweep::SweepLimits),
            Box::new(purge::PurgeExpired(purge_clock)),
        ],
    )
    .await;
}
