//! What a unit of work emits is told once it is committed, and only then.

use std::sync::{
    Arc, Barrier, Mutex,
    atomic::{AtomicU32, Ordering},
};

use super::persistence::reopen;
use super::support::TestStore;
use super::support::make::{NOW, SITE, THREAD, blog, comment, put, thread};
use afterword::model::comment::Status;
use afterword::model::event::{Change, Event, EventKind};
use afterword::model::id::ThreadId;
use afterword::model::time::Clock;
use afterword::store::{
    Committed, Consumer, Store, StoreError, Tx,
    tables::{comments, instance, threads},
};

/// Everything that the store commits from now on.
fn follow(store: &Store) -> Arc<Mutex<Vec<Committed>>> {
    let commits = Arc::<Mutex<Vec<Committed>>>::default();
    let told = Arc::clone(&commits);
    store.on_commit(move |committed| told.lock().unwrap().push(committed.clone()));
    commits
}

fn edited(thread: ThreadId) -> Event {
    Event::of_thread(SITE, thread, Change::ThreadEdited)
}

pub(crate) async fn a_committed_unit_is_told_with_the_keys_of_its_threads(test: &TestStore) {
    blog(&test.store).await;
    let commits = follow(&test.store);
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    assert!(
        commits.lock().unwrap().is_empty(),
        "what emits nothing is not told"
    );
    let unit = |tx: &mut dyn afterword::store::Tx| {
        tx.emit(edited(THREAD));
        threads::add_key(tx, SITE, "id:tea", THREAD)?;
        tx.emit(Event::of_site(SITE, Change::SiteChanged));
        tx.emit(edited(THREAD));
        Ok::<_, StoreError>(())
    };
    test.store.write(unit).await.unwrap();
    let told = std::mem::take(&mut *commits.lock().unwrap());
    assert_eq!(told.len(), 1);
    let changes: Vec<Change> = told[0].events.iter().map(|event| event.change).collect();
    assert_eq!(
        changes,
        [Change::ThreadEdited, Change::SiteChanged, Change::ThreadEdited],
        "in their order"
    );
    assert_eq!(told[0].threads.len(), 1, "each thread once");
    assert_eq!(
        told[0].threads[0].keys,
        ["//blog.example/tea", "id:tea"],
        "as of the commit, and not of the event"
    );
    assert_eq!(told[0].statements, 2, "one of the unit, one for the keys");
}

pub(crate) async fn a_unit_that_leaves_nothing_tells_nothing(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let commits = follow(&test.store);
    let refused: Result<(), StoreError> = test
        .store
        .write(|tx| {
            tx.emit(edited(THREAD));
            Err(StoreError::Failed("changed my mind".into()))
        })
        .await;
    refused.unwrap_err();
    let panicked: Result<(), StoreError> = test
        .store
        .write(|tx| {
            tx.emit(edited(THREAD));
            panic!("a fault of the use case, made on purpose by this test");
        })
        .await;
    panicked.unwrap_err();
    let refused = test.store.write(|tx| {
        tx.emit(edited(THREAD));
        comments::add(tx, &comment(1, 0, 0, Status::Approved))
    });
    refused.await.unwrap_err();
    let read = test.store.read(|tx| {
        tx.emit(edited(THREAD));
        Ok::<_, StoreError>(())
    });
    read.await.unwrap();
    assert!(commits.lock().unwrap().is_empty());
    let kept = test.store.write(|tx| {
        tx.emit(edited(THREAD));
        Ok::<_, StoreError>(())
    });
    kept.await.unwrap();
    assert_eq!(commits.lock().unwrap().len(), 1, "control");
}

pub(crate) async fn a_unit_among_refused_ones_is_told_by_itself(test: &TestStore) {
    blog(&test.store).await;
    let commits = follow(&test.store);
    let mut units = Vec::new();
    for n in 0..60_i64 {
        let store = test.store.clone();
        units.push(tokio::spawn(async move {
            store
                .write(move |tx| {
                    tx.emit(edited(ThreadId(n)));
                    if n % 3 == 0 {
                        Err(StoreError::Failed("refused".into()))
                    } else {
                        Ok(())
                    }
                })
                .await
                .is_ok()
        }));
    }
    for (n, unit) in units.into_iter().enumerate() {
        assert_eq!(unit.await.unwrap(), n % 3 != 0);
    }
    let mut told: Vec<i64> = commits
        .lock()
        .unwrap()
        .iter()
        .flat_map(|committed| committed.events.iter().filter_map(|event| event.thread))
        .map(|thread| thread.0)
        .collect();
    told.sort_unstable();
    let kept: Vec<i64> = (0..60).filter(|n| n % 3 != 0).collect();
    assert_eq!(told, kept);
}

