//! The thread cache: one computation for simultaneous requests, bounded in size, and never older than a response
//! already sent.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use afterword::{
    app::{Error, context::Client},
    model::network::Network,
    service::{
        audit::Actor,
        sites::rules,
        threads::read::{self, ThreadView},
    },
    web::{
        http::encoded_response::{EncodedResponse, Encoding},
        thread_cache::{self, CacheRequest, ResponseFormat, ThreadCache},
    },
};
use serde_json::json;
use warp::http::HeaderMap;

use super::support::{
    http::send,
    server::{PAGE, TestServer, encoded},
};

fn wanted(page: &str) -> CacheRequest {
    CacheRequest {
        form: ResponseFormat::Json,
        site: "blog".into(),
        page: page.into(),
        page_id: None,
        sort: None,
        cursor: None,
        encoding: Encoding::Plain,
    }
}

fn client() -> Client {
    Client {
        network: Network::of([192, 0, 2, 1].into()),
    }
}

fn count_only(_: &str, view: &ThreadView) -> Result<Vec<u8>, Error> {
    Ok(view.comments.len().to_string().into_bytes())
}

/// The number of calls of [`slow`].
static MADE: AtomicUsize = AtomicUsize::new(0);

fn slow(base_url: &str, view: &ThreadView) -> Result<Vec<u8>, Error> {
    MADE.fetch_add(1, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(100));
    count_only(base_url, view)
}

#[test]
fn simultaneous_requests_share_one_computation_also_after_a_change() {
    let server = TestServer::start();
    server.posted(json!({}));
    let threads = Arc::new(ThreadCache::new(1 << 20));
    for turn in 1..=2 {
        server.run(async {
            let all = (0..50).map(|_| {
                let (app, threads) = (server.app.clone(), Arc::clone(&threads));
                tokio::spawn(async move {
                    thread_cache::thread(&app, &threads, &client(), wanted(PAGE), slow)
                        .await
                        .map(|_| ())
                })
            });
            for one in all.collect::<Vec<_>>() {
                one.await.unwrap().unwrap();
            }
        });
        assert_eq!(MADE.load(Ordering::SeqCst), turn);
        // The cached response is stale: the next requests need a new one.
        server.posted(json!({}));
    }
}

/// The number of calls of [`counting`].
static SPELLED: AtomicUsize = AtomicUsize::new(0);

fn counting(base_url: &str, view: &ThreadView) -> Result<Vec<u8>, Error> {
    SPELLED.fetch_add(1, Ordering::SeqCst);
    count_only(base_url, view)
}

#[test]
fn other_spellings_of_a_page_use_the_cached_thread() {
    let server = TestServer::start();
    server.posted(json!({}));
    let threads = ThreadCache::new(1 << 20);
    let spellings = [
        PAGE.to_owned(),
        format!("{PAGE}/"),
        format!("{PAGE}?utm_source=a&utm_campaign=b"),
        format!("{PAGE}?fbclid=1"),
        format!("{PAGE}#comments"),
        format!("{PAGE}/index.html"),
        PAGE.replace("https://blog", "https://BLOG"),
        PAGE.replace("tea", "%74ea"),
    ];
    let read_all = |rounds: usize| {
        server.run(async {
            for page in spellings.iter().cycle().take(rounds * spellings.len()) {
                thread_cache::thread(&server.app, &threads, &client(), wanted(page), counting)
                    .await
                    .unwrap();
            }
        });
    };
    read_all(2);
    assert_eq!((SPELLED.load(Ordering::SeqCst), threads.kept().0), (1, 1));
    server.posted(json!({}));
    read_all(2);
    assert_eq!(
        (SPELLED.load(Ordering::SeqCst), threads.kept().0),
        (2, 1),
        "once for the new comment"
    );
}

#[test]
fn a_page_without_comments_keeps_its_spelling() {
    let server = TestServer::start();
    let page = "https://blog.example/posts/none";
    for spelled in [
        page.to_owned(),
        format!("{page}#one"),
        format!("{page}/"),
        page.to_owned(),
    ] {
        let shown = server.thread(&spelled)["thread"]["page"].clone();
        let expected = spelled.trim_end_matches("#one");
        assert_eq!(shown, expected, "{spelled}");
    }
    server.posted(json!({"page": page}));
    for spelled in [page.to_owned(), format!("{page}/")] {
        let thread = server.thread(&spelled)["thread"].clone();
        assert_eq!((&thread["page"], &thread["count"]), (&json!(page), &json!(1)));
    }
}

