//! Every act says once what it changed, and what follows from that is there at once: readers who look at the thread hear
//! of it, and no cached answer is older than the act.

use std::{
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, Instant},
};

use afterword::{
    app::context::Client,
    jobs::maintenance,
    model::{
        comment::{Format, Status},
        event::{Change, Event, EventKind},
        id::{CommentId, SiteId, ThreadId},
        network::Network,
        time::DAY,
    },
    service::{
        audit::Actor,
        comments::input::CommentInput,
        moderation::{decide, edit, queue, vote_stuffing},
        sites::{demo, register, removal, rules},
        threads::{close, manage, page::Page, read},
    },
    store::{Committed, Consumer, StoreError, tables::instance},
};
use serde_json::json;

use super::{
    live::Listening,
    support::server::{ORIGIN, PAGE, READER, TestServer, encoded, key},
};

fn actor() -> &'static Actor {
    static ACTOR: LazyLock<Actor> = LazyLock::new(Actor::command_line);
    &ACTOR
}

fn status(from: Status, to: Status) -> Change {
    Change::StatusChanged { from, to }
}

/// Everything that is committed from now on.
fn follow(server: &TestServer) -> Arc<Mutex<Vec<Committed>>> {
    let commits = Arc::<Mutex<Vec<Committed>>>::default();
    let told = Arc::clone(&commits);
    let tell = move |committed: &Committed| told.lock().unwrap().push(committed.clone());
    server.app.store.on_commit(tell);
    commits
}

/// A server whose commits are followed, with a reader who looks at [`PAGE`].
struct Followed {
    server: TestServer,
    commits: Arc<Mutex<Vec<Committed>>>,
    reader: Listening,
    site: SiteId,
}

/// Who can tell that an act was done.
#[derive(Clone, Copy)]
enum Seen {
    /// Readers of the page, and whoever asks for it.
    Live,
    /// Readers of the page hear of a new version, which says the same.
    Version,
    /// Whoever asks for the page.
    Read,
    /// Neither.
    Nowhere,
}

impl Followed {
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

    /// The version of a comment that a moderator looks at.
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
            Seen::Live,
            |server| {
                server
                    .run(decide::decide(&server.app, actor(), site, id, to, version))
                    .unwrap()
            },
        );
    }

    /// Does something, and holds what it says that it changed, in this order, and who can tell at once. The clock stands.
    fn act<T>(
        &mut self,
        name: &str,
        changes: &[Change],
        seen: Seen,
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
            matches!(seen, Seen::Live | Seen::Read),
            "{name}: a read at once: {before} and {after}"
        );
        if matches!(seen, Seen::Live | Seen::Version) {
            self.reader.state();
            assert!(
                began.elapsed() < Duration::from_secs(4),
                "{name}: not by looking now and then"
            );
        }
        done
    }
}

#[test]
fn what_readers_do_is_told_once_and_seen_at_once() {
    let mut it = Followed::start();
    let posted = |parent| Change::CommentPosted {
        parent,
        status: Status::Approved,
    };
    let (id, token) = it.act("a post", &[posted(None)], Seen::Live, |server| {
        server.posted(json!({}))
    });
    let (id, same) = (CommentId(id), key());
    let path = format!("comments/{id}");
    let reply = json!({"parent": id.0, "text": "I agree.", "key": same});
    it.act("a reply", &[posted(Some(id))], Seen::Live, |server| {
        server.posted(reply.clone())
    });
    it.act(
        "a replayed post",
        &[Change::ThreadStale],
        Seen::Nowhere,
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
    it.act("an edit", &[Change::CommentEdited], Seen::Live, edit);
    it.act("the same edit", &[Change::ThreadStale], Seen::Nowhere, edit);
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
        Seen::Live,
        vote,
    );
    it.act("the same vote", &[Change::ThreadStale], Seen::Nowhere, vote);
    it.act("a refused edit", &[], Seen::Nowhere, |server| {
        let refused = server.json("PATCH", &path, Some("wrong"), &json!({"text": "Mine."}));
        assert_eq!(refused.status, 403);
    });
    let delete = |server: &TestServer| {
        assert_eq!(server.json("DELETE", &path, Some(&token), &json!({})).status, 200);
    };
    let deleted = [status(Status::Approved, Status::Deleted), Change::CommentErased];
    it.act("a deletion", &deleted, Seen::Live, delete);
    it.act("the same deletion", &[Change::ThreadStale], Seen::Nowhere, delete);

    it.server.rule("moderation", "first");
    assert_eq!(it.take().len(), 1);
    let held = Change::CommentPosted {
        parent: None,
        status: Status::Held,
    };
    it.act("a held post", &[held], Seen::Nowhere, |server| {
        let new = json!({"reader": "another-reader-of-these-tests", "text": "New here."});
        assert_eq!(server.post(new).status, 201);
    });
    it.server.rule("moderation", "none");
}

