//! Moderation: a decision applies to the version that was seen, erased comments stay erased, and only its author learns
//! of a comment that is not public.

use afterword::{
    jobs::maintenance,
    model::{
        account::{Account, Role},
        comment::Status,
        id::{CommentId, SiteId},
        time::DAY,
    },
    service::{
        audit::Actor,
        comments::input::CommentInput,
        moderation::{
            decide::{self, Decision},
            edit::{self, EditOutcome},
            queue,
        },
        sites::register,
    },
    store::{
        StoreError,
        tables::{instance, revisions},
    },
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::support::server::{PAGE, READER, TestServer, encoded};

fn actor(name: &str) -> Actor {
    let id = afterword::model::id::AccountId(1);
    Actor::from(&Account::new(id, name.into(), Role::Moderator))
}

fn blog(server: &TestServer) -> SiteId {
    server.run(register::all(&server.app)).unwrap()[0].id
}

fn version(server: &TestServer, id: i64) -> i64 {
    let item = server.run(queue::item(&server.app, blog(server), CommentId(id)));
    item.unwrap().comment.version
}

/// Decides on the present version.
fn decide(server: &TestServer, id: i64, to: Status) -> Decision {
    decide_from(server, id, to, version(server, id))
}

fn decide_from(server: &TestServer, id: i64, to: Status, seen: i64) -> Decision {
    let (site, id) = (blog(server), CommentId(id));
    server
        .run(decide::decide(&server.app, &actor("mo"), site, id, to, seen))
        .unwrap()
}

fn own_status(server: &TestServer, id: i64, token: &str) -> Value {
    let asked = json!({"comments": [{"id": id, "token": token}]});
    let answer = server.json("POST", "own", None, &asked).json();
    answer["comments"][0]["comment"]["status"].clone()
}

/// The number of stored earlier versions of a comment.
fn stored_revisions(server: &TestServer, id: i64) -> usize {
    let site = blog(server);
    let read = server
        .app
        .store
        .read(move |tx| revisions::newest(tx, site, CommentId(id), 100));
    server.run(read).unwrap().len()
}

/// An action on a comment. Moderators act from the page that they loaded last, however old it is.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// The author's edit; bound to the version that the tab was loaded with, or to none.
    Edit { bound: bool },
    /// The author's delete.
    Erase,
    /// A moderator's decision.
    Decide(usize, Status),
    /// A moderator saves the edit form.
    Save(usize),
    /// A moderator undoes their own last decision.
    Undo(usize),
    /// A moderator loads the page again.
    Look(usize),
}

fn deeds() -> Vec<Deed> {
    let mut deeds = vec![
        Deed::Edit { bound: true },
        Deed::Edit { bound: false },
        Deed::Erase,
    ];
    for who in 0..2 {
        deeds.extend(Status::ALL.iter().map(|status| Deed::Decide(who, *status)));
        deeds.extend([Deed::Save(who), Deed::Undo(who), Deed::Look(who)]);
    }
    deeds
}

/// A version as the server's token, and as the model's counter.
type Version = (i64, u64);

/// The expected state of a comment, as a simple model.
struct Model {
    held_first: bool,
    status: Status,
    text: String,
    erased: bool,
    changes: u64,
    tab: Version,
    looks: [Version; 2],
    undo: [Option<(Status, Version)>; 2],
}

struct Case<'a> {
    server: &'a TestServer,
    site: SiteId,
    id: i64,
    token: String,
    model: Model,
}

impl<'a> Case<'a> {
    fn begin(server: &'a TestServer, held_first: bool) -> Self {
        let (id, token) = server.posted(json!({"text": "As it was written."}));
        let seen = (version(server, id), 0);
        Self {
            server,
            site: blog(server),
            id,
            token,
            model: Model {
                held_first,
                status: if held_first {
                    Status::Held
                } else {
                    Status::Approved
                },
                text: "As it was written.".into(),
                erased: false,
                changes: 0,
                tab: seen,
                looks: [seen; 2],
                undo: [None; 2],
            },
        }
    }

