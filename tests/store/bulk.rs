//! A bulk of comments stored by one call, beside the same comments stored and changed one by one.

use std::time::Instant;

use super::support::TestStore;
use super::support::make::{NOW, SITE, THREAD, blog, comment, details_of, put, thread};
use afterword::model::{
    comment::{Comment, Details, History, ImportedComment, NewComment, Status},
    id::{CommentId, SiteId, ThreadId},
    site::Sort,
    text::SiteName,
    thread::Thread,
    time::Millis,
};
use afterword::store::{
    Store, StoreError, Tx,
    tables::{comments, details, sites, threads},
};

const COUNT: i64 = 2_000;
/// Comments per unit of work where they are stored one by one.
const PART: usize = 50;
/// A second site with the same thread, for the bulk.
const OTHER: SiteId = SiteId(2);

/// A tree of comments of all statuses, with votes and edits; the same each time.
fn tree(site: SiteId) -> Vec<ImportedComment> {
    let mut seed = 1_u64;
    let mut random = |below: i64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % below.cast_unsigned()).cast_signed()
    };
    let mut roots = vec![0];
    (1..=COUNT)
        .map(|id| {
            let parent = if id == 1 || random(10) < 2 {
                0
            } else {
                (id - 1 - random(60)).max(1)
            };
            let root = if parent == 0 { id } else { roots[parent as usize] };
            roots.push(root);
            let status = match random(10) {
                _ if id == 1 => Status::Approved,
                0 => Status::Held,
                1 => Status::Spam,
                2 | 3 => Status::Deleted,
                _ => Status::Approved,
            };
            let mut comment = comment(id, parent, root, status);
            comment.site_id = site;
            let history = History {
                edited_at: (random(8) == 0).then_some(Millis(NOW.0 + 100_000 + id)),
                up: random(30),
                down: random(9),
            };
            ImportedComment { comment, history }
        })
        .collect()
}

/// Locks the site's thread and stores the details of all comments.
fn prepare(tx: &mut dyn Tx, all: &[ImportedComment]) -> Result<(), StoreError> {
    let site = all[0].comment.site_id;
    let details: Vec<(CommentId, Details)> = all
        .iter()
        .map(|imported| {
            let id = imported.comment.id;
            let of = Details {
                page_url: format!("https://blog.example/tea?from={id}"),
                page_title: format!("title {id}"),
                ..details_of("source")
            };
            (id, of)
        })
        .collect();
    threads::lock(tx, site, THREAD)?;
    details::add_all(tx, site, &details)
}

/// Stores a comment as a post does, then gives it its votes and edit time.
fn store_and_change(tx: &mut dyn Tx, wanted: &ImportedComment) -> Result<(), StoreError> {
    let ImportedComment { comment, history } = wanted;
    let mut new = comment.clone();
    if new.id.0 % 3 == 0 {
        new.status = Status::Held;
    } else {
        new.status = Status::Approved;
    }
    comments::add(tx, &new)
        .and_then(|()| now(tx, comment.id))
        .and_then(|stored| comments::set_votes(tx, &stored, history.up, history.down))?;
    if history.edited_at.is_some() {
        let (author, body) = (&comment.author, &comment.body);
        let stored = now(tx, comment.id)?;
        comments::set_content(tx, &stored, author, body, comment.policy, history.edited_at)?;
    }
    Ok(())
}

/// Gives a stored comment its final status.
fn give_status(tx: &mut dyn Tx, wanted: &ImportedComment) -> Result<(), StoreError> {
    let stored = now(tx, wanted.comment.id)?;
    if stored.status == wanted.comment.status {
        return Ok(());
    }
    comments::set_status(tx, &stored, wanted.comment.status, NOW)
}

fn now(tx: &mut dyn Tx, id: CommentId) -> Result<Comment, StoreError> {
    Ok(comments::by_id(tx, SITE, id)?.expect("the comment"))
}

/// The thread's row, all of its comments by id, and every list in its order. Versions and the site are left out.
#[derive(Debug, PartialEq)]
struct Stored {
    thread: String,
    comments: Vec<String>,
    lists: Vec<(String, Vec<i64>)>,
}

