//! The queue: what it shows of a comment, decisions bound to a version, and votes from few networks.

use serde_json::json;

use super::{
    browser::{Browser, hidden, loaded, location, sign_in},
    support::{
        http::send,
        server::{ORIGIN, PAGE, TestServer},
    },
};

#[test]
fn the_queue_shows_private_fields_and_approves_and_undoes() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    server.rule("moderation", "all");
    let (id, _) =
        server.posted(json!({"email": "bert@example.org", "text": "**held**\n\n<script>alert(1)</script>"}));
    let mut browser = sign_in(&server, "keeper", "a long password");
    let page = browser.get("/admin/blog/comments?status=held").text();
    assert!(
        page.contains("bert@example.org")
            && page.contains("<strong>held</strong>")
            && !page.contains("<script>alert")
    );
    let path = format!("/admin/blog/comments/{id}/status");
    let token = hidden(&page, "form_token");
    let button = page.contains("value=\"approved\"");
    assert!(button, "a button that approves");
    let decide = |browser: &mut Browser<'_>, to: &str, version: &str| {
        browser.post(
            &path,
            &[
                ("form_token", &token),
                ("to", to),
                ("tab", "held"),
                ("version", version),
            ],
        )
    };
    let seen = hidden(&page, "version");
    let done = decide(&mut browser, "approved", &seen);
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
    let flash = browser.get(&location(&server, &done)).text();
    assert!(flash.contains("Undo"), "the action can be undone at once");
    decide(&mut browser, "held", &hidden(&flash, "version"));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0, "undone");
    let late = decide(&mut browser, "spam", &seen);
    assert_eq!(late.status, 303, "{}", late.text());
    let told = browser.get(&location(&server, &late)).text();
    assert!(told.contains("has changed since you looked"), "{told}");
    assert!(
        browser
            .get("/admin/blog/comments?status=held")
            .text()
            .contains("bert@example.org"),
        "who comes late changes nothing"
    );
}

#[test]
fn an_erased_comment_stays_erased_whatever_forms_are_open() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let (id, token) = server.posted(
        json!({"name": "Bert Secret", "website": "https://secret.example/", "text": "A secret text."}),
    );
    let mut browser = sign_in(&server, "keeper", "a long password");
    let edit = format!("/admin/blog/comments/{id}/edit");
    let status = format!("/admin/blog/comments/{id}/status");
    let (form_token, version) = loaded(&mut browser, &edit);
    let deleted = server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
    assert_eq!(deleted.status, 200);
    let saved = browser.post(
        &edit,
        &[
            ("form_token", &form_token),
            ("version", &version),
            ("text", "A secret text."),
            ("name", "Bert Secret"),
            ("website", "https://secret.example/"),
        ],
    );
    assert_eq!(saved.status, 409, "{}", saved.text());
    assert!(saved.text().contains("was erased"), "{}", saved.text());
    for to in ["approved", "held", "spam", "deleted"] {
        let undo = [
            ("form_token", form_token.as_str()),
            ("version", &version),
            ("to", to),
            ("tab", "deleted"),
        ];
        let answer = browser.post(&status, &undo);
        assert_eq!(answer.status, 303, "{to}: {}", answer.text());
        let told = browser.get(&location(&server, &answer)).text();
        assert!(told.contains("was erased"), "{to}: {told}");
    }
    let page = browser.get(&edit).text();
    assert!(
        page.contains("was erased") && !page.contains("<textarea"),
        "{page}"
    );
    for tab in ["approved", "held", "spam", "deleted"] {
        let page = browser.get(&format!("/admin/blog/comments?status={tab}")).text();
        assert!(!page.to_lowercase().contains("secret"), "{tab}: {page}");
    }
    assert_eq!(
        server.get(&format!("/api/v1/sites/blog/comments/{id}")).code(),
        "comment_not_found"
    );
}

