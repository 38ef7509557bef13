//! Accepted writes by page: method × origin × content type × route, each cell asserted.
//!
//! A cell says whether a request was accepted. The right rule predicts every cell; the wrong rules at the end, each a
//! known mistake of some server, must differ from it, or the matrix proves nothing.

use serde_json::json;

use super::support::{
    http::{Answer, send},
    server::{ORIGIN, PAGE, READER, TestServer, encoded, key},
};

/// The value of Origin; none: the header is absent.
const ORIGINS: &[&[&str]] = &[
    &[],
    &["https://blog.example"],
    &["https://blog.example:443"],
    &["HTTPS://BLOG.EXAMPLE"],
    &["https://shop.example"],
    &["https://evil.example"],
    &["null"],
    &["http://blog.example"],
    &["https://blog.example:8443"],
    &["https://blog.example.evil.example"],
    &["https://evilblog.example"],
    &["https://a.blog.example"],
    &["https://evil.example/https://blog.example"],
    &["https://blog.example@evil.example"],
    &["https://evil.example?https://blog.example"],
    &["https:blog.example?://evil.example"],
    &["https:blog.example"],
    &["file://"],
    &[""],
    &["*"],
    &["https://blog.example https://evil.example"],
    &["https://blog.example", "https://evil.example"],
    &["https://evil.example", "https://blog.example"],
];

const TYPES: &[Option<&str>] = &[
    None,
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("Application/JSON"),
    Some("text/plain"),
    Some("text/plain; application/json"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=application/json"),
    Some("application/jsonx"),
    Some("application/csp-report"),
    Some(""),
];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"];

/// One request by its dimensions.
#[derive(Clone, Copy)]
struct Cell {
    route: &'static str,
    method: &'static str,
    origin: &'static [&'static str],
    kind: Option<&'static str>,
}

/// The writing methods of each route, and whether they need a body.
fn writes(route: &str, method: &str) -> Option<bool> {
    match (route, method) {
        ("comments" | "preview" | "own", "POST")
        | ("comments/:id", "PATCH")
        | ("comments/:id/vote", "PUT") => Some(true),
        ("comments/:id", "DELETE") => Some(false),
        _ => None,
    }
}

const ROUTES: &[&str] = &[
    "thread",
    "comments/:id",
    "comments/:id/replies",
    "counts",
    "recent",
    "comments",
    "comments/:id/vote",
    "preview",
    "own",
];

fn is_json(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| kind.split(';').next() == Some("application/json") || kind == "Application/JSON")
}

/// The right rule: exactly one origin, that of the site; JSON where there is a body.
fn right(cell: &Cell) -> bool {
    let ours = matches!(
        cell.origin,
        ["https://blog.example" | "https://blog.example:443" | "HTTPS://BLOG.EXAMPLE"]
    );
    writes(cell.route, cell.method).is_some_and(|body| ours && (!body || is_json(cell.kind)))
}