    fn run(server: &'a TestServer, held_first: bool, deeds: &[Deed]) {
        let mut case = Self::begin(server, held_first);
        for (step, deed) in deeds.iter().enumerate() {
            case.act(step, *deed, deeds);
            case.check(deeds);
        }
    }

    fn act(&mut self, step: usize, deed: Deed, all: &[Deed]) {
        let path = format!("comments/{}", self.id);
        match deed {
            Deed::Look(who) => self.model.looks[who] = (version(self.server, self.id), self.model.changes),
            Deed::Erase => {
                let answer = self.server.json("DELETE", &path, Some(&self.token), &json!({}));
                assert_eq!(
                    (answer.status, &answer.json()["comment"]["status"]),
                    (200, &json!("deleted")),
                    "{all:?}"
                );
                self.model.changes += u64::from(!self.model.erased);
                (self.model.status, self.model.erased) = (Status::Deleted, true);
            }
            Deed::Edit { bound } => {
                let text = format!("The author's {step}.");
                let mut body = json!({"text": text});
                if bound {
                    body["version"] = json!(self.model.tab.0);
                }
                let answer = self.server.json("PATCH", &path, Some(&self.token), &body);
                let model = &mut self.model;
                let expected = if model.erased || model.status == Status::Deleted {
                    404
                } else if bound && model.tab.1 != model.changes {
                    409
                } else {
                    (model.text, model.changes) = (text, model.changes + 1);
                    if model.status == Status::Approved && model.held_first {
                        model.status = Status::Held;
                    }
                    200
                };
                assert_eq!(answer.status, expected, "{all:?}: {}", answer.text());
            }
            Deed::Save(who) => {
                let raw = CommentInput {
                    name: "Ann".into(),
                    text: format!("The moderator's {who}."),
                    ..CommentInput::default()
                };
                let text = raw.text.clone();
                let (seen, mo) = (self.model.looks[who], actor(&format!("mo {who}")));
                let edited = self.server.run(edit::edit(
                    &self.server.app,
                    &mo,
                    self.site,
                    CommentId(self.id),
                    seen.0,
                    raw,
                ));
                let edited = edited.unwrap();
                let model = &mut self.model;
                if model.erased {
                    assert!(matches!(edited, EditOutcome::Erased), "{all:?}: {edited:?}");
                } else if model.text == text {
                    assert!(matches!(edited, EditOutcome::Saved(_)), "{all:?}: {edited:?}");
                } else if seen.1 != model.changes {
                    assert!(matches!(edited, EditOutcome::Changed), "{all:?}: {edited:?}");
                } else {
                    assert!(matches!(edited, EditOutcome::Saved(_)), "{all:?}: {edited:?}");
                    (model.text, model.changes) = (text, model.changes + 1);
                }
            }
            Deed::Decide(who, to) => self.decide(who, to, self.model.looks[who], all),
            Deed::Undo(who) => {
                if let Some((was, seen)) = self.model.undo[who] {
                    self.decide(who, was, seen, all);
                }
            }
        }
    }

    fn decide(&mut self, who: usize, to: Status, seen: Version, all: &[Deed]) {
        let mo = actor(&format!("mo {who}"));
        let id = CommentId(self.id);
        let decided = self
            .server
            .run(decide::decide(&self.server.app, &mo, self.site, id, to, seen.0))
            .unwrap();
        let model = &mut self.model;
        if model.erased {
            assert_eq!(decided, Decision::Erased, "{all:?}");
        } else if seen.1 != model.changes {
            assert_eq!(decided, Decision::Changed, "{all:?}");
        } else {
            let Decision::Decided { was, version } = decided else {
                panic!("{all:?}: {decided:?}");
            };
            assert_eq!(was, model.status, "{all:?}");
            model.changes += u64::from(model.status != to);
            model.status = to;
            model.undo[who] = Some((was, (version, model.changes)));
        }
    }

