//! Reserved names and names without visible characters, in posts and edits.

use serde_json::json;

use super::support::server::TestServer;

const PASSWORD: &str = "correct horse battery";

#[test]
fn a_moderators_name_is_reserved() {
    let server = TestServer::start();
    let (id, token) = server.posted(json!({"name": "Boss", "text": "I was here before."}));
    server.owner("boss", PASSWORD);
    for name in ["boss", "b0ss", "bοss", "BOSS", "The Boss", "bo\u{200b}ss"] {
        let refused = server.post(json!({"name": name}));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "name_invalid"),
            "{name}"
        );
        assert_eq!(refused.json()["error"]["field"], "name");
    }
    for name in ["Bossi", "Boss Hogg", "Ann"] {
        server.posted(json!({"name": name}));
    }
    // Added as by another node or the command line: the next comment is checked against it.
    server.owner("Anna", PASSWORD);
    assert_eq!(server.post(json!({"name": "anna"})).code(), "name_invalid");
    server.posted(json!({"name": "Anna K."}));

    // An edit may keep the name, but not change it to a reserved one.
    let path = format!("comments/{id}");
    let kept = server.json(
        "PATCH",
        &path,
        Some(&token),
        &json!({"text": "Still here.", "name": "Boss"}),
    );
    assert_eq!(kept.status, 200, "{}", kept.text());
    let kept = server.json("PATCH", &path, Some(&token), &json!({"text": "Still here!"}));
    assert_eq!(kept.status, 200, "{}", kept.text());
    for name in ["b0ss", "Anna", "Admin Team"] {
        let taken = server.json(
            "PATCH",
            &path,
            Some(&token),
            &json!({"text": "Me.", "name": name}),
        );
        assert_eq!(
            (taken.status, taken.code().as_str()),
            (422, "name_invalid"),
            "{name}"
        );
    }
}

#[test]
fn a_name_without_visible_characters_counts_as_missing() {
    let server = TestServer::start();
    for blank in [
        "\u{fffc}",
        "\u{2800}\u{3164}",
        "\u{e000}",
        "\u{301}",
        "\u{e0041}",
        "\u{fff9}\u{fe0f}",
    ] {
        let refused = server.post(json!({"name": blank}));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "name_missing"),
            "{blank:?}"
        );
        let refused = server.post(json!({"text": blank}));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "text_missing"),
            "{blank:?}"
        );
        let entity: String = blank.chars().map(|c| format!("&#{};", c as u32)).collect();
        let refused = server.post(json!({"text": entity}));
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "text_missing"),
            "{entity:?}"
        );
    }
    server.rule("require_name", "no");
    let posted = server.post(json!({"name": "\u{fffc}"}));
    assert_eq!(
        (posted.status, &posted.json()["comment"]["author"]["name"]),
        (201, &json!(""))
    );
}
