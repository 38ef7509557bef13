//! What is done from time to time: forgetting what was promised to be forgotten, and rendering anew what
//! an older content policy made.

use super::purge_clock::{self, PurgeClock};
use crate::{
    app::{context::App, error::Error},
    content,
    model::{
        comment::{
            ADDRESS_RETENTION_DAYS, Comment, Details, Format, IDEMPOTENCY_KEY_RETENTION_DAYS,
            REMOVED_RETENTION_DAYS, REVISION_RETENTION_DAYS,
        },
        event::{Change, Event},
        id::{CommentId, IdGenerator},
        time::{DAY, EARLIEST_VALID, Millis, SECOND},
    },
    service::{accounts::session, comments::edit},
    store::{
        StoreError, Tx,
        tables::{comments, details, instance, post_keys, revisions, sessions, sites, threads, votes},
    },
};

/// Rows per unit of work: others get their turn between.
const BATCH_ROWS: i64 = 200;

/// Forgets what is due at `now`, which is the [`PurgeClock`]'s: addresses, removed texts, idempotency keys, sessions.
/// Nothing, while the clock is not set. To be called every hour.
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
            // What is dated later was written while a clock was wrong, and must not be kept until then. Not what a
            // clock that is behind now has not reached yet.
            let ahead = purge_clock::latest(tx, now.max(clock))?.plus(DAY);
            details::purge_addresses(tx, oldest_kept)?;
            details::purge_addresses_ahead(tx, newest_now, addresses, ahead)?;
            details::date_removed_ahead(tx, ahead, now)?;
            votes::purge_addresses(tx, addresses)?;
            votes::purge_addresses_ahead(tx, ahead)?;
            post_keys::date_ahead(tx, ahead, now)?;
            post_keys::purge(tx, now.plus(-IDEMPOTENCY_KEY_RETENTION_DAYS * DAY))?;
            revisions::purge(tx, now.plus(-REVISION_RETENTION_DAYS * DAY), ahead)?;
            // Who asks decides whether a session is over. Its row stays a while, for a clock that is set right again.
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

