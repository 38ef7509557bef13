//! The whole server except the socket: takes a request as text, returns a response.
//!
//! The secret, the clock and the first comments are always the same, so that a find is repeatable. The placeholders of
//! [`Server::filled`] are replaced by tokens, which no random input would guess.

use std::cell::RefCell;

use afterword::{config::{Action, Config, RateLimit}, model::{id::CommentId, network::Network, time::{Clock, Millis}, account::Role}, app::{App, secret::{Purpose, Secret}}, service::{accounts::{manage, session}, comments::post, sites::register}, store::{Options, Store}, web};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tower_service::Service as _;

/// A reader whose cookie is available to every input.
const READER: &str = "reader-of-the-fuzzers1";
/// After this number of inputs a fresh server is used, so that memory and disk do not grow.
const LASTS: u32 = 3_000;

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: hyper::HeaderMap,
    pub body: Bytes,
}

pub struct Server {
    runtime: tokio::runtime::Runtime,
    app: App,
    routes: web::router::Routes,
    session: String,
    first: CommentId,
    left: u32,
    _folder: tempfile::TempDir,
}

thread_local!(static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) });

/// Sends a request; none if the input is not one.
pub fn send(input: &[u8]) -> Option<Answer> {
    SERVER.with_borrow_mut(|server| {
        if server.as_ref().is_none_or(|server| server.left == 0) {
            *server = None;
            *server = Some(Server::start());
        }
        server.as_mut().expect("it was started").answer(input)
    })
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config {
            limits: Action::ALL.map(|_| RateLimit::default()),
            data: folder.path().into(),
            ..Config::default()
        };
        let options = Options { connections: 1, ..Options::default() };
        let store = Store::open("afterword.db", folder.path(), &options).expect("a store");
        let secret = Secret::from_hex(&"5a".repeat(32)).expect("a secret");
        let app = App::new(config, store, secret, Clock::standing(Millis(1_790_000_000_000)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let session = runtime.block_on(async {
            register::register(&app, &afterword::service::audit::Actor::command_line(), "blog", &["https://blog.example".to_owned()]).await.expect("a site");
            manage::create(&app, &afterword::service::audit::Actor::command_line(), "owner", Role::Owner, "correct horse battery staple").await.expect("an owner");
            let client = afterword::app::context::Client { network: Network::of([192, 0, 2, 1].into()) };
            session::sign_in(&app, &client, "", "owner", "correct horse battery staple").await.expect("a session").session
        });
        let mut server = Self { routes: web::routes(&app), runtime, app, session, first: CommentId(0), left: LASTS, _folder: folder };
        let posted = server
            .answer(format!("POST /api/v1/sites/blog/comments HTTP/1.1\r\nHost: x\r\nOrigin: https://blog.example\r\nContent-Type: application/json\r\n\r\n{{\"page\":\"https://blog.example/tea\",\"key\":\"0123456789abcdef\",\"reader\":\"{READER}\",\"name\":\"Ann\",\"text\":\"Loose leaf.\"}}").as_bytes())
            .expect("a request");
        let json: serde_json::Value = serde_json::from_slice(&posted.body).expect("JSON");
        server.first = CommentId(json["comment"]["id"].as_i64().unwrap_or_else(|| panic!("{json}")));
        server
    }

    /// Replaces the placeholders of the input by tokens.
    fn filled(&self, input: &[u8]) -> Vec<u8> {
        let site = self.runtime.block_on(register::all(&self.app)).expect("sites").first().expect("a site").id;
        let words = [
            ("{COMMENT}", self.first.to_string()),
            ("{EDIT}", post::edit_token(&self.app, site, self.first, READER)),
            ("{READER}", READER.to_owned()),
            ("{FORM}", self.app.secret.token(Purpose::PageForm, &[READER])),
            ("{SESSION}", self.session.clone()),
            ("{ADMIN}", self.app.secret.token(Purpose::AdminForm, &[&self.session])),
        ];
        let mut out = Vec::with_capacity(input.len());
        let mut rest = input;
        'next: while let [byte, tail @ ..] = rest {
            if *byte == b'{' {
                for (word, value) in &words {
                    if let Some(after) = rest.strip_prefix(word.as_bytes()) {
                        out.extend_from_slice(value.as_bytes());
                        rest = after;
                        continue 'next;
                    }
                }
            }
            out.push(*byte);
            rest = tail;
        }
        out
    }

    fn answer(&mut self, input: &[u8]) -> Option<Answer> {
        self.left -= 1;
        let input = if input.contains(&b'{') && self.first.0 != 0 { self.filled(input) } else { input.to_vec() };
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = head.parse(&input).ok()? else { return None };
        let mut request = hyper::Request::builder().method(head.method?).uri(head.path?);
        for header in head.headers.iter() {
            request = request.header(header.name, header.value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(&input[length..]))).ok()?;
        let before_the_routes = request.method() == hyper::Method::CONNECT || request.uri().path_and_query().is_none();
        if before_the_routes || request.uri().path().ends_with("/live") {
            return None; // the ones are refused by `web::server`, the other answers for ever
        }
        let mut service = warp::service(self.routes.clone());
        self.runtime.block_on(async {
            let response = service.call(request).await.expect("it cannot fail");
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("a body that ends").to_bytes();
            Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
        })
    }
}
