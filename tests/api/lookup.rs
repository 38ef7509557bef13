//! Pages that name no site: the site “_”, imported ids, the newest comments.

use afterword::{
    model::id::CommentId,
    store::{StoreError, tables::legacy_ids},
};
use serde_json::json;

use super::support::server::{ORIGIN, PAGE, TestServer, encoded};

#[test]
fn a_site_without_a_name_is_found_by_its_page() {
    let server = TestServer::start();
    server.posted(json!({}));
    let named = server.thread(PAGE);
    let found = server
        .get(&format!("/api/v1/sites/_/thread?page={}", encoded(PAGE)))
        .json();
    assert_eq!(found, named);
    assert_eq!(found["site"]["name"], "blog");
    let counts = server.get(&format!(
        "/api/v1/sites/_/counts?page={}&page={}",
        encoded(ORIGIN),
        encoded(PAGE)
    ));
    assert_eq!(counts.json(), json!({"counts": [0, 1]}));
    let page = server.get(&format!("/thread/_?page={}", encoded(PAGE)));
    assert!(
        page.status == 200 && page.text().contains("One thought"),
        "{}",
        page.text()
    );

    let stranger = server.get(&format!(
        "/api/v1/sites/_/thread?page={}",
        encoded("https://other.example/")
    ));
    assert_eq!(
        (stranger.status, stranger.code().as_str()),
        (404, "site_not_found")
    );
    assert!(stranger.text().contains("https://other.example"));
    let nobody = server.get("/api/v1/sites/_/recent");
    assert_eq!((nobody.status, nobody.code().as_str()), (400, "bad_query"));
}

#[test]
fn a_comment_is_found_by_its_imported_id() {
    let server = TestServer::start();
    let site = server.thread(PAGE)["site"]["name"].as_str().unwrap().to_owned();
    let (id, token) = server.posted(json!({"text": "An old one"}));
    let (hidden, _) = server.posted(json!({"text": "Another"}));
    let site = server
        .run(afterword::service::threads::read::site(&server.app, &site))
        .unwrap()
        .id;
    let kept = server.run(server.app.store.write(move |tx| {
        legacy_ids::add(tx, site, "isso-12", CommentId(id))?;
        legacy_ids::add(tx, site, "comment-12", CommentId(id))?;
        legacy_ids::add(tx, site, "isso-12", CommentId(hidden))?;
        Ok::<_, StoreError>(())
    }));
    kept.unwrap();
    let at = |name: &str| server.get(&format!("/api/v1/sites/blog/comments/{name}"));
    for name in ["isso-12", "12", &id.to_string()] {
        let found = at(name);
        assert_eq!((found.status, &found.json()["id"]), (200, &json!(id)), "{name}");
        assert_eq!(found.json()["comments"][0]["id"], id);
    }
    for name in ["isso-13", "13", "remark42__comment-3f0b", "%00", &"x".repeat(200)] {
        let missing = at(name);
        assert_eq!(
            (missing.status, missing.code().as_str()),
            (404, "comment_not_found"),
            "{name}"
        );
    }
    server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
    assert_eq!(
        at("isso-12").status,
        404,
        "a name does not bring back what was deleted"
    );
}

#[test]
fn the_newest_comments_of_a_site_are_listed() {
    let server = TestServer::start();
    let mut last = 0;
    for n in 0..8 {
        server.clock.advance(1_000);
        last = server
            .posted(json!({"text": format!("Number **{n}** says\n\na [word](https://x.example/)")}))
            .0;
    }
    let path = "/api/v1/sites/blog/recent";
    let list = server.get(path).json();
    let comments = list["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 5);
    let first = &comments[0];
    assert_eq!(first["id"], last);
    assert_eq!(first["link"], format!("{PAGE}#comment-{last}"));
    assert_eq!(first["thread"]["page"], PAGE);
    assert!(
        first["excerpt"]
            .as_str()
            .unwrap()
            .starts_with("Number 7 says a word"),
        "{first}"
    );
    assert_eq!(first["author"]["name"], "Ann");
    assert_eq!(
        server.get(&format!("{path}?limit=2")).json()["comments"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for wrong in ["0", "51", "x", "-1"] {
        let refused = server.get(&format!("{path}?limit={wrong}"));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (400, "bad_query"),
            "{wrong}"
        );
    }
    assert!(!list.to_string().contains("email"));
}
