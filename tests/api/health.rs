//! Health after a thread or task has ended, or when the database accepts no writes: it reports the fault at once, and
//! recovers with it.

use std::time::{Duration, Instant};

use afterword::{jobs::supervisor, store::StoreError};

use super::support::{http::send, server::TestServer};

/// An error that panics when the engine converts it, so that the engine's thread ends.
#[derive(Debug)]
struct Explosive;

impl From<StoreError> for Explosive {
    fn from(_: StoreError) -> Self {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        assert!(
            !name.starts_with("sqlite-") && !name.starts_with("postgres-"),
            "{name} panics on purpose"
        );
        Self
    }
}

/// Ends one of the database's threads.
fn end_a_thread(server: &TestServer, writes: bool) {
    let store = server.app.store.clone();
    let ended: Result<(), Explosive> = server.run(async move {
        if writes {
            store.write(|_| panic!("a unit, on purpose")).await
        } else {
            store.read(|_| panic!("a unit, on purpose")).await
        }
    });
    assert!(ended.is_err());
}

fn metric(server: &TestServer, name: &str) -> f64 {
    let text = send(server.metrics, "GET", "/metrics", &[], b"").text();
    let line = text.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name} in {text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

fn wait_for(server: &TestServer, path: &str, status: u16) {
    let began = Instant::now();
    while server.get(path).status != status {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{path} is not {status}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn health_fails_until_an_ended_database_thread_restarts() {
    for writes in [true, false] {
        let server = TestServer::start();
        assert_eq!(server.get("/readyz").status, 200, "control");
        assert_eq!(metric(&server, "afterword_store_writable "), 1.0);
        end_a_thread(&server, writes);
        // The caller continues a moment before the thread has ended.
        wait_for(&server, "/readyz", 503);
        assert_eq!(server.get("/healthz").status, 503, "writes: {writes}");
        assert_eq!(metric(&server, "afterword_store_writable "), 0.0);
        wait_for(&server, "/readyz", 200);
        assert_eq!(server.get("/healthz").status, 200);
        server.posted(serde_json::json!({}));
        assert_eq!(server.thread(super::support::server::PAGE)["thread"]["count"], 1);
        let kind = if writes { "writer" } else { "reader" };
        let engine = if std::env::var("AFTERWORD_TEST_ENGINE").as_deref() == Ok("postgres") {
            "postgres"
        } else {
            "sqlite"
        };
        let name = format!("afterword_store_thread_restarts_total{{thread=\"{engine}-{kind}\"}}");
        assert_eq!(metric(&server, &name), 1.0);
    }
}

#[test]
fn posts_work_after_every_database_thread_has_ended() {
    let server = TestServer::start();
    for round in 0..3 {
        for _ in 0..3 {
            end_a_thread(&server, false);
        }
        end_a_thread(&server, true);
        wait_for(&server, "/readyz", 200);
        server.posted(serde_json::json!({}));
        let thread = server.thread(super::support::server::PAGE);
        assert_eq!(thread["thread"]["count"], round + 1);
    }
}

#[test]
fn health_fails_until_an_ended_task_restarts() {
    for panics in [true, false] {
        let server = TestServer::start();
        let (app, runs) = (
            server.app.clone(),
            std::sync::Arc::new(tokio::sync::Notify::new()),
        );
        let mut first = true;
        let begun = runs.clone();
        let task = supervisor::supervise(app, "test", move || {
            let (ends, begun) = (std::mem::take(&mut first), begun.clone());
            async move {
                if ends {
                    assert!(!panics, "a task, on purpose");
                    return;
                }
                begun.notify_one();
                std::future::pending::<()>().await;
            }
        });
        server.run(async { drop(tokio::spawn(task)) });
        wait_for(&server, "/healthz", 503);
        assert_eq!(server.get("/readyz").status, 503);
        assert_eq!(metric(&server, "afterword_store_writable "), 0.0);
        server
            .run(async { tokio::time::timeout(Duration::from_secs(10), runs.notified()).await })
            .expect("it runs again");
        wait_for(&server, "/readyz", 200);
        assert_eq!(
            metric(&server, "afterword_task_restarts_total{task=\"test\"}"),
            1.0
        );
    }
}

#[test]
fn readiness_is_a_write_that_succeeds() {
    let server = TestServer::start();
    assert_eq!(server.get("/readyz").status, 200, "control");
    // A unit that waits blocks every write connection.
    let mut holding = Vec::new();
    for _ in 0..4 {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let store = server.app.store.clone();
        server.run(async move {
            drop(tokio::spawn(async move {
                store
                    .write(move |_| {
                        let _ = wait.recv();
                        Ok::<_, StoreError>(())
                    })
                    .await
            }));
        });
        holding.push(go);
    }
    std::thread::sleep(Duration::from_millis(1_200));
    let began = Instant::now();
    assert_eq!(server.get("/readyz").status, 503);
    assert_eq!(metric(&server, "afterword_store_writable "), 0.0);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(server.get("/healthz").status, 200, "a restart does not help");
    assert_eq!(
        server.thread(super::support::server::PAGE)["thread"]["count"],
        0,
        "reads go on"
    );
    drop(holding);
    wait_for(&server, "/readyz", 200);
}

#[test]
fn a_signed_in_owner_can_read_while_writes_fail() {
    let server = TestServer::start();
    server.owner("ann", "a long password");
    let form = server.get("/admin/login");
    let text = form.text();
    let token = text.split_once("name=\"form_token\" value=\"").unwrap().1;
    let token = token.split_once('"').unwrap().0;
    let headers = [
        ("Sec-Fetch-Site", "same-origin"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("form_token={token}&name=ann&password=a+long+password");
    let signed_in = send(server.address, "POST", "/admin/login", &headers, body.as_bytes());
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let cookie = signed_in
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let admin = || send(server.address, "GET", "/admin", &[("Cookie", &cookie)], b"");
    let before = admin();
    assert!(before.status < 400, "{}", before.status);
    // Long enough that the next request updates the session's last use.
    server.clock.advance(2 * 3_600_000);
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    for _ in 0..4 {
        let (store, wait) = (server.app.store.clone(), wait.clone());
        server.run(async move {
            drop(tokio::spawn(async move {
                store
                    .write(move |_| {
                        let _ = wait.lock().map(|wait| wait.recv());
                        Ok::<_, StoreError>(())
                    })
                    .await
            }));
        });
    }
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    assert_eq!(
        admin().status,
        before.status,
        "she is still signed in, and is answered"
    );
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(go);
}
