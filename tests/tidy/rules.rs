//! The rules: each is a function from a path and a text to its findings.

use super::source::{
    comments, crates, is_word, line_of, module_of, positions, production, scan, uses, words,
};
use super::{BANNED_WORDS, Findings, LINES, MAY_USE, NOT_LOGGED, OPENING_WORDS, PLAIN_FOLDERS};

pub(super) fn pure_layers(path: &str, text: &str) -> Findings {
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

pub(super) fn drivers(path: &str, text: &str) -> Findings {
    if module_of(path) == "store" {
        return Vec::new();
    }
    crates(
        &scan(production(path, text)).code,
        &["rusqlite", "postgres", "tokio_postgres"],
    )
}

pub(super) fn http_clients(path: &str, text: &str) -> Findings {
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

pub(super) fn plain_service(path: &str, text: &str) -> Findings {
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

pub(super) fn no_sql(path: &str, text: &str) -> Findings {
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

pub(super) fn directions(path: &str, text: &str) -> Findings {
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

pub(super) fn opening(_: &str, text: &str) -> Findings {
    if text.starts_with("//! ") {
        Vec::new()
    } else {
        vec![(1, "does not open with `//!`".to_owned())]
    }
}

pub(super) fn length(path: &str, text: &str) -> Findings {
    let lines = production(path, text).lines().count();
    if lines > LINES {
        vec![(lines, format!("{lines} lines"))]
    } else {
        Vec::new()
    }
}

pub(super) fn leftovers(path: &str, text: &str) -> Findings {
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

pub(super) fn panicking_prints(path: &str, text: &str) -> Findings {
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
pub(super) fn unlogged(path: &str, text: &str) -> Findings {
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
pub(super) fn plain_comments(path: &str, text: &str) -> Findings {
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

pub(super) fn names(path: &str, _: &str) -> Findings {
    path.trim_end_matches(".rs")
        .split('/')
        .filter(|part| ["util", "utils", "helper", "helpers", "manager", "misc"].contains(part))
        .map(|part| (1, format!("`{part}` says nothing")))
        .collect()
}
