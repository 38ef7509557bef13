//! A server with all kinds of tokens, and the places that they may give access to.
//!
//! Next: `tokens.rs` for purposes, `roles.rs` for roles, `expiry.rs` for time.

use afterword::{
    app::{context::Client, secret::Purpose},
    model::{
        account::Role,
        id::{CommentId, SiteId},
        network::Network,
    },
    service::{
        accounts::{manage, session},
        comments::post::edit_token,
        sites::register,
    },
};
use serde_json::json;

use super::support::{
    http::{Answer, send},
    server::{PAGE, READER, TestServer},
};

const PASSWORD: &str = "correct horse battery staple";
const SHOP: &str = "https://shop.example";
const STRANGER: &str = "reader-of-another-browser";

/// A server with two sites, a comment on each, a signed-in owner and a signed-in moderator.
pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    pub(crate) blog: SiteId,
    pub(crate) shop: SiteId,
    pub(crate) first: i64,
    pub(crate) second: i64,
    pub(crate) foreign: i64,
    pub(crate) owner: String,
    pub(crate) moderator: String,
}

pub(crate) fn client() -> Client {
    Client {
        network: Network::of([192, 0, 2, 1].into()),
    }
}

pub(crate) fn sign_in(server: &TestServer, name: &str) -> String {
    server
        .run(session::sign_in(&server.app, &client(), "", name, PASSWORD))
        .unwrap()
        .session
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let server = TestServer::start();
        let shop = server
            .run(register::register(
                &server.app,
                &afterword::service::audit::Actor::command_line(),
                "shop",
                &[SHOP.to_owned()],
            ))
            .unwrap()
            .id;
        let blog = server
            .run(register::all(&server.app))
            .unwrap()
            .iter()
            .map(|site| site.id)
            .find(|id| *id != shop)
            .unwrap();
        server.owner("owner", PASSWORD);
        server
            .run(manage::create(
                &server.app,
                &afterword::service::audit::Actor::command_line(),
                "helper",
                Role::Moderator,
                PASSWORD,
            ))
            .unwrap();
        let (first, second) = (server.posted(json!({})).0, server.posted(json!({})).0);
        let body = json!({"page": "https://shop.example/tea", "key": "0123456789abcdef", "reader": READER, "name": "Ann", "text": "Tea."});
        let answer = send(
            server.address,
            "POST",
            "/api/v1/sites/shop/comments",
            &[("Origin", SHOP), ("Content-Type", "application/json")],
            body.to_string().as_bytes(),
        );
        let foreign = answer.json()["comment"]["id"].as_i64().unwrap();
        let (owner, moderator) = (sign_in(&server, "owner"), sign_in(&server, "helper"));
        Self {
            server,
            blog,
            shop,
            first,
            second,
            foreign,
            owner,
            moderator,
        }
    }

    /// Every token by name.
    pub(crate) fn tokens(&self) -> Vec<(&'static str, String)> {
        let app = &self.server.app;
        let edit = |site, id, reader| edit_token(app, site, CommentId(id), reader);
        let right = edit(self.blog, self.first, READER);
        let mac = |purpose, part: &str| app.secret.token(purpose, &[part]);
        let other_case = right
            .chars()
            .map(|c| {
                if c.is_lowercase() {
                    c.to_ascii_uppercase()
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect();
        vec![
            ("edit, this comment", right.clone()),
            ("edit, another comment", edit(self.blog, self.second, READER)),
            ("edit, another site", edit(self.shop, self.foreign, READER)),
            (
                "edit, this comment as of another site",
                edit(self.shop, self.first, READER),
            ),
            ("edit, another reader", edit(self.blog, self.first, STRANGER)),
            ("edit, cut short", right[..42].to_owned()),
            ("edit, made longer", format!("{right}A")),
            ("edit, in the other case", other_case),
            ("page form, this reader", mac(Purpose::PageForm, READER)),
            ("page form, another reader", mac(Purpose::PageForm, STRANGER)),
            ("admin form, this session", mac(Purpose::AdminForm, &self.owner)),
            (
                "admin form, another session",
                mac(Purpose::AdminForm, &self.moderator),
            ),
            ("admin form, nobody's", mac(Purpose::AdminForm, "login")),
            ("admin form, of a reader", mac(Purpose::AdminForm, READER)),
            ("page form, of a session", mac(Purpose::PageForm, &self.owner)),
            ("owner's session", self.owner.clone()),
            ("moderator's session", self.moderator.clone()),
            (
                "hash of the owner's session",
                afterword::app::secret::hash(&self.owner),
            ),
            ("reader's secret", READER.to_owned()),
            ("author", mac(Purpose::Author, READER)),
            ("nothing", String::new()),
            ("a word", "undefined".into()),
        ]
    }

    pub(crate) fn api(
        &self,
        method: &str,
        site: &str,
        origin: &str,
        route: &str,
        token: &str,
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("Origin", origin),
            ("Content-Type", "application/json"),
            ("Authorization", bearer.as_str()),
        ];
        send(
            self.server.address,
            method,
            &format!("/api/v1/sites/{site}/{route}"),
            &headers,
            body.as_bytes(),
        )
    }

    pub(crate) fn form(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let headers = [
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Cookie", cookie),
        ];
        send(self.server.address, "POST", path, &headers, body.as_bytes())
    }

    pub(crate) fn page(&self, path: &str, session: &str) -> u16 {
        let cookie = format!("afterword-session={session}");
        let answer = send(self.server.address, "GET", path, &[("Cookie", &cookie)], b"");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        answer.status
    }

    /// True if the token gives access to the place.
    pub(crate) fn opens(&self, place: &str, token: &str) -> bool {
        let (first, foreign) = (
            format!("comments/{}", self.first),
            format!("comments/{}", self.foreign),
        );
        let text = json!({"text": "Changed."}).to_string();
        let answer = match place {
            "PATCH comment" => self.api("PATCH", "blog", "https://blog.example", &first, token, &text),
            "PATCH comment of the other site" => self.api("PATCH", "shop", SHOP, &foreign, token, &text),
            "PATCH comment by the other site" => self.api("PATCH", "shop", SHOP, &first, token, &text),
            "POST own" => {
                let body = json!({"comments": [{"id": self.first, "token": token}]}).to_string();
                let answer = self.api("POST", "blog", "https://blog.example", "own", "x", &body);
                assert_eq!(answer.status, 200);
                return answer.json()["comments"]
                    .as_array()
                    .is_some_and(|found| !found.is_empty());
            }
            "form of the thread page" => {
                let id = self.first.to_string();
                self.form(
                    "/thread/blog/edit",
                    &format!("afterword-reader={READER}"),
                    &[
                        ("form_token", token),
                        ("page", PAGE),
                        ("id", &id),
                        ("text", "Changed."),
                        ("name", "Ann"),
                    ],
                )
            }
            "form of the admin" => {
                let path = format!("/admin/blog/comments/{}/status", self.second);
                self.form(
                    &path,
                    &format!("afterword-session={}", self.owner),
                    &[
                        ("form_token", token),
                        ("to", "approved"),
                        ("version", "1"),
                        ("tab", "approved"),
                    ],
                )
            }
            "form of signing in" => self.form(
                "/admin/login",
                "",
                &[("form_token", token), ("name", "owner"), ("password", PASSWORD)],
            ),
            "session, owners' page" => return self.page("/admin/sites", token) == 200,
            "session, moderators' page" => return self.page("/admin/blog/comments", token) == 200,
            "setup link" => {
                return send(
                    self.server.address,
                    "GET",
                    &format!("/admin/setup/{token}"),
                    &[],
                    b"",
                )
                .status
                    == 200;
            }
            _ => unreachable!("{place}"),
        };
        assert!(answer.status < 500, "{place}: {}", answer.text());
        (200..400).contains(&answer.status)
    }
}
