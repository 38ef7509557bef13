//! Writes: posting once, editing, deleting, voting, moderation.

use std::time::Duration;

use afterword::store::StoreError;
use serde_json::{Value, json};

use super::support::server::{PAGE, READER, TestServer, key};

#[test]
fn the_same_key_makes_one_comment() {
    let server = TestServer::start();
    let key = key();
    let first = server.post(json!({"key": key})).json();
    let again = server.post(json!({"key": key}));
    assert_eq!(again.status, 201);
    let again = again.json();
    assert_eq!(again["comment"]["id"], first["comment"]["id"]);
    assert_eq!(again["token"], first["token"]);
    assert_eq!(
        (&first["replayed"], &again["replayed"]),
        (&json!(false), &json!(true))
    );
    let other = server.post(json!({"key": key, "text": "Something else."}));
    assert_eq!((other.status, other.code().as_str()), (422, "key_reused"));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn many_at_once_with_one_key_make_one_comment() {
    let server = TestServer::start();
    let key = key();
    let ids: Vec<i64> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| server.posted(json!({"key": key})).0))
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn a_write_timeout_is_reported_as_uncertain_and_stores_once() {
    let server = TestServer::configured(|config| config.timeout = 1);
    let key = key();
    let slow = || {
        server.app.store.write(|_| {
            std::thread::sleep(Duration::from_millis(1_500));
            Ok::<_, StoreError>(())
        })
    };
    std::thread::scope(|scope| {
        // As many as PostgreSQL has workers in tests; SQLite runs them one after the other.
        scope.spawn(|| server.run(async { tokio::join!(slow(), slow(), slow()) }));
        std::thread::sleep(Duration::from_millis(200));
        let late = server.post(json!({"key": key}));
        assert_eq!(
            (late.status, late.code().as_str()),
            (503, "busy"),
            "{}",
            late.text()
        );
        assert!(late.text().contains("not certain"), "{}", late.text());
        assert_eq!(late.json()["error"]["retry_after"], 2);
    });
    // The late request is still running: after an immediate retry, either of the two may be the stored one.
    for _ in 0..100 {
        if server.thread(PAGE)["thread"]["count"] == 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let again = server.post(json!({"key": key}));
    assert_eq!((again.status, &again.json()["replayed"]), (201, &json!(true)));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn an_author_edits_and_deletes_within_the_window() {
    let server = TestServer::start();
    let (id, token) = server.posted(json!({}));
    let path = format!("comments/{id}");
    let edited = server.json("PATCH", &path, Some(&token), &json!({"text": "Bags are fine."}));
    assert_eq!(edited.status, 200, "{}", edited.text());
    assert_eq!(
        edited.json()["comment"]["body"],
        json!([["p", {}, "Bags are fine."]])
    );
    assert_eq!(
        server.thread(PAGE)["comments"][0]["edited_at"],
        1_790_000_000_000_i64
    );
    let wrong = server.json(
        "PATCH",
        &path,
        Some("x".repeat(43).as_str()),
        &json!({"text": "Mine now."}),
    );
    assert_eq!((wrong.status, wrong.code().as_str()), (403, "token_wrong"));
    let missing = server.json("PATCH", &path, None, &json!({"text": "Mine now."}));
    assert_eq!((missing.status, missing.code().as_str()), (401, "token_missing"));
    server.clock.advance(901_000);
    let late = server.json("PATCH", &path, Some(&token), &json!({"text": "Too late."}));
    assert_eq!((late.status, late.code().as_str()), (403, "token_expired"));
    let late = server.json("DELETE", &path, Some(&token), &json!({}));
    assert_eq!(late.code(), "token_expired");
}

#[test]
fn a_deleted_comment_with_replies_leaves_a_tombstone() {
    let server = TestServer::start();
    let (top, token) = server.posted(json!({"text": "A secret that must go."}));
    let (reply, reply_token) = server.posted(json!({"parent": top}));
    let deleted = server.json("DELETE", &format!("comments/{top}"), Some(&token), &json!({}));
    assert_eq!(deleted.json()["comment"]["status"], "deleted");
    let thread = server.thread(PAGE);
    assert_eq!(thread["thread"]["count"], 1);
    let tombstone = &thread["comments"][0];
    assert_eq!(
        (&tombstone["status"], &tombstone["author"], &tombstone["body"]),
        (&json!("deleted"), &Value::Null, &json!([]))
    );
    assert_eq!(tombstone["replies"][0]["id"], reply);
    assert!(!thread.to_string().contains("secret that must go"));
    let again = server.json("DELETE", &format!("comments/{top}"), Some(&token), &json!({}));
    assert_eq!(again.status, 200, "deleting again is no error");
    let to_deleted = server.post(json!({"parent": top}));
    assert_eq!(to_deleted.code(), "parent_not_found");
    server.json(
        "DELETE",
        &format!("comments/{reply}"),
        Some(&reply_token),
        &json!({}),
    );
    assert_eq!(server.thread(PAGE)["comments"], json!([]));
}

#[test]
fn a_reader_has_one_vote_and_may_change_it() {
    let server = TestServer::start();
    let (id, _) = server.posted(json!({}));
    let vote = |reader: &str, value: i64| {
        server.json(
            "PUT",
            &format!("comments/{id}/vote"),
            None,
            &json!({"reader": reader, "value": value}),
        )
    };
    assert_eq!(vote(READER, 1).json(), json!({"up": 1, "down": 0, "value": 1}));
    assert_eq!(vote(READER, 1).json(), json!({"up": 1, "down": 0, "value": 1}));
    assert_eq!(vote(READER, -1).json(), json!({"up": 0, "down": 1, "value": -1}));
    assert_eq!(
        vote("another-reader-of-these-tests", 1).json(),
        json!({"up": 1, "down": 1, "value": 1})
    );
    assert_eq!(vote(READER, 0).json(), json!({"up": 1, "down": 0, "value": 0}));
    assert_eq!(server.thread(PAGE)["comments"][0]["up"], 1);
    assert_eq!(vote(READER, 2).code(), "field_invalid");
    assert_eq!(vote("short", 1).code(), "field_invalid");
    server.rule("votes", "up");
    assert_eq!(vote(READER, -1).code(), "votes_off");
    server.rule("votes", "off");
    assert_eq!(vote(READER, 1).code(), "votes_off");
    server.rule("votes", "both");
    let crowd = (0..130).filter(|n| vote(&format!("sock-puppet-of-these-tests-{n:03}"), 1).status == 200);
    assert_eq!(
        crowd.count(),
        99,
        "a hundred readers behind one address count in an hour; one voted before"
    );
}

#[test]
fn a_held_comment_is_seen_by_its_author_alone() {
    let server = TestServer::start();
    server.rule("moderation", "all");
    let answer = server.post(json!({})).json();
    assert_eq!(answer["comment"]["status"], "held");
    assert_eq!(server.thread(PAGE)["comments"], json!([]));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0);
    let id = answer["comment"]["id"].as_i64().unwrap();
    assert_eq!(
        server.get(&format!("/api/v1/sites/blog/comments/{id}")).code(),
        "comment_not_found"
    );
    let own = |token: &str| {
        server
            .json(
                "POST",
                "own",
                None,
                &json!({"comments": [{"id": id, "token": token}]}),
            )
            .json()
    };
    let mine = own(answer["token"].as_str().unwrap());
    assert_eq!(mine["comments"][0]["comment"]["status"], "held");
    assert_eq!(mine["comments"][0]["text"], "Loose leaf, *always*.");
    assert_eq!(own("guessed"), json!({"comments": []}));
    assert_eq!(server.post(json!({"parent": id})).code(), "parent_not_found");
}

#[test]
fn the_first_comment_of_an_author_is_held_until_one_is_approved() {
    let server = TestServer::start();
    server.rule("moderation", "first");
    let first = server.post(json!({})).json();
    assert_eq!(first["comment"]["status"], "held");
    let id = afterword::model::id::CommentId(first["comment"]["id"].as_i64().unwrap());
    server.owner("owner", "a long password");
    server.run(async {
        let user = afterword::service::accounts::directory::all(&server.app)
            .await
            .unwrap()
            .remove(0);
        let site = afterword::service::sites::register::all(&server.app)
            .await
            .unwrap()
            .remove(0)
            .id;
        let to = afterword::model::comment::Status::Approved;
        let version = afterword::service::moderation::queue::item(&server.app, site, id)
            .await
            .unwrap()
            .comment
            .version;
        afterword::service::moderation::decide::decide(&server.app, &(&user).into(), site, id, to, version)
            .await
            .unwrap();
    });
    assert_eq!(server.post(json!({})).json()["comment"]["status"], "approved");
    assert_eq!(
        server
            .post(json!({"reader": "somebody-else-of-these-tests"}))
            .json()["comment"]["status"],
        "held"
    );
}

#[test]
fn a_closed_thread_takes_no_comments() {
    let server = TestServer::start();
    server.posted(json!({}));
    server.rule("close_after", "1");
    server.clock.advance(86_400_001);
    assert_eq!(server.post(json!({})).code(), "thread_closed");
    assert_eq!(server.thread(PAGE)["thread"]["open"], false);
}

#[test]
fn an_edit_does_not_require_fields_that_the_post_did_not() {
    let server = TestServer::start();
    let (id, token) = server.posted(json!({}));
    server.rule("require_email", "yes");
    assert_eq!(server.post(json!({})).code(), "email_missing", "a new comment is");
    let edited = server.json(
        "PATCH",
        &format!("comments/{id}"),
        Some(&token),
        &json!({"text": "Changed."}),
    );
    assert_eq!(edited.status, 200, "{}", edited.text());
}

#[test]
fn the_longest_allowed_text_can_be_posted_and_edited() {
    let server = TestServer::start();
    server.rule("max_text", "20000");
    let (id, token) = server.posted(json!({"text": "short"}));
    for one in ["👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u{301}\u{323}", "字", "a"] {
        let text = one.repeat(20_000);
        let longer = one.repeat(20_001);
        let edit = |text: &str| {
            server.json(
                "PATCH",
                &format!("comments/{id}"),
                Some(&token),
                &json!({"text": text}),
            )
        };
        assert_eq!(server.post(json!({"text": text})).status, 201, "{one}");
        assert_eq!(edit(&text).status, 200, "{one}");
        assert_eq!(
            server.post(json!({"text": longer})).code(),
            "text_too_long",
            "{one}"
        );
        assert_eq!(edit(&longer).code(), "text_too_long", "{one}");
    }
}