#[test]
fn an_edit_that_is_held_again_tells_both() {
    let mut it = Followed::start();
    let (id, token) = it.server.posted(json!({}));
    it.reader.state();
    it.server.rule("moderation", "all");
    it.take();
    let changes = [Change::CommentEdited, status(Status::Approved, Status::Held)];
    it.act("an edit", &changes, Seen::Live, |server| {
        let edited = json!({"text": "Something else."});
        let path = format!("comments/{id}");
        assert_eq!(server.json("PATCH", &path, Some(&token), &edited).status, 200);
    });
}

#[test]
fn what_moderators_do_is_told_once_and_seen_at_once() {
    let mut it = Followed::start();
    let (id, _) = it.server.posted(json!({}));
    it.reader.state();
    it.take();
    let (id, site) = (CommentId(id), it.site);
    it.decide(id, Status::Approved, Status::Spam);
    it.decide(id, Status::Spam, Status::Approved);
    it.decide(id, Status::Approved, Status::Deleted);
    it.decide(id, Status::Deleted, Status::Approved);
    it.decide(id, Status::Approved, Status::Held);
    it.decide(id, Status::Held, Status::Approved);
    it.act("a decision from before", &[], Seen::Nowhere, |server| {
        let raced = decide::decide(&server.app, actor(), site, id, Status::Spam, 1);
        assert_eq!(server.run(raced).unwrap(), decide::Decision::Changed);
    });
    let version = it.version(id);
    let text = CommentInput {
        name: "Ann".into(),
        email: String::new(),
        website: String::new(),
        text: "Without the insult.".into(),
        format: Some(Format::Markdown),
    };
    it.act(
        "a moderator's edit",
        &[Change::CommentEdited],
        Seen::Live,
        |server| {
            server
                .run(edit::edit(&server.app, actor(), site, id, version, text))
                .unwrap()
        },
    );
    let vote = json!({"reader": READER, "value": -1});
    it.server.json("PUT", &format!("comments/{id}/vote"), None, &vote);
    it.reader.state();
    it.take();
    let client = Client {
        network: Network::of("127.0.0.1".parse().unwrap()),
    };
    let network = client.vote_key(&it.server.app);
    let discard = |server: &TestServer| {
        let discard = vote_stuffing::discard(&server.app, actor(), site, id, &network);
        server.run(discard).unwrap()
    };
    let none = Change::VotesChanged { up: 0, down: 0 };
    assert_eq!(it.act("discarded votes", &[none], Seen::Live, discard), 1);
    assert_eq!(it.act("no votes to discard", &[], Seen::Nowhere, discard), 0);
}

#[test]
fn what_owners_do_to_threads_is_told_once_and_seen_at_once() {
    let mut it = Followed::start();
    it.server.posted(json!({}));
    it.reader.state();
    let coffee = format!("{ORIGIN}/coffee");
    it.server.posted(json!({"page": coffee, "text": "Coffee."}));
    it.take();
    let (thread, site) = (
        it.thread(),
        it.server.run(read::site(&it.server.app, "blog")).unwrap(),
    );
    let id = site.id;
    let closed = |closed| {
        move |server: &TestServer| {
            server
                .run(close::set_closed(&server.app, actor(), id, thread, closed))
                .unwrap();
        }
    };
    it.act("closing", &[Change::ThreadClosed], Seen::Live, closed(true));
    it.act(
        "closing again",
        &[Change::ThreadStale],
        Seen::Version,
        closed(true),
    );
    it.act("opening", &[Change::ThreadOpened], Seen::Live, closed(false));
    let alias = |server: &TestServer| {
        let key = manage::key_of(&site, "id:tea").unwrap();
        server
            .run(manage::add_alias(&server.app, actor(), id, thread, key))
            .unwrap();
    };
    it.act("an alias", &[Change::AliasAdded], Seen::Live, alias);
    it.act("the same alias", &[Change::ThreadStale], Seen::Version, alias);
    let title = |server: &TestServer| {
        let edit = manage::edit(&server.app, actor(), &site, thread, PAGE, "Tea");
        server.run(edit).unwrap();
    };
    it.act("a title", &[Change::ThreadEdited], Seen::Live, title);
    it.act("the same title", &[Change::ThreadStale], Seen::Version, title);
    let move_to = |to: &str, join, dry| {
        let moves = vec![(
            manage::key_of(&site, PAGE).unwrap(),
            Page::of(&site, to, None).unwrap(),
        )];
        move |server: &TestServer| {
            server
                .run(manage::move_pages(&server.app, actor(), id, moves, join, dry))
                .is_ok()
        }
    };
    let new = format!("{ORIGIN}/green-tea");
    assert!(it.act(
        "a move that is only tried",
        &[],
        Seen::Nowhere,
        move_to(&new, false, true)
    ));
    assert!(!it.act(
        "a refused move",
        &[],
        Seen::Nowhere,
        move_to(&coffee, false, false)
    ));
    assert!(it.act(
        "a move",
        &[Change::ThreadMoved],
        Seen::Live,
        move_to(&new, false, false)
    ));
    assert!(it.act("no move", &[], Seen::Nowhere, move_to(&new, false, false)));
    let from = it.server.thread(&coffee)["thread"]["id"].as_i64().unwrap();
    let merged = Change::ThreadsMerged { from: ThreadId(from) };
    it.act("a merge", &[merged], Seen::Live, |server| {
        let merge = manage::merge(&server.app, actor(), id, ThreadId(from), thread);
        server.run(merge).unwrap();
    });
}

