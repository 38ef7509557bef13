//! Purges data whose retention time is over: addresses, removed texts, revisions, idempotency keys, sessions.

use std::time::Duration;

use futures_util::{FutureExt as _, future::BoxFuture};

use super::batch::BATCH_ROWS;
use crate::{
    app::{context::App, error::Error, metrics::JobName},
    jobs::{
        purge_clock::{self, PurgeClock},
        schedule::{Job, Timing},
    },
    model::{
        comment::{
            ADDRESS_RETENTION_DAYS, IDEMPOTENCY_KEY_RETENTION_DAYS, REMOVED_RETENTION_DAYS,
            REVISION_RETENTION_DAYS,
        },
        id::{CommentId, IdGenerator},
        time::{DAY, EARLIEST_VALID, Millis, SECOND},
    },
    service::{accounts::session, comments::edit},
    store::{
        StoreError, Tx,
        tables::{comments, details, post_keys, revisions, sessions, threads, votes},
    },
};

const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Runs [`purge_expired`] by the purge clock. The first run is an hour after the start of the server.
pub(super) struct PurgeExpired(pub(super) PurgeClock);

impl Job for PurgeExpired {
    fn name(&self) -> JobName {
        JobName::PurgeExpired
    }

    fn timing(&self) -> Timing {
        Timing::Every(INTERVAL)
    }

    fn run<'a>(&'a mut self, app: &'a App) -> BoxFuture<'a, Result<(), Error>> {
        purge_by(app, &mut self.0).boxed()
    }
}

/// Advances the purge clock and purges by it, unless the clock was set forward since the last call.
async fn purge_by(app: &App, purge_clock: &mut PurgeClock) -> Result<(), Error> {
    let Some(elapsed) = purge_clock.elapsed(&app.clock) else {
        tracing::warn!("the clock was set forward; expired data is purged an hour later");
        return Ok(());
    };
    let now = purge_clock.advance(app, elapsed).await?;
    let behind = app.clock.now().since(now) / DAY;
    if behind > 0 {
        tracing::warn!(
            days = behind,
            "the clock is far ahead of the last use of the database; if it is right, expired data is purged within hours: a day's worth each hour"
        );
    }
    purge_expired(app, now).await
}

/// Purges what is due at `now`, the time of the [`PurgeClock`]: addresses, removed texts, revisions, idempotency keys
/// and sessions. Does nothing while the clock is not set. Call it every hour.
///
/// # Errors
/// Those of the store. What was purged before stays purged.
pub async fn purge_expired(app: &App, now: Millis) -> Result<(), Error> {
    let clock = app.clock.now();
    if clock < EARLIEST_VALID {
        return Ok(());
    }
    let addresses = now.plus(-ADDRESS_RETENTION_DAYS * DAY);
    let oldest_kept = CommentId(IdGenerator::default().next(addresses, 0));
    let newest_now = CommentId(IdGenerator::default().next(now.plus(SECOND), 0));
    app.store
        .write(move |tx| {
            // A later date was written while a clock was wrong; such rows are not kept until that date. A date that
            // only a clock that is behind now has not reached yet is valid.
            let ahead = purge_clock::latest(tx, now.max(clock))?.plus(DAY);
            details::purge_addresses(tx, oldest_kept)?;
            details::purge_addresses_ahead(tx, newest_now, addresses, ahead)?;
            details::date_removed_ahead(tx, ahead, now)?;
            votes::purge_addresses(tx, addresses)?;
            votes::purge_addresses_ahead(tx, ahead)?;
            post_keys::date_ahead(tx, ahead, now)?;
            post_keys::purge(tx, now.plus(-IDEMPOTENCY_KEY_RETENTION_DAYS * DAY))?;
            revisions::purge(tx, now.plus(-REVISION_RETENTION_DAYS * DAY), ahead)?;
            // A request decides whether its session is over. The row is kept longer, in case a wrong clock is
            // corrected.
            let (begun, seen) = session::session_cutoffs(now.plus(-IDEMPOTENCY_KEY_RETENTION_DAYS * DAY));
            sessions::purge(tx, begun, seen)
        })
        .await?;
    loop {
        let erased = app
            .store
            .write(move |tx| erase_removed(tx, now.plus(-REMOVED_RETENTION_DAYS * DAY)))
            .await?;
        if erased == 0 {
            return Ok(());
        }
    }
}

/// Erases the texts of up to [`BATCH_ROWS`] comments that were removed before `before`. Returns the number of comments
/// that were due. A comment that a moderator restores at the same time keeps its text.
fn erase_removed(tx: &mut dyn Tx, before: Millis) -> Result<usize, StoreError> {
    let due = details::removed_before(tx, before, BATCH_ROWS)?;
    let mut found = Vec::with_capacity(due.len());
    for (site, id) in &due {
        match comments::by_id(tx, *site, *id)? {
            Some(comment) => found.push(comment),
            None => details::erase(tx, *site, *id)?,
        }
    }
    // In one order, so that two servers that erase at once wait for each other and do not deadlock.
    found.sort_by_key(|comment| (comment.site_id, comment.thread_id, comment.id));
    for comment in &found {
        // A comment that a merge has moved to another thread is found there by the next call.
        if !threads::lock(tx, comment.site_id, comment.thread_id)? {
            continue;
        }
        let details = details::of(tx, comment.site_id, comment.id)?;
        if details.is_some_and(|details| details.removed_at.is_some_and(|at| at < before)) {
            edit::erase(tx, comment)?;
        }
    }
    Ok(due.len())
}
