//! Retention: earlier versions and removed text last thirty days.

use afterword::{
    jobs::maintenance,
    model::{comment::Status, id::CommentId, time::DAY},
    service::{
        comments::input::CommentInput,
        moderation::{
            decide::Decision,
            edit::{self, EditOutcome},
            queue,
        },
    },
    store::tables::instance,
};
use serde_json::{Value, json};

use super::{actor, blog, decide, decide_from, own_status, stored_revisions, version};
use crate::support::server::TestServer;

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
