//! Random units of work, sequential and concurrent, compared with the simple model in `model.rs`.
//!
//! `threads::lock` orders the units of one thread. Here each unit increments the thread's version at its start, which
//! records that order. The model then repeats concurrent units in that order, and every result and everything that can
//! be read afterwards must be the same.

use std::sync::Arc;

use afterword::{
    model::{
        comment::{Comment, Details, NewComment, Status},
        id::{CommentId, SiteId, ThreadId},
        site::Sort,
        text::SiteName,
    },
    store::{
        Store, StoreError, Tx,
        tables::{
            comments::{self, PagePosition},
            details, post_keys, sites, threads, votes,
        },
    },
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use super::{
    model::{Answer, Thread, Unit},
    support::{TestStore, make},
};

/// The number of comments that a case names, and the number of cases.
const IDS: i64 = 14;

fn cases() -> i64 {
    if std::env::var_os("AFTERWORD_LONG").is_some() {
        400
    } else {
        24
    }
}

fn unit() -> impl Strategy<Value = Unit> {
    let status = || {
        prop::sample::select(vec![
            Status::Approved,
            Status::Approved,
            Status::Approved,
            Status::Held,
            Status::Spam,
        ])
    };
    let any_status = || {
        prop::sample::select(vec![
            Status::Approved,
            Status::Held,
            Status::Spam,
            Status::Deleted,
        ])
    };
    let id = || 1..=IDS;
    let plain = prop_oneof![
        5 => (id(), 0..=IDS, status()).prop_map(|(id, parent, status)| Unit::Post { id, parent, status, key: id as u8 }),
        1 => (id(), 0..=IDS, status(), 0..IDS as u8).prop_map(|(id, parent, status, key)| Unit::Post { id, parent, status, key }),
        2 => (id(), any::<u8>()).prop_map(|(id, text)| Unit::Edit { id, text }),
        3 => (id(), 0..4u8, -1..=1i64).prop_map(|(id, reader, value)| Unit::Vote { id, reader, value }),
        4 => (id(), any_status()).prop_map(|(id, status)| Unit::Status { id, status }),
        1 => any::<bool>().prop_map(|closed| Unit::Close { closed }),
        1 => (0..6u8).prop_map(|key| Unit::Alias { key }),
    ];
    (plain, prop::bool::weighted(0.1)).prop_map(|(unit, refused)| {
        if refused {
            Unit::Refused(Box::new(unit))
        } else {
            unit
        }
    })
}

/// The page that a comment is posted from.
fn page_of(id: i64) -> String {
    format!("https://blog.example/tea?from={id}")
}

/// The thread's version when a unit began, with its lock, and when it ended.
type Versions = (i64, i64);

/// Executes a unit in a transaction, as the use cases do. Returns the thread's versions with the result.
fn run(
    tx: &mut dyn Tx,
    site: SiteId,
    thread: ThreadId,
    unit: &Unit,
) -> Result<(Versions, Answer), StoreError> {
    threads::lock_and_bump(tx, site, thread)?;
    let began = threads::by_id(tx, site, thread)?.expect("the thread").version;
    let answer = answer(tx, site, thread, unit)?;
    let ended = threads::by_id(tx, site, thread)?.expect("the thread").version;
    Ok(((began, ended), answer))
}

fn answer(tx: &mut dyn Tx, site: SiteId, thread: ThreadId, unit: &Unit) -> Result<Answer, StoreError> {
    let found = |tx: &mut dyn Tx, id: i64| comments::by_id(tx, site, CommentId(id));
    Ok(match unit {
        Unit::Post {
            id,
            parent,
            status,
            key,
        } => {
            let key = format!("key {key}");
            if let Some(used) = post_keys::find(tx, site, &key)? {
                return Ok(Answer::Posted(used.comment.0));
            }
            if found(tx, *id)?.is_some() {
                // Ids of comments are unique by construction; the model would replace this one, so it is skipped.
                return Ok(Answer::Nothing);
            }
            let parent = if parent < id { found(tx, *parent)? } else { None };
            let (above, root) = parent.map_or((0, 0), |parent| (parent.id.0, parent.root_id.0));
            let comment = NewComment {
                site_id: site,
                thread_id: thread,
                body: format!("comment {id}"),
                ..make::comment(*id, above, root, *status)
            };
            let of = Details {
                page_url: page_of(*id),
                page_title: format!("title {id}"),
                ..make::details_of("source")
            };
            details::add(tx, site, comment.id, &of)?;
            comments::add(tx, &comment)?;
            let used = post_keys::UsedKey {
                body_hash: String::new(),
                comment: comment.id,
            };
            assert!(
                post_keys::claim(tx, site, &key, &used, make::NOW)?,
                "it was not used"
            );
            Answer::Posted(*id)
        }
        Unit::Edit { id, text } => match found(tx, *id)? {
            Some(comment) if comment.status != Status::Deleted => {
                comments::set_content(
                    tx,
                    &comment,
                    &comment.author,
                    &format!("edited {text}"),
                    1,
                    Some(make::NOW),
                )?;
                Answer::Done
            }
            _ => Answer::Nothing,
        },
        Unit::Vote { id, reader, value } => match found(tx, *id)? {
            Some(comment) if comment.status == Status::Approved => {
                let reader = format!("reader {reader}");
                let before = votes::of(tx, site, comment.id, &reader)?;
                votes::set(tx, site, comment.id, &reader, *value, "here", make::NOW)?;
                let moved = |which| i64::from(*value == which) - i64::from(before == which);
                let (up, down) = (comment.up + moved(1), comment.down + moved(-1));
                comments::set_votes(tx, &comment, up, down)?;
                Answer::Votes(up, down)
            }
            _ => Answer::Nothing,
        },
        Unit::Status { id, status } => match found(tx, *id)? {
            Some(comment) if comment.status != Status::Deleted => {
                comments::set_status(tx, &comment, *status, make::NOW)?;
                Answer::Done
            }
            _ => Answer::Nothing,
        },
        Unit::Close { closed } => {
            threads::set_closed(tx, site, thread, *closed)?;
            Answer::Done
        }
        Unit::Alias { key } => {
            if threads::add_key(tx, site, &format!("alias {key}"), thread)? {
                Answer::Done
            } else {
                Answer::Nothing
            }
        }
        Unit::Refused(unit) => {
            answer(tx, site, thread, unit)?;
            return Err(StoreError::Conflict("refused at the end".into()));
        }
    })
}

/// One writer's units in order; each with its version, none if refused.
async fn write(store: Store, site: SiteId, units: Vec<Unit>) -> Vec<(Option<Versions>, Unit, Answer)> {
    let mut done = Vec::new();
    for unit in units {
        let sent = unit.clone();
        match store.write(move |tx| run(tx, site, make::THREAD, &sent)).await {
            Ok((versions, answer)) => done.push((Some(versions), unit, answer)),
            Err(error) => {
                assert!(matches!(unit, Unit::Refused(_)), "{unit:?}: {error}");
                done.push((None, unit, Answer::Refused));
            }
        }
    }
    done
}

/// Runs a case on a site of its own. Errors: the first difference.
async fn case(store: &Store, site: SiteId, writers: &[Vec<Unit>], model: Thread) -> Result<(), String> {
    store
        .write(move |tx| {
            sites::add(
                tx,
                site,
                &SiteName::parse(&format!("site{}", site.0)).expect("a name"),
                make::NOW,
            )?;
            threads::add(
                tx,
                &afterword::model::thread::Thread {
                    site_id: site,
                    ..make::thread(make::THREAD)
                },
                "first",
            )
            .map(drop)
        })
        .await
        .map_err(|error| error.to_string())?;
    let running: Vec<_> = writers
        .iter()
        .map(|units| tokio::spawn(write(store.clone(), site, units.clone())))
        .collect();
    let mut done = Vec::new();
    for writer in running {
        done.extend(writer.await.map_err(|error| error.to_string())?);
    }
    let mut model = model;
    let mut ordered: Vec<_> = done
        .into_iter()
        .filter_map(|(versions, unit, answer)| versions.map(|versions| (versions, unit, answer)))
        .collect();
    ordered.sort_by_key(|(versions, ..)| *versions);
    let mut version = 0;
    for ((began, ended), unit, answer) in &ordered {
        if *began != version + 1 {
            return Err(format!(
                "version {began} where {} should be: two units were done at once, or a refused one left something",
                version + 1
            ));
        }
        version = *ended;
        let taken = matches!(unit, Unit::Post { id, key, .. } if model.comments.contains_key(id) && !model.keys.contains_key(key));
        let expected = if taken { Answer::Nothing } else { model.apply(unit) };
        if *answer != expected {
            return Err(format!("{unit:?} answered {answer:?}, not {expected:?}"));
        }
    }
    let alone = Arc::new(model);
    let model = Arc::clone(&alone);
    store
        .read(move |tx| Ok::<_, StoreError>(compare(tx, site, make::THREAD, &["first"], &model, version)))
        .await
        .map_err(|error| error.to_string())??;
    merged(store, site, &alone).await
}

/// Merges the thread with another one, in one direction or the other, and compares again.
async fn merged(store: &Store, site: SiteId, first: &Thread) -> Result<(), String> {
    let (other, mut second) = (ThreadId(20), Thread::default());
    let units = [
        (101, 0, Status::Held),
        (102, 0, Status::Approved),
        (103, 102, Status::Approved),
        (104, 103, Status::Spam),
    ]
    .map(|(id, parent, status)| Unit::Post {
        id,
        parent,
        status,
        key: id as u8,
    });
    for unit in &units {
        second.apply(unit);
    }
    let into_other = site.0 % 2 == 0;
    let (from, into) = if into_other {
        (make::THREAD, other)
    } else {
        (other, make::THREAD)
    };
    let version = store
        .write(move |tx| {
            let thread = afterword::model::thread::Thread {
                site_id: site,
                ..make::thread(other)
            };
            threads::add(tx, &thread, "second")?;
            for unit in &units {
                run(tx, site, other, unit)?;
            }
            let of =
                |tx: &mut dyn Tx, id| threads::by_id(tx, site, id).map(|thread| thread.expect("a thread"));
            let (from, into) = (of(tx, from)?, of(tx, into)?);
            threads::merge(tx, &from, &into)?;
            let led_on = threads::by_id_or_merged(tx, site, from.id)?.map(|thread| thread.id);
            assert_eq!(led_on, Some(into.id), "the merged thread leads on");
            assert!(threads::by_id(tx, site, from.id)?.is_none(), "and is no more");
            Ok::<_, StoreError>(from.version.max(into.version) + 1)
        })
        .await
        .map_err(|error| error.to_string())?;
    let mut both = first.clone();
    both.comments.extend(second.comments);
    both.page = both.first_approved().unwrap_or(0);
    if into_other {
        both.closed = false;
    }
    store
        .read(move |tx| Ok::<_, StoreError>(compare(tx, site, into, &["first", "second"], &both, version)))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|difference| format!("merged into {into}: {difference}"))
}

