//! Writes the tree as HTML, for pages, feeds and prerendering.

use super::tree::{Node, SafeTree};

/// HTML that may be put unescaped into a page, wherever a `div` is allowed. Only this folder can create one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl SafeTree {
    /// The tree as well-formed HTML (also well-formed XML): double-quoted attributes, `& < > " '` escaped, `br` and
    /// `hr` closed.
    pub fn to_html(&self) -> SafeHtml {
        SafeHtml(write(self.nodes()))
    }
}

/// The HTML of checked nodes.
pub(super) fn write(nodes: &[Node]) -> String {
    let mut out = String::new();
    nodes.iter().for_each(|node| write_node(&mut out, node));
    out
}

fn write_node(out: &mut String, node: &Node) {
    let (tag, children) = match node {
        Node::Text(text) => return escape(out, text),
        Node::Element(tag, children) => (tag, children),
    };
    out.push('<');
    out.push_str(tag.name());
    for (name, value) in tag.attributes() {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(out, &value);
        out.push('"');
    }
    if tag.is_void() {
        out.push_str(" />");
        return;
    }
    out.push('>');
    children.iter().for_each(|child| write_node(out, child));
    out.push_str("</");
    out.push_str(tag.name());
    out.push('>');
}

/// Escapes the same five characters in text and attributes: text that is safe in one is safe in the other.
fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
