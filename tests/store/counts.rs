//! Counts equal lists; placeholders keep positions; orders and pages.

use super::support::TestStore;
use super::support::make::{NOW, SITE, THREAD, blog, comment, put, set_status, stored};
use afterword::model::comment::Status;
use afterword::model::id::CommentId;
use afterword::model::site::Sort;
use afterword::store::tables::comments::PagePosition;
use afterword::store::{
    Store, StoreError,
    tables::{comments, threads, votes},
};

/// The count of a thread, and the comments in its list.
pub(crate) async fn count_and_list(store: &Store) -> (i64, Vec<i64>) {
    store
        .read(|tx| {
            let thread = threads::by_id(tx, SITE, THREAD)?.expect("the thread");
            let list = comments::all_of_thread(tx, SITE, THREAD, 1_000)?;
            let approved = list
                .iter()
                .filter(|comment| comment.status == Status::Approved)
                .count() as i64;
            assert_eq!(thread.comment_count, approved, "the count equals the list");
            let tops = list.iter().filter(|comment| comment.parent_id.is_none());
            for top in tops {
                let below = comments::descendants(tx, top, top.id.0, 1_000)?.len() as i64;
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

pub(crate) async fn counts_equal_lists(test: &TestStore) {
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

pub(crate) async fn a_held_comment_is_not_listed(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Held)]).await;
    assert_eq!(count_and_list(&test.store).await, (0, vec![]));
}

pub(crate) async fn a_tombstone_stays_while_replies_are_visible(test: &TestStore) {
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

pub(crate) async fn tombstones_are_removed_upwards_with_the_last_reply(test: &TestStore) {
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

pub(crate) async fn restoring_a_comment_restores_its_ancestors_tombstones(test: &TestStore) {
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

pub(crate) async fn top_level_comments_are_listed_in_each_order(test: &TestStore) {
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

pub(crate) async fn pages_of_top_level_comments_are_complete_without_repeats(test: &TestStore) {
    blog(&test.store).await;
    let replies = (24..=40).map(|id| comment(id, id % 7 + 1, 1, Status::Approved));
    put(
        &test.store,
        (1..=23)
            .map(|id| comment(id, 0, 0, Status::Approved))
            .chain(replies)
            .collect(),
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
            place = Some(PagePosition {
                id: last.id.0,
                score: comments::rank(last, *sort),
            });
            assert!(seen.len() <= 23, "{sort:?} comes to an end");
            seen.extend(page.iter().map(|comment| comment.id.0));
        }
        assert_eq!(seen.len(), 23, "{sort:?}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 23, "{sort:?}");
    }
}

pub(crate) async fn a_conversation_is_listed_in_order_and_in_pages(test: &TestStore) {
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
            let first = comments::descendants(tx, &top, 1, 4)?;
            let second = comments::descendants(tx, &top, first.last().expect("four").id.0, 100)?;
            let left = comments::count_descendants(tx, &top, 6)?;
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

pub(crate) async fn each_reader_has_one_vote(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let seen = test
        .store
        .write(|tx| {
            let id = CommentId(1);
            votes::set(tx, SITE, id, "ann", 1, "here", NOW)?;
            votes::set(tx, SITE, id, "ann", -1, "here", NOW)?;
            votes::set(tx, SITE, id, "bert", 1, "here", NOW)?;
            let both = votes::recent(tx, SITE, id, "here", afterword::model::time::Millis(0))?.count;
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
