//! Refused requests count against the limits, too.

use afterword::config::{Action, RateLimit};
use serde_json::json;

use super::support::{
    http::send,
    server::{ORIGIN, PAGE, TestServer, encoded, key},
};

#[test]
fn refused_requests_count_against_the_limits() {
    let page = encoded(PAGE);
    let good = json!({"page": PAGE, "key": key(), "name": "Ann", "text": "Tea."}).to_string();
    let (json_type, form_type) = (
        ("Content-Type", "application/json"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    );
    let (ours, foreign) = (("Origin", ORIGIN), ("Origin", "https://evil.example"));
    let form = format!("form_token=wrong&page={page}&text=Tea&name=Ann&key={}", key());
    type Headers<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&str, &str, String, Headers, &str)] = &[
        (
            "no origin",
            "POST",
            "/api/v1/sites/blog/comments".into(),
            &[json_type],
            &good,
        ),
        (
            "a foreign origin",
            "POST",
            "/api/v1/sites/blog/comments".into(),
            &[json_type, foreign],
            &good,
        ),
        (
            "no JSON",
            "POST",
            "/api/v1/sites/blog/comments".into(),
            &[json_type, ours],
            "{",
        ),
        (
            "a wrong edit",
            "PATCH",
            "/api/v1/sites/blog/comments/1".into(),
            &[json_type, ours],
            "{",
        ),
        (
            "no token",
            "DELETE",
            "/api/v1/sites/blog/comments/1".into(),
            &[ours],
            "",
        ),
        (
            "a wrong vote",
            "PUT",
            "/api/v1/sites/blog/comments/1/vote".into(),
            &[json_type, ours],
            "{}",
        ),
        (
            "a wrong preview",
            "POST",
            "/api/v1/sites/blog/preview".into(),
            &[json_type, ours],
            "[]",
        ),
        (
            "a site that is none",
            "GET",
            format!("/api/v1/sites/none/thread?page={page}"),
            &[],
            "",
        ),
        (
            "a cursor that is none",
            "GET",
            format!("/api/v1/sites/blog/thread?page={page}&cursor=x"),
            &[],
            "",
        ),
        (
            "a form with a wrong token",
            "POST",
            "/thread/blog/post".into(),
            &[form_type, ("Sec-Fetch-Site", "same-origin")],
            &form,
        ),
        (
            "a form from elsewhere",
            "POST",
            "/thread/blog/vote".into(),
            &[form_type, foreign],
            &form,
        ),
        (
            "a thread page that is none",
            "GET",
            "/thread/none".into(),
            &[],
            "",
        ),
        ("a feed that is none", "GET", "/feeds/none.atom".into(), &[], ""),
        (
            "a session that is none",
            "GET",
            "/admin/blog/comments".into(),
            &[(
                "Cookie",
                "afterword-session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            )],
            "",
        ),
        ("the door", "GET", "/admin/login".into(), &[], ""),
        ("the front page", "GET", "/".into(), &[], ""),
    ];
    for (what, method, path, headers, body) in cases {
        let server = TestServer::configured(|config| {
            config.limits[Action::Read as usize] = RateLimit::parse("address=4/1d").unwrap();
        });
        let ask = || send(server.address, method, path, headers, body.as_bytes()).status;
        let statuses: Vec<u16> = (0..6).map(|_| ask()).collect();
        assert!(!statuses[..4].contains(&429), "{what}: {statuses:?}");
        assert_eq!(statuses[4..], [429, 429], "{what} is counted once: {statuses:?}");
        // The control: scripts and health checks are not counted, or a limited reader would see no thread at all.
        for path in ["/embed.js", "/healthz"] {
            assert_eq!(server.get(path).status, 200, "{what}: {path}");
        }
    }
    println!("{} kinds of refused requests, all counted", cases.len());
}