    /// Asserts that the stored row, the public view and the author's view match the model.
    fn check(&self, all: &[Deed]) {
        let (model, id) = (&self.model, CommentId(self.id));
        let item = self
            .server
            .run(queue::item(&self.server.app, self.site, id))
            .unwrap();
        assert_eq!(item.comment.status, model.status, "{all:?}");
        let (text, name) = if model.erased {
            ("", "")
        } else {
            (model.text.as_str(), "Ann")
        };
        assert_eq!(
            (item.details.source.as_str(), item.comment.author.name.as_str()),
            (text, name),
            "{all:?}"
        );
        if model.erased {
            assert_eq!(stored_revisions(self.server, self.id), 0, "{all:?}");
            assert_eq!(item.details.author_email, "", "{all:?}");
        }
        let public = self.server.get(&format!("/api/v1/sites/blog/comments/{id}"));
        if model.status == Status::Approved {
            assert!(public.text().contains(&model.text), "{all:?}: {}", public.text());
        } else {
            assert_eq!(public.status, 404, "{all:?}");
        }
        let told = match model.status {
            Status::Approved => json!("approved"),
            Status::Held | Status::Spam => json!("held"),
            Status::Deleted => Value::Null,
        };
        assert_eq!(own_status(self.server, self.id, &self.token), told, "{all:?}");
    }
}

/// Two servers: one without moderation, one that holds every comment.
fn on_both(run: impl Fn(&TestServer, bool)) {
    for held_first in [false, true] {
        let server = TestServer::start();
        if held_first {
            server.rule("moderation", "all");
        }
        run(&server, held_first);
    }
}

#[test]
fn every_pair_of_actions_binds_the_second_to_the_version_seen() {
    on_both(|server, held_first| {
        for first in deeds() {
            for second in deeds() {
                Case::run(server, held_first, &[first, second]);
            }
        }
    });
}

#[test]
fn an_undo_does_not_overwrite_a_later_change() {
    on_both(|server, held_first| {
        for to in Status::ALL {
            for between in deeds() {
                Case::run(
                    server,
                    held_first,
                    &[Deed::Decide(0, *to), between, Deed::Undo(0), Deed::Undo(0)],
                );
            }
        }
    });
}

#[test]
fn longer_sequences_of_actions_match_the_model() {
    let cases = if std::env::var_os("AFTERWORD_LONG").is_some() {
        2_000
    } else {
        60
    };
    on_both(|server, held_first| {
        let mut runner = TestRunner::new_with_rng(
            Config::default(),
            TestRng::from_seed(RngAlgorithm::ChaCha, &[u8::from(held_first); 32]),
        );
        let courses = prop::collection::vec(prop::sample::select(deeds()), 3..8);
        for _ in 0..cases {
            let course = courses.new_tree(&mut runner).unwrap().current();
            Case::run(server, held_first, &course);
        }
    });
}

#[test]
fn a_decision_and_a_simultaneous_edit_are_ordered() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    for round in 0..25 {
        let (id, token) = server.posted(json!({"text": "What was looked at."}));
        let seen = version(&server, id);
        let decided = std::thread::scope(|scope| {
            let edit = scope.spawn(|| {
                let body = json!({"text": "What nobody saw."});
                server.json("PATCH", &format!("comments/{id}"), Some(&token), &body)
            });
            let decided = decide_from(&server, id, Status::Approved, seen);
            assert_eq!(edit.join().unwrap().status, 200, "{round}");
            decided
        });
        // If approval comes first, the edit holds the comment again; if the edit comes first, nothing is approved.
        assert!(!matches!(decided, Decision::Erased), "{round}");
        let public = server.get(&format!("/api/v1/sites/blog/comments/{id}"));
        assert_eq!(public.status, 404, "{round}: {decided:?} {}", public.text());
    }
}