fn stored(tx: &mut dyn Tx, site: SiteId) -> Result<Stored, StoreError> {
    let found = threads::by_id(tx, site, THREAD)?.expect("the thread");
    let row = Thread {
        site_id: SITE,
        version: 0,
        ..found
    };
    let ids = |found: &[Comment]| found.iter().map(|comment| comment.id.0).collect::<Vec<_>>();
    let mut lists = vec![
        (
            "thread".to_owned(),
            ids(&comments::all_of_thread(tx, site, THREAD, 2 * COUNT)?),
        ),
        (
            "feed".to_owned(),
            ids(&comments::newest_in(tx, site, THREAD, 2 * COUNT)?),
        ),
    ];
    for sort in Sort::ALL {
        let found = comments::roots(tx, site, THREAD, *sort, None, 2 * COUNT)?;
        lists.push((format!("{sort:?}"), ids(&found)));
    }
    let mut all = Vec::new();
    for status in Status::ALL {
        let found = comments::by_status(tx, site, *status, i64::MAX, 2 * COUNT)?;
        lists.push((format!("{status:?}"), ids(&found)));
        all.extend(found);
    }
    all.sort_by_key(|comment| comment.id);
    let all = all.into_iter().map(|comment| Comment {
        site_id: SITE,
        version: 0,
        ..comment
    });
    Ok(Stored {
        thread: format!("{row:?}"),
        comments: all.map(|comment| format!("{comment:?}")).collect(),
        lists,
    })
}

/// A second site with the same empty thread.
async fn add_other_site(store: &Store) {
    let garden = |tx: &mut dyn Tx| {
        sites::add(tx, OTHER, &SiteName::parse("garden").expect("a name"), NOW)?;
        let mut same = thread(THREAD);
        same.site_id = OTHER;
        threads::add(tx, &same, "//blog.example/tea").map(drop)
    };
    store.write(garden).await.unwrap();
}

pub(crate) async fn a_bulk_equals_the_same_comments_stored_one_by_one(test: &TestStore) {
    blog(&test.store).await;
    add_other_site(&test.store).await;
    let began = Instant::now();
    let all = tree(SITE);
    let prepared = all.clone();
    test.store.write(move |tx| prepare(tx, &prepared)).await.unwrap();
    // In parts: PostgreSQL keeps every version of the thread's row until a unit ends, and reads past them.
    for part in all.chunks(PART).map(<[_]>::to_vec) {
        let unit = move |tx: &mut dyn Tx| part.iter().try_for_each(|wanted| store_and_change(tx, wanted));
        test.store.write(unit).await.unwrap();
    }
    for part in all.chunks(PART).map(<[_]>::to_vec) {
        let unit = move |tx: &mut dyn Tx| part.iter().try_for_each(|wanted| give_status(tx, wanted));
        test.store.write(unit).await.unwrap();
    }
    let singly = began.elapsed();

    let began = Instant::now();
    let bulk = |tx: &mut dyn Tx| {
        let mut all = tree(OTHER);
        prepare(tx, &all)?;
        // The order of the rows does not matter.
        all.reverse();
        comments::add_all(tx, &all)
    };
    test.store.write(bulk).await.unwrap();
    println!(
        "{COUNT} comments: one by one {singly:?}, as a bulk {:?}",
        began.elapsed()
    );

    let (wanted, found) = test
        .store
        .read(|tx| Ok::<_, StoreError>((stored(tx, SITE)?, stored(tx, OTHER)?)))
        .await
        .unwrap();
    assert_eq!(wanted.comments.len() as i64, COUNT);
    assert_eq!(wanted.thread, found.thread);
    for (wanted, found) in wanted.comments.iter().zip(&found.comments) {
        assert_eq!(wanted, found);
    }
    assert_eq!(wanted, found);
    // The tree has tombstones that their replies alone keep visible, and hidden comments that none keeps.
    let (kept, hidden) = test
        .store
        .read(|tx| {
            let (mut kept, mut hidden) = (0, 0);
            for id in 1..=COUNT {
                let comment = now(tx, CommentId(id))?;
                match (comment.status, comment.reply_count) {
                    (Status::Approved, _) => (),
                    (_, 0) => hidden += 1,
                    _ => kept += 1,
                }
            }
            Ok::<_, StoreError>((kept, hidden))
        })
        .await
        .unwrap();
    assert!(kept > 100 && hidden > 100, "{kept} kept, {hidden} hidden");
}

