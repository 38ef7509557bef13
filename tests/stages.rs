//! Runs `tests/run` with stages that pass, fail, disappear and hang: parallel stages count like the others, and no
//! process outlives an aborted run.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// The stages that run in parallel with `corpora`, which passes at once without corpora.
const PARALLEL: [&str; 3] = ["themes", "sites", "generators"];

/// A checkout with `tests/run` and one-line scripts for the parallel stages.
struct Checkout(tempfile::TempDir);

impl Checkout {
    fn new(sites: &str) -> Self {
        let checkout = Self(tempfile::tempdir().unwrap());
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        copy(&tests.join("run"), &checkout.path("tests/run"));
        for entry in fs::read_dir(tests.join("setup")).unwrap() {
            let from = entry.unwrap().path();
            let to = checkout.path("tests/setup").join(from.file_name().unwrap());
            copy(&from, &to);
        }
        for stage in PARALLEL {
            let line = if stage == "sites" { sites } else { "true" };
            let script = checkout.path(&format!("tests/{stage}/run"));
            fs::create_dir_all(script.parent().unwrap()).unwrap();
            let text = format!("#!/usr/bin/env bash\necho 'this is {stage}'\n{line}\n");
            fs::write(&script, text).unwrap();
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        }
        checkout
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, stages: &[&str]) -> Command {
        let mut command = Command::new(self.path("tests/run"));
        command
            .args(stages)
            .env("AFTERWORD_BIN", "/bin/true")
            .env("AFTERWORD_CORPORA", self.path("nothing"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self) -> Output {
        let stages = ["corpora", "themes", "sites", "generators"];
        self.command(&stages).output().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

/// The lines of the summary, without durations.
fn summary(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let (_, summary) = text.rsplit_once("== summary").unwrap_or_default();
    let lines = summary.lines().skip(1);
    lines
        .map(|line| line.split(',').next().unwrap_or_default().to_owned())
        .collect()
}

/// The listed stages for which the script has no function.
fn stages_without_function(script: &str, list: &str) -> Vec<String> {
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| !script.lines().any(|line| line == format!("stage_{name}() {{")))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_listed_stage_has_a_function() {
    let checkout = Checkout::new("true");
    let script = fs::read_to_string(checkout.path("tests/run")).unwrap();
    let output = checkout.command(&["--list"]).output().unwrap();
    let list = String::from_utf8_lossy(&output.stdout);
    assert!(list.lines().count() > 15, "control: {list}");
    assert_eq!(stages_without_function(&script, &list), Vec::<String>::new());
    let renamed = script.replace("stage_security() {", "stage_attacks() {");
    assert_eq!(stages_without_function(&renamed, &list), ["security"], "control");
}

#[test]
fn parallel_stages_are_shown_and_counted() {
    let output = Checkout::new("true").run();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("== beside the others: themes sites generators"));
    assert!(text.contains("this is generators"));
    let all = ["corpora", "themes", "sites", "generators"].map(|stage| format!("passed  {stage}"));
    assert_eq!(summary(&output), all);
}

#[test]
fn a_failing_parallel_stage_fails_the_run() {
    let output = Checkout::new("echo 'because of this' >&2; exit 3").run();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("because of this"));
    let expected = ["passed  corpora", "passed  themes", "FAILED  sites"];
    assert_eq!(summary(&output)[..3], expected);
    assert_eq!(summary(&output)[3], "passed  generators");
}

#[test]
fn a_parallel_run_that_disappears_fails_the_run() {
    let output = Checkout::new("kill -KILL 0").run();
    assert_eq!(output.status.code(), Some(1));
    let parallel = PARALLEL.map(|stage| format!("FAILED  {stage}"));
    assert_eq!(summary(&output)[1..], parallel);
}

#[test]
fn without_idle_heavy_stages_all_run_in_sequence() {
    let checkout = Checkout::new("exit 1");
    let output = checkout.command(&["sites"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(summary(&output), ["FAILED  sites"]);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("beside"));
}

#[test]
fn aborting_the_run_stops_the_parallel_stages() {
    let checkout = Checkout::new("echo $$ >pid.new; mv pid.new pid; sleep 100");
    let mut run = checkout.command(&["corpora", "sites"]);
    let mut run = run.stdout(Stdio::null()).spawn().unwrap();
    let pid = wait_for(|| fs::read_to_string(checkout.path("pid")).ok());
    let stopped = Command::new("kill").arg(run.id().to_string()).status();
    assert!(stopped.unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(143));
    let process = format!("/proc/{}/cmdline", pid.trim());
    wait_for(|| {
        fs::read(&process)
            .map_or(true, |line| line.is_empty())
            .then_some(())
    });
}

/// Runs `need_package` of tests/setup/debian.sh for the program `tool`, with an `apt-get` that runs `install` as its
/// installation, as a user who may install.
fn need_package(install: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let program = |name: &str, line: &str| {
        let file = folder.path().join(name);
        fs::write(&file, format!("#!/usr/bin/env bash\n{line}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    };
    program("id", "echo 0");
    program(
        "apt-get",
        &format!(
            "cd '{}'; if [ \"$1\" = install ]; then {install}; fi",
            folder.path().display()
        ),
    );
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    Command::new("bash")
        .args(["-euo", "pipefail", "-c"])
        .arg(". tests/setup/debian.sh; need_package tool-package 'a tool' command -v afterword-tool")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", path)
        .output()
        .unwrap()
}

#[test]
fn a_missing_package_is_installed_or_named() {
    let installed = need_package("touch afterword-tool; chmod +x afterword-tool");
    let text = format!("{installed:?}");
    assert!(
        installed.status.success() && text.contains("installing tool-package"),
        "{text}"
    );
    for (install, reason) in [
        ("true", "although 'tool-package' is installed"),
        ("exit 7", "could not install"),
    ] {
        let refused = need_package(install);
        let text = format!("{refused:?}");
        assert!(!refused.status.success() && text.contains(reason), "{text}");
    }
}

/// Waits up to 20 seconds until `found` returns a value.
fn wait_for<T>(found: impl Fn() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = found() {
            return found;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("waited in vain");
}
