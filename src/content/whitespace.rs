//! Normalises white space in inline content: content that HTML shows alike is written alike.
//!
//! White space with a newline in it becomes one space, none is left around a line break or at the ends of a
//! paragraph, and adjacent texts are joined. Spaces typed within a line stay.

use super::tree::{Node, Tag};

const SPACE: [char; 3] = [' ', '\t', '\n'];
/// Maximum line breaks in a row; imported HTML uses them for spacing.
const MAX_BREAKS: usize = 2;

/// Adds a node to a list, joining adjacent texts.
pub(super) fn push(list: &mut Vec<Node>, node: Node) {
    match (list.last_mut(), node) {
        (_, Node::Text(text)) if text.is_empty() => {}
        (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
        (_, node) => list.push(node),
    }
}

/// Normalises inline content inside an element.
pub(super) fn words(nodes: Vec<Node>) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut joined: Vec<Node> = Vec::with_capacity(nodes.len());
    nodes.into_iter().for_each(|node| push(&mut joined, node));
    let mut breaks = 0;
    for node in joined {
        match node {
            Node::Text(text) => {
                let text = fold_newlines(&text);
                let after_break = out.last().is_some_and(Node::is_br);
                let text = if after_break {
                    text.trim_start_matches(SPACE)
                } else {
                    &text
                };
                if !text.is_empty() {
                    breaks = 0;
                    out.push(Node::Text(text.to_owned()));
                }
            }
            Node::Element(Tag::Br, _) => {
                trim_end_text(&mut out);
                breaks += 1;
                if breaks <= MAX_BREAKS {
                    out.push(node);
                }
            }
            node => {
                breaks = 0;
                out.push(node);
            }
        }
    }
    out
}

/// Normalises the content of a paragraph: as [`words`], without white space and line breaks at either end.
pub(super) fn paragraph(nodes: Vec<Node>) -> Vec<Node> {
    let mut out = words(nodes);
    let blank = |node: &Node| match node {
        Node::Text(text) => text.trim_matches(SPACE).is_empty(),
        node => node.is_br(),
    };
    out.truncate(
        out.iter()
            .rposition(|node| !blank(node))
            .map_or(0, |last| last + 1),
    );
    let first = out.iter().position(|node| !blank(node)).unwrap_or(0);
    out.drain(..first);
    trim_end_text(&mut out);
    if let Some(Node::Text(text)) = out.first_mut() {
        *text = text.trim_start_matches(SPACE).to_owned();
    }
    out
}

fn trim_end_text(out: &mut Vec<Node>) {
    if let Some(Node::Text(text)) = out.last_mut() {
        text.truncate(text.trim_end_matches(SPACE).len());
        if text.is_empty() {
            out.pop();
        }
    }
}

/// Replaces each run of white space that contains a newline by one space.
pub(super) fn fold_newlines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(SPACE) {
        let (words, from_space) = rest.split_at(start);
        let (space, after) =
            from_space.split_at(from_space.len() - from_space.trim_start_matches(SPACE).len());
        out.push_str(words);
        out.push_str(if space.contains('\n') { " " } else { space });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn br() -> Node {
        Node::Element(Tag::Br, Vec::new())
    }

    #[test]
    fn a_paragraph_has_one_spelling() {
        assert_eq!(fold_newlines("a  b \n\n c\td\n"), "a  b c\td ");
        let tidied = paragraph(vec![
            br(),
            text(" \n"),
            text(" a"),
            text("b "),
            br(),
            br(),
            text(" "),
            br(),
            text("\nc "),
            br(),
            text("\n"),
        ]);
        assert_eq!(tidied, [text("ab"), br(), br(), text("c")]);
        assert_eq!(paragraph(tidied.clone()), tidied);
        assert_eq!(paragraph(vec![br(), text(" "), br()]), []);
    }
}
