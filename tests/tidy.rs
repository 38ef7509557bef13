//! Checks the sources against the project's rules: the layers, and the form of files.
//!
//! Each rule is a function from a path and a text to its findings, and has a control: a bad snippet that it must catch
//! and a good one that it must accept. `cargo test --test tidy -- --nocapture module_map` prints the module map.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

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

// ---- rules

fn pure_layers(path: &str, text: &str) -> Findings {
    if !["model", "content", "config"].contains(&module_of(path)) {
        return Vec::new();
    }
    let scan = scan(production(path, text));
    let mut found = crates(
        &scan.code,
        &["warp", "hyper", "tokio", "rusqlite", "postgres", "tokio_postgres"],
    );
    found.extend(words(&scan.code, "async").map(|line| (line, "`async`".to_owned())));
    found
}

fn drivers(path: &str, text: &str) -> Findings {
    if module_of(path) == "store" {
        return Vec::new();
    }
    crates(
        &scan(production(path, text)).code,
        &["rusqlite", "postgres", "tokio_postgres"],
    )
}

fn http_clients(path: &str, text: &str) -> Findings {
    if module_of(path) == "net" {
        return Vec::new();
    }
    let code = scan(production(path, text)).code;
    let mut found = crates(
        &code,
        &["ureq", "reqwest", "curl", "isahc", "attohttpc", "minreq", "awc"],
    );
    // hyper has servers and clients: each path and each group that begins with it.
    for name in ["hyper", "hyper_util"] {
        for at in positions(&code, name) {
            let path = code[at + name.len()..].trim_start();
            let Some(path) = path.strip_prefix("::").map(str::trim_start) else {
                continue;
            };
            let end = if path.starts_with('{') { ';' } else { '\n' };
            let path = path.split(end).next().unwrap_or_default();
            if path.starts_with("client")
                || path.starts_with('{') && positions(path, "client").next().is_some()
            {
                found.push((line_of(&code, at), format!("a client of `{name}`")));
            }
        }
    }
    found
}

fn plain_service(path: &str, text: &str) -> Findings {
    if !["app", "service", "jobs"].contains(&module_of(path)) {
        return Vec::new();
    }
    let scan = scan(production(path, text));
    let mut found = crates(&scan.code, &["warp", "hyper", "maud"]);
    for name in ["Serialize", "Deserialize"] {
        found.extend(words(&scan.code, name).map(|line| (line, format!("`{name}`"))));
    }
    found
}

fn no_sql(path: &str, text: &str) -> Findings {
    if !["web", "view", "jobs", "cli", "service", "app", "content", "model"].contains(&module_of(path)) {
        return Vec::new();
    }
    let looks_like_sql = |literal: &str| {
        let start = literal.trim_start();
        start.starts_with("SELECT ")
            || start.starts_with("UPDATE ")
            || literal.contains("INSERT INTO")
            || literal.contains("DELETE FROM")
    };
    scan(production(path, text))
        .strings
        .into_iter()
        .filter(|(_, literal)| looks_like_sql(literal))
        .map(|(line, literal)| {
            (
                line,
                format!("SQL: {:?}", literal.chars().take(60).collect::<String>()),
            )
        })
        .collect()
}

fn directions(path: &str, text: &str) -> Findings {
    let module = module_of(path);
    if module == "main" {
        return Vec::new();
    }
    let allowed = MAY_USE
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, allowed)| *allowed);
    uses(path, &scan(production(path, text)).code)
        .into_iter()
        .filter(|(_, used)| used != module)
        .filter(|(_, used)| match allowed {
            Some(allowed) => !allowed.contains(&used.as_str()),
            None => used == "cli" && module != "lib",
        })
        .map(|(line, used)| (line, format!("`{module}` uses `{used}`")))
        .collect()
}

fn opening(_: &str, text: &str) -> Findings {
    if text.starts_with("//! ") {
        Vec::new()
    } else {
        vec![(1, "does not open with `//!`".to_owned())]
    }
}

fn length(path: &str, text: &str) -> Findings {
    let lines = production(path, text).lines().count();
    if lines > LINES {
        vec![(lines, format!("{lines} lines"))]
    } else {
        Vec::new()
    }
}

