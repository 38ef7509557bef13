//! Every address, written in every way, by every method: the answers of `tests/data/routes.txt`.
//!
//! `AFTERWORD_UPDATE_ROUTES=1` writes the file; a change in it is a change of what the server answers.

use std::{fmt::Write as _, fs, net::SocketAddr, path::Path};

use afterword::web::route::Route;
use serde_json::json;
use warp::http::Method;

use super::support::{
    http::{Answer, send},
    server::TestServer,
};

const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
];

/// `{id}` and `{thread}` are those of a comment that exists.
const PATHS: &[&str] = &[
    "/api/v1/sites/blog/thread",
    "/api/v1/sites/blog/thread?page=https%3A%2F%2Fblog.example%2Fposts%2Ftea",
    "/api/v1/sites/nobody/thread?page=https%3A%2F%2Fblog.example%2Fposts%2Ftea",
    "/api/v1/sites/blog/comments",
    "/api/v1/sites/blog/comments/{id}",
    "/api/v1/sites/blog/comments/x",
    "/api/v1/sites/blog/comments/{id}/replies",
    "/api/v1/sites/blog/comments/x/replies",
    "/api/v1/sites/blog/comments/{id}/vote",
    "/api/v1/sites/blog/comments/{id}/votes",
    "/api/v1/sites/blog/fragment",
    "/api/v1/sites/blog/threads",
    "/api/v1/sites/blog/counts",
    "/api/v1/sites/blog/recent",
    "/api/v1/sites/blog/live",
    "/api/v1/sites/blog/preview",
    "/api/v1/sites/blog/own",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v2/sites/blog/thread",
    "/api/v1/sites/blog",
    "/api/v1/sites/blog/",
    "/api/v1/sites/blog/nothing",
    "/api/v1/sites/blog/thread/",
    "/api/v1/sites/blog/comments/",
    "/api/v1/sites/blog/comments/{id}/",
    "/api/v1/sites/blog/comments/{id}/vote/",
    "/api/v1/sites//thread",
    "/api/v1/sites/blog%2Fthread",
    "/api/v1/sites/blog/threa%64",
    "/api/v1/sites/blog%2fx/thread",
    "/api/v1/sites/blog/comments%2F{id}",
    "/api/v1/sites/blog/%zz",
    "/api/v1/sites/blog/%ff",
    "/api/v1/sites/blog/a%",
    "/%61pi/v1/sites/blog/thread",
    "//api/v1/sites/blog/thread",
    "/API/v1/sites/blog/thread",
    "/embed.js",
    "/embed.js/",
    "/embed%2Ejs",
    "/count.js",
    "/recent.js",
    "/embed",
    "/embed/",
    "/embed/x/core.js",
    "/embed/x%2Fcore.js",
    "/embed/x/nothing.js",
    "/js",
    "/js/embed.min.js",
    "/js/nothing.js",
    "/web",
    "/web/nothing",
    "/assets",
    "/assets/x/nothing.css",
    "/assets/%zz",
    "/feeds",
    "/feeds/",
    "/feeds/blog.atom",
    "/feeds/blog.atom/",
    "/feeds/blog%2Eatom",
    "/feeds/blog",
    "/feeds/nobody.atom",
    "/feeds/blog/{thread}.atom",
    "/feeds/blog/{thread}",
    "/feeds/blog/x.atom",
    "/feeds/blog/{thread}.atom/x",
    "/feeds/blog%2F{thread}.atom",
    "/thread",
    "/thread/",
    "/thread/blog",
    "/thread/blog/",
    "/thread/nobody",
    "/thread/blog?page=https%3A%2F%2Fblog.example%2Fposts%2Ftea",
    "/thread/blog/post",
    "/thread/blog/edit",
    "/thread/blog/delete",
    "/thread/blog/vote",
    "/thread/blog/nothing",
    "/thread/blog/post/",
    "/thread/blog%2Fpost",
    "/thread/%ff",
    "/admin",
    "/admin/",
    "/admin/login",
    "/admin/login/",
    "/admin/logout",
    "/admin/setup",
    "/admin/setup/token",
    "/admin/setup/token/",
    "/admin/sites",
    "/admin/sites/",
    "/admin/blog",
    "/admin/blog/",
    "/admin/blog/comments",
    "/admin/blog/comments/",
    "/admin/blog%2Fcomments",
    "/admin/bl%C3%B6g/comments?status=spam",
    "/admin/blog/comments/{id}",
    "/admin/blog/comments/{id}/status",
    "/admin/blog/comments/{id}/votes",
    "/admin/blog/comments/{id}/edit",
    "/admin/blog/comments/x/edit",
    "/admin/blog/comments/{id}/nothing",
    "/admin/blog/threads",
    "/admin/blog/threads/{thread}",
    "/admin/blog/threads/{thread}/closed",
    "/admin/blog/threads/{thread}/alias",
    "/admin/blog/threads/{thread}/page",
    "/admin/blog/threads/{thread}/move",
    "/admin/blog/threads/{thread}/merge",
    "/admin/blog/threads/{thread}/nothing",
    "/admin/blog/log",
    "/admin/blog/settings",
    "/admin/blog/origins",
    "/admin/nobody/comments",
    "/admin/blog/comments/%zz",
    "/healthz",
    "/healthz/",
    "/healthz/doctor",
    "/healthz/doctor/",
    "/healthz/nothing",
    "/readyz",
    "/readyz/",
    "/readyz/doctor",
    "/metrics",
    "/metrics/",
    "/metrics/nothing",
    "/",
    "//",
    "/robots.txt",
    "//robots.txt",
    "/robots.txt/",
    "/favicon.svg",
    "/favicon.ico",
    "/favicon%2Esvg",
    "/index.html",
    "/wp-login.php",
    "/a/b/c",
    "/%",
    "/..",
    "/../admin",
];

