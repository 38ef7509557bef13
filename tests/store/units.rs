//! Units of work are atomic, also with concurrent ones; constraints reject.

use super::counts::count_and_list;
use super::events::reopen_beside;
use super::support;
use super::support::TestStore;
use super::support::make::{NOW, SITE, THREAD, blog, comment, put, stored};
use afterword::model::comment::Status;
use afterword::model::id::{CommentId, SiteId, ThreadId};
use afterword::store::{
    Store, StoreError,
    tables::{comments, instance, post_keys, threads, votes},
};
use std::{sync::Arc, time::Duration};

pub(crate) async fn a_refused_unit_changes_nothing(test: &TestStore) {
    blog(&test.store).await;
    let refused: Result<(), StoreError> = test
        .store
        .write(|tx| {
            comments::add(tx, &comment(100, 0, 0, Status::Approved))?;
            Err(StoreError::Failed("changed my mind".into()))
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Failed(words)) if words == "changed my mind"));
    let (found, thread) = test
        .store
        .read(|tx| {
            Ok::<_, StoreError>((
                comments::by_id(tx, SITE, CommentId(100))?,
                threads::by_id(tx, SITE, THREAD)?,
            ))
        })
        .await
        .unwrap();
    assert!(found.is_none());
    assert_eq!(thread.unwrap().total_count, 0);
}

pub(crate) async fn a_panicking_unit_changes_nothing_and_affects_no_other(test: &TestStore) {
    blog(&test.store).await;
    for _ in 0..6 {
        let refused: Result<(), StoreError> = test
            .store
            .write(|tx| {
                instance::set(tx, "half", 1)?;
                panic!("a fault of the use case, made on purpose by this test");
            })
            .await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    }
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    assert_eq!(
        test.store.read(|tx| instance::get(tx, "half")).await.unwrap(),
        None
    );
}

pub(crate) async fn a_panicking_unit_holds_no_lock(test: &TestStore) {
    blog(&test.store).await;
    let beside = reopen_beside(test);
    let refused: Result<(), StoreError> = test
        .store
        .write(|tx| {
            threads::lock(tx, SITE, THREAD)?;
            panic!("a fault of the use case, made on purpose by this test");
        })
        .await;
    refused.unwrap_err();
    let locked = beside.write(|tx| threads::lock(tx, SITE, THREAD)).await;
    assert!(locked.unwrap(), "another connection gets the lock at once");
}

