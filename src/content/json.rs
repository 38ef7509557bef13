//! Writes and reads the tree as JSON, `["p", {attributes}, …children]`: the form that is stored and sent to the
//! widget.
//!
//! Reading checks everything again, as for untrusted input.

use super::limits::MAX_DEPTH;
use super::policy::{Href, Language, REL};
use super::tree::{Node, SafeTree, Tag};
use super::whitespace;
use crate::model::text::characters;
use serde_json::{Map, Value};

impl SafeTree {
    /// Reads the output of [`SafeTree::to_json`] under this or an older policy. Everything is checked again: a link
    /// with an invalid target is reduced to its text; `None` for a row that was changed by something else and is not
    /// a comment.
    pub fn from_json(json: &str) -> Option<SafeTree> {
        read(json).map(SafeTree::new)
    }

    /// The tree in the form that the widget reads: `[["p",{},"text",["em",{},"x"]]]`.
    pub fn to_json(&self) -> String {
        write(self.nodes())
    }
}

/// The JSON of checked nodes.
fn write(nodes: &[Node]) -> String {
    Value::Array(nodes.iter().map(value).collect()).to_string()
}

fn value(node: &Node) -> Value {
    match node {
        Node::Text(text) => Value::String(text.clone()),
        Node::Element(tag, children) => {
            let attributes = tag
                .attributes()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), attribute_value(tag, value)))
                .collect();
            let mut list = vec![Value::String(tag.name().to_owned()), Value::Object(attributes)];
            list.extend(children.iter().map(value));
            Value::Array(list)
        }
    }
}

/// A number for the start of a list, else a string.
fn attribute_value(tag: &Tag, value: String) -> Value {
    match tag {
        Tag::Ol(Some(start)) => Value::from(*start),
        _ => Value::String(value),
    }
}

/// The nodes, if each of them is allowed in its place.
///
/// Trees of an older policy are read under the current rules: text loses characters that are no longer allowed, and a
/// link that is no longer allowed is reduced to its text.
fn read(json: &str) -> Option<Vec<Node>> {
    let Value::Array(list) = serde_json::from_str(json).ok()? else {
        return None;
    };
    nodes(&list, Place::Blocks, MAX_DEPTH)
}

fn nodes(values: &[Value], place: Place, depth_left: usize) -> Option<Vec<Node>> {
    let mut out = Vec::with_capacity(values.len());
    for value in values {
        for node in node(value, place, depth_left)? {
            whitespace::push(&mut out, node);
        }
    }
    Some(out)
}

/// A place in the content model.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Blocks,
    Items,
    /// In an item: inline content or blocks.
    Either,
    Words {
        in_link: bool,
    },
    /// In `pre`.
    Code,
    /// In `code`.
    Text,
    Nothing,
}

/// The nodes of a value: one node, or the text of a link without a valid target.
fn node(value: &Value, place: Place, depth_left: usize) -> Option<Vec<Node>> {
    let list = match value {
        Value::String(text) => {
            let fits = matches!(place, Place::Either | Place::Words { .. } | Place::Text);
            return fits.then(|| vec![Node::Text(characters::clean_body(text).into_owned())]);
        }
        Value::Array(list) => list,
        _ => return None,
    };
    let [Value::String(name), Value::Object(attributes), children @ ..] = list.as_slice() else {
        return None;
    };
    let depth_left = depth_left.checked_sub(1)?;
    if name == "a" {
        let inner = link_inside(place)?;
        let words = nodes(children, inner, depth_left)?;
        return Some(match link(attributes)? {
            Some(tag) => vec![Node::Element(tag, words)],
            None => words,
        });
    }
    let tag = tag(name, attributes)?;
    let inner = inside(&tag, place)?;
    Some(vec![Node::Element(tag, nodes(children, inner, depth_left)?)])
}

/// The place inside `tag`, if `tag` is allowed in `place`.
fn inside(tag: &Tag, place: Place) -> Option<Place> {
    let blocks = matches!(place, Place::Blocks | Place::Either);
    let words = matches!(place, Place::Either | Place::Words { .. });
    let in_link = place == Place::Words { in_link: true };
    match tag {
        Tag::P if blocks => Some(Place::Words { in_link: false }),
        Tag::Pre if blocks => Some(Place::Code),
        Tag::Blockquote if blocks => Some(Place::Blocks),
        Tag::Ul | Tag::Ol(_) if blocks => Some(Place::Items),
        Tag::Hr if blocks => Some(Place::Nothing),
        Tag::Li if place == Place::Items => Some(Place::Either),
        Tag::Code(_) if words || place == Place::Code => Some(Place::Text),
        Tag::Br if words => Some(Place::Nothing),
        Tag::Strong | Tag::Em | Tag::Del if words => Some(Place::Words { in_link }),
        _ => None,
    }
}

/// The place inside a link, if a link is allowed in `place`.
fn link_inside(place: Place) -> Option<Place> {
    matches!(place, Place::Either | Place::Words { in_link: false }).then_some(Place::Words { in_link: true })
}

/// The tag of a link; an inner `None` if its target is not allowed.
fn link(attributes: &Map<String, Value>) -> Option<Option<Tag>> {
    let typed = attributes.get("href")?.as_str()?;
    let fits = attributes.len() == 2 && attributes.get("rel")?.as_str()? == REL;
    fits.then(|| Href::parse(typed).map(Tag::A))
}

fn tag(name: &str, attributes: &Map<String, Value>) -> Option<Tag> {
    let tag = match name {
        "p" => Tag::P,
        "pre" => Tag::Pre,
        "blockquote" => Tag::Blockquote,
        "ul" => Tag::Ul,
        "ol" => Tag::Ol(match attributes.get("start") {
            Some(start) => Some(u32::try_from(start.as_u64()?).ok()?),
            None => None,
        }),
        "li" => Tag::Li,
        "hr" => Tag::Hr,
        "br" => Tag::Br,
        "strong" => Tag::Strong,
        "em" => Tag::Em,
        "del" => Tag::Del,
        "code" => Tag::Code(match attributes.get("class") {
            Some(class) => Some(Language::parse_class(class.as_str()?)?),
            None => None,
        }),
        _ => return None,
    };
    // Attributes that were not read above are not allowed.
    (tag.attributes().len() == attributes.len()).then_some(tag)
}
