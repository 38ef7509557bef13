//! Posts through the store alone: a number of clients, each waiting for its commit before it posts again.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use afterword::{
    model::{id::IdGenerator, time::Clock},
    store::{Options, Store, StoreError},
};
use serde_json::json;

use super::{
    seed::texts,
    unit::{new, post},
    vocabulary::Dice,
};

/// The number of pages of a database that are posted to.
pub(crate) fn pages(folder: &Path) -> u64 {
    let note = std::fs::read_to_string(folder.join("seed.json")).expect("seed.json beside the database");
    serde_json::from_str::<serde_json::Value>(&note).expect("JSON")["threads"]
        .as_u64()
        .expect("a count of threads")
}

/// Distinguishes groups. Units are dropped after their group's commit and before the next group starts, so the first
/// unit that runs after a drop starts a group.
#[derive(Default)]
struct Groups {
    ended: AtomicBool,
    count: AtomicU64,
}

struct Member(Arc<Groups>);

impl Drop for Member {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Release);
    }
}

/// Prints posts per second, the time of each, and the sizes of the groups.
pub(crate) fn run(
    runtime: &tokio::runtime::Runtime,
    folder: &Path,
    clients: usize,
    seconds: f64,
) -> serde_json::Value {
    let store = Store::open("afterword.db", folder, &Options::default()).expect("the store");
    let (ids, groups) = (Arc::new(IdGenerator::starting_at(0)), Arc::new(Groups::default()));
    groups.ended.store(true, Ordering::Release);
    let texts = Arc::new(texts(&mut Dice(7), 2_000));
    let pages = pages(folder);
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(seconds);
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (store, ids, groups, texts) = (
            store.clone(),
            Arc::clone(&ids),
            Arc::clone(&groups),
            Arc::clone(&texts),
        );
        tasks.push(runtime.spawn(async move {
            let seed = Clock::system().now().0.unsigned_abs().wrapping_mul(1_000_003) + client as u64;
            let (mut dice, mut took) = (Dice(seed), Vec::new());
            while Instant::now() < end {
                let page = format!("/posts/{}/", dice.below(pages));
                let (new, ids, member) = (
                    new(&mut dice, &texts, &page),
                    Arc::clone(&ids),
                    Member(Arc::clone(&groups)),
                );
                let began = Instant::now();
                let unit = move |tx: &mut dyn afterword::store::Tx| {
                    if member.0.ended.swap(false, Ordering::AcqRel) {
                        member.0.count.fetch_add(1, Ordering::Relaxed);
                    }
                    post(tx, &ids, &new)
                };
                store.write::<(), StoreError, _>(unit).await.expect("a post");
                took.push(began.elapsed().as_micros() as u64);
            }
            took
        }));
    }
    let mut took: Vec<u64> = runtime.block_on(async {
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a client"));
        }
        all
    });
    let elapsed = start.elapsed().as_secs_f64();
    took.sort_unstable();
    let count = took.len();
    json!({
        "rate": count as f64 / elapsed,
        "p99_us": took[count * 99 / 100],
        "group": count as f64 / groups.count.load(Ordering::Relaxed).max(1) as f64,
    })
}
