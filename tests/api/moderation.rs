//! Moderation: a decision applies to the version that was seen, erased comments stay erased, and only its author learns
//! of a comment that is not public.

mod retention;
mod sequences;

use afterword::{
    model::{
        account::{Account, Role},
        comment::Status,
        id::{CommentId, SiteId},
    },
    service::{
        audit::Actor,
        moderation::{
            decide::{self, Decision},
            queue,
        },
        sites::register,
    },
    store::{StoreError, tables::revisions},
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
    for (status, shown) in [
        (Status::Approved, "approved"),
        (Status::Held, "held"),
        (Status::Spam, "held"),
    ] {
        let key = super::support::server::key();
        let (id, token) = server.posted(json!({"key": key}));
        decide(&server, id, status);
        let replay = server.post(json!({"key": key})).json();
        assert_eq!(replay["comment"]["status"], shown, "replay of {status:?}");
        assert_eq!(replay["replayed"], true);
        assert_eq!(own_status(&server, id, &token), shown, "own, {status:?}");
        let body = json!({"text": format!("Edited as {status:?}.")});
        let patched = server.json("PATCH", &format!("comments/{id}"), Some(&token), &body);
        assert_eq!(patched.json()["comment"]["status"], shown, "PATCH of {status:?}");
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
