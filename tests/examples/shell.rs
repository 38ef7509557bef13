//! Shell examples: a real shell runs each command with the real program, in temporary folders.

use std::{
    fs,
    io::Read as _,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    blocks::{Block, blocks, read},
    shapes::alike,
    support::{http::send, program},
};

/// Commands that a test cannot run, by their first word, with the reason.
pub(crate) const NOT_RUN: &[(&str, &str)] = &[
    (
        "cargo",
        "it would build the program again; that is what built this test",
    ),
    (
        "dpkg",
        "it installs on the machine; packaging/check.sh installs the package",
    ),
    ("editor", "it waits for a person"),
    (
        "systemctl",
        "there is no systemd in a container; tests/operations/unit.py runs the unit",
    ),
    ("journalctl", "likewise"),
    (
        "runuser",
        "there is no such user; the command behind it is checked",
    ),
    (
        "docker",
        "there is no daemon; packaging/check.sh looks at the image",
    ),
    ("kubectl", "there is no cluster"),
    ("apt", "it installs on the machine"),
    ("apt-get", "it installs on the machine"),
    ("npm", "it fetches packages; tests/run builds the widget"),
    (
        "sqlite3",
        "it may be missing; the program itself makes copies of databases",
    ),
    ("pg_dump", "it may be missing"),
];

/// A folder with a site and a configuration, and the program on the path.
pub(crate) struct Shell {
    folder: tempfile::TempDir,
    server: SocketAddr,
    furnished: std::cell::OnceCell<()>,
}