/// Asked of the metrics listener.
const METRICS_PATHS: &[&str] = &[
    "/metrics",
    "/metrics/",
    "/metrics/nothing",
    "/metrics/%zz",
    "/metric%73",
    "//metrics",
    "/",
    "/healthz",
    "/embed.js",
    "/admin/login",
    "/%zz",
];

/// What of an answer says which route it took.
fn outcome(answer: &Answer) -> String {
    let text = answer.text();
    let kind = answer.header("content-type").unwrap_or("–");
    let mut out = format!("{} {}", answer.status, kind.split(';').next().unwrap_or(kind));
    let header = |name: &str| answer.header(name).map(|value| format!(" {name}={value}"));
    out.extend(
        ["allow", "location", "access-control-allow-methods"]
            .into_iter()
            .filter_map(header),
    );
    if kind == "application/json" && answer.status >= 400 && !answer.body.is_empty() {
        out.push_str(&format!(" {}", answer.code()));
    }
    if let Some((title, _)) = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
    {
        out.push_str(&format!(" “{title}”"));
    }
    out
}

/// A paragraph for each path: its outcomes, each with the methods that have it and the group that counts them.
fn answers(
    title: &str,
    address: SocketAddr,
    paths: &[&str],
    ids: (&str, &str),
    headers: &[(&str, &str)],
) -> String {
    let mut out = format!("# {title}\n");
    for path in paths {
        let target = path.replace("{id}", ids.0).replace("{thread}", ids.1);
        let route = Route::parse(target.split('?').next().unwrap());
        let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
        for method in METHODS {
            let answer = send(address, method, &target, headers, b"");
            if *method == "HEAD" {
                assert!(answer.body.is_empty(), "HEAD {target}: {}", answer.text());
            }
            let group = route.group(&Method::from_bytes(method.as_bytes()).unwrap());
            let outcome = format!("[{group}] {}", outcome(&answer))
                .replace(ids.0, "{id}")
                .replace(&format!("%2F{}", ids.1), "%2F{thread}")
                .replace(&address.to_string(), "{address}");
            match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, methods)) => methods.push(method),
                None => outcomes.push((outcome, vec![method])),
            }
        }
        writeln!(out, "\n{path}").unwrap();
        for (outcome, methods) in outcomes {
            writeln!(out, "    {} {outcome}", methods.join(",")).unwrap();
        }
    }
    out
}

#[test]
fn every_address_answers_each_method_as_written_down() {
    let server = TestServer::start();
    let (id, _) = server.posted(json!({}));
    let id = id.to_string();
    let thread = server.thread(super::support::server::PAGE)["thread"]["id"].to_string();
    let ids = (id.as_str(), thread.as_str());
    server.owner("ada", "correct horse battery");
    let form = server.get("/admin/login").text();
    let token = form
        .split_once("name=\"form_token\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap()
        .0
        .to_owned();
    let signed_in = send(
        server.address,
        "POST",
        "/admin/login",
        &[
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ],
        format!("form_token={token}&name=ada&password=correct+horse+battery").as_bytes(),
    );
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let cookies: Vec<&str> = signed_in
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .filter_map(|(_, value)| value.split(';').next())
        .collect();
    let cookie = cookies.join("; ");

    let admin: Vec<&str> = PATHS
        .iter()
        .copied()
        .filter(|path| path.starts_with("/admin"))
        .collect();
    let got = [
        answers("Anybody", server.address, PATHS, ids, &[]),
        answers("An owner", server.address, &admin, ids, &[("Cookie", &cookie)]),
        answers("The metrics listener", server.metrics, METRICS_PATHS, ids, &[]),
    ]
    .join("\n");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/routes.txt");
    if std::env::var_os("AFTERWORD_UPDATE_ROUTES").is_some() {
        fs::write(&file, &got).unwrap();
    }
    let wanted = fs::read_to_string(&file).unwrap();
    let differing: Vec<_> = got
        .lines()
        .zip(wanted.lines())
        .filter(|(got, wanted)| got != wanted)
        .take(5)
        .collect();
    assert!(got == wanted, "got, wanted: {differing:#?}");
}