#[test]
fn earlier_versions_are_shown_for_thirty_days() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    server.rule("edit_window", "31536000");
    let (id, token) = server.posted(json!({"text": "First.", "website": "https://one.example/"}));
    let seen = version(&server, id);
    let body = json!({"text": "Second.", "name": "Eve", "website": "https://two.example/"});
    assert_eq!(
        server
            .json("PATCH", &format!("comments/{id}"), Some(&token), &body)
            .status,
        200
    );
    assert_eq!(
        decide_from(&server, id, Status::Approved, seen),
        Decision::Changed
    );
    let since = |server: &TestServer| {
        let site = blog(server);
        server
            .run(queue::changed_since(&server.app, site, CommentId(id), seen))
            .unwrap()
    };
    let seen_then = since(&server).seen.expect("what it said");
    assert_eq!(
        (
            seen_then.source.as_str(),
            seen_then.author_name.as_str(),
            seen_then.author_website.as_str()
        ),
        ("First.", "Ann", "https://one.example/")
    );
    assert_eq!(since(&server).item.details.source, "Second.");
    server.clock.advance(29 * DAY);
    server
        .run(maintenance::purge_expired(&server.app, server.clock.now()))
        .unwrap();
    assert_eq!(stored_revisions(&server, id), 1);
    server.clock.advance(2 * DAY);
    server
        .run(maintenance::purge_expired(&server.app, server.clock.now()))
        .unwrap();
    assert_eq!(stored_revisions(&server, id), 0);
    assert_eq!(
        since(&server).item.details.source,
        "Second.",
        "the comment itself stays"
    );
}

#[test]
fn rendering_again_does_not_change_the_version() {
    let server = TestServer::start();
    let (id, _) = server.posted(json!({}));
    let seen = version(&server, id);
    let spoil = server.app.store.write(|tx| {
        tx.execute("UPDATE comments SET policy = 0, body = '[\"old\"]'", &[])?;
        instance::set(tx, "policy", 0)
    });
    server.run(spoil).unwrap();
    assert_eq!(server.run(maintenance::rerender_stale(&server.app)).unwrap(), 1);
    assert!(matches!(
        decide_from(&server, id, Status::Spam, seen),
        Decision::Decided { .. }
    ));
}

#[test]
fn purged_text_cannot_be_restored() {
    let server = TestServer::start();
    server.rule("edit_window", "31536000");
    for to in [Status::Deleted, Status::Spam] {
        let (id, token) = server.posted(json!({"text": "Removed long ago."}));
        let Decision::Decided { was, version: undo } = decide(&server, id, to) else {
            panic!("not decided");
        };
        let seen = version(&server, id);
        server.clock.advance(31 * DAY);
        server
            .run(maintenance::purge_expired(&server.app, server.clock.now()))
            .unwrap();
        assert_eq!(decide_from(&server, id, was, undo), Decision::Erased, "{to:?}");
        assert_eq!(decide(&server, id, Status::Approved), Decision::Erased, "{to:?}");
        let raw = CommentInput {
            name: "Mo".into(),
            text: "Written by a moderator.".into(),
            ..CommentInput::default()
        };
        let edited = server.run(edit::edit(
            &server.app,
            &actor("mo"),
            blog(&server),
            CommentId(id),
            seen,
            raw,
        ));
        assert!(matches!(edited.unwrap(), EditOutcome::Erased), "{to:?}");
        let body = json!({"text": "Written by its author."});
        let patched = server.json("PATCH", &format!("comments/{id}"), Some(&token), &body);
        assert_eq!(patched.code(), "comment_not_found", "{to:?}");
        assert_eq!(own_status(&server, id, &token), Value::Null, "{to:?}");
        let deleted = server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
        assert_eq!(deleted.json()["comment"]["status"], "deleted", "{to:?}");
    }
}