impl Shell {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let shell = Self {
            folder: tempfile::tempdir().unwrap(),
            server,
            furnished: std::cell::OnceCell::new(),
        };
        fs::create_dir(shell.path("bin")).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_afterword"), shell.path("bin/afterword")).unwrap();
        let listen = program::free_address();
        let file = format!(
            "listen = \"{listen}\"\ndata = \"{}\"\n",
            shell.path("data").display()
        );
        fs::write(shell.path("afterword.toml"), file).unwrap();
        shell
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Runs each command of a block. Errors: the first that fails.
    pub(crate) fn run(&self, block: &Block) -> Result<(), String> {
        let joined = block.text.replace("\\\n", " ");
        for line in joined.lines() {
            let line = line.split(" # ").next().unwrap_or_default().trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.command(line).map_err(|error| format!("{line}: {error}"))?;
            }
        }
        Ok(())
    }

    fn command(&self, line: &str) -> Result<(), String> {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| word.contains('=') && !word.starts_with('-'));
        let first = words.next().unwrap_or_default();
        if let Some((_, behind)) = line.split_once(" -- afterword ") {
            return self.known(&format!("afterword {behind}"));
        }
        if NOT_RUN.iter().any(|(name, _)| *name == first) {
            return Ok(());
        }
        // Commands for contributors: the file exists and has the option.
        if let Some(script) = first
            .strip_prefix("./")
            .or(Some(first))
            .filter(|first| first.starts_with("tests/") || first.starts_with("fuzz/"))
        {
            return self.script(script, words.next());
        }
        if first.starts_with("./target/release/afterword") {
            return self.known(&line.replace("./target/release/afterword", "afterword"));
        }
        if line.starts_with("afterword thread ") {
            self.furnished.get_or_init(|| self.furnish());
        }
        let mut line = self.here(line);
        // Needs a database that is absent, or only settings: checked by parsing.
        let is_settings = first.is_empty() || line.contains("postgres://");
        if is_settings {
            line = line.trim_end().trim_end_matches("afterword").to_owned() + " afterword config";
        }
        self.sh(&line, !is_settings && line.trim_end().ends_with(&self.file()))?;
        if first == "curl" {
            self.answered(&line)
        } else {
            Ok(())
        }
    }

    /// The result of `curl -o FILE …/NAME`: JSON with the fields that docs/api.md documents as `GET NAME`.
    fn answered(&self, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| *word == "-o") else {
            return Ok(());
        };
        let text = fs::read_to_string(self.path(words[at + 1])).map_err(|error| error.to_string())?;
        let answer: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let heading = format!("GET {}", line.rsplit('/').next().unwrap_or_default().trim());
        let documented = blocks("docs/api.md", &read("docs/api.md"));
        let documented = documented
            .iter()
            .find(|block| block.heading == heading && block.language == "json")
            .ok_or(format!("docs/api.md shows no answer of “{heading}”"))?;
        let example = serde_json::from_str(&documented.text).map_err(|error| error.to_string())?;
        alike("", &example, &answer)
    }

    /// Comments on the pages that the examples move, and the map file that they name.
    fn furnish(&self) {
        let address = program::free_address();
        let mut serving = Command::new(self.path("bin/afterword"))
            .current_dir(self.folder.path())
            .env_clear()
            .env("AFTERWORD_LISTEN", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        for page in ["old-tea", "coffee", "old-scones"] {
            let body = format!(
                r#"{{"page":"https://blog.example/{page}","key":"a-key-of-an-example-{page}","name":"Bert","text":"Well said."}}"#
            );
            let headers = [
                ("Origin", "https://blog.example"),
                ("Content-Type", "application/json"),
            ];
            let path = "/api/v1/sites/blog/comments";
            let answer = send(address, "POST", path, &headers, body.as_bytes());
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        let _ = serving.kill();
        let _ = serving.wait();
        let moves = "https://blog.example/old-scones,https://blog.example/scones\n";
        fs::write(self.path("moved.csv"), moves).unwrap();
    }

    fn file(&self) -> String {
        self.path("afterword.toml").display().to_string()
    }

    /// Replaces the documents' folder and server by the test's.
    fn here(&self, line: &str) -> String {
        line.replace("/etc/afterword/afterword.toml", &self.file())
            .replace("/etc/afterword.toml", &self.file())
            .replace("https://comments.example", &format!("http://{}", self.server))
    }

    /// Runs a line; with `serves`, until it prints its address.
    fn sh(&self, line: &str, serves: bool) -> Result<(), String> {
        let mut command = Command::new("sh");
        command
            .args(["-euc", line])
            .current_dir(self.folder.path())
            .env_clear()
            .env(
                "PATH",
                format!(
                    "{}:{}",
                    self.path("bin").display(),
                    std::env::var("PATH").unwrap()
                ),
            )
            .stdin(Stdio::null());
        if !serves {
            let output = command.output().unwrap();
            return output
                .status
                .success()
                .then_some(())
                .ok_or_else(|| program::output_text(&output));
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut greeting = [0; 9];
        let greeted =
            child.stdout.take().unwrap().read_exact(&mut greeting).is_ok() && &greeting == b"Afterword";
        let _ = child.kill();
        let _ = child.wait();
        greeted
            .then_some(())
            .ok_or_else(|| "it does not serve".to_owned())
    }

    fn script(&self, script: &str, option: Option<&str>) -> Result<(), String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let known = fs::metadata(&file).map_err(|error| format!("{script}: {error}"))?;
        if known.permissions().mode() & 0o111 == 0 {
            return Err(format!("{script} is not executable"));
        }
        let option = option.filter(|option| option.starts_with("--"));
        if option.is_some_and(|option| !read(script).contains(option)) {
            return Err(format!("{script} knows no {}", option.unwrap_or_default()));
        }
        Ok(())
    }

    /// True if this is a command line of the program. `…` and words in capitals are placeholders.
    pub(crate) fn known(&self, command: &str) -> Result<(), String> {
        let line = self.here(command.trim_end_matches('…').trim());
        let mut args: Vec<&str> = line.split_whitespace().skip(1).collect();
        // With --help, clap checks the words before it and does nothing.
        if command.ends_with('…') || command.contains("--origin https://…") {
            args.retain(|word| !word.contains('…') && *word != "--origin" && *word != "NAME");
        }
        args.push("--help");
        let started = Instant::now();
        let output = program::run(self.folder.path(), &args);
        assert!(started.elapsed() < Duration::from_secs(30), "it served");
        output
            .status
            .success()
            .then_some(())
            .ok_or_else(|| program::output_text(&output))
    }
}