fn leftovers(path: &str, text: &str) -> Findings {
    let code = scan(production(path, text)).code;
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        for bad in [".unwrap()", "todo!(", "dbg!(", "unimplemented!("] {
            if dense.contains(bad) {
                found.push((number + 1, format!("`{bad}`")));
            }
        }
    }
    found
}

fn panicking_prints(path: &str, text: &str) -> Findings {
    // A test module in its own file.
    if path.ends_with("/corpora.rs") {
        return Vec::new();
    }
    let code = scan(production(path, text)).code;
    let prints = |line: &str| {
        let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        dense.contains("print!(") || dense.contains("println!(")
    };
    let lines = code.lines().enumerate().filter(|(_, line)| prints(line));
    lines
        .map(|(number, line)| (number + 1, format!("`{}`", line.trim())))
        .collect()
}

/// A service function with a writing unit of work takes the actor, and passes it to the log.
fn unlogged(path: &str, text: &str) -> Findings {
    if !path.starts_with("src/service/") || NOT_LOGGED.contains(&path) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let text = production(path, text);
    for (at, _) in text.match_indices("fn ") {
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let is_item = [
            "",
            "pub ",
            "pub(super) ",
            "pub(crate) ",
            "async ",
            "pub async ",
            "pub(super) async ",
            "pub(crate) async ",
        ];
        if !is_item.contains(&&text[line..at]) {
            continue;
        }
        let function = &text[at..text[at..].find("\n}\n").map_or(text.len(), |end| at + end)];
        let name = function[3..].split(|c| !is_word(c)).next().unwrap_or_default();
        let is_recorded = function.contains("actor,") || function.contains("&Actor::");
        let is_other = NOT_LOGGED.contains(&format!("{path}: {name}").as_str());
        if function.contains(".write(") && !is_recorded && !is_other {
            found.push((
                line_of(text, at),
                format!("`{name}` changes something and records nothing"),
            ));
        }
    }
    found
}

/// Checks each comment of the finished folders: its first word, and the banned words anywhere in it.
fn plain_comments(path: &str, text: &str) -> Findings {
    let is_within = |folder: &&str| {
        path == *folder
            || path
                .strip_prefix(*folder)
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    if !PLAIN_FOLDERS.iter().any(is_within) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (line, comment) in comments(text) {
        let first = comment.split(|c| !is_word(c)).next().unwrap_or_default();
        if OPENING_WORDS.contains(&first) {
            found.push((line, format!("a comment begins with “{first}”")));
        }
        let comment = comment.to_lowercase();
        for word in BANNED_WORDS {
            if positions(&comment, word).next().is_some() {
                found.push((line, format!("a comment says “{word}”")));
            }
        }
    }
    found
}

/// The comments that fill whole lines: the number of the first line, and the text in one line.
fn comments(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (number, line) in text.lines().enumerate() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            continues = false;
            continue;
        };
        let comment = comment.trim_start_matches(['/', '!']).trim();
        match found.last_mut().filter(|_| continues) {
            Some((_, before)) => *before += &format!(" {comment}"),
            None => found.push((number + 1, comment.to_owned())),
        }
        continues = true;
    }
    found
}

fn names(path: &str, _: &str) -> Findings {
    path.trim_end_matches(".rs")
        .split('/')
        .filter(|part| ["util", "utils", "helper", "helpers", "manager", "misc"].contains(part))
        .map(|part| (1, format!("`{part}` says nothing")))
        .collect()
}

// ---- controls

