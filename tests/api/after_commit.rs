//! Every act emits its events once, and takes effect at once: live readers of the thread get an update, and no cached
//! response is older than the act.

mod moderators;
mod owners;

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, Instant},
};

use afterword::{
    jobs::maintenance,
    model::{
        comment::Status,
        event::{Change, Event, EventKind},
        id::{CommentId, SiteId, ThreadId},
        time::DAY,
    },
    service::{
        audit::Actor,
        moderation::{decide, queue},
        threads::read,
    },
    store::{Committed, Consumer, StoreError, tables::instance},
};
use serde_json::json;

use super::{
    live::Listening,
    support::server::{PAGE, READER, TestServer, encoded, key},
};

fn actor() -> &'static Actor {
    static ACTOR: LazyLock<Actor> = LazyLock::new(Actor::command_line);
    &ACTOR
}

fn status(from: Status, to: Status) -> Change {
    Change::StatusChanged { from, to }
}

/// The commits of a server, from now on.
fn follow(server: &TestServer) -> Arc<Mutex<Vec<Committed>>> {
    let commits = Arc::<Mutex<Vec<Committed>>>::default();
    let recorded = Arc::clone(&commits);
    let record = move |committed: &Committed| recorded.lock().unwrap().push(committed.clone());
    server.app.store.on_commit(record);
    commits
}

/// A server whose commits are recorded, with a live reader of [`PAGE`].
struct FollowedServer {
    server: TestServer,
    commits: Arc<Mutex<Vec<Committed>>>,
    reader: Listening,
    site: SiteId,
}

/// The effect of an act on readers, as soon as it is done.
#[derive(Clone, Copy)]
enum Visible {
    /// Live readers get an update, and the page changes.
    Live,
    /// Live readers get an update, and the page stays the same.
    Version,
    /// The page changes.
    Read,
    /// No effect.
    Nowhere,
}

impl FollowedServer {
    fn start() -> Self {
        let server = TestServer::start();
        let commits = follow(&server);
        let mut reader = Listening::begin(server.address, &format!("page={}", encoded(PAGE)));
        reader.state();
        let site = server.run(read::site(&server.app, "blog")).unwrap().id;
        Self {
            server,
            commits,
            reader,
            site,
        }
    }

    fn take(&self) -> Vec<Event> {
        let commits = std::mem::take(&mut *self.commits.lock().unwrap());
        commits
            .into_iter()
            .flat_map(|committed| committed.events)
            .collect()
    }

    fn page(&self) -> String {
        let path = format!("/api/v1/sites/blog/thread?page={}", encoded(PAGE));
        self.server.get(&path).text()
    }

    fn thread(&self) -> ThreadId {
        ThreadId(self.server.thread(PAGE)["thread"]["id"].as_i64().unwrap())
    }

    /// The version of a comment that a moderator sees.
    fn version(&self, id: CommentId) -> i64 {
        let item = self.server.run(queue::item(&self.server.app, self.site, id));
        item.unwrap().comment.version
    }

    fn decide(&mut self, id: CommentId, from: Status, to: Status) {
        let version = self.version(id);
        let site = self.site;
        self.act(
            &format!("{from:?} to {to:?}"),
            &[status(from, to)],
            Visible::Live,
            |server| {
                server
                    .run(decide::decide(&server.app, actor(), site, id, to, version))
                    .unwrap()
            },
        );
    }

    /// Runs an act, and asserts its changes, in this order, and its effect. The clock is stopped.
    fn act<T>(
        &mut self,
        name: &str,
        changes: &[Change],
        seen: Visible,
        run: impl FnOnce(&TestServer) -> T,
    ) -> T {
        let before = self.page();
        assert_eq!(self.page(), before, "{name}: control, nothing changes by itself");
        assert_eq!(self.take(), [], "{name}: reading emits nothing");
        let began = Instant::now();
        let done = run(&self.server);
        let events = self.take();
        let emitted: Vec<Change> = events.iter().map(|event| event.change).collect();
        assert_eq!(emitted, changes, "{name}");
        assert!(
            events.iter().all(|event| event.site == self.site),
            "{name}: {events:?}"
        );
        let after = self.page();
        assert_eq!(
            before != after,
            matches!(seen, Visible::Live | Visible::Read),
            "{name}: a read at once: {before} and {after}"
        );
        if matches!(seen, Visible::Live | Visible::Version) {
            self.reader.state();
            assert!(began.elapsed() < Duration::from_secs(4), "{name}: not by polling");
        }
        done
    }
}