#[test]
fn what_owners_do_to_sites_is_told_once_and_seen_at_once() {
    let mut it = Followed::start();
    it.server.posted(json!({}));
    it.reader.state();
    it.take();
    let site = it.site;
    let set = |rule: &'static str, value: &'static str| {
        move |server: &TestServer| {
            let rule = vec![(rule.to_owned(), value.to_owned())];
            server
                .run(rules::set_rules(&server.app, actor(), site, rule))
                .unwrap();
        }
    };
    it.act(
        "a setting",
        &[Change::SiteChanged],
        Seen::Read,
        set("votes", "up"),
    );
    it.act("the same setting", &[], Seen::Nowhere, set("votes", "up"));
    it.act("an origin", &[Change::SiteChanged], Seen::Nowhere, |server| {
        let more = register::add_origin(&server.app, actor(), site, "https://more.example");
        server.run(more).unwrap();
    });
    it.act(
        "an origin less",
        &[Change::SiteChanged],
        Seen::Nowhere,
        |server| {
            let less = register::remove_origin(&server.app, actor(), site, "https://more.example");
            server.run(less).unwrap();
        },
    );
    it.act(
        "endings that count",
        &[Change::SiteChanged],
        Seen::Nowhere,
        set("html_folds", "no"),
    );
    it.server
        .posted(json!({"page": format!("{PAGE}.html"), "text": "The same page."}));
    let from = it.server.thread(&format!("{PAGE}.html"))["thread"]["id"]
        .as_i64()
        .unwrap();
    it.take();
    let folded = [
        Change::ThreadsMerged { from: ThreadId(from) },
        Change::SiteChanged,
    ];
    it.act("endings that fold", &folded, Seen::Live, set("html_folds", "yes"));
    it.act(
        "a removal",
        &[Change::SiteChanged, Change::SiteRemoved],
        Seen::Read,
        |server| {
            let removal = removal::remove(&server.app, actor(), "blog", Some("blog"));
            server.run(removal).unwrap();
        },
    );
    assert!(it.page().contains("site_not_found"), "{}", it.page());
    while it.reader.next("data:").is_some() {}
}

#[test]
fn the_end_of_the_demo_is_told() {
    let it = Followed::start();
    let changes = |it: &Followed| -> Vec<Change> { it.take().iter().map(|event| event.change).collect() };
    let app = &it.server.app;
    let removal = removal::remove(app, actor(), "blog", Some("blog"));
    it.server.run(removal).unwrap();
    it.take();
    assert!(it.server.run(demo::is_on(app)).unwrap());
    assert_eq!(changes(&it), [Change::SiteRegistered]);
    for (name, expected) in [
        ("shop", &[Change::SiteRegistered, Change::DemoEnded][..]),
        ("news", &[Change::SiteRegistered]),
    ] {
        let origins = [format!("https://{name}.example")];
        it.server
            .run(register::register(app, actor(), name, &origins))
            .unwrap();
        assert_eq!(changes(&it), expected, "{name}");
    }
}

#[test]
fn what_the_program_does_by_itself_is_told_once_and_seen_at_once() {
    let mut it = Followed::start();
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
        Seen::Version,
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
        Seen::Nowhere,
        purge,
    );
    it.act("nothing is due", &[], Seen::Nowhere, purge);
}

#[test]
fn a_post_runs_as_many_statements_as_it_needs_and_no_more() {
    let it = Followed::start();
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
fn an_act_whose_client_went_away_is_told_all_the_same() {
    let it = Followed::start();
    let begun = it.server.app.store.clone();
    let site = it.site;
    // Nobody waits for it.
    it.server.run(async move {
        let unit = begun.write(move |tx| {
            tx.emit(Event::of_site(site, Change::SiteChanged));
            std::thread::sleep(Duration::from_millis(100));
            instance::set(tx, "done", 1)
        });
        let gone = tokio::time::timeout(Duration::from_millis(20), unit).await;
        assert!(gone.is_err(), "control: it takes longer");
    });
    let began = Instant::now();
    while it.commits.lock().unwrap().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(10), "told");
        std::thread::sleep(Duration::from_millis(5));
    }
    let done = it.server.app.store.read(|tx| instance::get(tx, "done"));
    assert_eq!(it.server.run(done).unwrap(), Some(1));
}

#[test]
fn an_act_has_one_outbox_row_and_a_refusal_or_a_replay_has_none() {
    let it = Followed::start();
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
