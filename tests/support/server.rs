//! The real server on a free loopback port, with a clock that the test moves.

use std::{
    net::{SocketAddr, TcpListener},
    sync::atomic::{AtomicU64, Ordering},
};

use afterword::{
    app::{App, secret::Secret},
    config::{Action, Config, RateLimit},
    model::time::{Clock, Millis},
    service::{
        accounts::manage,
        sites::{register, rules},
    },
    store::{Options, Store},
    web,
};
use serde_json::{Value, json};

use super::http::{Answer, send};

pub const ORIGIN: &str = "https://blog.example";
pub const PAGE: &str = "https://blog.example/posts/tea";
pub const READER: &str = "reader-of-these-tests-0001";

/// A running server with a site “blog” at [`ORIGIN`].
pub struct TestServer {
    pub address: SocketAddr,
    /// The address of `/metrics`.
    pub metrics: SocketAddr,
    pub clock: Clock,
    pub app: App,
    runtime: Option<tokio::runtime::Runtime>,
    _folder: tempfile::TempDir,
    _postgres: Option<super::TestStore>,
}

impl TestServer {
    /// With every limit off.
    pub fn start() -> Self {
        Self::configured(|_| ())
    }

    /// With the given configuration.
    pub fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config {
            limits: Action::ALL.map(|_| RateLimit::default()),
            data: folder.path().into(),
            ..Config::default()
        };
        let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        config.listen = socket.local_addr().expect("an address");
        change(&mut config);
        // `AFTERWORD_TEST_ENGINE=postgres` runs the same tests on the other engine.
        let postgres = match std::env::var("AFTERWORD_TEST_ENGINE").as_deref() {
            Ok("postgres") => Some(super::postgres().expect("AFTERWORD_TEST_POSTGRES names a server")),
            _ => None,
        };
        let store = match &postgres {
            Some(postgres) => postgres.store.clone(),
            None => {
                let options = Options {
                    connections: 2,
                    ..Options::default()
                };
                Store::open("afterword.db", folder.path(), &options).expect("a store")
            }
        };
        let clock = Clock::standing(Millis(1_790_000_000_000));
        let secret = Secret::from_hex(&"5a".repeat(32)).expect("a secret");
        let address = config.listen;
        let app = App::new(config, store, secret, clock.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime
            .block_on(register::register(
                &app,
                &afterword::service::audit::Actor::command_line(),
                "blog",
                &[ORIGIN.to_owned()],
            ))
            .expect("a site");
        socket.set_nonblocking(true).expect("a socket of the runtime");
        let listeners = web::listeners(&app);
        let metrics_socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let metrics = metrics_socket.local_addr().expect("an address");
        metrics_socket
            .set_nonblocking(true)
            .expect("a socket of the runtime");
        for (socket, routes) in [(socket, listeners.public), (metrics_socket, listeners.metrics)] {
            let served = app.clone();
            runtime.spawn(async move {
                let listener = tokio::net::TcpListener::from_std(socket).expect("a listener");
                web::server::serve(served, routes, listener, std::future::pending()).await;
            });
        }
        Self {
            address,
            metrics,
            clock,
            app,
            runtime: Some(runtime),
            _folder: folder,
            _postgres: postgres,
        }
    }

    /// Runs a use case while the server runs.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("a running server").block_on(work)
    }

    /// Changes a rule of the site.
    pub fn rule(&self, rule: &str, value: &str) {
        self.run(async {
            let site = register::all(&self.app).await.expect("sites").remove(0);
            rules::set_rules(
                &self.app,
                &afterword::service::audit::Actor::command_line(),
                site.id,
                vec![(rule.into(), value.into())],
            )
            .await
            .expect("a rule");
        });
        // Past the second for which the site is cached.
        self.clock.advance(1_500);
    }

    /// Creates an owner.
    pub fn owner(&self, name: &str, password: &str) {
        self.run(manage::create(
            &self.app,
            &afterword::service::audit::Actor::command_line(),
            name,
            afterword::model::account::Role::Owner,
            password,
        ))
        .expect("an owner");
    }

    pub fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"")
    }

    pub fn thread(&self, page: &str) -> Value {
        let answer = self.get(&format!("/api/v1/sites/blog/thread?page={}", encoded(page)));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Sends JSON as a page of the site does.
    pub fn json(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Origin", ORIGIN), ("Content-Type", "application/json")];
        if let Some(bearer) = &bearer {
            headers.push(("Authorization", bearer));
        }
        send(
            self.address,
            method,
            &format!("/api/v1/sites/blog/{path}"),
            &headers,
            body.to_string().as_bytes(),
        )
    }

    /// Posts a comment that is complete except for the changes of `change`.
    pub fn post(&self, change: Value) -> Answer {
        let mut body = json!({"page": PAGE, "title": "On tea", "key": key(), "reader": READER, "name": "Ann", "text": "Loose leaf, *always*."});
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        self.json("POST", "comments", None, &body)
    }

    /// Posts, and returns the comment and its token.
    pub fn posted(&self, change: Value) -> (i64, String) {
        let answer = self.post(change);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let json = answer.json();
        (
            json["comment"]["id"].as_i64().expect("an id"),
            json["token"].as_str().expect("a token").to_owned(),
        )
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A fresh idempotency key.
pub fn key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("key-of-a-test-{:08}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Percent-encodes a value for a query.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
