//! SQLite's writer: the grouping of units, and its writes. Every commit goes to the log, and to the database file only
//! at a checkpoint.

use std::{
    path::Path,
    sync::mpsc,
    time::{Duration, Instant},
};

use super::support::{
    self, block_on,
    make::{SITE, THREAD, blog, comment, put},
};
use afterword::{
    model::comment::Status,
    store::{
        StoreError, Tx,
        tables::{comments, threads},
    },
};

#[test]
fn a_group_has_the_units_that_waited_at_its_start() {
    let test = support::sqlite().unwrap();
    let (store, file) = (&test.store, test.folder().join("afterword.db"));
    block_on(async {
        blog(store).await;
        let (begins, begun) = tokio::sync::oneshot::channel();
        let (go, wait) = mpsc::channel::<()>();
        let mut begins = Some(begins);
        let alone = store.write(move |tx| {
            begins.take().unwrap().send(()).unwrap();
            wait.recv().unwrap();
            add(tx, 1)
        });
        let second = store.write(seeing(&file, 2));
        let third = store.write(seeing(&file, 3));
        let (alone, ()) = tokio::join!(alone, async {
            begun.await.unwrap();
            // Both are queued before the first unit runs: the first poll queues each.
            let (second, third, ()) = tokio::join!(second, third, async { go.send(()).unwrap() });
            assert_eq!(
                second.unwrap(),
                [1],
                "what came while a group ran begins the next one"
            );
            assert_eq!(
                third.unwrap(),
                [1],
                "those who wait together are committed together"
            );
        });
        alone.unwrap();
    });
}

fn add(tx: &mut dyn Tx, id: i64) -> Result<(), StoreError> {
    threads::lock_and_bump(tx, SITE, THREAD)?;
    comments::add(tx, &comment(id, 0, 0, Status::Approved))
}

/// A unit that adds a comment and reports which ones are committed already.
fn seeing(file: &Path, id: i64) -> impl FnMut(&mut dyn Tx) -> Result<Vec<i64>, StoreError> + Send + 'static {
    let file = file.to_owned();
    move |tx| {
        add(tx, id)?;
        let outside = rusqlite::Connection::open(&file).unwrap();
        let mut statement = outside.prepare("SELECT id FROM comments ORDER BY id").unwrap();
        let committed = statement.query_map([], |row| row.get(0)).unwrap();
        Ok(committed.map(Result::unwrap).collect())
    }
}

#[test]
fn no_checkpoint_runs_during_a_burst_of_posts() {
    let test = support::sqlite().unwrap();
    let file = test.folder().join("afterword.db");
    let written = || std::fs::metadata(&file).unwrap().modified().unwrap();
    block_on(async {
        blog(&test.store).await;
        // There is one checkpoint after the site is created.
        let before = written();
        wait(|| written() != before);
        let mut id = 0;
        let before = loop {
            let (before, began) = (written(), Instant::now());
            for _ in 0..5 {
                id += 1;
                put(&test.store, vec![comment(id, 0, 0, Status::Approved)]).await;
            }
            // On a slow machine there may have been a pause in between; then try again.
            if began.elapsed() < Duration::from_millis(400) {
                assert_eq!(
                    written(),
                    before,
                    "five commits, one after the other, synced the log alone"
                );
                break before;
            }
            assert!(id < 500, "this machine never commits five times in 400 ms");
        };
        wait(|| written() != before);
    });
}

fn wait(until: impl Fn() -> bool) {
    let began = Instant::now();
    while !until() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the log is not written back"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
