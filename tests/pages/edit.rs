//! The page on which a moderator edits a comment.

use serde_json::json;

use super::{
    browser::{Browser, hidden, loaded, sign_in},
    support::server::{PAGE, TestServer},
};

/// Names of accounts are refused for everybody in the form; their owner sets them by an edit.
#[test]
fn moderators_sign_with_their_own_name_by_editing_and_with_no_others() {
    let server = TestServer::start();
    server.owner("boss", "a long password");
    server.owner("anna", "a long password");
    let refused = server.post(json!({"name": "boss"}));
    assert_eq!((refused.status, refused.code().as_str()), (422, "name_invalid"));
    assert!(
        refused.text().contains("edit the comment in the admin pages"),
        "{}",
        refused.text()
    );
    let (id, token) = server.posted(json!({"name": "Bob S."}));
    let mut browser = sign_in(&server, "boss", "a long password");
    let path = format!("/admin/blog/comments/{id}/edit");
    let mut edit = |name: &str| {
        let page = browser.get(&path).text();
        let (token, version) = (hidden(&page, "form_token"), hidden(&page, "version"));
        let fields = [
            ("form_token", token.as_str()),
            ("version", &version),
            ("name", name),
            ("website", ""),
            ("text", "Welcome."),
        ];
        browser.post(&path, &fields)
    };
    for name in ["anna", "Anna", "b0ss", "The Boss", "admin", "boss admin"] {
        let answer = edit(name);
        assert_eq!(answer.status, 422, "{name}");
        assert!(answer.text().contains("This name is reserved"), "{name}");
    }
    assert_eq!(edit("Boss").status, 303);
    let author = |server: &TestServer| server.thread(PAGE)["comments"][0]["author"]["name"].clone();
    assert_eq!(author(&server), "Boss");
    let log = browser.get("/admin/blog/log").text();
    assert!(log.contains("→ edited"), "{log}");
    // Readers cannot set it by an edit either, and the author keeps the present name.
    let (other, theirs) = server.posted(json!({"name": "Eve", "text": "Hello."}));
    let body = json!({"text": "Hello!", "name": "Boss"});
    let answer = server.json("PATCH", &format!("comments/{other}"), Some(&theirs), &body);
    assert_eq!(answer.code(), "name_invalid");
    let kept = server.json(
        "PATCH",
        &format!("comments/{id}"),
        Some(&token),
        &json!({"text": "Welcome!"}),
    );
    assert_eq!(kept.status, 200, "{}", kept.text());
    assert_eq!(author(&server), "Boss");
}

#[test]
fn a_moderators_edit_does_not_overwrite_a_later_version() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let (id, token) = server.posted(json!({"text": "As it was."}));
    let mut browser = sign_in(&server, "keeper", "a long password");
    let edit = format!("/admin/blog/comments/{id}/edit");
    let (form_token, version) = loaded(&mut browser, &edit);
    let body = json!({"text": "The author's own change."});
    server.json("PATCH", &format!("comments/{id}"), Some(&token), &body);
    let save = |browser: &mut Browser<'_>, version: &str, text: &str| {
        let fields = [
            ("form_token", form_token.as_str()),
            ("version", version),
            ("text", text),
            ("name", "Ann"),
        ];
        browser.post(&edit, &fields)
    };
    let text = || server.thread(PAGE)["comments"][0]["body"].to_string();
    let refused = save(&mut browser, &version, "The moderator's change.");
    let page = refused.text();
    assert_eq!(refused.status, 409, "{page}");
    for words in [
        "As it was.",
        "The author&#39;s own change.",
        "The moderator&#39;s change.",
        "Not saved.",
    ] {
        assert!(
            page.contains(words) || page.contains(&words.replace("&#39;", "'")),
            "{words}: {page}"
        );
    }
    assert!(text().contains("own change"));
    // An error in the form does not bind it to a later version.
    let empty = save(&mut browser, &version, "");
    assert_eq!(empty.status, 422);
    assert_eq!(hidden(&empty.text(), "version"), version);
    let saved = save(&mut browser, &hidden(&page, "version"), "The moderator's change.");
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert!(text().contains("moderator's change"));
    let again = save(&mut browser, &version, "The moderator's change.");
    assert_eq!(again.status, 303, "what it says already is saved");
}
