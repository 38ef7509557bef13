//! The pages of the comment origin: setup, sign-in, queue, and the thread page without JavaScript, with requests as
//! browsers and attackers send them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "pages/refusals.rs"]
mod refusals;
mod support;
#[path = "pages/units.rs"]
mod units;

use afterword::config::{Action, RateLimit};
use serde_json::json;
use support::{
    http::{Answer, send},
    server::{PAGE, TestServer, encoded},
};

/// A browser: stores cookies and sends `Origin` and fetch metadata.
struct Browser<'a> {
    server: &'a TestServer,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: Vec::new(),
        }
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookie = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("Cookie", &cookie));
        }
        let answer = send(self.server.address, method, path, &all, body.as_bytes());
        for (_, line) in answer
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from("same-origin", path, fields)
    }

    fn post_from(&mut self, site: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form(fields);
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", site),
        ];
        self.send("POST", path, &headers, &body)
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page
        .find(&mark)
        .unwrap_or_else(|| panic!("no field {name} in {page}"));
    page[at + mark.len()..].split('"').next().unwrap().to_owned()
}

/// The path of a `Location`.
fn location(server: &TestServer, answer: &Answer) -> String {
    let location = answer
        .header("location")
        .unwrap_or_else(|| panic!("{} is no redirect: {}", answer.status, answer.text()));
    location
        .strip_prefix(&format!("http://{}", server.address))
        .expect("a path on this server")
        .to_owned()
}

fn sign_in<'a>(server: &'a TestServer, name: &str, password: &str) -> Browser<'a> {
    let mut browser = Browser::new(server);
    let token = hidden(&browser.get("/admin/login").text(), "form_token");
    let answer = browser.post(
        "/admin/login",
        &[("form_token", &token), ("name", name), ("password", password)],
    );
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

#[test]
fn a_setup_link_creates_one_owner_within_an_hour() {
    let server = TestServer::start();
    let link = |server: &TestServer| {
        server
            .run(afterword::service::accounts::setup_link::create(&server.app))
            .unwrap()
    };
    let old = link(&server).expect("a link while there is no owner");
    server.clock.advance(3_600_001);
    assert_ne!(
        Browser::new(&server).get(&format!("/admin/setup/{old}")).status,
        200,
        "older than an hour"
    );
    let token = link(&server).unwrap();
    let path = format!("/admin/setup/{token}");
    assert_ne!(
        Browser::new(&server)
            .get(&format!("/admin/setup/{}x", &token[..21]))
            .status,
        200,
        "guessed"
    );
    let mut browser = Browser::new(&server);
    let page = browser.get(&path);
    assert_eq!(page.status, 200);
    assert_eq!(browser.get(&path).status, 200, "looking does not use it up");
    let fields = |form_token: &str, password: &'static str| {
        vec![
            ("form_token".to_owned(), form_token.to_owned()),
            ("name".to_owned(), "keeper".to_owned()),
            ("password".to_owned(), password.to_owned()),
            ("password_again".to_owned(), password.to_owned()),
        ]
    };
    let send_fields = |browser: &mut Browser<'_>, fields: Vec<(String, String)>| {
        let borrowed: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        browser.post(&path, &borrowed)
    };
    let form_token = hidden(&page.text(), "form_token");
    let weak = send_fields(&mut browser, fields(&form_token, "short"));
    assert_eq!(weak.status, 422);
    let done = send_fields(&mut browser, fields(&form_token, "a long password"));
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(
        browser.get(&location(&server, &done)).status,
        200,
        "and is signed in"
    );
    let again = send_fields(
        &mut Browser::new(&server),
        fields(&form_token, "another password"),
    );
    assert!(again.status >= 400, "used once: {}", again.status);
    assert!(link(&server).is_none(), "no link once there is an owner");
}

#[test]
fn sign_in_errors_reveal_nothing_and_cookies_are_restricted() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let mut browser = Browser::new(&server);
    let token = hidden(&browser.get("/admin/login").text(), "form_token");
    let attempt = |browser: &mut Browser<'_>, name: &str, password: &str| {
        browser.post(
            "/admin/login",
            &[("form_token", &token), ("name", name), ("password", password)],
        )
    };
    let wrong = attempt(&mut browser, "keeper", "a wrong password");
    let nobody = attempt(&mut browser, "nobody", "a wrong password");
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(
        wrong.text().replace("keeper", "NAME"),
        nobody.text().replace("nobody", "NAME")
    );
    let right = attempt(&mut browser, "keeper", "a long password");
    let cookie = right.header("set-cookie").unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert_eq!(browser.get("/admin/sites").status, 200);
    let page = browser.get("/admin/sites").text();
    let out = browser.post("/admin/logout", &[("form_token", &hidden(&page, "form_token"))]);
    assert_eq!(out.status, 303);
    browser.cookies = vec![(
        "afterword-session".into(),
        cookie.split(['=', ';']).nth(1).unwrap().to_owned(),
    )];
    assert_ne!(
        browser.get("/admin/sites").status,
        200,
        "the session ended on the server, not only in the browser"
    );
}

