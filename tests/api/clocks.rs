//! Wrong clocks: data with an expiry stays until it is due, and the site keeps working.

use afterword::{
    jobs::{maintenance, purge_clock::PurgeClock},
    model::{
        comment::Status,
        id::CommentId,
        time::{DAY, HOUR, Millis},
    },
    service::{accounts::session, audit::Actor, moderation::decide, threads::read},
    store::StoreError,
};
use serde_json::json;

use super::support::server::{PAGE, TestServer};

/// Runs maintenance as after another hour of run time; returns how far its clock was behind.
fn hour(server: &TestServer, watch: &mut PurgeClock) -> i64 {
    server.run(async {
        let at = watch.advance(&server.app, HOUR).await.unwrap();
        maintenance::purge_expired(&server.app, at).await.unwrap();
        server.app.clock.now().since(at)
    })
}

/// The number that a statement returns.
fn number(server: &TestServer, sql: &'static str) -> i64 {
    let read = server.app.store.read(move |tx| {
        let mut found = 0;
        tx.query(sql, &[], &mut |row| {
            found = row.int(0)?;
            Ok(())
        })?;
        Ok::<_, StoreError>(found)
    });
    server.run(read).unwrap()
}

fn sign_in(server: &TestServer) -> String {
    let client = afterword::app::context::Client {
        network: afterword::model::network::Network::of("192.0.2.1".parse().unwrap()),
    };
    server.owner("mo", "a long password");
    server
        .run(session::sign_in(
            &server.app,
            &client,
            "",
            "mo",
            "a long password",
        ))
        .unwrap()
        .session
}

fn is_signed_in(server: &TestServer, session: &str) -> bool {
    server.run(session::find(&server.app, session)).unwrap().is_some()
}

#[test]
fn a_clock_ahead_at_start_purges_nothing_at_once() {
    let server = TestServer::start();
    let once = json!({"key": "the-same-key-again", "text": "once"});
    server.posted(once.clone());
    let session = sign_in(&server);
    let removed = server.posted(json!({"text": "to be removed"}));
    let path = format!("comments/{}", removed.0);
    server.json("DELETE", &path, Some(&removed.1), &json!({}));
    server.run(PurgeClock::establish(&server.app)).unwrap();
    let kept = |server: &TestServer| {
        (
            number(server, "SELECT COUNT(*) FROM post_keys"),
            number(server, "SELECT COUNT(*) FROM sessions"),
            number(
                server,
                "SELECT COUNT(*) FROM comment_details WHERE address_key <> ''",
            ),
        )
    };
    let before = kept(&server);
    assert_eq!(before.1, 1);

    server.clock.advance(40 * DAY);
    for _ in 0..5 {
        // Each time as after a restart.
        let mut watch = PurgeClock::start(&server.clock);
        server.run(PurgeClock::establish(&server.app)).unwrap();
        assert!(hour(&server, &mut watch) > 30 * DAY);
    }
    assert_eq!(kept(&server), before, "several starts with the wrong clock");
    assert!(!is_signed_in(&server, &session));

    server.clock.advance(-40 * DAY);
    assert_eq!(server.post(once).json()["replayed"], true, "the same comment");
    assert!(is_signed_in(&server, &session), "again");

    // Control: a clock that stays right is followed.
    server.clock.advance(40 * DAY);
    let mut watch = PurgeClock::start(&server.clock);
    let hours = (1..100).find(|_| hour(&server, &mut watch) == 0).unwrap();
    assert!((20..=40).contains(&hours), "{hours}");
    hour(&server, &mut watch);
    assert_eq!(kept(&server), (0, 0, 0), "what is due is forgotten");
}

#[test]
fn a_row_dated_in_the_future_does_not_advance_expiry() {
    let server = TestServer::start();
    server.posted(json!({"key": "the-same-key-again"}));
    server.clock.advance(84 * 365 * DAY);
    server.posted(json!({"text": "from the future"}));
    server.clock.advance(-84 * 365 * DAY);
    server.run(PurgeClock::establish(&server.app)).unwrap();
    server.clock.advance(20 * DAY);
    let mut watch = PurgeClock::start(&server.clock);
    assert!(hour(&server, &mut watch) > 18 * DAY);
    assert_eq!(number(&server, "SELECT COUNT(*) FROM post_keys"), 2);
    // A comment dated in the future does not keep its network address until then.
    let addresses = "SELECT COUNT(*) FROM comment_details WHERE address_key <> ''";
    assert_eq!(number(&server, addresses), 1);
    let newest_key = number(&server, "SELECT MAX(created_at) FROM post_keys");
    assert!(newest_key <= server.clock.now().0, "nor its key");
}

