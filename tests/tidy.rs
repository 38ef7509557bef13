//! Checks the sources against the project's rules: the layers, and the form of files.
//!
//! Each rule is a function from a path and a text to its findings, and has a control: a bad snippet that it must catch
//! and a good one that it must accept. `cargo test --test tidy -- --nocapture module_map` prints the module map.

#[path = "tidy/controls.rs"]
mod controls;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/source.rs"]
mod source;

use rules::{
    directions, drivers, http_clients, leftovers, length, names, no_sql, opening, panicking_prints,
    plain_comments, plain_service, pure_layers, unlogged,
};
use source::{error_codes, module_of, production, root, scan, sources, uses, words};

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

const LINES: usize = 400;

/// The modules that a module may use through `crate::`; modules without a line here may use all but `cli`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("content", &["model"]),
    ("store", &["model"]),
    ("config", &[]),
    ("logging", &[]),
    ("net", &[]),
    ("app", &["model", "content", "config", "store"]),
    ("service", &["model", "content", "config", "store", "app"]),
    ("jobs", &["model", "content", "config", "store", "app", "service"]),
    ("view", &["model", "content", "config", "app", "service"]),
];

/// A finding: the line (from 1) and the fault.
type Findings = Vec<(usize, String)>;

/// From a path and a text to the findings.
type Check = fn(&str, &str) -> Findings;

type Rule = (&'static str, Check);

const RULES: &[Rule] = &[
    (
        "model, content and config know no HTTP, no SQL and no async",
        pure_layers,
    ),
    ("only the store knows the database drivers", drivers),
    ("only net uses an HTTP client", http_clients),
    (
        "the service knows no HTTP, no HTML and no serialisation",
        plain_service,
    ),
    ("no SQL outside the store", no_sql),
    ("modules use only what lies below them", directions),
    ("a file says in its first line what it is for", opening),
    ("a file has at most 400 lines, its tests apart", length),
    ("no unwrap, todo or dbg outside tests", leftovers),
    (
        "no printing by a macro that panics when it cannot",
        panicking_prints,
    ),
    ("a file is named for what it holds", names),
    ("a use case that changes something is in the log", unlogged),
    (
        "comments state contracts in plain present-tense English",
        plain_comments,
    ),
];

/// Folders and files whose comments keep `plain_comments`; a folder includes the file of its module.
const PLAIN_FOLDERS: &[&str] = &[
    "src/app",
    "src/cli",
    "src/config",
    "src/content",
    "src/jobs",
    "src/lib.rs",
    "src/logging.rs",
    "src/main.rs",
    "src/model",
    "src/net",
    "src/service",
    "src/store",
    "src/view",
    "src/web",
];

/// Words that open a comment with a question instead of its contract.
const OPENING_WORDS: &[&str] = &["Who", "What", "How", "Where", "Whether", "Which"];

/// Words and phrases that comments may not use, in lower case.
const BANNED_WORDS: &[&str] = &[
    "anew",
    "as they come",
    "at the most",
    "besides",
    "for want of",
    "hence",
    "in all,",
    "in all.",
    "in all;",
    "meanwhile",
    "shall",
    "stands",
    "thereof",
    "upon",
];

/// Use cases that change something and are no action of a moderator, an owner or the command line: what readers do to
/// their own comments, sessions, and maintenance.
const NOT_LOGGED: &[&str] = &[
    "src/service/accounts/session.rs",
    "src/service/accounts/setup_link.rs: create",
    "src/service/comments/edit.rs",
    "src/service/comments/post.rs",
    "src/service/comments/vote.rs",
    "src/service/health.rs",
];

#[test]
fn sources_follow_the_rules() {
    let mut wrong = String::new();
    for (path, text) in sources() {
        for (rule, check) in RULES {
            for (line, what) in check(&path, &text) {
                wrong += &format!("{path}:{line}: {what}\n    rule: {rule}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The guards against unsafe code: the lint that cannot be overridden, at both roots and for every other target.
fn forbids_unsafe(manifest: &str, roots: &[&str]) -> bool {
    let lints = manifest.split("[lints.rust]").nth(1).unwrap_or_default();
    let lints = lints.split("\n[").next().unwrap_or_default();
    let line = |line: &str| line.split_whitespace().collect::<String>() == "unsafe_code=\"forbid\"";
    lints.lines().any(line)
        && roots
            .iter()
            .all(|root| root.lines().any(|line| line == "#![forbid(unsafe_code)]"))
}

#[test]
fn unsafe_code_is_forbidden() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (manifest, lib, main) = (read("Cargo.toml"), read("src/lib.rs"), read("src/main.rs"));
    assert!(forbids_unsafe(&manifest, &[&lib, &main]));
    // The compiler does the rest. A lint that can be overridden, or in another place, is not enough.
    assert!(!forbids_unsafe(
        &manifest.replace("\"forbid\"", "\"deny\""),
        &[&lib, &main]
    ));
    assert!(!forbids_unsafe(
        "[lints.rust]\n[lints.clippy]\nunsafe_code = \"forbid\"",
        &[&lib, &main]
    ));
    assert!(!forbids_unsafe(&manifest, &[&lib, "fn main() {}"]));
    let code = |(path, text): (String, String)| (path, scan(&text).code);
    for (path, code) in sources().into_iter().map(code) {
        assert!(
            words(&code, "unsafe").next().is_none(),
            "{path}: the word stands in code"
        );
    }
}

#[test]
fn documented_error_codes_exist() {
    let documentation = fs::read_to_string(root().join("docs/api.md")).unwrap();
    let codes = error_codes(&documentation);
    assert!(
        codes.len() > 30,
        "control: the table of error codes was not found, only {codes:?}"
    );
    let literals: BTreeSet<String> = sources()
        .iter()
        .flat_map(|(_, text)| scan(text).strings)
        .map(|(_, literal)| literal)
        .collect();
    let missing: Vec<_> = codes.iter().filter(|code| !literals.contains(*code)).collect();
    assert!(
        missing.is_empty(),
        "docs/api.md documents codes that no source makes: {missing:?}"
    );
}

#[test]
fn module_map() {
    let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        let used = map.entry(module_of(&path).to_owned()).or_default();
        used.extend(
            uses(&path, &scan(production(&path, &text)).code)
                .into_iter()
                .map(|(_, name)| name),
        );
    }
    for (module, mut used) in map {
        used.remove(&module);
        println!(
            "{module:<12} → {}",
            used.into_iter().collect::<Vec<_>>().join(", ")
        );
    }
}