pub(crate) async fn a_refused_unit_does_not_affect_its_group(test: &TestStore) {
    blog(&test.store).await;
    let mut units = Vec::new();
    for n in 0..60_i64 {
        let store = test.store.clone();
        units.push(tokio::spawn(async move {
            let name: &'static str = Box::leak(format!("unit {n}").into_boxed_str());
            store
                .write(move |tx| {
                    instance::set(tx, name, n)?;
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
        let name: &'static str = Box::leak(format!("unit {n}").into_boxed_str());
        let found = test.store.read(move |tx| instance::get(tx, name)).await.unwrap();
        assert_eq!(found.is_some(), n % 3 != 0, "unit {n}");
    }
}

pub(crate) async fn a_unit_that_violates_a_constraint_changes_nothing(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let refused = test
        .store
        .write(|tx| {
            instance::set(tx, "before", 1)?;
            comments::add(tx, &comment(100, 0, 0, Status::Approved))
        })
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(
        test.store.read(|tx| instance::get(tx, "before")).await.unwrap(),
        None
    );
}

pub(crate) async fn an_id_cannot_be_used_twice(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let mut other = support::make::thread(ThreadId(11));
    other.page_url = "https://blog.example/coffee".into();
    let refused = test
        .store
        .write(move |tx| {
            threads::add(tx, &other, "//blog.example/coffee")?;
            let mut same = comment(100, 0, 0, Status::Approved);
            same.thread_id = ThreadId(11);
            comments::add(tx, &same)
        })
        .await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "also in another thread: {refused:?}"
    );
}

pub(crate) async fn a_reply_older_than_its_parent_is_refused(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let refused = test
        .store
        .write(|tx| comments::add(tx, &comment(99, 100, 100, Status::Approved)))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

pub(crate) async fn an_unknown_status_is_refused(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let refused = test
        .store
        .write(|tx| tx.execute("UPDATE comments SET status = 'fine' WHERE site_id = 1", &[]))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

pub(crate) async fn two_writers_do_not_lose_a_vote(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let mut tasks = Vec::new();
    for n in 0..40_i64 {
        let store = test.store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .write(move |tx| {
                    threads::lock_and_bump(tx, SITE, THREAD)?;
                    let comment = comments::by_id(tx, SITE, CommentId(1))?.expect("the comment");
                    votes::set(tx, SITE, comment.id, &format!("reader {n}"), 1, "", NOW)?;
                    comments::set_votes(tx, &comment, comment.up + 1, comment.down)
                })
                .await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(stored(&test.store, 1).await.up, 40);
}

pub(crate) async fn counts_are_right_after_parallel_writes(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let mut tasks = Vec::new();
    for n in 2..=40_i64 {
        let store = test.store.clone();
        tasks.push(tokio::spawn(async move {
            put(&store, vec![comment(n, 1, 1, Status::Approved)]).await;
            if n % 4 == 0 {
                set_status_locked(&store, n).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let (count, list) = count_and_list(&test.store).await;
    assert_eq!((count, list.len()), (30, 30));
    assert_eq!(stored(&test.store, 1).await.reply_count, 29);

    /// As a use case does it: the comment is read after the thread is locked.
    async fn set_status_locked(store: &Store, n: i64) {
        store
            .write(move |tx| {
                threads::lock_and_bump(tx, SITE, THREAD)?;
                let comment = comments::by_id(tx, SITE, CommentId(n))?.expect("the comment");
                comments::set_status(tx, &comment, Status::Deleted, NOW)
            })
            .await
            .unwrap();
    }
}

pub(crate) async fn an_idempotency_key_is_claimed_once(test: &TestStore) {
    blog(&test.store).await;
    let claim = |comment: i64| {
        let store = test.store.clone();
        async move {
            let used = post_keys::UsedKey {
                body_hash: "body".into(),
                comment: CommentId(comment),
            };
            store
                .write(move |tx| post_keys::claim(tx, SITE, "key", &used, NOW))
                .await
                .unwrap()
        }
    };
    let (a, b, c) = tokio::join!(claim(1), claim(2), claim(3));
    assert_eq!([a, b, c].iter().filter(|won| **won).count(), 1);
    let used = test
        .store
        .read(|tx| post_keys::find(tx, SITE, "key"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(used.body_hash, "body");
    assert!(
        test.store
            .read(|tx| post_keys::find(tx, SiteId(2), "key"))
            .await
            .unwrap()
            .is_none(),
        "keys are a site's own"
    );
}

pub(crate) async fn a_read_cannot_write_on_sqlite(test: &TestStore) {
    if test.is_postgres() {
        return;
    }
    let refused = test.store.read(|tx| instance::set(tx, "sneaky", 1)).await;
    assert!(refused.is_err());
    assert_eq!(
        Arc::new(test.store.clone())
            .read(|tx| instance::get(tx, "sneaky"))
            .await
            .unwrap(),
        None
    );
}

/// A page is read by several statements: what is committed between two of them must not be in one half of it alone.
pub(crate) async fn a_unit_that_reads_sees_one_state(test: &TestStore) {
    let set = |n| test.store.write(move |tx| instance::set(tx, "n", n));
    set(1).await.unwrap();
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let (go_on, goes_on) = std::sync::mpsc::channel();
    let reads = test.store.read(move |tx| {
        let before = instance::get(tx, "n")?;
        begun.send(()).unwrap();
        goes_on.recv_timeout(Duration::from_secs(10)).unwrap();
        Ok::<_, StoreError>((before, instance::get(tx, "n")?))
    });
    let writes = async {
        begins.recv().await;
        set(2).await.unwrap();
        go_on.send(()).unwrap();
    };
    let (seen, ()) = tokio::join!(reads, writes);
    assert_eq!(seen.unwrap(), (Some(1), Some(1)));
    let after = test.store.read(|tx| instance::get(tx, "n")).await;
    assert_eq!(after.unwrap(), Some(2), "control: it was committed");
}
