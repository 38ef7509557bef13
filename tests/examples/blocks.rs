//! The fenced blocks of all documents, and the commands in running text.

use std::{fs, path::Path};

/// A fenced block.
pub(crate) struct Block {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// The heading above it.
    pub(crate) heading: String,
    pub(crate) language: String,
    pub(crate) text: String,
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All documents for owners, operators and contributors.
pub(crate) fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = [
        "README.md",
        "ARCHITECTURE.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "embed/README.md",
    ];
    let mut found: Vec<String> = named
        .into_iter()
        .filter(|file| root.join(file).exists())
        .map(str::to_owned)
        .collect();
    found.extend(files("docs").into_iter().filter(|file| file.ends_with(".md")));
    found.sort();
    found
}

/// All text files below a folder, without those of package managers.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if !entry.path().is_dir() {
            found.push(name);
        } else if entry.file_name() != "node_modules" {
            found.extend(files(&name));
        }
    }
    found.retain(|file| !file.ends_with(".png"));
    found
}

pub(crate) fn all() -> Vec<Block> {
    documents()
        .iter()
        .flat_map(|file| blocks(file, &read(file)))
        .collect()
}

pub(crate) fn blocks(file: &str, text: &str) -> Vec<Block> {
    let (mut found, mut heading) = (Vec::new(), String::new());
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(title) = line.strip_prefix('#') {
            heading = title.trim_start_matches('#').trim().to_owned();
        }
        let Some(language) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let body: Vec<&str> = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim() != "```")
            .map(|line| line.get(indent..).unwrap_or_default())
            .collect();
        found.push(Block {
            file: file.to_owned(),
            line: number + 1,
            heading: heading.clone(),
            language: language.trim().to_owned(),
            text: body.join("\n"),
        });
    }
    found
}

/// `afterword …` between backticks outside of blocks, with its document.
pub(crate) fn commands() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in documents() {
        let (text, mut fenced) = (read(&file), false);
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            let code = line.split('`').skip(1).step_by(2);
            found.extend(
                code.filter(|code| code.starts_with("afterword "))
                    .map(|code| (file.clone(), code.to_owned())),
            );
        }
    }
    found
}