type Rule = (&'static str, fn(&Cell) -> bool);

/// Mistaken rules, and the cells that they get wrong.
const WRONG: &[Rule] = &[
    ("no origin is no stranger", |cell| {
        right(cell)
            || cell.origin.is_empty()
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("null is no stranger", |cell| {
        right(cell)
            || cell.origin == ["null"]
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("ends like ours", |cell| {
        right(cell)
            || cell.origin.first().is_some_and(|o| o.ends_with("blog.example"))
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("begins like ours", |cell| {
        right(cell)
            || cell.origin.first().is_some_and(|o| o.starts_with(ORIGIN))
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("the host alone counts", |cell| {
        right(cell)
            || cell.origin == ["http://blog.example"]
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("the first of two counts", |cell| {
        right(cell)
            || cell.origin.len() == 2
                && cell.origin[0] == ORIGIN
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("the last of two counts", |cell| {
        right(cell)
            || cell.origin.len() == 2
                && cell.origin[1] == ORIGIN
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("any site's origin will do", |cell| {
        right(cell)
            || cell.origin == ["https://shop.example"]
                && right(&Cell {
                    origin: ORIGINS[1],
                    ..*cell
                })
    }),
    ("no content type is JSON", |cell| {
        right(cell)
            || cell.kind.is_none()
                && right(&Cell {
                    kind: TYPES[1],
                    ..*cell
                })
    }),
    ("the word JSON somewhere", |cell| {
        right(cell)
            || cell.kind.is_some_and(|kind| kind.contains("json"))
                && right(&Cell {
                    kind: TYPES[1],
                    ..*cell
                })
    }),
    ("nobody may write", |_| false),
    ("the type is nobody's affair", |cell| {
        right(&Cell {
            kind: TYPES[1],
            ..*cell
        })
    }),
];

fn server() -> TestServer {
    let server = TestServer::start();
    server
        .run(afterword::service::sites::register::register(
            &server.app,
            &afterword::service::audit::Actor::command_line(),
            "shop",
            &["https://shop.example".to_owned()],
        ))
        .unwrap();
    server
}

/// Sends it with everything else that a valid request of its kind has.
fn ask(server: &TestServer, cell: &Cell, more: &[(&str, &str)]) -> Answer {
    // Only an accepted DELETE consumes a comment.
    let (id, token) = server.posted(json!({}));
    let bearer = format!("Bearer {token}");
    let body = match (cell.route, cell.method) {
        (_, "GET" | "HEAD") => String::new(),
        ("comments", _) => json!({"page": PAGE, "key": key(), "name": "Ann", "text": "Tea."}).to_string(),
        ("comments/:id/vote", _) => json!({"reader": READER, "value": 1}).to_string(),
        ("own", _) => json!({"comments": [{"id": id, "token": token}]}).to_string(),
        (_, "DELETE") => String::new(),
        _ => json!({"text": "Tea again."}).to_string(),
    };
    let path = format!(
        "/api/v1/sites/blog/{}",
        cell.route.replace(":id", &id.to_string())
    );
    let path = if matches!(cell.route, "thread" | "counts") {
        format!("{path}?page={}", encoded(PAGE))
    } else {
        path
    };
    let mut headers = vec![("Authorization", bearer.as_str())];
    headers.extend(cell.origin.iter().map(|origin| ("Origin", *origin)));
    headers.extend(cell.kind.map(|kind| ("Content-Type", kind)));
    headers.extend(more);
    send(server.address, cell.method, &path, &headers, body.as_bytes())
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for &route in ROUTES {
        for &method in METHODS {
            for &origin in ORIGINS {
                // The content type matters for writes; for reads, two values show that it does not.
                let kinds = if writes(route, method).is_some() {
                    TYPES
                } else {
                    &TYPES[..2]
                };
                cells.extend(kinds.iter().map(|&kind| Cell {
                    route,
                    method,
                    origin,
                    kind,
                }));
            }
        }
    }
    cells
}

#[test]
fn every_cell_of_the_api_matrix_follows_the_rule() {
    let server = server();
    let (cells, mut passed) = (cells(), Vec::new());
    for cell in &cells {
        let answer = ask(&server, cell, &[]);
        let what = format!(
            "{} {} from {:?} as {:?}: {} {}",
            cell.method,
            cell.route,
            cell.origin,
            cell.kind,
            answer.status,
            answer.text()
        );
        assert!(answer.status < 500, "{what}");
        let wrote = (200..300).contains(&answer.status) && writes(cell.route, cell.method).is_some();
        let gate = [
            "origin_missing",
            "origin_not_allowed",
            "content_type_missing",
            "content_type_wrong",
        ];
        match writes(cell.route, cell.method) {
            // Reads are open to every origin, without cookies or credentials.
            None if matches!(cell.method, "GET" | "HEAD") => {
                assert!([200, 405].contains(&answer.status), "{what}")
            }
            None => assert_eq!(answer.status, 405, "{what}"),
            Some(_) => assert!(wrote || gate.contains(&answer.code().as_str()), "{what}"),
        }
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{what}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{what}");
        assert_eq!(answer.header("set-cookie"), None, "{what}");
        assert_eq!(wrote, right(cell), "{what}");
        passed.push(wrote);
    }
    for (rule, wrong) in WRONG {
        let told = cells
            .iter()
            .zip(&passed)
            .filter(|(cell, passed)| wrong(cell) != **passed)
            .count();
        assert!(
            told > 0,
            "control: the matrix cannot tell “{rule}” from the right rule"
        );
    }
    println!(
        "{} cells of the API, {} let in, {} wrong rules told apart",
        cells.len(),
        passed.iter().filter(|p| **p).count(),
        WRONG.len()
    );
}

/// Cookies grant nothing in the API: a request that is refused without one is refused with one.
#[test]
fn cookies_change_nothing_in_the_api() {
    let server = server();
    server.owner("owner", "correct horse battery staple");
    let client = afterword::app::context::Client {
        network: afterword::model::network::Network::of([192, 0, 2, 1].into()),
    };
    let session = server
        .run(afterword::service::accounts::session::sign_in(
            &server.app,
            &client,
            "",
            "owner",
            "correct horse battery staple",
        ))
        .unwrap()
        .session;
    let cookie = format!("afterword-session={session}; afterword-reader={READER}");
    let mut tried = 0;
    for cell in cells()
        .iter()
        .filter(|cell| writes(cell.route, cell.method).is_some())
        .step_by(7)
    {
        let (without, with) = (
            ask(&server, cell, &[]),
            ask(&server, cell, &[("Cookie", &cookie)]),
        );
        assert_eq!(without.status, with.status, "{} {}", cell.method, cell.route);
        tried += 1;
    }
    assert!(tried > 100);
}
