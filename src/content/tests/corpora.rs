//! Attacks through both doors.
//!
//! A small file of our own always runs. The large ones, from other projects' suites, run where `AFTERWORD_CORPORA`
//! or a folder beside the checkout has them; with `AFTERWORD_CORPORA_OUT` the results are written for another judge.

use super::super::{ContentError, SafeTree, checker, from_html, from_markdown};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("AFTERWORD_CORPORA").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn input(line: &Value) -> String {
    if let Some(text) = line["input"].as_str() {
        return text.to_owned();
    }
    let bytes = data_encoding::BASE64
        .decode(line["input_b64"].as_str().unwrap().as_bytes())
        .unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Runs every line through both doors; the number of lines, how many were refused, and how many are unsafe before cleaning.
fn run(path: &Path) -> (usize, usize, usize) {
    let (mut refused, mut raw_unsafe) = (0, 0);
    let lines = lines(path);
    let mut out = std::env::var_os("AFTERWORD_CORPORA_OUT")
        .map(|folder| fs::File::create(Path::new(&folder).join(path.file_name().unwrap())).unwrap());
    for line in &lines {
        let source = input(line);
        raw_unsafe += usize::from(!checker::faults(&source).is_empty());
        let doors: [(&str, Result<SafeTree, ContentError>); 2] =
            [("markdown", from_markdown(&source)), ("html", from_html(&source))];
        for (door, result) in doors {
            let Ok(tree) = result else {
                refused += 1;
                continue;
            };
            let html = tree.to_html().into_string();
            assert_eq!(
                checker::faults(&html),
                Vec::<String>::new(),
                "{} by {door}: {html}",
                line["id"]
            );
            assert_eq!(
                from_html(&html).as_ref(),
                Ok(&tree),
                "{} by {door}: {html}",
                line["id"]
            );
            assert_eq!(
                SafeTree::from_json(&tree.to_json()).as_ref(),
                Some(&tree),
                "{} by {door}",
                line["id"]
            );
            if let Some(out) = &mut out {
                writeln!(
                    out,
                    "{}",
                    json!({"id": format!("{} {door}", line["id"]), "html": html})
                )
                .unwrap();
            }
        }
    }
    (lines.len(), refused, raw_unsafe)
}

#[test]
fn our_own_attacks_come_out_harmless() {
    let (lines, refused, raw_unsafe) =
        run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attacks.jsonl"));
    assert!(lines >= 60);
    assert_eq!(refused, 0);
    assert!(
        raw_unsafe * 2 > lines,
        "the checker must fail attacks that were not cleaned; it failed {raw_unsafe} of {lines}"
    );
}

#[test]
fn attacks_of_other_suites_come_out_harmless() {
    let Some(folder) = folder() else { return };
    for name in [
        "html_xss",
        "html_xss_brs",
        "markdown_xss",
        "html_parse_stress",
        "naughty_strings",
        "commonmark",
        "unicode_spoof",
    ] {
        let (lines, refused, raw_unsafe) = run(&folder.join(name).with_extension("jsonl"));
        println!(
            "{name}: {lines} lines, {refused} of {} refused, {raw_unsafe} unsafe before cleaning",
            2 * lines
        );
        if name == "html_xss" {
            assert!(raw_unsafe > lines / 2, "the checker is not looking");
        }
    }
}

/// Where we differ from `CommonMark`, we mean to: by line breaks, raw HTML, bare addresses and emoticons.
#[test]
fn commonmark_is_what_we_speak() {
    let Some(folder) = folder() else { return };
    let (mut same, mut meant, mut other) = (0, Vec::new(), Vec::new());
    for line in lines(&folder.join("commonmark.jsonl")) {
        let (source, expected) = (input(&line), line["expected_html"].as_str().unwrap());
        let ours = from_markdown(&source);
        let theirs = from_html(expected);
        // As they would have it, if a newline broke the line there too.
        let unbroken = |tree: &SafeTree| tree.to_html().as_str().replace("<br />", " ");
        match (&ours, &theirs) {
            _ if ours == theirs => same += 1,
            (Ok(a), Ok(b)) if unbroken(a) == unbroken(b) => meant.push("line break"),
            _ if source.contains('<') && line["title"].as_str().is_some_and(|t| t.contains("HTML")) => {
                meant.push("raw HTML")
            }
            (Ok(a), _) if source.contains('<') && a.to_text().contains('<') => meant.push("raw HTML"),
            (Ok(a), _) if a.to_html().as_str().contains("<a href") && source.contains("://") => {
                meant.push("bare address")
            }
            (Err(_), _) => meant.push("refused"),
            _ if source
                .split_whitespace()
                .any(|word| matches!(word, "*-*" | "*_*")) =>
            {
                meant.push("emoticon")
            }
            (Ok(a), Ok(b)) => other.push(format!(
                "{source:?}\n  ours   {}\n  theirs {}",
                a.to_html().as_str(),
                b.to_html().as_str()
            )),
            (Ok(_), Err(_)) => other.push(source),
        }
    }
    let count = |what: &str| meant.iter().filter(|m| **m == what).count();
    println!(
        "commonmark: {same} the same, {} line break, {} raw HTML, {} bare address, {} emoticon, {} refused, {} other",
        count("line break"),
        count("raw HTML"),
        count("bare address"),
        count("emoticon"),
        count("refused"),
        other.len()
    );
    other.iter().for_each(|o| println!("{o}"));
    assert!(same >= 500);
    assert_eq!(other, Vec::<String>::new());
}