#[test]
fn an_approval_applies_to_the_version_seen_or_shows_the_difference() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    server.rule("moderation", "all");
    let (id, token) = server.posted(json!({"text": "Harmless words.", "website": "https://one.example/"}));
    let mut browser = sign_in(&server, "keeper", "a long password");
    let queue = "/admin/blog/comments?status=held";
    let (form_token, version) = loaded(&mut browser, queue);
    let change = json!({"text": "<b>Buy</b> this now.", "name": "Eve", "website": "https://two.example/"});
    let changed = server.json("PATCH", &format!("comments/{id}"), Some(&token), &change);
    assert_eq!(changed.status, 200);
    let status = format!("/admin/blog/comments/{id}/status");
    let approve = |browser: &mut Browser<'_>, version: &str| {
        let fields = [
            ("form_token", form_token.as_str()),
            ("version", version),
            ("to", "approved"),
            ("tab", "held"),
        ];
        let answer = browser.post(&status, &fields);
        assert_eq!(answer.status, 303, "{}", answer.text());
        browser.get(&location(&server, &answer)).text()
    };
    let told = approve(&mut browser, &version);
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0, "nothing is published");
    for words in [
        "has changed since you looked",
        "Harmless words.",
        "https://one.example/",
        "&lt;b&gt;Buy&lt;/b&gt; this now.",
        "https://two.example/",
        "Eve",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // The form next to the difference is bound to the version that it shows.
    let (_, now) = loaded(&mut browser, queue);
    assert_eq!(hidden(&told, "version"), now);
    approve(&mut browser, &now);
    assert_eq!(server.thread(PAGE)["comments"][0]["author"]["name"], "Eve");
    // Approved by another moderator: the text is the same, the new status is shown.
    let told = approve(&mut browser, &now);
    assert!(
        told.contains("Its text is still the same.") && told.contains("It is now <strong>approved</strong>"),
        "{told}"
    );
    for wrong in ["", "1e3", "-", "99999999999999999999"] {
        let fields = [
            ("form_token", form_token.as_str()),
            ("version", wrong),
            ("to", "spam"),
            ("tab", "held"),
        ];
        let answer = browser.post(&status, &fields);
        assert_eq!(answer.status, 422, "{wrong:?}: {}", answer.text());
    }
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
}

#[test]
fn votes_from_few_networks_are_marked_and_discarded() {
    let server = TestServer::configured(|config| {
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    });
    server.owner("olga", "a long password");
    let (id, _) = server.posted(json!({}));
    let (other, _) = server.posted(json!({"text": "Another one."}));
    let vote = |comment: i64, n: usize, from: &str, value: i64| {
        let body = json!({"reader": format!("reader-of-these-tests-{n:04}"), "value": value}).to_string();
        let headers = [
            ("X-Forwarded-For", from),
            ("Origin", ORIGIN),
            ("Content-Type", "application/json"),
        ];
        let path = format!("/api/v1/sites/blog/comments/{comment}/vote");
        send(server.address, "PUT", &path, &headers, body.as_bytes()).status
    };
    for n in 0..12 {
        let value = if n == 0 { -1 } else { 1 };
        assert_eq!(vote(id, n, &format!("2001:db8:48:{n:x}::1"), value), 200);
        // The control: the same number of votes, each from its own network.
        assert_eq!(vote(other, n, &format!("198.51.100.{n}"), value), 200);
    }
    for n in 20..24 {
        assert_eq!(vote(id, n, &format!("203.0.113.{n}"), 1), 200);
    }
    let mut browser = sign_in(&server, "olga", "a long password");
    let list = "/admin/blog/comments?status=approved";
    let page = browser.get(list).text();
    assert_eq!(page.matches("Votes from few networks").count(), 1, "{page}");
    assert!(page.contains("12 of 16 votes are from one network"), "{page}");
    let path = format!("/admin/blog/comments/{id}/votes");
    let (token, network) = (hidden(&page, "form_token"), hidden(&page, "network"));
    let counts = || {
        let thread = server.thread(PAGE);
        let comments = thread["comments"].as_array().unwrap();
        let found = comments.iter().find(|comment| comment["id"] == id).unwrap();
        (found["up"].as_i64().unwrap(), found["down"].as_i64().unwrap())
    };
    assert_eq!(counts(), (15, 1));
    // Not without a token, without a network, or for an unknown network.
    let fields = [("tab", "approved"), ("network", network.as_str())];
    assert!(browser.post(&path, &fields).status >= 400);
    for (network, status) in [("", 422), ("nobody", 303)] {
        let fields = [
            ("form_token", token.as_str()),
            ("tab", "approved"),
            ("network", network),
        ];
        assert_eq!(browser.post(&path, &fields).status, status, "{network}");
    }
    assert_eq!(counts(), (15, 1));
    let fields = [
        ("form_token", token.as_str()),
        ("tab", "approved"),
        ("network", network.as_str()),
    ];
    let done = browser.post(&path, &fields);
    assert_eq!(done.status, 303, "{}", done.text());
    let page = browser.get(&location(&server, &done)).text();
    assert!(page.contains("Discarded 12 votes."), "{page}");
    assert!(!page.contains("Votes from few networks"), "{page}");
    assert_eq!(counts(), (4, 0), "readers see it at once");
    let log = browser.get("/admin/blog/log").text();
    assert!(
        log.contains("Discarded votes from one network: 11 up, 1 down"),
        "{log}"
    );
    assert_eq!(
        log.matches("Discarded votes").count(),
        1,
        "what did nothing is not in the log"
    );
    // A second time finds nothing.
    assert_eq!(browser.post(&path, &fields).status, 303);
    assert_eq!(counts(), (4, 0));
}