#[test]
fn an_undo_at_the_end_of_thirty_days_keeps_its_text_or_is_refused() {
    let server = TestServer::start();
    for _ in 0..10 {
        let (id, _) = server.posted(json!({"text": "Restored at the last moment."}));
        decide(&server, id, Status::Deleted);
        let seen = version(&server, id);
        server.clock.advance(31 * DAY);
        let decided = std::thread::scope(|scope| {
            let forgetting =
                scope.spawn(|| server.run(maintenance::purge_expired(&server.app, server.clock.now())));
            let decided = decide_from(&server, id, Status::Approved, seen);
            forgetting.join().unwrap().unwrap();
            decided
        });
        let item = server
            .run(queue::item(&server.app, blog(&server), CommentId(id)))
            .unwrap();
        let restored = matches!(decided, Decision::Decided { .. });
        assert_eq!(restored, !item.details.is_erased(), "{decided:?}");
        assert_eq!(restored, item.comment.status == Status::Approved, "{decided:?}");
    }
}

#[test]
fn an_authors_delete_erases_whatever_a_moderator_did_before() {
    let server = TestServer::start();
    for status in Status::ALL {
        let (id, token) = server.posted(json!({"text": "To be erased.", "email": "a@example.org"}));
        let edit = json!({"text": "To be erased, too."});
        server.json("PATCH", &format!("comments/{id}"), Some(&token), &edit);
        decide(&server, id, *status);
        let undo = version(&server, id);
        let deleted = server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
        assert_eq!(
            (deleted.status, &deleted.json()["comment"]["status"]),
            (200, &json!("deleted")),
            "{status:?}"
        );
        let rows = server.app.store.read(move |tx| {
            let mut found = String::new();
            for sql in [
                "SELECT body FROM comments WHERE id = ?1",
                "SELECT author_name FROM comments WHERE id = ?1",
                "SELECT source FROM comment_details WHERE comment_id = ?1",
                "SELECT author_email FROM comment_details WHERE comment_id = ?1",
                "SELECT author_key FROM comment_details WHERE comment_id = ?1",
                "SELECT source FROM comment_revisions WHERE comment_id = ?1",
            ] {
                tx.query(sql, &[id.into()], &mut |row| {
                    found.push_str(row.text(0)?);
                    Ok(())
                })?;
            }
            Ok::<_, StoreError>(found)
        });
        assert_eq!(server.run(rows).unwrap(), "[]", "{status:?}");
        assert_eq!(
            decide_from(&server, id, Status::Approved, undo),
            Decision::Erased,
            "{status:?}"
        );
        let again = server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
        assert_eq!(again.status, 200, "{status:?}");
    }
}

#[test]
fn every_response_tells_an_author_the_same_status() {
    let server = TestServer::start();
    for (status, told) in [
        (Status::Approved, "approved"),
        (Status::Held, "held"),
        (Status::Spam, "held"),
    ] {
        let key = super::support::server::key();
        let (id, token) = server.posted(json!({"key": key}));
        decide(&server, id, status);
        let replay = server.post(json!({"key": key})).json();
        assert_eq!(replay["comment"]["status"], told, "replay of {status:?}");
        assert_eq!(replay["replayed"], true);
        assert_eq!(own_status(&server, id, &token), told, "own, {status:?}");
        let body = json!({"text": format!("Edited as {status:?}.")});
        let patched = server.json("PATCH", &format!("comments/{id}"), Some(&token), &body);
        assert_eq!(patched.json()["comment"]["status"], told, "PATCH of {status:?}");
        assert_ne!(
            patched.json()["comment"]["body"],
            json!([]),
            "its author sees it: {status:?}"
        );
        let deleted = server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
        assert_eq!(deleted.json()["comment"]["status"], "deleted", "{status:?}");
        assert_eq!(
            server.post(json!({"key": key})).json()["comment"]["status"],
            "deleted"
        );
    }
}

