//! Builds the safe tree from sanitized HTML.
//!
//! Each HTML element becomes a block, inline content, a boundary between paragraphs, or nothing (its content stays).
//! The result keeps the tree's content model for any input, and parses to itself: `from_html(tree.to_html()) ==
//! tree`.

use super::dom::{self, DomData, DomNode};
use super::html;
use super::limits::{ContentError, MAX_DEPTH, MAX_OUTPUT, size};
use super::policy::{BOUNDARIES, CELLS, Href, Language};
use super::tree::{self, Node, SafeTree, Tag};
use super::whitespace;
use crate::model::text::characters;

/// Builds the tree from ammonia's output.
///
/// # Errors
/// [`ContentError`] if the tree is too deep or its HTML too large.
pub(super) fn tree(clean_html: &str) -> Result<SafeTree, ContentError> {
    let root = dom::parse(clean_html)?;
    let nodes = blocks(&root, true);
    if tree::depth(&nodes) > MAX_DEPTH {
        return Err(ContentError::TooDeep);
    }
    if size(&html::write(&nodes)) > MAX_OUTPUT {
        return Err(ContentError::TooLarge);
    }
    Ok(SafeTree::new(nodes))
}

/// The blocks made of an element's children. With `paragraphs`, inline content between blocks becomes paragraphs; in
/// items it may stay bare.
fn blocks(parent: &DomNode, paragraphs: bool) -> Vec<Node> {
    let mut flow = Flow {
        done: Vec::new(),
        words: Vec::new(),
        paragraphs,
    };
    flow.children(parent);
    flow.end_words();
    flow.done
}

/// Finished blocks, and the inline content since the last of them.
struct Flow {
    done: Vec<Node>,
    words: Vec<Node>,
    paragraphs: bool,
}

impl Flow {
    fn children(&mut self, parent: &DomNode) {
        for child in parent.children.borrow().iter() {
            self.child(child);
        }
    }

    fn child(&mut self, node: &DomNode) {
        match node.name() {
            Some("p") => {
                self.end_words();
                self.add_paragraph(inside(node, false));
            }
            Some("h1" | "h2" | "h3" | "h4" | "h5" | "h6") => {
                self.end_words();
                let words = whitespace::paragraph(inside(node, false));
                self.add_paragraph(vec![Node::Element(Tag::Strong, words)]);
            }
            Some("blockquote") => self.add_block(Tag::Blockquote, blocks(node, true)),
            Some("ul") => self.add_block(Tag::Ul, items(node)),
            Some("ol") => self.add_block(Tag::Ol(start(node)), items(node)),
            Some("pre") => {
                let mut text = String::new();
                plain(node, &mut text);
                let code = Node::Element(Tag::Code(language(node)), vec![Node::Text(text)]);
                let code = if tree::has_visible_text(std::slice::from_ref(&code)) {
                    vec![code]
                } else {
                    Vec::new()
                };
                self.add_block(Tag::Pre, code);
            }
            Some("hr") => {
                self.end_words();
                self.done.push(Node::Element(Tag::Hr, Vec::new()));
            }
            Some(name) if name == "li" || BOUNDARIES.contains(&name) => {
                self.end_words();
                self.children(node);
                self.end_words();
            }
            Some(name) if CELLS.contains(&name) => {
                self.children(node);
                whitespace::push(&mut self.words, Node::Text(" ".to_owned()));
            }
            _ => words_of(node, false, &mut self.words),
        }
    }

    fn add_block(&mut self, tag: Tag, children: Vec<Node>) {
        self.end_words();
        if !children.is_empty() {
            self.done.push(Node::Element(tag, children));
        }
    }

    fn add_paragraph(&mut self, words: Vec<Node>) {
        let words = whitespace::paragraph(words);
        if tree::has_visible_text(&words) {
            self.done.push(Node::Element(Tag::P, words));
        }
    }

    /// Ends the current inline content: as a paragraph, or bare in an item unless it would touch other bare content.
    fn end_words(&mut self) {
        let words = std::mem::take(&mut self.words);
        if self.paragraphs || self.done.last().is_some_and(Node::is_inline) {
            self.add_paragraph(words);
        } else {
            let words = whitespace::paragraph(words);
            if tree::has_visible_text(&words) {
                self.done.extend(words);
            }
        }
    }
}

