//! The thread page without JavaScript: posts, replies, edits, votes and deletions of a reader.

use afterword::config::{Action, RateLimit};
use serde_json::json;

use super::{
    browser::{Browser, hidden, loaded, location, sign_in},
    support::server::{PAGE, TestServer, encoded},
};

#[test]
fn without_javascript_a_reader_posts_replies_edits_votes_and_deletes() {
    let server = TestServer::start();
    let mut reader = Browser::new(&server);
    let path = format!("/thread/blog?page={}", encoded(PAGE));
    let post = |reader: &mut Browser<'_>, parent: &str, text: &str| {
        let page = reader.get(&path).text();
        let (token, key) = (hidden(&page, "form_token"), hidden(&page, "key"));
        reader.post(
            "/thread/blog/post",
            &[
                ("form_token", &token),
                ("page", PAGE),
                ("key", &key),
                ("parent", parent),
                ("name", "Ann"),
                ("text", text),
                ("action", "post"),
            ],
        )
    };
    let posted = post(&mut reader, "", "From a page without *scripts*.");
    assert_eq!(posted.status, 303, "{}", posted.text());
    let after = reader
        .get(location(&server, &posted).split('#').next().unwrap())
        .text();
    assert!(after.contains("<em>scripts</em>"));
    let id = server.thread(PAGE)["comments"][0]["id"].to_string();
    assert_eq!(post(&mut reader, &id, "And a reply.").status, 303);
    assert_eq!(
        server.thread(PAGE)["comments"][0]["replies"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let token = hidden(&reader.get(&path).text(), "form_token");
    let vote = reader.post(
        "/thread/blog/vote",
        &[
            ("form_token", &token),
            ("page", PAGE),
            ("vote", &format!("{id}:1")),
        ],
    );
    assert_eq!(vote.status, 303, "{}", vote.text());
    assert_eq!(server.thread(PAGE)["comments"][0]["up"], 1);
    let edit_page = reader.get(&format!("{path}&edit={id}")).text();
    assert!(
        edit_page.contains("From a page without *scripts*."),
        "the source to edit"
    );
    let edited = reader.post(
        "/thread/blog/edit",
        &[
            ("form_token", &token),
            ("page", PAGE),
            ("id", &id),
            ("comment", &id),
            ("name", "Ann"),
            ("text", "Changed."),
            ("action", "edit"),
        ],
    );
    assert_eq!(edited.status, 303, "{}", edited.text());
    assert_eq!(
        server.thread(PAGE)["comments"][0]["body"],
        json!([["p", {}, "Changed."]])
    );
    let mut other = Browser::new(&server);
    let foreign = hidden(&other.get(&path).text(), "form_token");
    let theft = other.post(
        "/thread/blog/edit",
        &[
            ("form_token", &foreign),
            ("page", PAGE),
            ("id", &id),
            ("comment", &id),
            ("name", "Eve"),
            ("text", "Stolen."),
            ("action", "edit"),
        ],
    );
    assert!(theft.status >= 400, "{}", theft.status);
    let empty = post(&mut other, "", "");
    assert_eq!(empty.status, 422);
    assert!(empty.text().contains("Write something first."));
    let deleted = reader.post(
        "/thread/blog/delete",
        &[
            ("form_token", &token),
            ("page", PAGE),
            ("id", &id),
            ("comment", &id),
        ],
    );
    assert_eq!(deleted.status, 303, "{}", deleted.text());
    let thread = server.thread(PAGE);
    assert_eq!(
        (&thread["thread"]["count"], &thread["comments"][0]["status"]),
        (&json!(1), &json!("deleted"))
    );
}

#[test]
fn submitted_text_is_shown_again_when_the_read_limit_is_used_up() {
    let server = TestServer::configured(|config| {
        config.limits[Action::Read as usize] = RateLimit::parse("address=100/1h").unwrap();
    });
    let long = "https://a.example/a/long/one ".repeat(340);
    for _ in 0..40 {
        server.posted(json!({"text": long}));
    }
    let path = format!("/thread/blog?page={}", encoded(PAGE));
    let mut reader = Browser::new(&server);
    let page = reader.get(&path).text();
    let (token, key) = (hidden(&page, "form_token"), hidden(&page, "key"));
    let pages = (0..20).take_while(|_| reader.get(&path).status == 200).count();
    assert!((1..10).contains(&pages), "{pages}");
    let preview = reader.post(
        "/thread/blog/post",
        &[
            ("form_token", &token),
            ("page", PAGE),
            ("key", &key),
            ("name", "Ann"),
            ("text", "Not lost."),
            ("action", "preview"),
        ],
    );
    assert_eq!(preview.status, 200, "{}", preview.text());
    let preview = preview.text();
    assert!(
        preview.contains("Not lost.") && !preview.contains("a.example"),
        "{preview}"
    );
}

#[test]
fn an_authors_edit_does_not_overwrite_a_moderators() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let mut reader = Browser::new(&server);
    let path = format!("/thread/blog?page={}", encoded(PAGE));
    let page = reader.get(&path).text();
    let posted = reader.post(
        "/thread/blog/post",
        &[
            ("form_token", &hidden(&page, "form_token")),
            ("page", PAGE),
            ("key", &hidden(&page, "key")),
            ("name", "Ann"),
            ("text", "As it was."),
            ("action", "post"),
        ],
    );
    assert_eq!(posted.status, 303, "{}", posted.text());
    let id = server.thread(PAGE)["comments"][0]["id"].to_string();
    let page = reader.get(&format!("{path}&edit={id}")).text();
    let (form_token, version) = (hidden(&page, "form_token"), hidden(&page, "version"));
    let mut moderator = sign_in(&server, "keeper", "a long password");
    let edit = format!("/admin/blog/comments/{id}/edit");
    let (proof, loaded) = loaded(&mut moderator, &edit);
    let moderated = moderator.post(
        &edit,
        &[
            ("form_token", proof.as_str()),
            ("version", &loaded),
            ("name", "Ann"),
            ("text", "As a *moderator* left it."),
        ],
    );
    assert_eq!(moderated.status, 303, "{}", moderated.text());
    let save = |reader: &mut Browser<'_>, version: &str, text: &str| {
        let fields = [
            ("form_token", form_token.as_str()),
            ("page", PAGE),
            ("id", &id),
            ("version", version),
            ("name", "Ann"),
            ("text", text),
        ];
        reader.post("/thread/blog/edit", &fields)
    };
    let text = || server.thread(PAGE)["comments"][0]["body"].to_string();
    // An error in the form does not bind it to a later version.
    let empty = save(&mut reader, &version, "");
    assert_eq!(empty.status, 422, "{}", empty.text());
    assert_eq!(hidden(&empty.text(), "version"), version);
    let refused = save(&mut reader, &version, "The author's second thought.");
    let page = refused.text();
    assert_eq!(refused.status, 409, "{page}");
    for words in [
        "<em>moderator</em>",
        "second thought",
        "changed in the meantime",
        "Not changed.",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(text().contains("moderator"), "nothing is overwritten unseen");
    let saved = save(
        &mut reader,
        &hidden(&page, "version"),
        "The author's second thought.",
    );
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert!(text().contains("second thought"));
    for wrong in ["one", "1.5", "99999999999999999999"] {
        let refused = save(&mut reader, wrong, "Another.");
        assert_eq!(refused.status, 422, "{wrong}: {}", refused.text());
    }
}
