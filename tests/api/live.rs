//! Live events of a thread, as readers receive them.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::support::server::{PAGE, TestServer, encoded};

pub(super) struct Listening(BufReader<TcpStream>);

impl Listening {
    pub(super) fn begin(address: SocketAddr, query: &str) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            socket,
            "GET /api/v1/sites/blog/live?{query} HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )
        .unwrap();
        Self(BufReader::new(socket))
    }

    /// The rest of the next line with this prefix; none at the end of the stream.
    pub(super) fn next(&mut self, beginning: &str) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(rest) = line.strip_prefix(beginning) {
                return Some(rest.trim().to_owned());
            }
        }
    }

    pub(super) fn state(&mut self) -> Value {
        serde_json::from_str(&self.next("data:").expect("an event")).unwrap()
    }
}

fn page() -> String {
    format!("page={}", encoded(PAGE))
}

#[test]
fn a_reader_gets_an_event_for_a_new_comment_at_once() {
    let server = TestServer::start();
    let mut reader = Listening::begin(server.address, &page());
    assert_eq!(reader.next("HTTP/1.1 ").unwrap(), "200 OK");
    assert_eq!(reader.next("content-type:").unwrap(), "text/event-stream");
    assert_eq!(
        reader.state(),
        json!({"version": 0, "count": 0, "open": true, "newest": []})
    );
    let began = Instant::now();
    let (id, token) = server.posted(json!({}));
    let state = reader.state();
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "not only by looking now and then"
    );
    assert_eq!((&state["count"], &state["newest"]), (&json!(1), &json!([id])));
    server.json("DELETE", &format!("comments/{id}"), Some(&token), &json!({}));
    assert_eq!(reader.state()["count"], 0);
}

#[test]
fn readers_of_one_thread_share_a_watch_that_ends_with_them() {
    let server = TestServer::start();
    let listeners = 40;
    let mut readers: Vec<Listening> = (0..listeners)
        .map(|_| Listening::begin(server.address, &page()))
        .collect();
    for reader in &mut readers {
        assert_eq!(reader.state()["version"], 0);
    }
    for n in 0..5 {
        server.posted(json!({"text": format!("one of a burst, {n}")}));
    }
    for reader in &mut readers {
        while reader.state()["count"] != 5 {}
    }
}

#[test]
fn a_change_by_another_process_is_found_by_polling() {
    let server = TestServer::start();
    server.posted(json!({}));
    let mut reader = Listening::begin(server.address, &page());
    assert_eq!(reader.state()["open"], true);
    // As the command line does it: in the database, without a message to this server.
    let changed = server.app.store.write(|tx| {
        let site = afterword::store::tables::sites::by_name(tx, "blog")?.unwrap();
        let key = afterword::model::page::PageUrl::parse(PAGE).unwrap().key();
        let thread = afterword::store::tables::threads::by_key(tx, site.id, key.as_str())?.unwrap();
        afterword::store::tables::threads::lock_and_bump(tx, site.id, thread.id)?;
        afterword::store::tables::threads::set_closed(tx, site.id, thread.id, true)
    });
    server.run(changed).unwrap();
    assert_eq!(reader.state()["open"], false);
}

#[test]
fn live_readers_are_limited_and_reads_still_work() {
    let server = TestServer::configured(|config| config.max_connections = 6);
    let mut readers: Vec<Listening> = (0..3)
        .map(|_| Listening::begin(server.address, &page()))
        .collect();
    for reader in &mut readers {
        reader.state();
    }
    let refused = server.get(&format!("/api/v1/sites/blog/live?{}", page()));
    assert_eq!((refused.status, refused.code().as_str()), (503, "busy"));
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(server.thread(PAGE)["thread"]["count"], 0);
    drop(readers);
    server.posted(json!({}));
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let mut again = Listening::begin(server.address, &page());
        if again.next("HTTP/1.1 ").unwrap() == "200 OK" {
            break;
        }
        assert!(Instant::now() < until, "places come back");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn live_readers_do_not_delay_shutdown() {
    let server = TestServer::configured(|config| config.stop_timeout = 30);
    let mut reader = Listening::begin(server.address, &page());
    reader.state();
    let began = Instant::now();
    drop(server);
    assert!(reader.next("data:").is_none(), "the stream ends");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_page_of_another_site_has_no_live_events() {
    let server = TestServer::start();
    for (query, status) in [
        ("", 400),
        ("page=nonsense", 422),
        ("page=https%3A%2F%2Fother.example%2F", 403),
    ] {
        assert_eq!(
            server.get(&format!("/api/v1/sites/blog/live?{query}")).status,
            status,
            "{query}"
        );
    }
}