/// Erases the texts of some comments that were removed before `before`; answers how many were due. One that
/// a moderator restores at the same time keeps its text.
fn erase_removed(tx: &mut dyn Tx, before: Millis) -> Result<usize, StoreError> {
    let due = details::removed_before(tx, before, BATCH_ROWS)?;
    let mut found = Vec::with_capacity(due.len());
    for (site, id) in &due {
        match comments::by_id(tx, *site, *id)? {
            Some(comment) => found.push(comment),
            None => details::erase(tx, *site, *id)?,
        }
    }
    // In one order, so that two servers that do this at once wait for each other instead of both giving up.
    found.sort_by_key(|comment| (comment.site_id, comment.thread_id, comment.id));
    for comment in &found {
        // One that went to another thread by a merge is found there the next time.
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

/// The rules by which pages are told apart (`model::page`). Raised with every change of them.
const PAGE_KEY_VERSION: i64 = 2;

/// Brings names and addresses of all threads to today's rules. Done once after an upgrade that changed them; answers
/// how many threads it was.
pub async fn rekey_stale(app: &App) -> Result<u64, Error> {
    let known = app.store.read(|tx| instance::get(tx, "pages")).await?;
    let mut done = 0;
    if known != Some(PAGE_KEY_VERSION) {
        for site in app.store.read(sites::all).await? {
            let mut last = 0;
            loop {
                let (inner, site, after) = (app.clone(), site.clone(), last);
                let (next, renewed) = app
                    .store
                    .write(move |tx| {
                        crate::service::threads::rekey::rekey_threads(&inner, tx, &site, after, BATCH_ROWS)
                    })
                    .await?;
                done += renewed;
                match next {
                    Some(next) => last = next.0,
                    None => break,
                }
            }
        }
        app.store
            .write(|tx| instance::set(tx, "pages", PAGE_KEY_VERSION))
            .await?;
    }
    Ok(done)
}

/// Renders what an older policy made. Done once after an upgrade that changed the policy; answers how
/// many comments it was.
pub async fn rerender_stale(app: &App) -> Result<u64, Error> {
    let known = app.store.read(|tx| instance::get(tx, "policy")).await?;
    let mut done = 0;
    if known != Some(content::POLICY) {
        // Until nothing is left: a node that is still the older program may have written behind a walk.
        loop {
            match render_all(app).await? {
                0 => break,
                found => done += found,
            }
        }
        app.store
            .write(|tx| instance::set(tx, "policy", content::POLICY))
            .await?;
    }
    Ok(done)
}

/// Walks once through all comments; answers how many it found that an older policy made.
async fn render_all(app: &App) -> Result<u64, Error> {
    let (mut found, mut last) = (0, None);
    loop {
        let batch = app
            .store
            .read(move |tx| {
                let mut batch = Vec::new();
                for comment in comments::stale(tx, content::POLICY, last.as_ref(), BATCH_ROWS)? {
                    let details = details::of(tx, comment.site_id, comment.id)?;
                    batch.push((comment, details));
                }
                Ok::<_, StoreError>(batch)
            })
            .await?;
        last = batch.last().map(|(comment, _)| comment.clone());
        if last.is_none() {
            return Ok(found);
        }
        found += batch.len() as u64;
        let rendered = app.run_blocking(move || rendered(batch)).await?;
        app.store
            .write(move |tx| {
                let (mut locked, mut told, mut is_there) = (None, None, false);
                for (read, body) in &rendered {
                    let thread = (read.site_id, read.thread_id);
                    if locked.replace(thread) != Some(thread) {
                        is_there = threads::lock(tx, thread.0, thread.1)?;
                    }
                    // What was edited, removed or merged since it was read stays so; the next walk sees what is left.
                    if !is_there {
                        continue;
                    }
                    let same = |now: &Comment| now.body == read.body && now.author == read.author;
                    if let Some(now) = comments::by_id(tx, read.site_id, read.id)?.filter(same) {
                        comments::set_body(tx, &now, body, content::POLICY)?;
                        if told.replace(thread) != Some(thread) {
                            tx.emit(Event::of_thread(thread.0, thread.1, Change::ThreadRerendered));
                        }
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await?;
    }
}

/// Comments with the bodies that today's policy makes of them. What it refuses, and what has no source,
/// keeps the body that it has, as today's policy reads it.
fn rendered(batch: Vec<(Comment, Option<Details>)>) -> Vec<(Comment, String)> {
    let render = |source: &str, format| match format {
        Format::Markdown => content::from_markdown(source),
        Format::Html => content::from_html(source),
    };
    batch
        .into_iter()
        .map(|(comment, details)| {
            let tree = details
                .filter(|d| !d.source.is_empty())
                .and_then(|d| render(&d.source, d.format).ok())
                .or_else(|| content::SafeTree::from_json(&comment.body));
            let body = tree.map_or_else(|| comment.body.clone(), |tree| tree.to_json());
            (comment, body)
        })
        .collect()
}

/// Forgets what is due, once the server ran for another hour.
async fn hourly(app: &App, watch: &mut PurgeClock) -> Result<(), Error> {
    let Some(elapsed) = watch.elapsed(&app.clock) else {
        tracing::warn!("the clock was set forward; what is due is forgotten an hour later");
        return Ok(());
    };
    let now = watch.advance(app, elapsed).await?;
    let behind = app.clock.now().since(now) / DAY;
    if behind > 0 {
        tracing::warn!(
            days = behind,
            "the clock is far ahead of what the database was last used at; if it is right, what is due is forgotten within hours: a day's worth each hour"
        );
    }
    purge_expired(app, now).await
}

/// Sweeps the limits every minute and runs [`purge_expired`] every hour, for as long as the server runs.
pub async fn run(app: App) {
    let mut watch = PurgeClock::start(&app.clock);
    if let Err(error) = PurgeClock::establish(&app).await {
        tracing::error!(%error, "could not note the time that the database was last used at");
    }
    match rerender_stale(&app).await {
        Ok(0) => (),
        Ok(comments) => tracing::info!(comments, "rendered anew with the present content policy"),
        Err(error) => tracing::error!(%error, cause = ?error.cause, "could not render old comments anew"),
    }
    match rekey_stale(&app).await {
        Ok(0) => (),
        Ok(threads) => tracing::info!(
            threads,
            "brought names and addresses of threads to the present rules"
        ),
        Err(error) => {
            tracing::error!(%error, cause = ?error.cause, "could not bring names of threads to the present rules")
        }
    }
    let mut minutes = 0_u64;
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        minutes += 1;
        app.limits.sweep();
        app.sign_ins.sweep(app.clock.now());
        if minutes.is_multiple_of(60)
            && let Err(error) = hourly(&app, &mut watch).await
        {
            tracing::error!(%error, cause = ?error.cause, "could not forget what is due");
        }
    }
}