#[test]
fn without_the_token_a_comment_that_is_not_public_is_not_found() {
    let server = TestServer::start();
    let (public, _) = server.posted(json!({}));
    let hidden: Vec<i64> = [Status::Held, Status::Spam, Status::Deleted]
        .into_iter()
        .map(|status| {
            let (id, _) = server.posted(json!({}));
            decide(&server, id, status);
            id
        })
        .collect();
    let never = public + 4_096_000;
    let guessed = "x".repeat(43);
    // Every way to name a comment; the response, without the requested id.
    let ask = |id: i64| -> Vec<(u16, String)> {
        let path = format!("comments/{id}");
        let vote = json!({"reader": READER, "value": 1});
        let read = format!("/api/v1/sites/blog/{path}");
        let page = format!("/thread/blog?page={}", encoded(PAGE));
        let answers = [
            server.json("PATCH", &path, Some(&guessed), &json!({"text": "Mine."})),
            server.json("DELETE", &path, Some(&guessed), &json!({})),
            server.json("PUT", &format!("{path}/vote"), None, &vote),
            server.post(json!({"parent": id})),
            server.json(
                "POST",
                "own",
                None,
                &json!({"comments": [{"id": id, "token": guessed}]}),
            ),
            server.get(&read),
            server.get(&format!("{read}/replies")),
            server.get(&format!("{page}&comment={id}")),
            server.get(&format!("{page}&replies={id}")),
            server.get(&format!("{page}&reply={id}")),
            server.get(&format!("{page}&edit={id}")),
            server.get(&format!("/thread/blog?comment={id}")),
        ];
        answers
            .into_iter()
            .map(|answer| (answer.status, answer.text().replace(&id.to_string(), "ID")))
            .collect()
    };
    let wanted = ask(never);
    for (n, (status, _)) in wanted.iter().enumerate().filter(|(n, _)| *n != 4) {
        assert!(*status >= 400, "control: {n} answers {status}");
    }
    for id in hidden {
        for (n, (got, wanted)) in ask(id).iter().zip(&wanted).enumerate() {
            assert_eq!(got, wanted, "question {n} about {id}");
        }
    }
    let known = ask(public);
    assert_ne!(known[0], wanted[0], "control: a public comment is no secret");
    assert_eq!(
        server
            .json(
                "PATCH",
                &format!("comments/{public}"),
                Some(&guessed),
                &json!({"text": "Mine."})
            )
            .code(),
        "token_wrong"
    );
}

#[test]
fn an_edit_can_be_bound_to_the_loaded_version() {
    let server = TestServer::start();
    let posted = server.post(json!({})).json();
    let (id, token) = (
        posted["comment"]["id"].as_i64().unwrap(),
        posted["token"].as_str().unwrap().to_owned(),
    );
    let loaded = posted["comment"]["version"].as_i64().expect("a version");
    let patch = |body: Value| server.json("PATCH", &format!("comments/{id}"), Some(&token), &body);
    let first = patch(json!({"text": "From the first tab.", "version": loaded}));
    assert_eq!(first.status, 200, "{}", first.text());
    let late = patch(json!({"text": "From the second tab.", "version": loaded}));
    assert_eq!((late.status, late.code().as_str()), (409, "conflict"));
    assert_eq!(late.json()["error"]["field"], "version");
    let again = patch(json!({"text": "From the first tab.", "version": loaded}));
    assert_eq!(again.status, 200, "an answer that was lost is asked for again");
    let now = again.json()["comment"]["version"].clone();
    assert_ne!(now, json!(loaded));
    assert_eq!(
        patch(json!({"text": "From the second tab.", "version": now})).status,
        200
    );
    assert_eq!(patch(json!({"text": "Whichever."})).status, 200);
    for wrong in [json!("1"), json!(1.5), json!({})] {
        assert_eq!(
            patch(json!({"text": "x", "version": wrong})).code(),
            "bad_json",
            "{wrong}"
        );
    }
    assert_eq!(
        server.thread(PAGE)["comments"][0]["version"],
        Value::Null,
        "readers are not told"
    );
}
