//! The moderation log.

use serde_json::json;

use super::{
    browser::{hidden, sign_in},
    support::server::{PAGE, TestServer},
};

#[test]
fn every_admin_action_is_in_the_log() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    server.posted(json!({}));
    let thread = server.thread(PAGE)["thread"]["id"].to_string();
    let mut browser = sign_in(&server, "keeper", "a long password");
    let token = hidden(&browser.get("/admin/blog/settings").text(), "form_token");
    let settings = [
        ("moderation", "first"),
        ("html_folds", "yes"),
        ("require_name", "yes"),
        ("votes", "up"),
        ("sort", "oldest"),
        ("edit_window", "900"),
        ("max_text", "10000"),
        ("close_after", "0"),
        ("heading", ""),
    ];
    server.posted(json!({"page": "https://blog.example/other", "text": "Another page."}));
    let [closed, alias, page, moved, merge] =
        ["closed", "alias", "page", "move", "merge"].map(|act| format!("/admin/blog/threads/{thread}/{act}"));
    let (other, confirmed) = (("into", "https://blog.example/other"), ("confirmed", "yes"));
    let acts: [(&str, &[(&str, &str)]); 12] = [
        (&closed, &[("closed", "yes")]),
        (&closed, &[("closed", "yes")]),
        (&closed, &[("closed", "no")]),
        (&alias, &[("alias", "https://blog.example/of-old")]),
        (&page, &[("address", PAGE), ("title", "Of my own")]),
        (&moved, &[("to", "https://blog.example/of-late")]),
        (&merge, &[other, confirmed]),
        ("/admin/blog/settings", &settings),
        ("/admin/blog/settings", &settings),
        ("/admin/blog/origins", &[("origin", "https://www.blog.example")]),
        ("/admin/blog/origins", &[("remove", "https://www.blog.example")]),
        (
            "/admin/sites",
            &[("name", "third"), ("origin", "https://third.example")],
        ),
    ];
    for (path, fields) in acts {
        let fields = [&[("form_token", token.as_str())], fields].concat();
        let answer = browser.post(path, &fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.text());
    }
    let log = browser.get("/admin/blog/log").text();
    for (what, times) in [
        ("Closed a thread", 1),
        ("Opened a thread", 1),
        ("Added an address to a thread", 1),
        ("Edited a thread", 1),
        ("<bdi>https://blog.example/posts/tea “Of my own”</bdi>", 1),
        (
            "Moved a thread, before: <bdi>https://blog.example/posts/tea</bdi>",
            1,
        ),
        ("<bdi>https://blog.example/of-late</bdi>", 1),
        (
            "Merged two threads, before: <bdi>https://blog.example/of-late “Of my own” with",
            1,
        ),
        ("moderation = first", 1),
        ("votes = up", 1),
        ("Changed a setting", 2),
        ("Added an origin", 1),
        ("Removed an origin", 1),
        ("Registered a site", 2),
        ("Created an account", 1),
        ("(command line)", 2),
    ] {
        assert_eq!(log.matches(what).count(), times, "{what}: {log}");
    }
    assert!(
        log.contains("<bdi>third</bdi>") && log.contains("<bdi>none</bdi>"),
        "{log}"
    );
    server
        .run(afterword::service::accounts::manage::create(
            &server.app,
            &afterword::service::audit::Actor::command_line(),
            "mo",
            afterword::model::account::Role::Moderator,
            "a long password",
        ))
        .unwrap();
    let mut moderator = sign_in(&server, "mo", "a long password");
    let log = moderator.get("/admin/blog/log").text();
    assert!(
        log.contains("Closed a thread") && !log.contains("Created an account"),
        "{log}"
    );
}