#[test]
fn control_rules_catch_bad_code() {
    let long = format!("//! x\n{}", "fn f() {}\n".repeat(LINES));
    let cases: &[(Check, &str, &str)] = &[
        (pure_layers, "src/model/site.rs", "use warp::Filter;"),
        (pure_layers, "src/content.rs", "pub async fn render() {}"),
        (pure_layers, "src/config.rs", "fn f() -> rusqlite::Result<()> {}"),
        (
            pure_layers,
            "src/config/file.rs",
            "use {std::fs, postgres::Client};",
        ),
        (
            drivers,
            "src/web/api/post.rs",
            "let c = rusqlite::Connection::open(p);",
        ),
        (drivers, "src/cli/doctor.rs", "use postgres::{Client, NoTls};"),
        (http_clients, "src/cli/doctor.rs", "use ureq::Agent;"),
        (
            http_clients,
            "src/jobs/mail.rs",
            "fn f() { ureq::get(url).call() }",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "use hyper_util::client::legacy::Client;",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "use hyper::{\n    client::conn::http1,\n    server,\n};",
        ),
        (
            http_clients,
            "src/web/feeds.rs",
            "fn f() { hyper::client::conn::http1::handshake(io) }",
        ),
        (
            plain_service,
            "src/service/comments/post.rs",
            "#[derive(Clone, Serialize)] struct S;",
        ),
        (plain_service, "src/service/comments/post.rs", "use maud::html;"),
        (
            no_sql,
            "src/web/api/post.rs",
            "let q = \"SELECT id FROM comments\";",
        ),
        (no_sql, "src/jobs/mail.rs", "let q = r#\"  DELETE FROM outbox\"#;"),
        (
            no_sql,
            "src/service/comments/post.rs",
            "f(\"\nINSERT INTO comments\")",
        ),
        (directions, "src/model/site.rs", "use crate::store::Store;"),
        (
            directions,
            "src/content/tree.rs",
            "use crate::{model::Id, service};",
        ),
        (
            directions,
            "src/content/tree.rs",
            "fn f() { super::super::web::reply() }",
        ),
        (
            directions,
            "src/service/comments/post.rs",
            "fn f() { crate::view::page(); }",
        ),
        (directions, "src/web.rs", "use crate::cli::serve;"),
        (opening, "src/web.rs", "// a comment\n"),
        (length, "src/web.rs", &long),
        (leftovers, "src/web.rs", "let a = b.unwrap();"),
        (leftovers, "src/web.rs", "todo!()"),
        (panicking_prints, "src/main.rs", "eprintln!(\"{sentence}\");"),
        (panicking_prints, "src/cli/site.rs", "fn f() { print ! (\"x\") }"),
        (leftovers, "src/web.rs", "'\"'; dbg!(a)"),
        (
            leftovers,
            "src/web.rs",
            "#[cfg(test)]\nmod tests { }\nfn f() { a.unwrap() }",
        ),
        (names, "src/web/utils.rs", ""),
        (
            unlogged,
            "src/service/threads/manage.rs",
            "pub async fn close(app: &App, actor: &Actor) {\n    app.store.write(f).await\n}\n",
        ),
        (names, "src/helpers/mod.rs", ""),
        (plain_comments, "src/view.rs", "//! What somebody sees."),
        (
            plain_comments,
            "src/model/site.rs",
            "fn f() {}\n    /// Whether it is one.",
        ),
        (plain_comments, "src/cli/open.rs", "    // Rendered\n    // anew."),
        (
            plain_comments,
            "src/config/load.rs",
            "/// Ten\n/// at the\n/// most.",
        ),
        (plain_comments, "src/lib.rs", "// A hundred comments in all."),
    ];
    for (rule, path, text) in cases {
        assert!(!rule(path, text).is_empty(), "not caught in {path}: {text}");
    }
}

#[test]
fn control_rules_accept_good_code() {
    let tested = format!(
        "//! x\nfn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n",
        "fn f() {}\n".repeat(LINES)
    );
    let cases: &[(&str, &str)] = &[
        (
            "src/model/site.rs",
            "//! Not warp::Filter, not async.\n/* crate::web */ fn f<'a>(a: &'a str) { g(\"warp::x {\") }",
        ),
        (
            "src/config.rs",
            "//! x\npub struct Config { postgres: bool }\nenum E { Sqlite, Postgres }",
        ),
        (
            "src/store/engine/postgres.rs",
            "//! x\nuse postgres::Client;\nuse crate::model::Id;\nconst Q: &str = \"SELECT 1\";",
        ),
        (
            "src/web.rs",
            "//! x\nuse super::route; use crate::{service, view::{page, cli}};\nfn f() { g(\"Select a comment\") }",
        ),
        (
            "src/content/tree.rs",
            "//! x\nuse super::policy;\nuse crate::model;",
        ),
        (
            "src/service/comments/post.rs",
            "//! x\n#[cfg(test)]\nmod tests { fn f() { a.unwrap(); crate::web::x() } }\n",
        ),
        ("src/service/post/tests.rs", "//! x\nfn f() { a.unwrap() }"),
        ("src/net/client.rs", "//! x\nuse ureq::Agent;"),
        (
            "src/web/server.rs",
            "//! x\nuse hyper::{server::conn::http1, body};\nfn f(client: &Client) { hyper::body(client) }",
        ),
        ("src/web.rs", &tested),
        ("src/main.rs", "//! x\nuse crate::cli;"),
        (
            "src/web.rs",
            "//! x\nconst C: char = '\"'; fn f() { a.unwrap_or(b'\\''); } // .unwrap()",
        ),
        (
            "src/service/threads/manage.rs",
            "//! x\npub async fn close(app: &App, actor: &Actor) {\n    app.store.write(|tx| record(tx, actor, f))\n}\n",
        ),
        (
            "src/service/comments/vote.rs",
            "//! x\npub async fn vote() {\n    store.write(f)\n}\n",
        ),
        (
            "src/content/tree.rs",
            "//! In all languages, handshall is a word.\n//! What follows is no first line.\nfn f() { g(\"stands\") }",
        ),
        ("src/viewer.rs", "//! What lies beside a finished folder."),
    ];
    for (path, text) in cases {
        for (rule, check) in RULES {
            assert_eq!(check(path, text), [], "{rule}, in {path}: {text}");
        }
    }
}

