//! The demo beside a registered site, and the removal of sites.

use afterword::{
    app::ErrorKind,
    model::id::SiteId,
    service::{
        audit::Actor,
        sites::{demo, register, removal},
        threads::{close, read},
    },
    store::StoreError,
};
use serde_json::json;

use super::support::{
    http::{Answer, send},
    server::{ORIGIN, PAGE, READER, TestServer, encoded, key},
};

fn actor() -> Actor {
    Actor::command_line()
}

/// The rows of a site per table, for every table with a site column.
fn rows_of(server: &TestServer, site: SiteId) -> Vec<(String, i64)> {
    let schema = include_str!("../../schema.sql");
    let tables: Vec<String> = schema
        .split("CREATE TABLE ")
        .skip(1)
        .filter(|table| table.split(");").next().unwrap().contains("  site_id "))
        .map(|table| table.split(' ').next().unwrap().to_owned())
        .collect();
    assert!(tables.len() >= 10, "control: {tables:?}");
    let read = server.app.store.read(move |tx| {
        let mut found = Vec::new();
        for table in &tables {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE site_id = ?1");
            tx.query(Box::leak(sql.into_boxed_str()), &[site.0.into()], &mut |row| {
                found.push((table.clone(), row.int(0)?));
                Ok(())
            })?;
        }
        Ok::<_, StoreError>(found)
    });
    let found = server.run(read).unwrap();
    found.into_iter().filter(|(_, rows)| *rows > 0).collect()
}

#[test]
fn removing_a_site_removes_all_its_rows_and_no_others() {
    let server = TestServer::start();
    let other = ["https://other.example".to_owned()];
    server
        .run(register::register(&server.app, &actor(), "other", &other))
        .unwrap();
    let all = server.run(register::all(&server.app)).unwrap();
    let (blog, other) = (all[0].id, all[1].id);
    let (id, token) = server.posted(json!({"email": "a@example.org"}));
    server.json(
        "PATCH",
        &format!("comments/{id}"),
        Some(&token),
        &json!({"text": "Edited."}),
    );
    let vote = json!({"reader": READER, "value": 1});
    server.json("PUT", &format!("comments/{id}/vote"), None, &vote);
    for n in 0..520 {
        server.posted(json!({"page": format!("{PAGE}/{}", n % 40), "key": key()}));
    }
    let thread = server.thread(PAGE)["thread"]["id"].as_i64().unwrap();
    let thread = afterword::model::id::ThreadId(thread);
    server
        .run(close::set_closed(&server.app, &actor(), blog, thread, true))
        .unwrap();
    assert!(rows_of(&server, blog).len() >= 9, "{:?}", rows_of(&server, blog));
    let before = rows_of(&server, other);
    for confirmed in [None, Some(""), Some("other"), Some("Blog")] {
        let refused = server.run(removal::remove(&server.app, &actor(), "blog", confirmed));
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Conflict, "{confirmed:?}");
    }
    assert_eq!(
        server.thread(PAGE)["thread"]["count"],
        1,
        "control: nothing was removed"
    );
    let removed = server.run(removal::remove(&server.app, &actor(), "blog", Some("blog")));
    assert_eq!(removed.unwrap(), 521);
    assert_eq!(rows_of(&server, blog), []);
    assert_eq!(rows_of(&server, other), before);
    let names: Vec<String> = server
        .run(register::all(&server.app))
        .unwrap()
        .iter()
        .map(|site| site.name.as_str().to_owned())
        .collect();
    assert_eq!(names, ["other"]);
    server.clock.advance(1_500);
    assert_eq!(server.post(json!({})).code(), "site_not_found");
    let again = server.run(removal::remove(&server.app, &actor(), "blog", Some("blog")));
    assert_eq!(again.unwrap_err().kind, ErrorKind::SiteNotFound);
}

