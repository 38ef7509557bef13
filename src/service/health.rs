//! Health checks: the threads and tasks of the process run, and the database takes reads and writes.
//!
//! [`alive`] covers this process, so that a restart helps; [`ready`] covers everything that a request needs. A test write
//! is made at most once a second, however many requests check. `web::health` and `web::metrics` show the results.

use std::{
    path::Path,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    app::{context::App, error::Error, health::Outcome, system_info},
    service::sites::register,
    store::{StoreError, tables::instance},
};

/// The time for which the result of a test write is valid.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// The time that the database has for a test write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// Free bytes on the disk below which it counts as full.
const MIN_FREE_BYTES: u64 = 1024 * 1024;

/// Checks that all threads and tasks of the process run.
///
/// # Errors
/// The reason, as a sentence.
pub fn alive(app: &App) -> Result<(), String> {
    app.store.alive()?;
    let down = app.health.down.lock().unwrap_or_else(PoisonError::into_inner);
    match down.first() {
        Some(task) => Err(format!("the task {task} ended and is being restarted")),
        None => Ok(()),
    }
}

/// Checks that the process is alive and the database takes writes.
///
/// # Errors
/// The reason, as a sentence.
pub async fn writable(app: &App) -> Result<(), String> {
    let outcome = check(app).await;
    app.health.log_change(&outcome);
    outcome
}

/// Checks that requests can be served, including those that write.
///
/// # Errors
/// `busy` with the reason, and those of the store.
pub async fn ready(app: &App) -> Result<(), Error> {
    writable(app).await.map_err(Error::busy)?;
    register::any(app).await?;
    Ok(())
}

async fn check(app: &App) -> Outcome {
    alive(app)?;
    app.store.health()?;
    let folder = app.store.file().and_then(Path::parent);
    if let Some(Ok(room)) = folder.map(system_info::disk_space) {
        if room.read_only {
            return Err("the database lies on a file system that is mounted read-only".into());
        }
        if room.free < MIN_FREE_BYTES {
            return Err(format!("the disk is full: {} bytes are free", room.free));
        }
    }
    let late = || "the database takes too long for a write".to_owned();
    let began = Instant::now();
    // One at a time: a check during a test write waits for its result.
    let tried = Arc::clone(&app.health.tried).lock_owned();
    let mut tried = tokio::time::timeout(WRITE_TIMEOUT, tried)
        .await
        .map_err(|_| late())?;
    if let Some((at, outcome)) = &*tried
        && at.elapsed() < FRESH_FOR
    {
        return outcome.clone();
    }
    let (store, now) = (app.store.clone(), app.clock.now().0);
    // In a task of its own, which continues after the timeout, so that no second one is started beside it.
    let trying = tokio::spawn(async move {
        let written = store.write(move |tx| instance::try_write(tx, now)).await;
        let outcome = written.map_err(|error: StoreError| error.to_string());
        *tried = Some((Instant::now(), outcome.clone()));
        outcome
    });
    match tokio::time::timeout(WRITE_TIMEOUT.saturating_sub(began.elapsed()), trying).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(panic.to_string()),
        Err(_) => Err(late()),
    }
}
