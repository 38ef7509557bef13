//! The safe tree: a comment as it may be shown.
//!
//! The types are the allow-list. There is no variant for a script, and no field for an attribute outside of the list.
//! Only `tree_builder` and `json` create trees; both also keep the content model, so that the HTML parses to the same
//! tree: blocks at the top and in quotes, only items in lists, inline content in paragraphs, either in items, text in
//! code.

use super::policy::{Href, Language};
use crate::model::text::characters;

/// An element with its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    P,
    Pre,
    Blockquote,
    Ul,
    /// The number of the first item, when it is not 1.
    Ol(Option<u32>),
    Li,
    Hr,
    Br,
    Strong,
    Em,
    Del,
    Code(Option<Language>),
    A(Href),
}

impl Tag {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Tag::P => "p",
            Tag::Pre => "pre",
            Tag::Blockquote => "blockquote",
            Tag::Ul => "ul",
            Tag::Ol(_) => "ol",
            Tag::Li => "li",
            Tag::Hr => "hr",
            Tag::Br => "br",
            Tag::Strong => "strong",
            Tag::Em => "em",
            Tag::Del => "del",
            Tag::Code(_) => "code",
            Tag::A(_) => "a",
        }
    }

    /// The attributes in the order of output; values are not escaped.
    pub(super) fn attributes(&self) -> Vec<(&'static str, String)> {
        match self {
            Tag::Ol(Some(start)) => vec![("start", start.to_string())],
            Tag::Code(Some(language)) => vec![("class", language.class())],
            Tag::A(href) => vec![
                ("href", href.as_str().to_owned()),
                ("rel", super::policy::REL.to_owned()),
            ],
            _ => Vec::new(),
        }
    }

    /// Returns true if it is inline content.
    pub(super) fn is_inline(&self) -> bool {
        matches!(
            self,
            Tag::Br | Tag::Strong | Tag::Em | Tag::Del | Tag::Code(_) | Tag::A(_)
        )
    }

    pub(super) fn is_void(&self) -> bool {
        matches!(self, Tag::Br | Tag::Hr)
    }
}

/// A text, or an element with its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Element(Tag, Vec<Node>),
}

impl Node {
    pub(super) fn is_inline(&self) -> bool {
        match self {
            Node::Text(_) => true,
            Node::Element(tag, _) => tag.is_inline(),
        }
    }

    pub(super) fn is_br(&self) -> bool {
        matches!(self, Node::Element(Tag::Br, _))
    }
}

/// Returns true if any text in these nodes is visible.
pub(super) fn has_visible_text(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(text) => characters::has_visible(text),
        Node::Element(_, children) => has_visible_text(children),
    })
}

/// The number of nested elements at the deepest place.
pub(super) fn depth(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| {
            if let Node::Element(_, children) = node {
                1 + depth(children)
            } else {
                0
            }
        })
        .max()
        .unwrap_or(0)
}

/// A rendered comment that may be shown to anybody. `to_html`, `to_json` and `to_text` are the only ways to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeTree {
    nodes: Vec<Node>,
}

impl SafeTree {
    /// Creates a tree from nodes that `tree_builder` or `json` has checked.
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        SafeTree { nodes }
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns true if it contains nothing to read. A rule or an empty list alone does not count.
    pub fn is_blank(&self) -> bool {
        !has_visible_text(&self.nodes)
    }
}