#[test]
fn each_act_of_a_reader_emits_its_events_once() {
    let mut it = FollowedServer::start();
    let posted = |parent| Change::CommentPosted {
        parent,
        status: Status::Approved,
    };
    let (id, token) = it.act("a post", &[posted(None)], Visible::Live, |server| {
        server.posted(json!({}))
    });
    let (id, same) = (CommentId(id), key());
    let path = format!("comments/{id}");
    let reply = json!({"parent": id.0, "text": "I agree.", "key": same});
    it.act("a reply", &[posted(Some(id))], Visible::Live, |server| {
        server.posted(reply.clone())
    });
    it.act(
        "a replayed post",
        &[Change::ThreadStale],
        Visible::Nowhere,
        |server| {
            assert_eq!(server.post(reply.clone()).status, 201);
        },
    );
    let edit = |server: &TestServer| {
        let edited = server.json(
            "PATCH",
            &path,
            Some(&token),
            &json!({"text": "Bags, *sometimes*."}),
        );
        assert_eq!(edited.status, 200);
    };
    it.act("an edit", &[Change::CommentEdited], Visible::Live, edit);
    it.act("the same edit", &[Change::ThreadStale], Visible::Nowhere, edit);
    let vote = |server: &TestServer| {
        let vote = json!({"reader": READER, "value": 1});
        assert_eq!(
            server.json("PUT", &format!("{path}/vote"), None, &vote).status,
            200
        );
    };
    it.act(
        "a vote",
        &[Change::VotesChanged { up: 1, down: 0 }],
        Visible::Live,
        vote,
    );
    it.act("the same vote", &[Change::ThreadStale], Visible::Nowhere, vote);
    it.act("a refused edit", &[], Visible::Nowhere, |server| {
        let refused = server.json("PATCH", &path, Some("wrong"), &json!({"text": "Mine."}));
        assert_eq!(refused.status, 403);
    });
    let delete = |server: &TestServer| {
        assert_eq!(server.json("DELETE", &path, Some(&token), &json!({})).status, 200);
    };
    let deleted = [status(Status::Approved, Status::Deleted), Change::CommentErased];
    it.act("a deletion", &deleted, Visible::Live, delete);
    it.act(
        "the same deletion",
        &[Change::ThreadStale],
        Visible::Nowhere,
        delete,
    );

    it.server.rule("moderation", "first");
    assert_eq!(it.take().len(), 1);
    let held = Change::CommentPosted {
        parent: None,
        status: Status::Held,
    };
    it.act("a held post", &[held], Visible::Nowhere, |server| {
        let new = json!({"reader": "another-reader-of-these-tests", "text": "New here."});
        assert_eq!(server.post(new).status, 201);
    });
    it.server.rule("moderation", "none");
}

#[test]
fn an_edit_that_is_held_emits_edit_and_status() {
    let mut it = FollowedServer::start();
    let (id, token) = it.server.posted(json!({}));
    it.reader.state();
    it.server.rule("moderation", "all");
    it.take();
    let changes = [Change::CommentEdited, status(Status::Approved, Status::Held)];
    it.act("an edit", &changes, Visible::Live, |server| {
        let edited = json!({"text": "Something else."});
        let path = format!("comments/{id}");
        assert_eq!(server.json("PATCH", &path, Some(&token), &edited).status, 200);
    });
}

