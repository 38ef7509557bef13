//! Shared by the suites: stores of both engines, a real server, a plain HTTP client, builders.
#![allow(unreachable_pub, reason = "a module of each suite, not a library")]
#![allow(dead_code, reason = "each suite uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod http;
pub mod make;
pub mod program;
pub mod proxy;
pub mod server;

use std::sync::atomic::{AtomicU32, Ordering};

use afterword::store::{Options, Store};

/// A store with its files or schema; dropping it removes both.
pub struct TestStore {
    pub store: Store,
    folder: Option<tempfile::TempDir>,
    schema: Option<(String, String)>,
}

impl TestStore {
    /// The folder of a SQLite store.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().expect("a SQLite store").path()
    }

    /// Opens this store again.
    pub fn database(&self) -> String {
        self.schema
            .as_ref()
            .map_or_else(|| "afterword.db".to_owned(), |(url, name)| with_schema(url, name))
    }

    pub fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        if let Some((url, name)) = self.schema.take() {
            on_server(&url, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

fn options() -> Options {
    Options {
        connections: 3,
        ..Options::default()
    }
}

/// A fresh SQLite store.
pub fn sqlite() -> Option<TestStore> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open("afterword.db", folder.path(), &options()).expect("a fresh SQLite store");
    Some(TestStore {
        store,
        folder: Some(folder),
        schema: None,
    })
}

/// A fresh PostgreSQL store in its own schema.
///
/// `AFTERWORD_TEST_POSTGRES` names the server (`tests/run` starts one). Without it the test is skipped with a message;
/// in CI it fails, so that a skip is noticed.
pub fn postgres() -> Option<TestStore> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("AFTERWORD_TEST_POSTGRES") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "AFTERWORD_TEST_POSTGRES is not set: in CI the suite must run on PostgreSQL too; start it with tests/run"
        );
        eprintln!(
            "LEFT OUT on PostgreSQL: AFTERWORD_TEST_POSTGRES is not set; tests/run starts a server and sets it"
        );
        return None;
    };
    let name = format!(
        "test_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    on_server(&url, &format!("CREATE SCHEMA {name}"));
    let store = Store::open(&with_schema(&url, &name), std::path::Path::new("."), &options())
        .expect("a fresh PostgreSQL store");
    Some(TestStore {
        store,
        folder: None,
        schema: Some((url, name)),
    })
}

fn with_schema(url: &str, name: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}options=-c%20search_path%3D{name}%20-c%20client_min_messages%3Dwarning")
}

/// Runs a statement on its own connection.
pub fn on_server(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let done = std::thread::spawn(move || {
        postgres::Client::connect(&url, postgres::NoTls).and_then(|mut client| client.batch_execute(&sql))
    });
    done.join()
        .expect("the connecting thread")
        .expect("PostgreSQL at AFTERWORD_TEST_POSTGRES");
}

/// A small runtime for one test.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}
