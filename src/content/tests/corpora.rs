//! Runs attack corpora through the Markdown and the HTML entry point.
//!
//! A small file of this project always runs. The large ones, from other projects' suites, run if `AFTERWORD_CORPORA`
//! or a folder beside the checkout has them; with `AFTERWORD_CORPORA_OUT` the results are written for another judge.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::super::{ContentError, SafeTree, checker, from_html, from_markdown};
use serde_json::{Value, json};

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

/// Runs every line through both entry points; returns the number of lines, of refused ones, and of those unsafe
/// before cleaning.
fn run(path: &Path) -> (usize, usize, usize) {
    let (mut refused, mut raw_unsafe) = (0, 0);
    let lines = lines(path);
    let mut out = std::env::var_os("AFTERWORD_CORPORA_OUT")
        .map(|folder| fs::File::create(Path::new(&folder).join(path.file_name().unwrap())).unwrap());
    for line in &lines {
        let source = input(line);
        raw_unsafe += usize::from(!checker::faults(&source).is_empty());
        let entries: [(&str, Result<SafeTree, ContentError>); 2] =
            [("markdown", from_markdown(&source)), ("html", from_html(&source))];
        for (entry, result) in entries {
            let Ok(tree) = result else {
                refused += 1;
                continue;
            };
            let html = tree.to_html().into_string();
            assert_eq!(
                checker::faults(&html),
                Vec::<String>::new(),
                "{} by {entry}: {html}",
                line["id"]
            );
            assert_eq!(
                from_html(&html).as_ref(),
                Ok(&tree),
                "{} by {entry}: {html}",
                line["id"]
            );
            assert_eq!(
                SafeTree::from_json(&tree.to_json()).as_ref(),
                Some(&tree),
                "{} by {entry}",
                line["id"]
            );
            if let Some(out) = &mut out {
                writeln!(
                    out,
                    "{}",
                    json!({"id": format!("{} {entry}", line["id"]), "html": html})
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

/// Common Markdown renders as in `CommonMark`. Where it differs (docs/decisions/0006-markdown.md), nothing is lost.
#[test]
fn commonmark_is_read_without_losing_a_word() {
    let Some(folder) = folder() else { return };
    let (mut same, mut lost) = (0, Vec::new());
    for line in lines(&folder.join("commonmark.jsonl")) {
        let (source, expected) = (input(&line), line["expected_html"].as_str().unwrap());
        let Ok(ours) = from_markdown(&source) else {
            continue;
        };
        let unbroken = |tree: &SafeTree| tree.to_html().as_str().replace("<br />", " ");
        same += usize::from(from_html(expected).is_ok_and(|theirs| unbroken(&theirs) == unbroken(&ours)));
        lost.extend(loss(&source, &ours));
    }
    println!("commonmark: {same} the same");
    assert_eq!(lost, Vec::<String>::new());
    assert!(same >= 330, "{same}");
}

fn loss(source: &str, tree: &SafeTree) -> Option<String> {
    let lost = super::lost(source, tree);
    (!lost.is_empty()).then(|| format!("{lost:?} of {source:?}: {}", tree.to_html().as_str()))
}

#[test]
fn attacks_lose_no_letter_either() {
    let Some(folder) = folder() else { return };
    let (mut read, mut losses) = (0, Vec::new());
    for name in ["markdown_xss", "html_xss", "naughty_strings"] {
        for line in lines(&folder.join(name).with_extension("jsonl")) {
            let source = input(&line);
            if let Ok(tree) = from_markdown(&source) {
                read += 1;
                losses.extend(loss(&source, &tree));
            }
        }
    }
    assert!(read > 500, "{read}");
    assert_eq!(losses, Vec::<String>::new(), "{} of {read}", losses.len());
}
