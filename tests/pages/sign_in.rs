//! Setup, sign-in, sign-out and their cookies; forms of other origins; pages that only owners can open.

use serde_json::json;

use super::{
    browser::{Browser, form, hidden, location, sign_in},
    support::server::{PAGE, TestServer},
};

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
