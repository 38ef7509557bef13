//! Writes the tree as plain text, for mail and search.
//!
//! Nothing in it is markup, so nothing is escaped. A link shows its target unless its text does.

use super::tree::{Node, SafeTree, Tag};

impl SafeTree {
    /// The tree as text: a blank line between paragraphs, items with `- ` or their number, quotations with `> `.
    pub fn to_text(&self) -> String {
        blocks(self.nodes(), "\n\n")
    }
}

fn blocks(nodes: &[Node], gap: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for run in nodes.chunk_by(|a, b| a.is_inline() && b.is_inline()) {
        match run {
            [Node::Element(tag, children)] if !tag.is_inline() => parts.push(block(tag, children)),
            run => parts.push(words(run)),
        }
    }
    parts.join(gap)
}

fn block(tag: &Tag, children: &[Node]) -> String {
    match tag {
        Tag::Blockquote => prefixed(&blocks(children, "\n\n"), "> ", "> "),
        Tag::Ul => list(children, |_| "- ".to_owned()),
        Tag::Ol(start) => {
            let first = start.unwrap_or(1) as usize;
            list(children, |i| format!("{}. ", first + i))
        }
        Tag::Hr => "---".to_owned(),
        Tag::Li => blocks(children, "\n"),
        Tag::Pre => words(children).trim_end_matches('\n').to_owned(),
        _ => words(children),
    }
}

fn list(items: &[Node], marker: impl Fn(usize) -> String) -> String {
    let lines: Vec<String> = items
        .iter()
        .enumerate()
        .map(|(i, item)| {
            let marker = marker(i);
            prefixed(
                &blocks(std::slice::from_ref(item), "\n"),
                &marker,
                &" ".repeat(marker.len()),
            )
        })
        .collect();
    lines.join("\n")
}

/// Prefixes the first line with `first` and the others with `rest`; drops white space at the ends of lines.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(i, line)| {
            format!("{}{line}", if i == 0 { first } else { rest })
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n")
}

fn words(nodes: &[Node]) -> String {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(Tag::Br, _) => "\n".to_owned(),
            Node::Element(Tag::A(href), children) => {
                let shown = words(children);
                let said = |href: &str| href.trim_end_matches('/') == shown.trim_end_matches('/');
                let href = href.as_str();
                if said(href)
                    || said(href.trim_start_matches("mailto:"))
                    || said(href.trim_start_matches("http://"))
                {
                    shown
                } else {
                    format!("{shown} ({href})")
                }
            }
            Node::Element(_, children) => words(children),
        })
        .collect()
}