#[test]
fn pages_without_comments_use_no_row_and_bounded_cache() {
    let server = TestServer::start();
    let room = 200_000;
    let threads = ThreadCache::new(room);
    server.run(async {
        for n in 0..2_000 {
            let page = format!("{PAGE}/{n}/{}", "x".repeat(500));
            thread_cache::thread(&server.app, &threads, &client(), wanted(&page), count_only)
                .await
                .unwrap();
        }
    });
    let (count, bytes) = threads.kept();
    assert!((10..200).contains(&count), "some are kept, not all: {count}");
    assert!(bytes <= room, "{bytes}");
    let newest = server.run(async {
        let site = afterword::service::threads::read::site(&server.app, "blog")
            .await
            .unwrap();
        afterword::service::threads::read::newest_threads(&server.app, site.id)
            .await
            .unwrap()
    });
    assert!(newest.is_empty(), "reading begins no thread");
}

#[test]
fn without_cache_size_nothing_is_cached_and_all_is_served() {
    let server = TestServer::configured(|config| config.cache = 0);
    for count in 1..=3 {
        server.posted(json!({}));
        assert_eq!(server.thread(PAGE)["thread"]["count"], count);
    }
    let threads = ThreadCache::new(0);
    server
        .run(async {
            thread_cache::thread(&server.app, &threads, &client(), wanted(PAGE), count_only)
                .await
                .map(|_| ())
        })
        .unwrap();
    assert_eq!(threads.kept(), (0, 0));
}

#[test]
fn each_encoding_shows_a_comment_once_it_is_acknowledged() {
    let server = TestServer::start();
    let path = super::thread_path(&format!("page={}", encoded(PAGE)));
    let mut tags = Vec::new();
    for round in 0..3 {
        server.posted(json!({"text": format!("Comment {round}.")}));
        for accept in ["zstd", "br", "gzip", "identity"] {
            let get = |headers: &[(&str, &str)]| send(server.address, "GET", &path, headers, b"");
            let answer = get(&[("Accept-Encoding", accept)]);
            assert_eq!(answer.header("content-encoding").unwrap_or("identity"), accept);
            let tag = answer.header("etag").unwrap().to_owned();
            assert!(!tags.contains(&tag), "{accept}: another answer, another tag");
            let same = get(&[("Accept-Encoding", accept), ("If-None-Match", &tag)]);
            assert_eq!((same.status, same.body.len()), (304, 0), "{accept}");
            tags.push(tag);
        }
    }
}

/// The number of calls of [`held_up`].
static BEGUN: AtomicUsize = AtomicUsize::new(0);
/// Lets the first call of [`held_up`] go on.
static RELEASED: AtomicBool = AtomicBool::new(false);

/// Renders the setting of votes; the first call waits until it is released.
fn held_up(_: &str, view: &ThreadView) -> Result<Vec<u8>, Error> {
    if BEGUN.fetch_add(1, Ordering::SeqCst) == 0 {
        while !RELEASED.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    Ok(view.site.rules.votes.as_str().into())
}

/// A request that waits for another one's rendering has read the site already. A setting that changes while it waits is in
/// what it renders. The clock stands, so nothing in the cache is compared with the database.
#[test]
fn a_request_that_waited_renders_the_settings_of_now() {
    let server = TestServer::start();
    server.posted(json!({}));
    let cache = ThreadCache::new(1 << 20);
    let (client, actor) = (client(), Actor::command_line());
    let get = || {
        let asked = thread_cache::thread(&server.app, &cache, &client, wanted(PAGE), held_up);
        let answer = server.run(asked).unwrap().answer(&HeaderMap::new());
        answer.headers()["etag"].clone()
    };
    let etag = |votes: &str| {
        let made = EncodedResponse::new(votes.into(), "application/json", Encoding::Plain);
        made.answer(&HeaderMap::new()).headers()["etag"].clone()
    };
    std::thread::scope(|scope| {
        let renders = scope.spawn(get);
        while BEGUN.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        let waits = scope.spawn(get);
        std::thread::sleep(Duration::from_millis(300));
        let site = server.run(read::site(&server.app, "blog")).unwrap().id;
        let rule = vec![("votes".to_owned(), "off".to_owned())];
        let set = rules::set_rules(&server.app, &actor, site, rule);
        server.run(set).unwrap();
        RELEASED.store(true, Ordering::SeqCst);
        assert_eq!(renders.join().unwrap(), etag("both"), "read before the change");
        waits.join().unwrap();
        assert_eq!(get(), etag("off"), "asked for after the change");
        assert!(BEGUN.load(Ordering::SeqCst) >= 2, "control: rendered again");
    });
}