#[test]
fn over_https_cookies_have_the_host_prefix() {
    let server = TestServer::configured(|config| config.base_url = "https://comments.example".to_owned());
    server.owner("keeper", "a long password");
    let mut browser = Browser::new(&server);
    let token = hidden(&browser.get("/admin/login").text(), "form_token");
    let fields = [
        ("form_token", token.as_str()),
        ("name", "keeper"),
        ("password", "a long password"),
    ];
    let answer = browser.post("/admin/login", &fields);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").is_some());
}

#[test]
fn forms_from_other_origins_are_refused() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let (id, _) = server.posted(json!({}));
    let mut browser = sign_in(&server, "keeper", "a long password");
    let page = browser.get("/admin/blog/comments?status=approved").text();
    let token = hidden(&page, "form_token");
    let path = format!("/admin/blog/comments/{id}/status");
    let spam = |token: &str| {
        vec![
            ("form_token", token.to_owned()),
            ("to", "spam".to_owned()),
            ("tab", "approved".to_owned()),
            ("version", "1".to_owned()),
        ]
    };
    let send_from = |browser: &mut Browser<'_>, site: &str, token: &str| {
        let fields = spam(token);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (*a, b.as_str())).collect();
        browser.post_from(site, &path, &fields)
    };
    for (site, sent) in [
        ("cross-site", token.as_str()),
        ("same-site", &token),
        ("none", &token),
        ("same-origin", "wrong"),
        ("same-origin", ""),
    ] {
        let answer = send_from(&mut browser, site, sent);
        assert_eq!(answer.status, 403, "{site} {sent}");
    }
    let body = form(&[("form_token", &token), ("status", "spam")]);
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(
        browser.send("POST", &path, &[kind], &body).status,
        403,
        "neither Sec-Fetch-Site nor Origin"
    );
    assert_eq!(
        browser
            .send("POST", &path, &[kind, ("Origin", "https://evil.example")], &body)
            .status,
        403
    );
    assert_eq!(
        browser
            .send("POST", &path, &[kind, ("Origin", "null")], &body)
            .status,
        403
    );
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1, "nothing happened");
    let mut stranger = Browser::new(&server);
    let refused = send_from(&mut stranger, "same-origin", &token);
    assert!(
        refused.status == 303 || refused.status >= 400,
        "{}",
        refused.status
    );
    assert_eq!(server.thread(PAGE)["thread"]["count"], 1);
    assert_eq!(
        send_from(&mut browser, "same-origin", &token).status,
        303,
        "the control: the owner's own form works"
    );
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0);
}

#[test]
fn a_moderator_cannot_use_owner_pages() {
    let server = TestServer::start();
    let role = afterword::model::account::Role::Moderator;
    server.owner("keeper", "a long password");
    server
        .run(afterword::service::accounts::manage::create(
            &server.app,
            &afterword::service::audit::Actor::command_line(),
            "mo",
            role,
            "a long password",
        ))
        .unwrap();
    let mut browser = sign_in(&server, "mo", "a long password");
    assert_eq!(browser.get("/admin/blog/comments?status=held").status, 200);
    for path in ["/admin/sites", "/admin/blog/settings"] {
        assert!(browser.get(path).status >= 400, "{path}");
    }
}

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

/// The path of the thread page of [`PAGE`], with further parameters.
fn thread_page(more: &str) -> String {
    format!("/thread/blog?page={}{more}", encoded(PAGE))
}

