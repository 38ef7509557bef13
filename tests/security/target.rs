//! The attacked server, in a process of its own, so that its resources can be measured from outside.

use std::{
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use super::support::{
    http::{Answer, parse, raw, send},
    server::{ORIGIN, PAGE, encoded, key},
};

/// A running binary with a site “blog”.
pub(crate) struct Target {
    child: Child,
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Target {
    /// With all limits off except those in `settings`, which are variables without the prefix `AFTERWORD_`.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::under("", settings)
    }

    /// The same behind a shell command, such as `ulimit -n 200;`.
    pub(crate) fn under(shell: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let command = |words: &str| {
            let mut command = Command::new("sh");
            command.args([
                "-c",
                &format!("{shell} exec \"$0\" {words}"),
                env!("CARGO_BIN_EXE_afterword"),
            ]);
            for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AFTERWORD_")) {
                command.env_remove(name);
            }
            for action in ["READ", "POST", "EDIT", "VOTE", "PREVIEW", "LOGIN"] {
                command.env(format!("AFTERWORD_LIMITS_{action}"), "off");
            }
            command
                .env("AFTERWORD_LISTEN", address.to_string())
                .current_dir(folder.path());
            command.envs(
                settings
                    .iter()
                    .map(|(name, value)| (format!("AFTERWORD_{name}"), value)),
            );
            command
        };
        let added = command(&format!("site add blog --origin {ORIGIN}"))
            .output()
            .unwrap();
        assert!(
            added.status.success(),
            "{}",
            String::from_utf8_lossy(&added.stderr)
        );
        let mut child = command("serve")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.next().unwrap().unwrap();
        assert!(greeting.contains("serves on"), "{greeting}");
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            _folder: folder,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"")
    }

    /// Sends JSON as a page of the site does.
    pub(crate) fn json(&self, method: &str, route: &str, body: &[u8]) -> Answer {
        let headers = [("Origin", ORIGIN), ("Content-Type", "application/json")];
        send(
            self.address,
            method,
            &format!("/api/v1/sites/blog/{route}"),
            &headers,
            body,
        )
    }

    pub(crate) fn post(&self, text: &str) {
        let body = json!({"page": PAGE, "key": key(), "name": "Ann", "text": text}).to_string();
        let answer = self.json("POST", "comments", body.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Processor time of its living threads, which other programs do not lengthen as they do elapsed time.
    pub(crate) fn spent(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let of = |path: std::path::PathBuf| {
            let line = std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
            line.split(' ')
                .next()
                .and_then(|number| number.parse().ok())
                .unwrap_or(0)
        };
        Duration::from_nanos(threads.map(|thread| of(thread.unwrap().path())).sum())
    }

    pub(crate) fn is_well(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none() && self.get("/healthz").status == 200
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The API path of the thread of [`PAGE`].
pub(crate) fn thread() -> String {
    format!("/api/v1/sites/blog/thread?page={}", encoded(PAGE))
}

/// The readers' measurements over a time.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) answers: usize,
    /// Responses other than 200, and broken connections.
    pub(crate) bad: usize,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// Readers who open a connection each time, read the thread and pause for a moment.
pub(crate) fn readers(address: SocketAddr, how_long: Duration) -> Seen {
    let reader = move || {
        let (until, mut seen) = (Instant::now() + how_long, Vec::new());
        while Instant::now() < until {
            let began = Instant::now();
            let request = format!(
                "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                thread()
            );
            let status = parse(&raw(address, request.as_bytes())).map(|answer| answer.status);
            seen.push((began.elapsed(), status == Some(200)));
            std::thread::sleep(Duration::from_millis(25));
        }
        seen
    };
    let readers: Vec<_> = (0..6).map(|_| std::thread::spawn(reader)).collect();
    let mut all: Vec<_> = readers
        .into_iter()
        .flat_map(|reader| reader.join().unwrap())
        .collect();
    all.sort();
    let at = |part: usize| all[(all.len() - 1) * part / 100].0;
    Seen {
        answers: all.len(),
        bad: all.iter().filter(|(_, good)| !good).count(),
        median: at(50),
        p99: at(99),
    }
}