/// Compares everything that can be read with the model.
fn compare(
    tx: &mut dyn Tx,
    site: SiteId,
    id: ThreadId,
    names: &[&str],
    model: &Thread,
    version: i64,
) -> Result<(), String> {
    fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: T, wanted: T) -> Result<(), String> {
        if got == wanted {
            Ok(())
        } else {
            Err(format!("{what}: {got:?}, not {wanted:?}"))
        }
    }
    let failed = |error: StoreError| error.to_string();
    let ids = |list: &[Comment]| list.iter().map(|comment| comment.id.0).collect::<Vec<_>>();
    let thread = threads::by_id(tx, site, id).map_err(failed)?.expect("the thread");
    same("version", thread.version, version)?;
    same("published", thread.is_published(), model.approved() > 0)?;
    if model.approved() > 0 {
        same("address", thread.page_url.clone(), page_of(model.page))?;
        same("title", thread.title.clone(), format!("title {}", model.page))?;
    }
    same("closed", thread.closed, model.closed)?;
    same("comments", thread.comment_count, model.approved())?;
    same("all comments", thread.total_count, model.comments.len() as i64)?;
    let mut keys: Vec<String> = model.aliases.iter().map(|key| format!("alias {key}")).collect();
    keys.extend(names.iter().map(|name| (*name).to_owned()));
    same("keys", threads::keys(tx, site, id).map_err(failed)?, keys)?;
    let whole = comments::all_of_thread(tx, site, id, 1_000).map_err(failed)?;
    same("the list", ids(&whole), model.whole())?;
    for sort in Sort::ALL {
        let (mut seen, mut place) = (Vec::new(), None);
        loop {
            let page = comments::roots(tx, site, id, *sort, place, 2).map_err(failed)?;
            let Some(last) = page.last() else { break };
            place = Some(PagePosition {
                id: last.id.0,
                score: comments::rank(last, *sort),
            });
            seen.extend(ids(&page));
        }
        same(sort.as_str(), seen, model.roots(*sort))?;
    }
    for status in [Status::Approved, Status::Held, Status::Spam, Status::Deleted] {
        let found = comments::by_status(tx, site, status, i64::MAX, 1_000).map_err(failed)?;
        let wanted: Vec<i64> = model
            .comments
            .iter()
            .rev()
            .filter(|(_, comment)| comment.status == status)
            .map(|(id, _)| *id)
            .collect();
        same(status.as_str(), ids(&found), wanted.clone())?;
        let counted = comments::count_status(tx, site, status, 1_000).map_err(failed)?;
        same(status.as_str(), counted, wanted.len() as i64)?;
    }
    for (id, wanted) in &model.comments {
        let got = comments::by_id(tx, site, CommentId(*id))
            .map_err(failed)?
            .ok_or_else(|| format!("{id} is gone"))?;
        let what = |part: &str| format!("{part} of {id}");
        same(
            &what("parent"),
            got.parent_id.map_or(0, |parent| parent.0),
            wanted.parent,
        )?;
        same(&what("root"), got.root_id.0, model.root(*id))?;
        same(&what("text"), got.body.clone(), wanted.text.clone())?;
        same(&what("edit"), got.edited_at.is_some(), wanted.edited)?;
        same(&what("votes"), (got.up, got.down), wanted.votes())?;
        same(&what("replies"), got.reply_count, model.replies(*id))?;
        if wanted.parent == 0 {
            same(&what("comments below"), got.descendant_count, model.below(*id))?;
            let below = comments::descendants(tx, &got, *id, 1_000).map_err(failed)?;
            same(&what("list below"), below.len() as i64, model.below(*id))?;
        }
    }
    Ok(())
}