#[test]
fn the_thread_page_speaks_the_readers_language() {
    let server = TestServer::start();
    server.posted(json!({"name": "<b>Ann</b>", "title": "<i>Tea</i> {count}"}));
    let mut browser = Browser::new(&server);
    let mut ask = |accept: &str, more: &str| {
        let answer = browser.send("GET", &thread_page(more), &[("Accept-Language", accept)], "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("vary"), Some("Accept-Language"));
        let language = answer.header("content-language").unwrap().to_owned();
        (language, answer.text())
    };
    for (accept, more, language, html, sentence) in [
        ("", "", "en", "<html lang=\"en\">", "One thought on “"),
        ("sr, tlh", "", "en", "<html lang=\"en\">", "Back to the article"),
        (
            "de-AT, en;q=0.5",
            "",
            "de",
            "<html lang=\"de\">",
            "Zurück zum Artikel",
        ),
        (
            "en;q=0.2, ja;q=0.9",
            "",
            "ja",
            "<html lang=\"ja\">",
            "name=\"action\"",
        ),
        (
            "ar",
            "",
            "ar",
            "<html lang=\"ar\" dir=\"rtl\">",
            "فكرة واحدة حول «",
        ),
        (
            "de",
            "&lang=fa",
            "fa",
            "<html lang=\"fa\" dir=\"rtl\">",
            "name=\"action\"",
        ),
        (
            "de",
            "&lang=zh-TW",
            "zh-Hant",
            "<html lang=\"zh-Hant\">",
            "name=\"action\"",
        ),
        (
            "de",
            "&lang=tlh",
            "de",
            "<html lang=\"de\">",
            "Zurück zum Artikel",
        ),
    ] {
        let (said, text) = ask(accept, more);
        assert_eq!(said, language, "{accept} {more}");
        assert!(
            text.contains(html) && text.contains(sentence),
            "{accept} {more}: {text}"
        );
        assert!(
            text.contains("<bdi>&lt;i&gt;Tea&lt;/i&gt; {count}</bdi>")
                && text.contains("<bdi>&lt;b&gt;Ann&lt;/b&gt;</bdi>"),
            "what people wrote stays text in {language}: {text}"
        );
        assert!(!text.contains("<b>Ann") && !text.contains("<i>Tea"), "{text}");
        assert!(text.contains(">2026-09-21 14:13 UTC</time>"), "{text}");
        assert_eq!(
            text.contains("Back to the article"),
            language == "en",
            "{language}"
        );
    }
}

#[test]
fn a_chosen_language_stays_through_links_forms_and_refusals() {
    let server = TestServer::start();
    let mut reader = Browser::new(&server);
    let page = reader.get(&thread_page("&lang=de")).text();
    assert!(
        page.contains("action=\"") && page.contains("/thread/blog/post?lang=de#write\""),
        "{page}"
    );
    let (token, key) = (hidden(&page, "form_token"), hidden(&page, "key"));
    let mut post = |text: &str| {
        reader.post(
            "/thread/blog/post?lang=de",
            &[
                ("form_token", &token),
                ("page", PAGE),
                ("key", &key),
                ("name", "Ann"),
                ("text", text),
                ("action", "post"),
            ],
        )
    };
    let refused = post("");
    assert_eq!(
        (refused.status, refused.header("content-language")),
        (422, Some("de"))
    );
    let text = refused.text();
    assert!(
        text.contains("Schreiben Sie zuerst etwas.") && !text.contains("Write something first."),
        "{text}"
    );
    let posted = post("Blatt, lose.");
    let to = location(&server, &posted);
    assert!(to.contains("&lang=de&"), "{to}");
    let after = reader.get(to.split('#').next().unwrap()).text();
    assert!(after.contains("Ihr Kommentar wurde veröffentlicht."), "{after}");
    // The feed, the article, and files in the binary are the same in every language.
    let links: Vec<&str> = after
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|link| link.contains("/thread/"))
        .collect();
    assert!(links.len() >= 4, "control: {links:?}");
    for link in links {
        assert!(link.contains("&amp;lang=de"), "{link}");
    }
    assert!(
        !reader.get(&thread_page("")).text().contains("lang=de"),
        "not chosen, not carried on"
    );
}

#[test]
fn errors_and_the_list_are_in_the_readers_language() {
    let server = TestServer::start();
    let ask = |path: &str| send(server.address, "GET", path, &[("Accept-Language", "de")], b"");
    let list = ask("/thread/blog");
    assert_eq!((list.status, list.header("content-language")), (200, Some("de")));
    assert!(
        list.text().contains("Gespräche auf <bdi>blog</bdi>"),
        "{}",
        list.text()
    );
    server.posted(json!({}));
    let list = ask("/thread/blog").text();
    assert!(list.contains("Ein Gedanke · "), "{list}");
    let lang = ask("/thread/blog?lang=fr").text();
    assert!(lang.contains("&amp;lang=fr\""), "{lang}");
    for (path, status, sentence) in [
        (
            "/thread/nobody?page=x",
            404,
            "Für diese Seite sind keine Kommentare eingerichtet",
        ),
        (
            &thread_page("&comment=12"),
            404,
            "Der verlinkte Kommentar ist nicht mehr da.",
        ),
        (
            &thread_page("&comment=x"),
            400,
            "<span lang=\"en\" dir=\"ltr\">The parameter comment is not the id of a comment.</span>",
        ),
        ("/thread/blog/post", 405, "Das hat nicht geklappt"),
        ("/thread/blog/nothing", 404, "Nicht gefunden"),
    ] {
        let answer = ask(path);
        assert_eq!(
            (
                answer.status,
                answer.header("content-language"),
                answer.header("vary")
            ),
            (status, Some("de"), Some("Accept-Language")),
            "{path}"
        );
        assert!(answer.text().contains(sentence), "{path}: {}", answer.text());
    }
    // Also for requests that are refused before routing.
    let large = send(
        server.address,
        "POST",
        "/thread/blog/post?lang=ja",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &vec![b'a'; 1_100 * 1024],
    );
    assert_eq!(
        (large.status, large.header("content-language")),
        (413, Some("ja"))
    );
    assert!(large.text().contains("<html lang=\"ja\">"), "{}", large.text());
}

#[test]
fn the_admin_pages_are_in_english() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let answer = send(
        server.address,
        "GET",
        "/admin/login?lang=de",
        &[("Accept-Language", "de")],
        b"",
    );
    assert_eq!(answer.header("content-language"), None);
    assert!(answer.text().contains("<html lang=\"en\">") && answer.text().contains("Sign in"));
}

/// A moderator's page of one comment: the form token, and the version that its forms are bound to.
fn loaded(browser: &mut Browser<'_>, path: &str) -> (String, String) {
    let page = browser.get(path).text();
    (hidden(&page, "form_token"), hidden(&page, "version"))
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
            ("Origin", support::server::ORIGIN),
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
