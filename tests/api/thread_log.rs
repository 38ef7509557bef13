//! The log of thread operations, and decisions on comments of moved threads.

use afterword::{
    model::{
        account::{Account, Role},
        comment::Status,
        id::{CommentId, SiteId, ThreadId},
        moderation_log::ModerationAction,
    },
    service::{
        audit::{self, Actor},
        moderation::{
            decide::{self, Decision},
            queue,
        },
        threads::{
            edit, lookup, merge,
            moves::{self, MoveOutcome},
            page::Page,
            read,
        },
    },
};
use serde_json::json;

use super::support::server::{ORIGIN, PAGE, TestServer};

fn owner() -> Actor {
    let id = afterword::model::id::AccountId(1);
    Actor::from(&Account::new(id, "keeper".into(), Role::Owner))
}

fn blog(server: &TestServer) -> SiteId {
    server.run(read::site(&server.app, "blog")).unwrap().id
}

/// The entries of the site's log, oldest first: actor, action, target, and state before.
fn entries(server: &TestServer) -> Vec<(String, ModerationAction, String, String)> {
    let site = Some(blog(server));
    let newest = server.run(audit::newest(&server.app, site)).unwrap();
    let entries = newest
        .into_iter()
        .map(|one| (one.actor, one.act, one.target, one.before.as_str().to_owned()));
    entries.rev().collect()
}

/// An entry in the form of [`entries`].
fn entry(
    actor: &str,
    act: ModerationAction,
    target: &str,
    before: &str,
) -> (String, ModerationAction, String, String) {
    (actor.into(), act, target.into(), before.into())
}

fn thread(server: &TestServer, page: &str) -> ThreadId {
    ThreadId(server.thread(page)["thread"]["id"].as_i64().unwrap())
}

#[test]
fn editing_moving_and_merging_threads_is_in_the_log() {
    let server = TestServer::start();
    let (coffee, new) = (format!("{ORIGIN}/coffee"), format!("{ORIGIN}/tea"));
    server.posted(json!({"title": "On tea"}));
    server.posted(json!({"title": "On tea", "text": "More."}));
    server.posted(json!({"page": coffee, "title": ""}));
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    let id = thread(&server, PAGE);
    let edit = |address: &str, title: &str| {
        server.run(edit::set_page(&server.app, &owner(), &site, id, address, title))
    };
    edit(PAGE, "On tea").unwrap();
    let was = format!("{PAGE} “On tea”");
    let pinned = entry("keeper", ModerationAction::ThreadEdited, &was, &was);
    assert_eq!(entries(&server), [pinned], "from now on no comment changes it");
    edit(PAGE, "On tea").unwrap();
    edit(&coffee, "Refused").unwrap_err();
    edit("https://evil.example/", "Refused").unwrap_err();
    assert_eq!(entries(&server).len(), 1, "nothing was changed");
    edit(PAGE, "Tea").unwrap();
    let now = format!("{PAGE} “Tea”");
    let titled = entry("keeper", ModerationAction::ThreadEdited, &now, &was);
    assert_eq!(entries(&server)[1..], [titled]);

    let move_to = |to: &str, join: bool, dry: bool| {
        let from = lookup::key_of(&site, PAGE).unwrap();
        let moves = vec![(from, Page::of(&site, to, None).unwrap())];
        server.run(moves::move_pages(
            &server.app,
            &owner(),
            site.id,
            moves,
            join,
            dry,
        ))
    };
    assert_eq!(move_to(&new, false, true).unwrap(), [MoveOutcome::Moved]);
    assert_eq!(move_to(&coffee, true, true).unwrap(), [MoveOutcome::Merged]);
    move_to(&coffee, false, false).unwrap_err();
    assert_eq!(entries(&server).len(), 2, "a dry run and a refusal leave nothing");
    assert_eq!(move_to(&new, false, false).unwrap(), [MoveOutcome::Moved]);
    assert_eq!(move_to(&new, false, false).unwrap(), [MoveOutcome::Already]);
    let moved = entry("keeper", ModerationAction::ThreadMoved, &new, PAGE);
    assert_eq!(entries(&server)[2..], [moved]);

    let into = thread(&server, &coffee);
    let merge = || server.run(merge::merge(&server.app, &owner(), site.id, id, into));
    merge().unwrap();
    merge().unwrap_err();
    let before = format!("{new} “Tea” with 2 comments; {coffee} with one comment");
    let merged = entry(
        "keeper",
        ModerationAction::ThreadsMerged,
        &format!("{coffee} “Tea”"),
        &before,
    );
    assert_eq!(entries(&server)[3..], [merged]);
}

#[test]
fn merges_by_a_move_and_by_a_setting_are_in_the_log() {
    let server = TestServer::start();
    let site = server.run(read::site(&server.app, "blog")).unwrap();
    server.rule("html_folds", "no");
    for name in ["a", "b", "c", "c.html"] {
        server.posted(json!({"page": format!("{ORIGIN}/{name}"), "title": "", "text": name}));
    }
    let (a, b) = (format!("{ORIGIN}/a"), format!("{ORIGIN}/b"));
    let moves = vec![(
        lookup::key_of(&site, &a).unwrap(),
        Page::of(&site, &b, None).unwrap(),
    )];
    server
        .run(moves::move_pages(
            &server.app,
            &owner(),
            site.id,
            moves,
            true,
            false,
        ))
        .unwrap();
    let before = format!("{a} with one comment; {b} with one comment");
    let merged = entry("keeper", ModerationAction::ThreadsMerged, &b, &before);
    assert_eq!(entries(&server)[1..], [merged]);
    server.rule("html_folds", "yes");
    let page = format!("{ORIGIN}/c");
    let before = format!("{page}.html with one comment; {page} with one comment");
    let folded = [
        entry(
            "(command line)",
            ModerationAction::SettingChanged,
            "html_folds = yes",
            "no",
        ),
        entry("(command line)", ModerationAction::ThreadsMerged, &page, &before),
    ];
    assert_eq!(entries(&server)[2..], folded);
}

#[test]
fn a_decision_on_a_form_from_before_a_merge_is_refused() {
    let server = TestServer::start();
    let coffee = format!("{ORIGIN}/coffee");
    let (moved, token) = server.posted(json!({}));
    let (stays, _) = server.posted(json!({"page": coffee, "text": "Coffee."}));
    let site = blog(&server);
    let version = |id: i64| {
        let item = server.run(queue::item(&server.app, site, CommentId(id)));
        item.unwrap().comment.version
    };
    let decide = |id: i64, seen: i64| {
        let (id, actor) = (CommentId(id), owner());
        let decided = decide::decide(&server.app, &actor, site, id, Status::Spam, seen);
        server.run(decided).unwrap()
    };
    let seen = [moved, stays].map(version);
    let (from, into) = (thread(&server, PAGE), thread(&server, &coffee));
    let actor = owner();
    server
        .run(merge::merge(&server.app, &actor, site, from, into))
        .unwrap();
    assert_eq!(decide(moved, seen[0]), Decision::Changed);
    let edit = |version: i64| {
        let body = json!({"text": "Edited.", "version": version});
        server.json("PATCH", &format!("comments/{moved}"), Some(&token), &body)
    };
    let refused = edit(seen[0]);
    assert_eq!((refused.status, refused.code()), (409, "conflict".into()));
    assert_eq!(edit(version(moved)).status, 200, "from what there is now");
    assert!(matches!(decide(moved, version(moved)), Decision::Decided { .. }));
    assert!(
        matches!(decide(stays, seen[1]), Decision::Decided { .. }),
        "its page is the same as before"
    );
}
