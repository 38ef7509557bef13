//! Whether the server can do its work: its threads and tasks run, and the database takes reads and writes.
//!
//! [`alive`] is about this process, so that a restart helps; [`ready`] is about everything that a request needs. A
//! write is tried, and the result believed for a second, however many ask. Who tells it: `web::health`, `web::metrics`.

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

/// How long the result of a tried write is believed.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// How long the database may take for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(2);
/// With fewer bytes free on the disk, the next comments may not find room.
const MIN_FREE_BYTES: u64 = 1024 * 1024;

/// Do all threads and tasks of the process run? The reason if not.
pub fn alive(app: &App) -> Result<(), String> {
    app.store.alive()?;
    let down = app.health.down.lock().unwrap_or_else(PoisonError::into_inner);
    match down.first() {
        Some(task) => Err(format!("the task {task} ended and is being restarted")),
        None => Ok(()),
    }
}

/// Does the database take writes? The reason if not.
pub async fn writable(app: &App) -> Result<(), String> {
    let outcome = check(app).await;
    app.health.log_change(&outcome);
    outcome
}

/// Can requests be served, those that write too? Errors: `busy` with the reason.
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
    // One at a time: who comes while one is tried waits for its result.
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
    // Goes on alone when it takes too long, so that none is tried on top of it.
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
