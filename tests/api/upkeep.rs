//! What the server does by itself: rendering anew what an older content policy made.

use std::collections::BTreeMap;

use afterword::{
    content,
    service::upkeep,
    store::{StoreError, instance},
};
use serde_json::json;

use super::support::server::TestServer;

/// What is stored of each comment: its tree, and the policy that made it.
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
fn what_an_older_policy_made_is_rendered_anew_in_every_thread() {
    let server = TestServer::start();
    // More than one batch; threads are mixed, and older branches go on below newer ones.
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

    assert_eq!(server.run(upkeep::render_anew(&server.app)).unwrap(), 450);
    assert_eq!(stored(&server), before);
    assert!(before.values().all(|(_, policy)| *policy == content::POLICY));
    assert_eq!(
        server.run(upkeep::render_anew(&server.app)).unwrap(),
        0,
        "done once"
    );
}