/// Runs all cases; a failing one is shrunk as long as it fails.
async fn all(store: &Store, writers: usize, seed: u8, model: &Thread) -> Result<(), String> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let units = prop::collection::vec(prop::collection::vec(unit(), 1..40), writers..=writers);
    let mut site = i64::from(seed) * 100_000;
    for _ in 0..cases() {
        let mut tree = units.new_tree(&mut runner).expect("units");
        site += 1;
        let Err(mut difference) = case(store, SiteId(site), &tree.current(), model.clone()).await else {
            continue;
        };
        let mut smallest = tree.current();
        let mut going = tree.simplify();
        for _ in 0..300 {
            if !going {
                break;
            }
            site += 1;
            going = match case(store, SiteId(site), &tree.current(), model.clone()).await {
                Err(error) => {
                    (difference, smallest) = (error, tree.current());
                    tree.simplify()
                }
                Ok(()) => tree.complicate(),
            };
        }
        return Err(format!("{difference}\nby {smallest:#?}"));
    }
    Ok(())
}

pub(crate) async fn sequential_units_match_the_model(test: &TestStore) {
    let result = all(&test.store, 1, 1, &Thread::default()).await;
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

pub(crate) async fn concurrent_units_match_the_model_in_their_order(test: &TestStore) {
    let result = all(&test.store, 4, 2, &Thread::default()).await;
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

/// The control: a model with one fault differs from the store.
pub(crate) async fn control_a_model_without_tombstones_differs(test: &TestStore) {
    let wrong = Thread {
        without_tombstones: true,
        ..Thread::default()
    };
    let difference = all(&test.store, 1, 3, &wrong)
        .await
        .expect_err("the comparison sees nothing");
    // After shrinking: a comment, its reply, and the action that hides the comment.
    assert!(difference.matches("Post").count() <= 3, "{difference}");
}