pub(crate) async fn a_bulk_keeps_votes_edits_and_counts(test: &TestStore) {
    blog(&test.store).await;
    put(&test.store, vec![comment(1, 0, 0, Status::Approved)]).await;
    let history = History {
        edited_at: Some(Millis(NOW.0 + 7_000)),
        up: 5,
        down: 2,
    };
    let imported = |comment: NewComment| ImportedComment { comment, history };
    let all = vec![
        imported(comment(2, 1, 1, Status::Deleted)),
        imported(comment(3, 2, 1, Status::Approved)),
        imported(comment(4, 0, 0, Status::Held)),
    ];
    let version = version_after(test, &all[..0]).await;
    let added = version_after(test, &all).await;
    assert_eq!(added, version + 1, "once for the bulk");
    let read = test.store.read(|tx| {
        let all = [1, 2, 3, 4].map(|id| now(tx, CommentId(id)));
        let thread = threads::by_id(tx, SITE, THREAD)?.expect("the thread");
        Ok::<_, StoreError>((all.into_iter().collect::<Result<Vec<_>, _>>()?, thread))
    });
    let (found, thread) = read.await.unwrap();
    assert_eq!((thread.comment_count, thread.total_count), (2, 4));
    let counts = |comment: &Comment| (comment.reply_count, comment.descendant_count);
    let counts: Vec<_> = found.iter().map(counts).collect();
    assert_eq!(counts, [(1, 2), (1, 0), (0, 0), (0, 0)]);
    for comment in &found[1..] {
        let stored = (comment.edited_at, comment.up, comment.down);
        assert_eq!(stored, (history.edited_at, 5, 2), "{}", comment.id);
    }
    let held = [
        imported(comment(5, 3, 1, Status::Held)),
        imported(comment(6, 0, 0, Status::Spam)),
    ];
    assert_eq!(
        version_after(test, &held).await,
        added,
        "readers see nothing of them"
    );
}

/// Stores a bulk, and returns the thread's version after it.
async fn version_after(test: &TestStore, all: &[ImportedComment]) -> i64 {
    let all = all.to_vec();
    let unit = move |tx: &mut dyn Tx| {
        if !all.is_empty() {
            prepare(tx, &all)?;
        }
        comments::add_all(tx, &all)?;
        Ok::<_, StoreError>(threads::by_id(tx, SITE, THREAD)?.expect("the thread").version)
    };
    test.store.write(unit).await.unwrap()
}

pub(crate) async fn a_broken_row_leaves_nothing_of_its_bulk(test: &TestStore) {
    blog(&test.store).await;
    let whole = |tx: &mut dyn Tx| stored(tx, SITE);
    let before = test.store.read(whole).await.unwrap();
    let reply = |id, parent, root| comment(id, parent, root, Status::Approved);
    let another_thread = NewComment {
        thread_id: ThreadId(77),
        ..reply(COUNT + 1, 0, 0)
    };
    for (name, broken) in [
        ("an id twice", reply(COUNT / 2, 0, 0)),
        ("a reply older than its parent", reply(COUNT + 1, COUNT + 2, 1)),
        (
            "a reply to a comment that does not exist",
            reply(COUNT + 2, COUNT + 1, 1),
        ),
        ("a reply in another conversation", reply(COUNT + 1, 1, COUNT + 1)),
        ("a top-level comment in a conversation", reply(COUNT + 1, 0, 1)),
        ("a thread that does not exist", another_thread),
    ] {
        let bulk = move |tx: &mut dyn Tx| {
            let mut all = tree(SITE);
            prepare(tx, &all)?;
            let history = History::default();
            let comment = broken.clone();
            all.push(ImportedComment { comment, history });
            comments::add_all(tx, &all)
        };
        let refused = test.store.write(bulk).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{name}: {refused:?}"
        );
        assert_eq!(test.store.read(whole).await.unwrap(), before, "{name}");
        let details = test.store.read(|tx| details::of(tx, SITE, CommentId(1)));
        assert!(details.await.unwrap().is_none(), "{name}");
    }
}

pub(crate) async fn a_recount_corrects_counts_and_changes_no_right_ones(test: &TestStore) {
    blog(&test.store).await;
    let bulk = |tx: &mut dyn Tx| {
        let all = tree(SITE);
        prepare(tx, &all)?;
        comments::add_all(tx, &all)
    };
    test.store.write(bulk).await.unwrap();
    let version =
        |tx: &mut dyn Tx| Ok::<_, StoreError>(threads::by_id(tx, SITE, THREAD)?.expect("the thread").version);
    let counted = test.store.write(move |tx| {
        let (before, first) = (stored(tx, SITE)?, version(tx)?);
        comments::recount(tx, SITE, THREAD)?;
        assert_eq!(
            (stored(tx, SITE)?, version(tx)?),
            (before, first),
            "all are right"
        );
        let before = stored(tx, SITE)?;
        tx.execute("UPDATE comments SET reply_count = 77, descendant_count = 77", &[])?;
        comments::recount(tx, SITE, THREAD)?;
        assert_eq!(version(tx)?, first + 1, "readers see other counts");
        tx.execute("UPDATE threads SET comment_count = 77, total_count = 77", &[])?;
        assert_ne!(stored(tx, SITE)?, before, "control");
        comments::recount(tx, SITE, THREAD)?;
        assert_eq!((stored(tx, SITE)?, version(tx)?), (before, first + 2));
        Ok::<_, StoreError>(())
    });
    counted.await.unwrap();
}