#[test]
fn a_site_works_after_a_clock_in_the_far_future() {
    for year in [2038_i64, 2110, 2262, 9999] {
        let server = TestServer::start();
        let (first, _) = server.posted(json!({"text": "before"}));
        let leap = Millis((year - 1970) * 31_556_952_000).since(server.clock.now());
        server.clock.advance(leap);
        let (future, _) = server.posted(json!({"text": "wrong"}));
        let session = sign_in(&server);
        server.clock.advance(-leap);
        let mut last = future;
        for n in 0..5 {
            let (id, _) = server.posted(json!({"text": format!("after {n}")}));
            assert!(id > last, "{year}");
            last = id;
        }
        let (reply, _) = server.posted(json!({"text": "a reply", "parent": future}));
        assert!(first < future && reply > last, "{year}");
        let room = (1_i64 << 53) - reply;
        assert!(room > 100_000_000_000_000, "{year}: {room} ids are left");
        let thread = server.thread(PAGE);
        assert_eq!(thread["thread"]["count"], 8, "{year}");
        assert!(
            !is_signed_in(&server, &session),
            "a session of the future does not last until then"
        );
    }
}

#[test]
fn a_clock_of_1970_purges_nothing_and_accepts_comments() {
    let server = TestServer::start();
    server.posted(json!({"key": "the-same-key-again"}));
    let session = sign_in(&server);
    server.run(PurgeClock::establish(&server.app)).unwrap();
    let back = server.clock.now().0;
    server.clock.advance(-back);
    let mut watch = PurgeClock::start(&server.clock);
    for _ in 0..30 {
        hour(&server, &mut watch);
    }
    server.posted(json!({"text": "of 1970"}));
    assert!(!is_signed_in(&server, &session));
    server.clock.advance(back);
    assert_eq!(number(&server, "SELECT COUNT(*) FROM post_keys"), 2);
    assert!(is_signed_in(&server, &session));
    let mut watch = PurgeClock::start(&server.clock);
    assert_eq!(hour(&server, &mut watch), 0, "it is in step at once");
}

#[test]
fn a_clock_behind_does_not_expire_newer_rows() {
    for behind in [DAY * 3, 40 * DAY, Millis(1_790_000_000_000).0] {
        let server = TestServer::start();
        let (id, token) = server.posted(json!({"text": "first"}));
        let path = format!("comments/{id}");
        server.json("PATCH", &path, Some(&token), &json!({"text": "second"}));
        let vote = json!({"reader": "a-reader-of-22-letters", "value": 1});
        assert_eq!(
            server.json("PUT", &format!("{path}/vote"), None, &vote).status,
            200
        );
        let (removed, _) = server.posted(json!({"text": "removed by mistake"}));
        let (app, mo) = (&server.app, Actor::command_line());
        let site = server.run(read::site(app, "blog")).unwrap().id;
        let decided = decide::decide(app, &mo, site, CommentId(removed), Status::Deleted, 1);
        server.run(decided).unwrap();
        server.run(PurgeClock::establish(app)).unwrap();
        let kept = |server: &TestServer| {
            [
                "SELECT COUNT(*) FROM comment_revisions",
                "SELECT COUNT(*) FROM votes WHERE address_key <> ''",
                "SELECT COUNT(*) FROM comment_details WHERE address_key <> ''",
                "SELECT MAX(removed_at) FROM comment_details",
                "SELECT COUNT(*) FROM comment_details WHERE source <> ''",
            ]
            .map(|sql| number(server, sql))
        };
        let before = kept(&server);
        assert_eq!((before[0], before[1], before[2], before[4]), (1, 1, 2, 2));

        server.clock.advance(-behind);
        for _ in 0..3 {
            // Each time as after a restart.
            let mut watch = PurgeClock::start(&server.clock);
            hour(&server, &mut watch);
        }
        assert_eq!(kept(&server), before, "{behind} behind");
        server.clock.advance(behind);
        let mut watch = PurgeClock::start(&server.clock);
        hour(&server, &mut watch);
        assert_eq!(kept(&server), before, "{behind} behind, and set right");
    }
}

#[test]
fn a_comment_dated_in_the_future_cannot_be_edited_until_then() {
    let server = TestServer::start();
    server.clock.advance(84 * 365 * DAY);
    let (id, token) = server.posted(json!({"text": "wrong"}));
    let path = format!("comments/{id}");
    let edit = |text: &str| server.json("PATCH", &path, Some(&token), &json!({"text": text}));
    assert_eq!(edit("while the clock is wrong").status, 200);
    server.clock.advance(-84 * 365 * DAY);
    assert_eq!(edit("long afterwards").code(), "token_expired");
}