/// Two units that lock two threads in opposite order: PostgreSQL gives up one of them, which runs again. SQLite's
/// writer runs every unit once.
pub(crate) async fn a_unit_that_runs_again_tells_its_last_try_alone(test: &TestStore) {
    blog(&test.store).await;
    let other = ThreadId(11);
    let added = test.store.write(move |tx| {
        threads::add(tx, &thread(other), "//blog.example/coffee")?;
        instance::set(tx, "tries", 0)
    });
    added.await.unwrap();
    let (again, postgres) = (reopen_beside(test), test.is_postgres());
    let commits = [follow(&test.store), follow(&again)];
    test.store.add_consumer(MAIL, Clock::standing(NOW));
    if postgres {
        again.add_consumer(MAIL, Clock::standing(NOW));
    }
    let (meet, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let unit = |store: &Store, first: ThreadId, second: ThreadId| {
        let (store, meet, tries) = (store.clone(), Arc::clone(&meet), Arc::clone(&tries));
        let mut is_first_try = true;
        async move {
            store
                .write(move |tx| {
                    tries.fetch_add(1, Ordering::SeqCst);
                    tx.emit(edited(first));
                    threads::lock_and_bump(tx, SITE, first)?;
                    if std::mem::take(&mut is_first_try) && postgres {
                        meet.wait();
                    }
                    threads::lock_and_bump(tx, SITE, second)
                })
                .await
        }
    };
    let (one, two) = tokio::join!(unit(&test.store, THREAD, other), unit(&again, other, THREAD));
    one.unwrap();
    two.unwrap();
    let expected = if postgres { 3 } else { 2 };
    assert!(
        tries.load(Ordering::SeqCst) >= expected,
        "control: one of them ran again"
    );
    let told: Vec<Vec<Event>> = commits
        .iter()
        .flat_map(|commits| commits.lock().unwrap().clone())
        .map(|committed| committed.events)
        .collect();
    let expected = if postgres { 2 } else { 4 };
    assert_eq!(told.len(), expected, "{told:?}");
    assert!(told.iter().all(|events| events.len() == 1), "{told:?}");
    let rows = outbox(&test.store).await;
    assert_eq!(rows.len(), 2, "one for each act, none of the lost try: {rows:?}");
}

/// Another connection to the same database; on SQLite, where one program has it, the same store.
pub(crate) fn reopen_beside(test: &TestStore) -> Store {
    if test.is_postgres() {
        reopen(test).expect("opens again")
    } else {
        test.store.clone()
    }
}

pub(crate) async fn a_listener_that_panics_harms_nobody(test: &TestStore) {
    blog(&test.store).await;
    test.store
        .on_commit(|_| panic!("a fault of a listener, made on purpose by this test"));
    let commits = follow(&test.store);
    for n in 1..=3 {
        let unit = test.store.write(move |tx| {
            tx.emit(edited(THREAD));
            instance::set(tx, "n", n)
        });
        unit.await.unwrap();
    }
    assert_eq!(commits.lock().unwrap().len(), 3);
    test.store.alive().unwrap();
}

/// The rows of the outbox by id: consumer, thread and payload.
async fn outbox(store: &Store) -> Vec<(String, i64, String)> {
    let read = store.read(|tx| {
        let mut found = Vec::new();
        let sql = "SELECT kind, thread_id, payload, created_at, not_before FROM outbox ORDER BY id";
        tx.query(sql, &[], &mut |row| {
            assert_eq!((row.int(3)?, row.int(4)?), (NOW.0, NOW.0), "due at once");
            found.push((row.text(0)?.to_owned(), row.int(1)?, row.text(2)?.to_owned()));
            Ok(())
        })?;
        Ok::<_, StoreError>(found)
    });
    read.await.unwrap()
}

const MAIL: Consumer = Consumer {
    name: "mail",
    events: &[EventKind::ThreadEdited, EventKind::ThreadMoved],
};
const HOOK: Consumer = Consumer {
    name: "hook",
    events: &[EventKind::ThreadMoved],
};

/// A unit that emits a change of the thread and counts itself, and is refused if `is_kept` is false.
async fn act(store: &Store, change: Change, is_kept: bool) -> Result<(), StoreError> {
    let unit = move |tx: &mut dyn Tx| {
        tx.emit(Event::of_thread(SITE, THREAD, change));
        let acts = instance::get(tx, "acts")?.unwrap_or(0);
        instance::set(tx, "acts", acts + 1)?;
        if is_kept {
            Ok(())
        } else {
            Err(StoreError::Failed("refused".into()))
        }
    };
    store.write(unit).await
}

async fn acts(store: &Store) -> i64 {
    let acts = store.read(|tx| instance::get(tx, "acts"));
    acts.await.unwrap().unwrap_or(0)
}

pub(crate) async fn an_act_and_its_outbox_rows_are_stored_together(test: &TestStore) {
    blog(&test.store).await;
    act(&test.store, Change::ThreadEdited, true).await.unwrap();
    assert_eq!(outbox(&test.store).await, [], "there is no consumer");
    for consumer in [HOOK, MAIL, HOOK] {
        test.store.add_consumer(consumer, Clock::standing(NOW));
    }
    act(&test.store, Change::ThreadEdited, false).await.unwrap_err();
    let panicked: Result<(), StoreError> = test
        .store
        .write(|tx| {
            tx.emit(edited(THREAD));
            panic!("a fault of the use case, made on purpose by this test");
        })
        .await;
    panicked.unwrap_err();
    assert_eq!(outbox(&test.store).await, [], "nothing was done");
    for change in [
        Change::ThreadEdited,
        Change::ThreadClosed,
        Change::ThreadStale,
        Change::ThreadMoved,
    ] {
        act(&test.store, change, true).await.unwrap();
    }
    let row = |consumer: &str, event: &str| {
        let payload = format!(r#"{{"event":"{event}"}}"#);
        (consumer.to_owned(), THREAD.0, payload)
    };
    let expected = [
        row("mail", "thread_edited"),
        row("mail", "thread_moved"),
        row("hook", "thread_moved"),
    ];
    assert_eq!(outbox(&test.store).await, expected);
    assert_eq!(acts(&test.store).await, 5);
    let reopened = reopen_beside(test);
    assert_eq!(outbox(&reopened).await, expected, "they are in the database");

    let dropped = test.store.write(|tx| tx.execute("DROP TABLE outbox", &[]));
    dropped.await.unwrap();
    act(&test.store, Change::ThreadMoved, true).await.unwrap_err();
    assert_eq!(acts(&test.store).await, 5, "an act without its row is not stored");
    act(&test.store, Change::ThreadClosed, true).await.unwrap();
    assert_eq!(acts(&test.store).await, 6, "control: a kind that nobody takes");
}
