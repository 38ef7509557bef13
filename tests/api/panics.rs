//! A handler that panics on purpose, in every area of the server.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use afterword::{
    app::Error,
    web::{
        self, Listener, http::request::Incoming, route::Route, router, server::serve, state, thread_cache,
    },
};
use warp::{Filter as _, reply::Response};

use super::support::{http::parse, server::TestServer};

async fn panicking(_: state::Shared, _: Route, _: Incoming) -> Result<Response, Error> {
    panic!("a handler, on purpose")
}

/// Two requests on one connection, and the answers to both.
fn twice(address: std::net::SocketAddr, method: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    for connection in ["keep-alive", "close"] {
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nContent-Length: 0\r\n\r\n"
        )
        .unwrap();
    }
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    answers
}

#[test]
fn a_panic_is_a_failure_with_its_id_and_the_connection_goes_on() {
    let server = TestServer::start();
    let shared = state::Shared {
        app: server.app.clone(),
        threads: Arc::new(thread_cache::ThreadCache::new(0)),
        listeners: Arc::new(state::LiveReaders::new(&server.app.config)),
    };
    let routes = router::routes(warp::any().boxed(), &shared, web::rules, panicking);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let (address, app) = (socket.local_addr().unwrap(), server.app.clone());
    server.run(async {
        tokio::spawn(async move {
            let listener = tokio::net::TcpListener::from_std(socket).unwrap();
            serve(app, Listener::from(routes), listener, std::future::pending()).await;
        });
    });
    for (path, kind) in [
        ("/api/v1/sites/blog/thread?page=x", "application/json"),
        ("/api/v1/sites/blog/comments", "application/json"),
        ("/embed.js", "application/json"),
        ("/assets/x/page.css", "application/json"),
        ("/feeds/blog.atom", "application/json"),
        ("/healthz", "application/json"),
        ("/thread/blog", "text/html; charset=utf-8"),
        ("/admin/login", "text/html; charset=utf-8"),
        ("/", "text/html; charset=utf-8"),
    ] {
        for method in ["GET", "POST"] {
            let both = twice(address, method, path);
            let text = String::from_utf8_lossy(&both).into_owned();
            assert_eq!(text.matches("HTTP/1.1 500").count(), 2, "{method} {path}: {text}");
            let second = text.rfind("HTTP/1.1 500").unwrap();
            for answer in [&both[..second], &both[second..]] {
                let answer = parse(answer).unwrap();
                assert_eq!(answer.header("content-type"), Some(kind), "{method} {path}");
                let id = answer.header("x-request-id").expect("an id");
                assert!(answer.text().contains(id), "{method} {path}: {}", answer.text());
                assert!(!answer.text().contains("on purpose"), "{}", answer.text());
            }
        }
    }
}
