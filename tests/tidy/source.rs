//! Source files: reading them, and the code, comments, strings and paths of a text.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Findings;

/// The comments that fill whole lines: the number of the first line, and the text in one line.
pub(super) fn comments(text: &str) -> Vec<(usize, String)> {
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

pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file below `src`, by its path from the project's folder.
pub(super) fn sources() -> Vec<(String, String)> {
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
pub(super) fn module_of(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The text without its tests: nothing of a test file, and no `#[cfg(test)] mod … { … }` at the end of a file.
pub(super) fn production<'a>(path: &str, text: &'a str) -> &'a str {
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

pub(super) fn closes_at_end(module: &str) -> bool {
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
pub(super) fn error_codes(documentation: &str) -> Vec<String> {
    documentation
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            cells.next()?.parse::<u16>().ok()?;
            Some(cells.next()?.strip_prefix('`')?.strip_suffix('`')?.to_owned())
        })
        .collect()
}

pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The lines where `word` occurs as a whole word.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    positions(code, word).map(|at| line_of(code, at))
}

pub(super) fn positions<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| !code[..*at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word))
}

pub(super) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The places where a crate is named: at the head of a path, or alone after `use`.
pub(super) fn crates(code: &str, names: &[&str]) -> Findings {
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
pub(super) fn leading(before: &str) -> bool {
    !before
        .trim_end_matches("::")
        .trim_end()
        .ends_with(|c| is_word(c) || c == '>')
}

pub(super) fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word)
        .is_some_and(|rest| !rest.ends_with(is_word))
}

/// The top-level modules that the code names, through `crate::` or enough `super::`.
pub(super) fn uses(path: &str, code: &str) -> Vec<(usize, String)> {
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
pub(super) fn depth(path: &str) -> usize {
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
pub(super) struct Scan {
    pub(super) code: String,
    pub(super) strings: Vec<(usize, String)>,
}

pub(super) fn scan(text: &str) -> Scan {
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