// ---- reading

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file below `src`, by its path from the project's folder.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the sources can be read") {
            let path = entry.expect("the sources can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    assert!(!found.is_empty(), "no sources found");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("the sources can be read");
            let name = path
                .strip_prefix(root())
                .expect("the sources can be read")
                .to_str()
                .expect("the sources can be read")
                .replace('\\', "/");
            (name, text)
        })
        .collect()
}

/// The top-level module that a file belongs to.
fn module_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The text without its tests: nothing of a test file, and no `#[cfg(test)] mod … { … }` at the end of a file.
fn production<'a>(path: &str, text: &'a str) -> &'a str {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return "";
    }
    match text
        .rfind("\n#[cfg(test)]\nmod ")
        .map(|at| at + 1)
        .or(text.starts_with("#[cfg(test)]\nmod ").then_some(0))
    {
        // Only a module at the end of the file: later text is not a test.
        Some(at) if closes_at_end(&text[at..]) => &text[..at],
        _ => text,
    }
}

fn closes_at_end(module: &str) -> bool {
    let code = scan(module).code;
    let Some(open) = code.find('{') else {
        return false;
    };
    if code[..open].contains(';') {
        return false;
    }
    let mut depth = 0;
    for (at, character) in code[open..].char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return code[open + at + 1..].trim().is_empty();
        }
    }
    false
}

/// The error codes of the table in the API's documentation.
fn error_codes(documentation: &str) -> Vec<String> {
    documentation
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            cells.next()?.parse::<u16>().ok()?;
            Some(cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned())
        })
        .collect()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The lines where `word` occurs as a whole word.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    positions(code, word).map(|at| line_of(code, at))
}

fn positions<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| !code[..*at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word))
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The places where a crate is named: at the head of a path, or alone after `use`.
fn crates(code: &str, names: &[&str]) -> Findings {
    let mut found = Vec::new();
    for name in names {
        for at in positions(code, name) {
            let (before, after) = (code[..at].trim_end(), code[at + name.len()..].trim_start());
            let heads_a_path = after.starts_with("::") && (!before.ends_with("::") || leading(before));
            let is_used = ends_with_word(before, "use")
                || ends_with_word(before, "crate")
                    && ends_with_word(before.trim_end_matches("crate").trim_end(), "extern");
            if heads_a_path || is_used {
                found.push((line_of(code, at), format!("`{name}`")));
            }
        }
    }
    found
}

/// True if the `::` at the end starts a path (`::warp::…`) instead of continuing one (`crate::warp::…`).
fn leading(before: &str) -> bool {
    !before
        .trim_end_matches("::")
        .trim_end()
        .ends_with(|c| is_word(c) || c == '>')
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|rest| !rest.ends_with(is_word))
}

/// The top-level modules that the code names, through `crate::` or enough `super::`.
fn uses(path: &str, code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in positions(code, "crate") {
        collect(&code[at + "crate".len()..], line_of(code, at), &mut found);
    }
    for at in positions(code, "super") {
        if code[..at].trim_end().ends_with("super::") {
            continue;
        }
        let mut rest = &code[at..];
        let mut levels = 0;
        while let Some(next) = rest.strip_prefix("super") {
            levels += 1;
            rest = next;
            if let Some(after) = next.strip_prefix("::").filter(|after| after.starts_with("super")) {
                rest = after;
            }
        }
        if levels >= depth(path) {
            collect(rest, line_of(code, at), &mut found);
        }
    }
    found
}