#[test]
fn maintenance_emits_its_events_once() {
    let mut it = FollowedServer::start();
    it.server.posted(json!({}));
    let (spam, _) = it.server.posted(json!({"text": "Buy."}));
    while it.reader.state()["count"] != 2 {}
    let spam = CommentId(spam);
    it.take();
    it.decide(spam, Status::Approved, Status::Spam);
    let spoil = it.server.app.store.write(|tx| {
        tx.execute(
            "UPDATE comments SET policy = 0, body = '[]' WHERE status = 'approved'",
            &[],
        )?;
        instance::set(tx, "policy", 0)
    });
    it.server.run(spoil).unwrap();
    it.act(
        "rendering by today's policy",
        &[Change::ThreadRerendered],
        Visible::Version,
        |server| server.run(maintenance::rerender_stale(&server.app)).unwrap(),
    );
    it.server.clock.advance(31 * DAY);
    let purge = |server: &TestServer| {
        server
            .run(maintenance::purge_expired(&server.app, server.clock.now()))
            .unwrap();
    };
    it.act(
        "erasing what is due",
        &[Change::CommentErased],
        Visible::Nowhere,
        purge,
    );
    it.act("nothing is due", &[], Visible::Nowhere, purge);
}

#[test]
fn a_post_runs_as_many_statements_as_it_needs_and_no_more() {
    let it = FollowedServer::start();
    let statements = |change| {
        it.server.posted(change);
        let commits = std::mem::take(&mut *it.commits.lock().unwrap());
        assert_eq!(commits.len(), 1);
        commits[0].statements
    };
    let first = statements(json!({}));
    let second = statements(json!({"text": "More."}));
    assert_eq!(
        (first, second),
        (13, 9),
        "the first comment of a page, and another one"
    );
}

#[test]
fn an_act_emits_its_events_when_its_client_went_away() {
    let it = FollowedServer::start();
    let begun = it.server.app.store.clone();
    let site = it.site;
    // Its caller goes away after 20 ms.
    it.server.run(async move {
        let unit = begun.write(move |tx| {
            tx.emit(Event::of_site(site, Change::SiteChanged));
            std::thread::sleep(Duration::from_millis(100));
            instance::set(tx, "done", 1)
        });
        let waited = tokio::time::timeout(Duration::from_millis(20), unit).await;
        assert!(waited.is_err(), "control: it takes longer");
    });
    let began = Instant::now();
    while it.commits.lock().unwrap().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "no event");
        std::thread::sleep(Duration::from_millis(5));
    }
    let done = it.server.app.store.read(|tx| instance::get(tx, "done"));
    assert_eq!(it.server.run(done).unwrap(), Some(1));
}

#[test]
fn an_act_has_one_outbox_row_and_a_refusal_or_a_replay_has_none() {
    let it = FollowedServer::start();
    let app = &it.server.app;
    let rows = || {
        let read = app.store.read(|tx| {
            let mut found = Vec::new();
            let sql = "SELECT comment_id, payload FROM outbox WHERE kind = 'test' ORDER BY id";
            tx.query(sql, &[], &mut |row| {
                let payload: serde_json::Value = serde_json::from_str(row.text(1)?).unwrap();
                found.push((row.int(0)?, payload));
                Ok(())
            })?;
            Ok::<_, StoreError>(found)
        });
        it.server.run(read).unwrap()
    };
    let statements = || {
        let commits = std::mem::take(&mut *it.commits.lock().unwrap());
        commits.iter().map(|committed| committed.statements).sum::<u64>()
    };
    it.server.posted(json!({}));
    statements();
    it.server.posted(json!({"text": "More."}));
    let without = statements();
    assert_eq!(rows(), [], "control: there is no consumer");
    let consumer = Consumer {
        name: "test",
        events: EventKind::ALL,
    };
    app.store.add_consumer(consumer, it.server.clock.clone());
    let post = json!({"text": "Once.", "key": key()});
    let (id, token) = it.server.posted(post.clone());
    assert_eq!(statements(), without + 1, "the row is one statement");
    let posted = (
        id,
        json!({"event": "comment_posted", "parent": null, "status": "approved"}),
    );
    assert_eq!(rows(), std::slice::from_ref(&posted));
    assert_eq!(it.server.posted(post).0, id, "control: the key is replayed");
    let unanswerable = json!({"text": "A reply to nothing.", "parent": 1});
    assert_eq!(it.server.post(unanswerable).status, 422);
    assert_eq!(rows(), [posted], "neither a replay nor a refusal has a row");
    let path = format!("comments/{id}");
    it.server.json("DELETE", &path, Some(&token), &json!({}));
    let deleted = json!({"event": "status_changed", "from": "approved", "to": "deleted"});
    assert_eq!(
        rows()[1..],
        [(id, deleted), (id, json!({"event": "comment_erased"}))]
    );
}
