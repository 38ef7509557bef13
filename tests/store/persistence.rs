//! Persistence and expiry: reopening, migrations, maintenance.

use super::support::make::{NOW, SITE, blog, comment, put, set_status, stored};
use super::support::{TestStore, block_on};
use afterword::model::comment::Status;
use afterword::model::id::CommentId;
use afterword::store::{
    Options, Store, StoreError,
    tables::{details, instance, post_keys, votes},
};
use std::time::Duration;

pub(crate) async fn old_keys_are_purged(test: &TestStore) {
    blog(&test.store).await;
    let left = test
        .store
        .write(|tx| {
            let used = post_keys::UsedKey {
                body_hash: String::new(),
                comment: CommentId(1),
            };
            post_keys::claim(tx, SITE, "old", &used, NOW)?;
            post_keys::claim(tx, SITE, "new", &used, NOW.plus(10))?;
            let dropped = post_keys::purge(tx, NOW.plus(5))?;
            Ok::<_, StoreError>((
                dropped,
                post_keys::find(tx, SITE, "old")?.is_some(),
                post_keys::find(tx, SITE, "new")?.is_some(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(left, (1, false, true));
}

pub(crate) async fn network_addresses_are_purged_and_nothing_else(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        vec![
            comment(1, 0, 0, Status::Approved),
            comment(9, 0, 0, Status::Approved),
        ],
    )
    .await;
    let (old, new) = test
        .store
        .write(|tx| {
            votes::set(tx, SITE, CommentId(1), "ann", 1, "here", NOW)?;
            assert_eq!(details::purge_addresses(tx, CommentId(5))?, 1);
            assert_eq!(votes::purge_addresses(tx, NOW.plus(1))?, 1);
            assert_eq!(votes::of(tx, SITE, CommentId(1), "ann")?, 1);
            Ok::<_, StoreError>((
                details::of(tx, SITE, CommentId(1))?.unwrap(),
                details::of(tx, SITE, CommentId(9))?.unwrap(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(
        (
            old.address_key.as_str(),
            old.source.as_str(),
            new.address_key.as_str()
        ),
        ("", "source", "address")
    );
}

pub(crate) async fn an_id_ahead_of_the_clock_keeps_no_network_address(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(9, 0, 0, Status::Approved)]).await;
    let made = stored(&test.store, 9).await.created_at;
    let dropped = test
        .store
        .write(move |tx| {
            let not_ahead = details::purge_addresses_ahead(tx, CommentId(9), made.plus(1), made.plus(9))?;
            let not_old = details::purge_addresses_ahead(tx, CommentId(8), made, made.plus(9))?;
            let both = details::purge_addresses_ahead(tx, CommentId(8), made.plus(1), made.plus(9))?;
            Ok::<_, StoreError>((not_ahead, not_old, both))
        })
        .await
        .unwrap();
    assert_eq!(dropped, (0, 0, 1));
}

pub(crate) async fn removed_texts_are_erased(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    set_status(&test.store, 1, Status::Deleted).await;
    let due = test
        .store
        .write(|tx| {
            details::set_hold_and_removal(tx, SITE, CommentId(1), None, Some(NOW))?;
            let early = details::removed_before(tx, NOW, 10)?;
            let due = details::removed_before(tx, NOW.plus(1), 10)?;
            details::erase(tx, SITE, CommentId(1))?;
            Ok::<_, StoreError>((
                early.len(),
                due.len(),
                details::removed_before(tx, NOW.plus(1), 10)?.len(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(due, (0, 1, 0));
    let erased = stored(&test.store, 1).await;
    assert_eq!((erased.body.as_str(), erased.author.name.as_str()), ("[]", ""));
}

pub(crate) async fn committed_rows_are_present_after_reopening(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let again = reopen(test).expect("opens again");
    assert_eq!(stored(&again, 1).await.id, CommentId(1));
}

pub(crate) fn reopen(test: &TestStore) -> Result<Store, String> {
    let folder = if test.is_postgres() {
        std::path::Path::new(".")
    } else {
        test.folder()
    };
    let (database, folder) = (test.database(), folder.to_owned());
    let opened = std::thread::spawn(move || Store::open(&database, &folder, &Options::default()));
    opened.join().expect("the opening thread")
}

pub(crate) async fn a_newer_schema_is_refused(test: &TestStore) {
    test.store
        .write(|tx| instance::set(tx, "schema", 99))
        .await
        .unwrap();
    let refused = reopen(test).err().expect("a refusal");
    let known = afterword::store::migrate::current(afterword::store::migrate::STEPS);
    assert!(
        refused.contains("99") && refused.contains(&format!("versions up to {known};")),
        "{refused}"
    );
}

#[test]
fn the_log_is_emptied_also_under_continuous_writes() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        log_emptied_after: Duration::from_secs(2),
        ..Options::default()
    };
    let store = Store::open("a.db", folder.path(), &options).unwrap();
    let log = folder.path().join("a.db-wal");
    let mut sizes = Vec::new();
    // Pauses of more than half a second between writes, and never one of two seconds.
    for n in 0..6 {
        block_on(store.write(move |tx| instance::set(tx, "n", n))).unwrap();
        for _ in 0..9 {
            std::thread::sleep(Duration::from_millis(100));
            sizes.push(std::fs::metadata(&log).unwrap().len());
        }
    }
    assert!(sizes[0] > 0, "control: a write fills it");
    assert!(sizes.contains(&0), "it is never emptied: {sizes:?}");
}
