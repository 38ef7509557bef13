//! Maintenance: rendering texts again that an older content policy rendered.

use std::collections::BTreeMap;

use afterword::{
    content,
    jobs::maintenance,
    store::{StoreError, Value, tables::instance},
};
use serde_json::json;

use super::support::server::{PAGE, TestServer, encoded};

/// The stored tree of each comment, and the version of its policy.
fn stored(server: &TestServer) -> BTreeMap<i64, (String, i64)> {
    let look = server.app.store.read(|tx| {
        let mut found = BTreeMap::new();
        tx.query("SELECT id, body, policy FROM comments", &[], &mut |row| {
            found.insert(row.int(0)?, (row.text(1)?.to_owned(), row.int(2)?));
            Ok(())
        })?;
        Ok::<_, StoreError>(found)
    });
    server.run(look).unwrap()
}

#[test]
fn texts_of_an_older_policy_are_rendered_again_in_every_thread() {
    let server = TestServer::start();
    // More than one batch; threads are interleaved, and older conversations continue below newer ones.
    let mut tops: Vec<Vec<i64>> = vec![Vec::new(); 9];
    for n in 0..50 {
        for (page, tops) in tops.iter_mut().enumerate() {
            server.clock.advance(1);
            let (text, page) = (
                format!("*{n}* of {page}"),
                format!("https://blog.example/upkeep/{page}"),
            );
            let parent = (n % 4 > 0).then(|| tops[(n * 5) % tops.len()]);
            let (id, _) = server.posted(json!({"page": page, "text": text, "parent": parent}));
            if parent.is_none() {
                tops.push(id);
            }
        }
    }
    let before = stored(&server);
    assert_eq!(before.len(), 450);
    let spoil = server.app.store.write(|tx| {
        tx.execute(
            "UPDATE comments SET policy = 0, body = (SELECT MIN(body) FROM comments)",
            &[],
        )?;
        instance::set(tx, "policy", 0)
    });
    server.run(spoil).unwrap();
    assert_ne!(stored(&server), before, "there is something to do");

    assert_eq!(server.run(maintenance::rerender_stale(&server.app)).unwrap(), 450);
    assert_eq!(stored(&server), before);
    assert!(before.values().all(|(_, policy)| *policy == content::POLICY));
    assert_eq!(
        server.run(maintenance::rerender_stale(&server.app)).unwrap(),
        0,
        "done once"
    );
}

/// Before that, and with a node of the older version, every reader finds every comment.
#[test]
fn texts_of_an_older_policy_are_shown_before_that() {
    let server = TestServer::start();
    let (id, _) =
        server.posted(json!({"text": "Ask [Ann](mailto:ann@example.com?bcc=b@example.org) first."}));
    let spoil = server.app.store.write(|tx| {
        tx.execute(
            "UPDATE comments SET policy = 1, body = ?1",
            &[Value::from(
                r#"[["p",{},"Ask ",["a",{"href":"mailto:ann@example.com?bcc=b@example.org","rel":"ugc nofollow noopener noreferrer"},"Ann"]," first, ",["a",{"href":"mailto:x","rel":"ugc nofollow noopener noreferrer"},"or not"],"."]]"#,
            )],
        )?;
        instance::set(tx, "policy", 1)
    });
    server.run(spoil).unwrap();
    for path in [
        "/feeds/blog.atom".to_owned(),
        "/api/v1/sites/blog/recent".to_owned(),
        format!("/api/v1/sites/blog/comments/{id}"),
        format!("/api/v1/sites/blog/thread?page={}", encoded(PAGE)),
        format!("/api/v1/sites/blog/fragment?page={}", encoded(PAGE)),
        format!("/thread/blog?page={}", encoded(PAGE)),
    ] {
        let text = server.get(&path).text();
        for word in ["Ann", "first", "or not"] {
            assert!(text.contains(word), "{path} without {word}: {text}");
        }
        if !path.starts_with("/api/") || path.contains("fragment") {
            assert!(!text.contains("bcc="), "{path}: {text}");
        }
    }
    assert_eq!(server.run(maintenance::rerender_stale(&server.app)).unwrap(), 1);
    let body = &stored(&server)[&id];
    assert_eq!(body.1, content::POLICY);
    assert!(
        body.0.contains(r#""href":"mailto:ann@example.com""#),
        "{}",
        body.0
    );
}

#[test]
fn trees_without_a_source_are_brought_to_the_present_policy() {
    let server = TestServer::start();
    let (id, _) = server.posted(json!({}));
    let spoil = server.app.store.write(|tx| {
        tx.execute("UPDATE comment_details SET source = ''", &[])?;
        tx.execute(
            "UPDATE comments SET policy = 1, body = ?1",
            &[Value::from(
                r#"[["p",{},["a",{"href":"mailto:a@b.example?bcc=c@d.example","rel":"ugc nofollow noopener noreferrer"},"me"]]]"#,
            )],
        )?;
        instance::set(tx, "policy", 1)
    });
    server.run(spoil).unwrap();
    assert_eq!(server.run(maintenance::rerender_stale(&server.app)).unwrap(), 1);
    let body = &stored(&server)[&id];
    assert_eq!(
        body.0,
        r#"[["p",{},["a",{"href":"mailto:a@b.example","rel":"ugc nofollow noopener noreferrer"},"me"]]]"#
    );
}
