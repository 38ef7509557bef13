//! The contract of the store, on every engine.
//!
//! The list below is its table of contents. What it promises: a unit of work happens whole or not at
//! all; what was written reads back equal; counts equal lists; constraints refuse.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use afterword::{
    model::{
        comment::Status,
        id::{CommentId, SiteId, ThreadId, UserId},
        page::Origin,
        site::{Heading, Moderation, Rules, Sort, Votes},
        text::SiteName,
        time::Millis,
        user::{Role, User},
    },
    store::{
        Options, Store, StoreError, comments, comments::Place, details, instance, moderation_log, post_keys,
        sites, threads, users, votes,
    },
};
use support::{
    TestStore, block_on,
    make::{NOW, SITE, THREAD, blog, comment, details_of, put, set_status, stored},
};

macro_rules! on_every_engine {
    ($($name:ident),+ $(,)?) => {
        mod sqlite   { $(#[test] fn $name() { if let Some(test) = crate::support::sqlite() { crate::block_on(crate::$name(&test)); } })+ }
        mod postgres { $(#[test] fn $name() { if let Some(test) = crate::support::postgres() { crate::block_on(crate::$name(&test)); } })+ }

        #[test]
        fn every_test_of_the_contract_is_listed() {
            let listed = [$(stringify!($name)),+];
            let written = include_str!("store.rs").matches("(test: &TestStore) {").count() - 1; // this line is one too
            assert_eq!(listed.len(), written, "a test of the contract is not in the list");
        }
    };
}

on_every_engine! {
    a_comment_reads_back_as_it_was_written,
    a_site_reads_back_as_it_was_written,
    details_read_back_as_they_were_written,
    a_thread_is_found_by_each_of_its_keys,
    two_threads_cannot_have_one_key,
    a_refused_unit_leaves_nothing,
    a_panicking_unit_leaves_nothing_and_harms_nobody,
    a_refused_unit_does_not_spoil_its_neighbours,
    a_unit_that_meets_a_constraint_leaves_nothing,
    an_id_is_taken_once,
    a_reply_older_than_its_parent_is_refused,
    an_unknown_status_is_refused,
    counts_equal_lists,
    a_held_comment_is_not_listed,
    a_tombstone_stays_while_replies_are_visible,
    tombstones_vanish_upwards_with_the_last_reply,
    a_comment_that_comes_back_brings_its_place_back,
    top_level_comments_come_in_each_order,
    pages_of_top_level_comments_miss_nothing_and_repeat_nothing,
    a_branch_comes_in_order_and_by_pages,
    votes_are_one_for_each_reader,
    two_writers_do_not_lose_a_vote,
    parallel_writers_keep_the_counts_true,
    an_idempotency_key_is_claimed_once,
    old_keys_are_forgotten,
    addresses_are_forgotten_and_nothing_else,
    removed_texts_are_erased,
    an_author_is_known_by_an_approved_comment,
    comments_of_a_site_come_by_status,
    sites_do_not_see_each_other,
    users_sessions_and_setup_links,
    the_log_keeps_what_was_done,
    what_is_committed_is_there_after_opening_again,
    a_newer_schema_is_refused,
    text_of_all_kinds_survives,
    a_read_cannot_write_on_sqlite,
}

async fn a_comment_reads_back_as_it_was_written(test: &TestStore) {
    blog(&test.store).await;
    let written = comment(100, 0, 0, Status::Approved);
    put(&test.store, vec![written.clone()]).await;
    assert_eq!(
        format!("{:?}", stored(&test.store, 100).await),
        format!("{written:?}")
    );
}

async fn a_site_reads_back_as_it_was_written(test: &TestStore) {
    blog(&test.store).await;
    let rules = Rules {
        moderation: Moderation::First,
        require_name: false,
        require_email: true,
        votes: Votes::Up,
        sort: Sort::Best,
        edit_window: 60,
        max_text: 500,
        close_after: 30,
        heading: Heading::parse("one=Ein Gedanke|other={count} Gedanken").unwrap(),
    };
    let wanted = rules.clone();
    let site = test
        .store
        .write(move |tx| {
            sites::set_rules(tx, SITE, &rules)?;
            sites::add_origin(
                tx,
                SITE,
                &Origin::parse("http://localhost:1313").unwrap(),
                NOW.plus(1),
            )?;
            sites::by_name(tx, "blog")
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(site.rules, wanted);
    let origins: Vec<&str> = site.origins.iter().map(Origin::as_str).collect();
    assert_eq!(origins, ["https://blog.example", "http://localhost:1313"]);
    let again = test
        .store
        .write(|tx| sites::add(tx, SiteId(2), &SiteName::parse("blog").unwrap(), NOW))
        .await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

async fn details_read_back_as_they_were_written(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let found = test
        .store
        .read(|tx| details::of(tx, SITE, CommentId(100)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", details_of("source")));
}

async fn a_thread_is_found_by_each_of_its_keys(test: &TestStore) {
    blog(&test.store).await;
    let found = test
        .store
        .write(|tx| {
            assert!(threads::add_key(tx, SITE, "id:tea", THREAD)?);
            let keys = threads::keys(tx, SITE, THREAD)?;
            Ok::<_, StoreError>((
                keys,
                threads::by_key(tx, SITE, "id:tea")?,
                threads::by_key(tx, SITE, "id:coffee")?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(found.0, ["//blog.example/tea", "id:tea"]);
    assert_eq!(found.1.unwrap().id, THREAD);
    assert!(found.2.is_none());
}

async fn two_threads_cannot_have_one_key(test: &TestStore) {
    blog(&test.store).await;
    let second = support::make::thread(ThreadId(11));
    let (got, newest) = test
        .store
        .write(move |tx| {
            Ok::<_, StoreError>((
                threads::add(tx, &second, "//blog.example/tea")?,
                threads::newest(tx, SITE, 10)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(got.id, THREAD, "the thread that was there first is answered");
    assert_eq!(newest.len(), 1, "and the second is not kept");
}

async fn a_refused_unit_leaves_nothing(test: &TestStore) {
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

async fn a_panicking_unit_leaves_nothing_and_harms_nobody(test: &TestStore) {
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

async fn a_refused_unit_does_not_spoil_its_neighbours(test: &TestStore) {
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

async fn a_unit_that_meets_a_constraint_leaves_nothing(test: &TestStore) {
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

async fn an_id_is_taken_once(test: &TestStore) {
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

async fn a_reply_older_than_its_parent_is_refused(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let refused = test
        .store
        .write(|tx| comments::add(tx, &comment(99, 100, 100, Status::Approved)))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

async fn an_unknown_status_is_refused(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(100, 0, 0, Status::Approved)]).await;
    let refused = test
        .store
        .write(|tx| tx.execute("UPDATE comments SET status = 'fine' WHERE site_id = 1", &[]))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

/// The count of a thread, and the comments that its list shows.
async fn count_and_list(store: &Store) -> (i64, Vec<i64>) {
    store
        .read(|tx| {
            let thread = threads::by_id(tx, SITE, THREAD)?.expect("the thread");
            let list = comments::whole(tx, SITE, THREAD, 1_000)?;
            let approved = list
                .iter()
                .filter(|comment| comment.status == Status::Approved)
                .count() as i64;
            assert_eq!(thread.comment_count, approved, "the count equals the list");
            let tops = list.iter().filter(|comment| comment.parent_id.is_none());
            for top in tops {
                let below = comments::below(tx, top, top.id.0, 1_000)?.len() as i64;
                assert_eq!(
                    top.descendant_count, below,
                    "what lies below {} is counted",
                    top.id
                );
            }
            Ok::<_, StoreError>((
                thread.comment_count,
                list.iter().map(|comment| comment.id.0).collect(),
            ))
        })
        .await
        .unwrap()
}

async fn counts_equal_lists(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        vec![
            comment(1, 0, 0, Status::Approved),
            comment(2, 1, 1, Status::Approved),
            comment(3, 2, 1, Status::Approved),
            comment(4, 0, 0, Status::Held),
            comment(5, 0, 0, Status::Approved),
            comment(6, 2, 1, Status::Spam),
        ],
    )
    .await;
    assert_eq!(count_and_list(&test.store).await, (4, vec![1, 2, 3, 5]));
    set_status(&test.store, 4, Status::Approved).await;
    assert_eq!(count_and_list(&test.store).await, (5, vec![1, 2, 3, 4, 5]));
    set_status(&test.store, 3, Status::Deleted).await;
    assert_eq!(count_and_list(&test.store).await, (4, vec![1, 2, 4, 5]));
    assert_eq!(stored(&test.store, 1).await.reply_count, 1);
    assert_eq!(stored(&test.store, 2).await.reply_count, 0);
}

async fn a_held_comment_is_not_listed(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Held)]).await;
    assert_eq!(count_and_list(&test.store).await, (0, vec![]));
}

async fn a_tombstone_stays_while_replies_are_visible(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        vec![
            comment(1, 0, 0, Status::Approved),
            comment(2, 1, 1, Status::Approved),
        ],
    )
    .await;
    set_status(&test.store, 1, Status::Deleted).await;
    assert_eq!(count_and_list(&test.store).await, (1, vec![1, 2]));
    set_status(&test.store, 2, Status::Spam).await;
    assert_eq!(count_and_list(&test.store).await, (0, vec![]));
}

async fn tombstones_vanish_upwards_with_the_last_reply(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        vec![
            comment(1, 0, 0, Status::Approved),
            comment(2, 1, 1, Status::Approved),
            comment(3, 2, 1, Status::Approved),
            comment(4, 3, 1, Status::Approved),
        ],
    )
    .await;
    for id in [1, 2, 3] {
        set_status(&test.store, id, Status::Deleted).await;
    }
    assert_eq!(count_and_list(&test.store).await, (1, vec![1, 2, 3, 4]));
    set_status(&test.store, 4, Status::Deleted).await;
    assert_eq!(count_and_list(&test.store).await, (0, vec![]));
    assert_eq!(stored(&test.store, 1).await.descendant_count, 0);
}

async fn a_comment_that_comes_back_brings_its_place_back(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        vec![
            comment(1, 0, 0, Status::Approved),
            comment(2, 1, 1, Status::Approved),
            comment(3, 2, 1, Status::Approved),
        ],
    )
    .await;
    for id in [3, 2, 1] {
        set_status(&test.store, id, Status::Deleted).await;
    }
    assert_eq!(count_and_list(&test.store).await, (0, vec![]));
    set_status(&test.store, 3, Status::Approved).await;
    assert_eq!(
        count_and_list(&test.store).await,
        (1, vec![1, 2, 3]),
        "its ancestors keep its place as tombstones"
    );
    set_status(&test.store, 1, Status::Approved).await;
    set_status(&test.store, 2, Status::Approved).await;
    assert_eq!(count_and_list(&test.store).await, (3, vec![1, 2, 3]));
}

async fn top_level_comments_come_in_each_order(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        (1..=4).map(|id| comment(id, 0, 0, Status::Approved)).collect(),
    )
    .await;
    for (id, up, down) in [(1, 1, 0), (3, 9, 1), (4, 0, 5)] {
        let comment = stored(&test.store, id).await;
        test.store
            .write(move |tx| comments::set_votes(tx, &comment, up, down))
            .await
            .unwrap();
    }
    for (sort, wanted) in [
        (Sort::Oldest, [1, 2, 3, 4]),
        (Sort::Newest, [4, 3, 2, 1]),
        (Sort::Best, [3, 1, 4, 2]),
    ] {
        let found = test
            .store
            .read(move |tx| comments::roots(tx, SITE, THREAD, sort, None, 10))
            .await
            .unwrap();
        assert_eq!(
            found.iter().map(|comment| comment.id.0).collect::<Vec<_>>(),
            wanted,
            "{sort:?}"
        );
    }
}

async fn pages_of_top_level_comments_miss_nothing_and_repeat_nothing(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        (1..=23).map(|id| comment(id, 0, 0, Status::Approved)).collect(),
    )
    .await;
    for id in 1..=23 {
        let comment = stored(&test.store, id).await;
        test.store
            .write(move |tx| comments::set_votes(tx, &comment, id % 4, 0))
            .await
            .unwrap();
    }
    for sort in Sort::ALL {
        let (mut seen, mut place) = (Vec::new(), None);
        loop {
            let from = place;
            let page = test
                .store
                .read(move |tx| comments::roots(tx, SITE, THREAD, *sort, from, 5))
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            place = Some(Place {
                id: last.id.0,
                score: afterword::model::score::score(last.up, last.down),
            });
            seen.extend(page.iter().map(|comment| comment.id.0));
        }
        assert_eq!(seen.len(), 23, "{sort:?}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 23, "{sort:?}");
    }
}

async fn a_branch_comes_in_order_and_by_pages(test: &TestStore) {
    blog(&test.store).await;
    let mut all = vec![
        comment(1, 0, 0, Status::Approved),
        comment(2, 0, 0, Status::Approved),
    ];
    all.extend((3..=12).map(|id| comment(id, if id % 2 == 1 { 1 } else { id - 1 }, 1, Status::Approved)));
    put(&test.store, all).await;
    let top = stored(&test.store, 1).await;
    assert_eq!(top.descendant_count, 10);
    let pages = test
        .store
        .read(move |tx| {
            let first = comments::below(tx, &top, 1, 4)?;
            let second = comments::below(tx, &top, first.last().expect("four").id.0, 100)?;
            let left = comments::count_below(tx, &top, 6)?;
            Ok::<_, StoreError>((first, second, left))
        })
        .await
        .unwrap();
    let ids = |page: &[afterword::model::comment::Comment]| {
        page.iter().map(|comment| comment.id.0).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&pages.0), ids(&pages.1), pages.2),
        (vec![3, 4, 5, 6], vec![7, 8, 9, 10, 11, 12], 6)
    );
}

async fn votes_are_one_for_each_reader(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let seen = test
        .store
        .write(|tx| {
            let id = CommentId(1);
            votes::set(tx, SITE, id, "ann", 1, "here", NOW)?;
            votes::set(tx, SITE, id, "ann", -1, "here", NOW)?;
            votes::set(tx, SITE, id, "bert", 1, "here", NOW)?;
            let both = votes::from_address(tx, SITE, id, "here")?;
            votes::set(tx, SITE, id, "bert", 0, "here", NOW)?;
            Ok::<_, StoreError>((
                both,
                votes::of(tx, SITE, id, "ann")?,
                votes::of(tx, SITE, id, "bert")?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(seen, (2, -1, 0));
}

async fn two_writers_do_not_lose_a_vote(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let mut tasks = Vec::new();
    for n in 0..40_i64 {
        let store = test.store.clone();
        tasks.push(tokio::spawn(async move {
            store
                .write(move |tx| {
                    threads::touch(tx, SITE, THREAD)?;
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

async fn parallel_writers_keep_the_counts_true(test: &TestStore) {
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
                threads::touch(tx, SITE, THREAD)?;
                let comment = comments::by_id(tx, SITE, CommentId(n))?.expect("the comment");
                comments::set_status(tx, &comment, Status::Deleted)
            })
            .await
            .unwrap();
    }
}

async fn an_idempotency_key_is_claimed_once(test: &TestStore) {
    blog(&test.store).await;
    let claim = |comment: i64| {
        let store = test.store.clone();
        async move {
            let used = post_keys::Used {
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
        .read(|tx| post_keys::used(tx, SITE, "key"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(used.body_hash, "body");
    assert!(
        test.store
            .read(|tx| post_keys::used(tx, SiteId(2), "key"))
            .await
            .unwrap()
            .is_none(),
        "keys are a site's own"
    );
}

async fn old_keys_are_forgotten(test: &TestStore) {
    blog(&test.store).await;
    let left = test
        .store
        .write(|tx| {
            let used = post_keys::Used {
                body_hash: String::new(),
                comment: CommentId(1),
            };
            post_keys::claim(tx, SITE, "old", &used, NOW)?;
            post_keys::claim(tx, SITE, "new", &used, NOW.plus(10))?;
            let dropped = post_keys::forget(tx, NOW.plus(5))?;
            Ok::<_, StoreError>((
                dropped,
                post_keys::used(tx, SITE, "old")?.is_some(),
                post_keys::used(tx, SITE, "new")?.is_some(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(left, (1, false, true));
}

async fn addresses_are_forgotten_and_nothing_else(test: &TestStore) {
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
            assert_eq!(details::forget_addresses(tx, CommentId(5))?, 1);
            assert_eq!(votes::forget_addresses(tx, NOW.plus(1))?, 1);
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

async fn removed_texts_are_erased(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    set_status(&test.store, 1, Status::Deleted).await;
    let due = test
        .store
        .write(|tx| {
            details::set_standing(tx, SITE, CommentId(1), "", Some(NOW))?;
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

async fn an_author_is_known_by_an_approved_comment(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Held)]).await;
    let known = || test.store.read(|tx| details::author_is_known(tx, SITE, "author"));
    assert!(!known().await.unwrap());
    set_status(&test.store, 1, Status::Approved).await;
    assert!(known().await.unwrap());
    assert!(
        !test
            .store
            .read(|tx| details::author_is_known(tx, SITE, "stranger"))
            .await
            .unwrap()
    );
}

async fn comments_of_a_site_come_by_status(test: &TestStore) {
    blog(&test.store).await;
    put(
        &test.store,
        (1..=9)
            .map(|id| {
                comment(
                    id,
                    0,
                    0,
                    if id % 2 == 0 {
                        Status::Held
                    } else {
                        Status::Approved
                    },
                )
            })
            .collect(),
    )
    .await;
    let found = test
        .store
        .read(|tx| {
            let first = comments::by_status(tx, SITE, Status::Held, i64::MAX, 3)?;
            let next = comments::by_status(tx, SITE, Status::Held, first.last().unwrap().id.0, 3)?;
            Ok::<_, StoreError>((
                first,
                next,
                comments::count_status(tx, SITE, Status::Held, 100)?,
                comments::count_status(tx, SITE, Status::Held, 2)?,
            ))
        })
        .await
        .unwrap();
    let ids = |page: &[afterword::model::comment::Comment]| {
        page.iter().map(|comment| comment.id.0).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&found.0), ids(&found.1), found.2, found.3),
        (vec![8, 6, 4], vec![2], 4, 2)
    );
}

async fn sites_do_not_see_each_other(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let other = SiteId(2);
    let found = test
        .store
        .write(move |tx| {
            sites::add(tx, other, &SiteName::parse("other").unwrap(), NOW)?;
            Ok::<_, StoreError>((
                comments::by_id(tx, other, CommentId(1))?.is_none(),
                comments::by_status(tx, other, Status::Approved, i64::MAX, 10)?.is_empty(),
                threads::by_key(tx, other, "//blog.example/tea")?.is_none(),
                details::of(tx, other, CommentId(1))?.is_none(),
            ))
        })
        .await
        .unwrap();
    assert_eq!(found, (true, true, true, true));
}

async fn users_sessions_and_setup_links(test: &TestStore) {
    test.store
        .write(|tx| {
            assert!(!users::has_owner(tx)?);
            let ann = User {
                id: UserId(1),
                name: "ann".into(),
                role: Role::Owner,
            };
            users::add(tx, &ann, "hash", NOW)?;
            assert!(users::has_owner(tx)?);
            assert_eq!(users::by_name(tx, "ann")?.unwrap().1, "hash");
            users::add_session(tx, "cookie", ann.id, NOW)?;
            assert_eq!(
                users::session(tx, "cookie", NOW.plus(-1), NOW.plus(-1))?
                    .unwrap()
                    .0
                    .name,
                "ann"
            );
            assert!(
                users::session(tx, "cookie", NOW, NOW.plus(-1))?.is_none(),
                "begun too long ago"
            );
            assert!(
                users::session(tx, "cookie", NOW.plus(-1), NOW)?.is_none(),
                "seen too long ago"
            );
            users::set_password(tx, ann.id, "other")?;
            assert!(
                users::session(tx, "cookie", Millis(0), Millis(0))?.is_none(),
                "a new password ends sessions"
            );
            users::add_setup_link(tx, "first", NOW)?;
            users::add_setup_link(tx, "second", NOW)?;
            assert!(
                !users::setup_link_works(tx, "first", Millis(0))?,
                "a new link ends the old one"
            );
            assert!(users::setup_link_works(tx, "second", NOW.plus(-1))?);
            assert!(!users::setup_link_works(tx, "second", NOW)?, "too old");
            assert!(users::use_setup_link(tx, "second")?);
            assert!(!users::use_setup_link(tx, "second")?, "used once");
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

async fn the_log_keeps_what_was_done(test: &TestStore) {
    blog(&test.store).await;
    let log = test
        .store
        .write(|tx| {
            for (id, action) in [(1, "approved"), (2, "spam")] {
                let entry = moderation_log::Entry {
                    id,
                    comment: CommentId(5),
                    user_name: "ann".into(),
                    action: action.into(),
                    before: "held".into(),
                    created_at: NOW,
                };
                moderation_log::add(tx, SITE, &entry)?;
            }
            moderation_log::newest(tx, SITE, 10)
        })
        .await
        .unwrap();
    assert_eq!(
        log.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
        ["spam", "approved"]
    );
}

async fn what_is_committed_is_there_after_opening_again(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let again = reopen(test).expect("opens again");
    assert_eq!(stored(&again, 1).await.id, CommentId(1));
}

fn reopen(test: &TestStore) -> Result<Store, String> {
    let folder = if test.is_postgres() {
        std::path::Path::new(".")
    } else {
        test.folder()
    };
    let (database, folder) = (test.database(), folder.to_owned());
    let opened = std::thread::spawn(move || Store::open(&database, &folder, &Options::default()));
    opened.join().expect("the opening thread")
}

async fn a_newer_schema_is_refused(test: &TestStore) {
    test.store
        .write(|tx| instance::set(tx, "schema", 99))
        .await
        .unwrap();
    let refused = reopen(test).err().expect("a refusal");
    assert!(
        refused.contains("99") && refused.contains("versions up to 1"),
        "{refused}"
    );
}

async fn text_of_all_kinds_survives(test: &TestStore) {
    blog(&test.store).await;
    let texts = [
        "",
        "''; DROP TABLE comments; --",
        "?1 $1 :a %s \\ \\0",
        "“curly” … — \u{1f9d1}\u{200d}\u{1f680} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{10ffff}",
        "\n\r\t",
    ];
    for (n, text) in texts.iter().enumerate() {
        let mut one = comment(n as i64 + 1, 0, 0, Status::Approved);
        one.author.name = (*text).to_owned();
        put(&test.store, vec![one]).await;
        assert_eq!(stored(&test.store, n as i64 + 1).await.author.name, *text);
    }
}

async fn a_read_cannot_write_on_sqlite(test: &TestStore) {
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

/// What a SQLite database holds, without its rows: tables and indexes as they were written.
fn shape(file: &std::path::Path) -> Vec<(String, String)> {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    // Comments and spaces may differ; what stands between may not.
    let tidy = |sql: String| {
        let code = sql
            .lines()
            .map(|line| line.split("--").next().unwrap_or(""))
            .collect::<String>();
        code.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    rows.map(|row| {
        row.map(|(name, sql): (String, String)| (name, tidy(sql)))
            .unwrap()
    })
    .collect()
}

/// `tests/data/schema-N.sql` is the schema of version N as it was released. A change of `schema.sql`
/// without a step in `src/store/migrate.rs` fails here.
#[test]
fn an_old_database_after_its_steps_equals_a_fresh_one() {
    let fresh = support::sqlite().unwrap();
    let wanted = shape(&fresh.folder().join("afterword.db"));
    assert!(wanted.len() > 15, "the schema was not read");
    let mut versions = 0;
    for version in 1..=afterword::store::migrate::current(afterword::store::migrate::STEPS) {
        let old = std::fs::read_to_string(format!(
            "{}/tests/data/schema-{version}.sql",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("afterword.db");
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection
            .execute_batch(&afterword::store::schema::to_sqlite(&old))
            .unwrap();
        connection
            .execute(
                "INSERT INTO instance (name, value) VALUES ('schema', ?1)",
                [version],
            )
            .unwrap();
        drop(connection);
        drop(Store::open("afterword.db", folder.path(), &Options::default()).unwrap());
        assert_eq!(shape(&file), wanted, "after the steps from version {version}");
        versions += 1;
    }
    assert!(versions > 0);
}