/// The number of `super` from a file's module to the crate.
fn depth(path: &str) -> usize {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.matches('/').count() + usize::from(!inner.ends_with("mod.rs"))
}

/// Parses `::name` or `::{name…, name…}`.
fn collect(rest: &str, line: usize, found: &mut Vec<(usize, String)>) {
    let Some(rest) = rest.trim_start().strip_prefix("::").map(str::trim_start) else {
        return;
    };
    let mut push = |text: &str| {
        let name: String = text.trim_start().chars().take_while(|c| is_word(*c)).collect();
        // Lower case: a module. `crate::Error` and macros are independent of layers.
        if name.starts_with(|c: char| c.is_ascii_lowercase()) && name != "self" {
            found.push((line, name));
        }
    };
    let Some(group) = rest.strip_prefix('{') else {
        push(rest);
        return;
    };
    let mut level = 0;
    let mut start = 0;
    for (at, character) in group.char_indices() {
        match character {
            '{' => level += 1,
            '}' if level > 0 => level -= 1,
            ',' if level == 0 => {
                push(&group[start..at]);
                start = at + 1;
            }
            '}' => {
                push(&group[start..at]);
                return;
            }
            _ => {}
        }
    }
}

/// A text split into its code without comments and with empty strings, and its string literals by line.
struct Scan {
    code: String,
    strings: Vec<(usize, String)>,
}

fn scan(text: &str) -> Scan {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut line = 1;
    let mut at = 0;
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    // Copies the line breaks of omitted text, so that lines keep their numbers.
    let skip = |from: usize, to: usize, code: &mut String, line: &mut usize| {
        for character in &chars[from..to.min(chars.len())] {
            if *character == '\n' {
                code.push('\n');
                *line += 1;
            }
        }
    };
    while at < chars.len() {
        let from = at;
        match (peek(at), peek(at + 1)) {
            ('/', '/') => {
                while at < chars.len() && chars[at] != '\n' {
                    at += 1;
                }
            }
            ('/', '*') => {
                let mut level = 0;
                loop {
                    match (peek(at), peek(at + 1)) {
                        ('/', '*') => (level, at) = (level + 1, at + 2),
                        ('*', '/') => (level, at) = (level - 1, at + 2),
                        _ => at += 1,
                    }
                    if level == 0 || at >= chars.len() {
                        break;
                    }
                }
                code.push(' ');
                skip(from, at, &mut code, &mut line);
            }
            ('r', '"' | '#') if !code.ends_with(is_word) || code.ends_with('b') => {
                let mut hashes = 0;
                while peek(at + 1 + hashes) == '#' {
                    hashes += 1;
                }
                if peek(at + 1 + hashes) != '"' {
                    code.push('r'); // a raw identifier
                    at += 1;
                    continue;
                }
                let start = at + 2 + hashes;
                let mut end = start;
                while end < chars.len()
                    && !(chars[end] == '"' && (0..hashes).all(|i| peek(end + 1 + i) == '#'))
                {
                    end += 1;
                }
                at = (end + 1 + hashes).min(chars.len());
                strings.push((line, chars[start..end].iter().collect()));
                code.push_str("\"\"");
                skip(from, at, &mut code, &mut line);
            }
            ('"', _) => {
                at += 1;
                while at < chars.len() && chars[at] != '"' {
                    at += if chars[at] == '\\' { 2 } else { 1 };
                }
                let end = at.min(chars.len());
                at = (end + 1).min(chars.len());
                strings.push((line, chars[from + 1..end].iter().collect()));
                code.push_str("\"\"");
                skip(from, at, &mut code, &mut line);
            }
            // A character, not a lifetime: it is escaped, or closed after one character.
            ('\'', '\\') => {
                at += 3;
                while at < chars.len() && chars[at] != '\'' {
                    at += 1;
                }
                at += 1;
                code.push_str("' '");
            }
            ('\'', _) if peek(at + 2) == '\'' => {
                at += 3;
                code.push_str("' '");
            }
            (character, _) => {
                code.push(character);
                line += usize::from(character == '\n');
                at += 1;
            }
        }
    }
    Scan { code, strings }
}