/// The items of a list. Content between items belongs to the item before it.
fn items(list: &DomNode) -> Vec<Node> {
    let mut items: Vec<Vec<Node>> = Vec::new();
    for child in list.children.borrow().iter() {
        if child.name() == Some("li") {
            items.push(blocks(child, false));
            continue;
        }
        let mut flow = Flow {
            done: items.pop().unwrap_or_default(),
            words: Vec::new(),
            paragraphs: false,
        };
        let had_items = !flow.done.is_empty();
        flow.child(child);
        flow.end_words();
        if had_items || !flow.done.is_empty() {
            items.push(flow.done);
        }
    }
    items
        .into_iter()
        .map(|blocks| Node::Element(Tag::Li, blocks))
        .collect()
}

/// The inline content of an element.
fn inside(parent: &DomNode, in_link: bool) -> Vec<Node> {
    let mut out = Vec::new();
    for child in parent.children.borrow().iter() {
        words_of(child, in_link, &mut out);
    }
    whitespace::words(out)
}

/// Adds the inline content of a node. Blocks within it (HTML allows them in links) become line breaks.
fn words_of(node: &DomNode, in_link: bool, out: &mut Vec<Node>) {
    if let DomData::Text(text) = &node.data {
        whitespace::push(
            out,
            Node::Text(characters::clean_body(&text.borrow()).into_owned()),
        );
        return;
    }
    let Some(name) = node.name() else { return };
    let tag = match name {
        "br" => return out.push(Node::Element(Tag::Br, Vec::new())),
        "img" => return image(node, in_link, out),
        "code" => return code(node, out),
        "strong" | "b" => Some(Tag::Strong),
        "em" | "i" => Some(Tag::Em),
        "del" | "s" | "strike" => Some(Tag::Del),
        "a" if !in_link => node
            .attribute("href")
            .and_then(|href| Href::parse(&href))
            .map(Tag::A),
        _ => None,
    };
    let words = inside(node, in_link || matches!(tag, Some(Tag::A(_))));
    match tag {
        // A link without visible text could be clicked but not seen.
        Some(Tag::A(_)) if !tree::has_visible_text(&words) => {
            words.into_iter().for_each(|word| whitespace::push(out, word))
        }
        Some(_) if words.is_empty() => {}
        Some(tag) => out.push(Node::Element(tag, words)),
        None => {
            let block = matches!(
                name,
                "p" | "li"
                    | "ul"
                    | "ol"
                    | "pre"
                    | "blockquote"
                    | "hr"
                    | "h1"
                    | "h2"
                    | "h3"
                    | "h4"
                    | "h5"
                    | "h6"
            ) || BOUNDARIES.contains(&name);
            if block {
                out.push(Node::Element(Tag::Br, Vec::new()));
            }
            words.into_iter().for_each(|word| whitespace::push(out, word));
            if block {
                out.push(Node::Element(Tag::Br, Vec::new()));
            }
        }
    }
}

/// Writes an image as a link to it: a reader's browser must not request a picture from another server.
fn image(node: &DomNode, in_link: bool, out: &mut Vec<Node>) {
    let href = node
        .attribute("src")
        .and_then(|src| Href::parse(&src))
        .filter(|_| !in_link);
    let alt = whitespace::fold_newlines(&characters::clean_body(
        &node.attribute("alt").unwrap_or_default(),
    ));
    match href {
        Some(href) => {
            let words = if characters::has_visible(&alt) {
                alt
            } else {
                href.as_str().to_owned()
            };
            out.push(Node::Element(Tag::A(href), vec![Node::Text(words)]));
        }
        None => whitespace::push(out, Node::Text(alt)),
    }
}

fn code(node: &DomNode, out: &mut Vec<Node>) {
    let mut text = String::new();
    plain(node, &mut text);
    let text = whitespace::fold_newlines(&text);
    if !text.is_empty() {
        out.push(Node::Element(Tag::Code(language(node)), vec![Node::Text(text)]));
    }
}

/// The text of code, with line breaks as newlines.
fn plain(node: &DomNode, out: &mut String) {
    match (&node.data, node.name()) {
        (DomData::Text(text), _) => out.push_str(&characters::clean_body(&text.borrow())),
        (_, Some("br")) => out.push('\n'),
        _ => node.children.borrow().iter().for_each(|child| plain(child, out)),
    }
}

/// The language in the class of `code`, or of the first `code` in `pre`.
fn language(node: &DomNode) -> Option<Language> {
    if node.name() == Some("code") {
        return node
            .attribute("class")
            .and_then(|class| Language::parse_class(&class));
    }
    node.children
        .borrow()
        .iter()
        .find(|child| child.name() == Some("code"))
        .and_then(|code| language(code))
}

/// The first number of a list; `CommonMark` allows at most nine digits, and 1 is the default.
fn start(node: &DomNode) -> Option<u32> {
    node.attribute("start")?
        .parse()
        .ok()
        .filter(|&start| start != 1 && start <= 999_999_999)
}
