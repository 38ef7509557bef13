//! Updates keys and addresses of threads to the current rules for page keys.

use futures_util::{FutureExt as _, future::BoxFuture};

use super::batch::BATCH_ROWS;
use crate::{
    app::{context::App, error::Error, metrics::JobName},
    jobs::schedule::{Job, Timing},
    service::threads::rekey,
    store::tables::{instance, sites},
};

/// Version of the rules by which pages are told apart (`model::page`). Raise it with each change of them.
const PAGE_KEY_VERSION: i64 = 2;

/// Runs [`rekey_stale`] at start.
pub(super) struct RekeyStale;

impl Job for RekeyStale {
    fn name(&self) -> JobName {
        JobName::RekeyStale
    }

    fn timing(&self) -> Timing {
        Timing::AtStart
    }

    fn run<'a>(&'a mut self, app: &'a App) -> BoxFuture<'a, Result<(), Error>> {
        async {
            let threads = rekey_stale(app).await?;
            if threads > 0 {
                tracing::info!(
                    threads,
                    "updated keys and addresses of threads to the current rules"
                );
            }
            Ok(())
        }
        .boxed()
    }
}

/// Updates keys and addresses of all threads, once after an upgrade that changed the rules. Returns the number of
/// updated threads.
///
/// # Errors
/// Those of the store. The next call starts from the beginning.
pub async fn rekey_stale(app: &App) -> Result<u64, Error> {
    let stored = app.store.read(|tx| instance::get(tx, "pages")).await?;
    let mut updated = 0;
    if stored != Some(PAGE_KEY_VERSION) {
        for site in app.store.read(sites::all).await? {
            let mut last = 0;
            loop {
                let (inner, site, after) = (app.clone(), site.clone(), last);
                let batch = app
                    .store
                    .write(move |tx| rekey::rekey_threads(&inner, tx, &site, after, BATCH_ROWS))
                    .await?;
                updated += batch.changed;
                match batch.last {
                    Some(id) => last = id.0,
                    None => break,
                }
            }
        }
        app.store
            .write(|tx| instance::set(tx, "pages", PAGE_KEY_VERSION))
            .await?;
    }
    Ok(updated)
}
