//! How SQLite's writer treats the disk: the log takes every commit, the database file only what is written back.

use std::time::{Duration, Instant};

use super::support::{
    self, block_on,
    make::{blog, comment, put},
};
use afterword::model::comment::Status;

#[test]
fn a_burst_of_posts_leaves_the_database_file_alone_until_it_is_quiet() {
    let test = support::sqlite().unwrap();
    let file = test.folder().join("afterword.db");
    let written = || std::fs::metadata(&file).unwrap().modified().unwrap();
    block_on(async {
        blog(&test.store).await;
        // The log is written back once after the site was made.
        let before = written();
        wait(|| written() != before);
        let mut id = 0;
        let before = loop {
            let (before, began) = (written(), Instant::now());
            for _ in 0..5 {
                id += 1;
                put(&test.store, vec![comment(id, 0, 0, Status::Approved)]).await;
            }
            // On a machine that stalls it was quiet in between; then try again.
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
