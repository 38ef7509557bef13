//! Sequences of actions of an author and moderators, compared with a model of the versions.

use afterword::{
    model::{
        comment::Status,
        id::{CommentId, SiteId},
    },
    service::{
        comments::input::CommentInput,
        moderation::{
            decide::{self, Decision},
            edit::{self, EditOutcome},
            queue,
        },
    },
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::{actor, blog, own_status, stored_revisions, version};
use crate::support::server::TestServer;

/// An action on a comment. Moderators act from the page that they loaded last, however old it is.
#[derive(Clone, Copy, Debug)]
enum Action {
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

fn actions() -> Vec<Action> {
    let mut actions = vec![
        Action::Edit { bound: true },
        Action::Edit { bound: false },
        Action::Erase,
    ];
    for who in 0..2 {
        actions.extend(Status::ALL.iter().map(|status| Action::Decide(who, *status)));
        actions.extend([Action::Save(who), Action::Undo(who), Action::Look(who)]);
    }
    actions
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

    fn run(server: &'a TestServer, held_first: bool, actions: &[Action]) {
        let mut case = Self::begin(server, held_first);
        for (step, action) in actions.iter().enumerate() {
            case.act(step, *action, actions);
            case.check(actions);
        }
    }

    fn act(&mut self, step: usize, action: Action, all: &[Action]) {
        let path = format!("comments/{}", self.id);
        match action {
            Action::Look(who) => self.model.looks[who] = (version(self.server, self.id), self.model.changes),
            Action::Erase => {
                let answer = self.server.json("DELETE", &path, Some(&self.token), &json!({}));
                assert_eq!(
                    (answer.status, &answer.json()["comment"]["status"]),
                    (200, &json!("deleted")),
                    "{all:?}"
                );
                self.model.changes += u64::from(!self.model.erased);
                (self.model.status, self.model.erased) = (Status::Deleted, true);
            }
            Action::Edit { bound } => {
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
            Action::Save(who) => {
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
            Action::Decide(who, to) => self.decide(who, to, self.model.looks[who], all),
            Action::Undo(who) => {
                if let Some((was, seen)) = self.model.undo[who] {
                    self.decide(who, was, seen, all);
                }
            }
        }
    }

    fn decide(&mut self, who: usize, to: Status, seen: Version, all: &[Action]) {
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
    fn check(&self, all: &[Action]) {
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
        let status = match model.status {
            Status::Approved => json!("approved"),
            Status::Held | Status::Spam => json!("held"),
            Status::Deleted => Value::Null,
        };
        assert_eq!(own_status(self.server, self.id, &self.token), status, "{all:?}");
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
        for first in actions() {
            for second in actions() {
                Case::run(server, held_first, &[first, second]);
            }
        }
    });
}

#[test]
fn an_undo_does_not_overwrite_a_later_change() {
    on_both(|server, held_first| {
        for to in Status::ALL {
            for other in actions() {
                Case::run(
                    server,
                    held_first,
                    &[Action::Decide(0, *to), other, Action::Undo(0), Action::Undo(0)],
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
        let courses = prop::collection::vec(prop::sample::select(actions()), 3..8);
        for _ in 0..cases {
            let course = courses.new_tree(&mut runner).unwrap().current();
            Case::run(server, held_first, &course);
        }
    });
}