#[test]
fn the_demo_ends_with_the_first_registration_under_every_address() {
    let server = TestServer::start();
    let removed = server.run(removal::remove(&server.app, &actor(), "blog", Some("blog")));
    removed.unwrap();
    server.clock.advance(1_500);
    assert!(server.run(demo::is_on(&server.app)).unwrap());
    let demo = server.run(read::site(&server.app, "demo")).unwrap();
    let origin = demo.origins[0].as_str().to_owned();
    let page = format!("{origin}/");
    let write = |method: &str, path: &str, token: &str, body: serde_json::Value| -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("Origin", origin.as_str()),
            ("Content-Type", "application/json"),
            ("Authorization", &bearer),
        ];
        let path = format!("/api/v1/sites/demo/{path}");
        send(
            server.address,
            method,
            &path,
            &headers,
            body.to_string().as_bytes(),
        )
    };
    let post = |key: &str| {
        write(
            "POST",
            "comments",
            "",
            json!({"page": page, "key": key, "name": "Ann", "text": "Of the demo."}),
        )
    };
    let posted = post(&key()).json();
    let (id, token) = (
        posted["comment"]["id"].to_string(),
        posted["token"].as_str().unwrap().to_owned(),
    );
    let one = format!("comments/{id}");
    let there = encoded(&page);
    let thread = server
        .get(&format!("/api/v1/sites/demo/thread?page={there}"))
        .json()["thread"]["id"]
        .to_string();
    let reads: Vec<String> = ["demo", "_"]
        .iter()
        .flat_map(|site| {
            [
                format!("/api/v1/sites/{site}/thread?page={there}"),
                format!("/api/v1/sites/{site}/fragment?page={there}"),
                format!("/api/v1/sites/{site}/counts?page={there}"),
                format!("/api/v1/sites/{site}/recent?page={there}"),
                format!("/api/v1/sites/{site}/threads?page={there}"),
                format!("/api/v1/sites/{site}/{one}?page={there}"),
                format!("/api/v1/sites/{site}/{one}/replies?page={there}"),
                format!("/thread/{site}?page={there}"),
            ]
        })
        .chain([
            "/feeds/demo.atom".to_owned(),
            format!("/feeds/demo/{thread}.atom"),
            "/thread/demo".to_owned(),
        ])
        .collect();
    for path in &reads {
        assert_eq!(server.get(path).status, 200, "control: {path}");
    }
    let site = server
        .run(register::register(
            &server.app,
            &actor(),
            "blog",
            &[ORIGIN.to_owned()],
        ))
        .unwrap();
    // The clock is stopped: no cache entry expires by age.
    for path in reads
        .iter()
        .chain([&format!("/api/v1/sites/demo/live?page={there}")])
    {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
        assert!(!answer.text().contains("Of the demo"), "{path}");
    }
    for (method, path, body) in [
        ("PATCH", one.clone(), json!({"text": "Still open."})),
        ("DELETE", one.clone(), json!({})),
        (
            "PUT",
            format!("{one}/vote"),
            json!({"reader": READER, "value": 1}),
        ),
        ("POST", "preview".to_owned(), json!({"text": "x"})),
        ("POST", "own".to_owned(), json!({"comments": []})),
    ] {
        let answer = write(method, &path, &token, body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "site_not_found"),
            "{method} {path}"
        );
    }
    assert_eq!(post(&key()).code(), "site_not_found");
    // The real site that has the demo's own origin is found by it.
    server
        .run(register::add_origin(&server.app, &actor(), site.id, &origin))
        .unwrap();
    server.clock.advance(1_500);
    let found = server.get(&format!("/api/v1/sites/_/thread?page={there}"));
    assert_eq!(found.json()["site"]["name"], "blog");
    assert!(!server.run(demo::is_on(&server.app)).unwrap());
    let removed = server.run(removal::remove(&server.app, &actor(), "demo", None));
    assert_eq!(removed.unwrap(), 1);
    assert_eq!(rows_of(&server, demo.id), []);
}
