//! The tree as JSON, `["p", {attributes}, …children]`: what the widget builds DOM nodes from, and what is stored.
//!
//! Reading checks everything again, as if the row came from a stranger.

use super::limits::MAX_DEPTH;
use super::policy::{Href, Language, REL};
use super::tree::{Node, Tag};
use crate::model::text::characters;
use serde_json::{Map, Value};

/// The JSON of nodes that have been checked.
pub(super) fn write(nodes: &[Node]) -> String {
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

/// Strings all, but the number of a list.
fn attribute_value(tag: &Tag, value: String) -> Value {
    match tag {
        Tag::Ol(Some(start)) => Value::from(*start),
        _ => Value::String(value),
    }
}

/// The nodes, if every one of them is allowed where it stands.
pub(super) fn read(json: &str) -> Option<Vec<Node>> {
    let Value::Array(list) = serde_json::from_str(json).ok()? else {
        return None;
    };
    list.iter()
        .map(|value| node(value, Place::Blocks, MAX_DEPTH))
        .collect()
}

/// What may stand in a place: the content model.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Blocks,
    Items,
    /// In an item: words or blocks.
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

fn node(value: &Value, place: Place, depth_left: usize) -> Option<Node> {
    let list = match value {
        Value::String(text) => {
            let fits = matches!(place, Place::Either | Place::Words { .. } | Place::Text)
                && characters::clean_body(text) == *text;
            return fits.then(|| Node::Text(text.clone()));
        }
        Value::Array(list) => list,
        _ => return None,
    };
    let [Value::String(name), Value::Object(attributes), children @ ..] = list.as_slice() else {
        return None;
    };
    let tag = tag(name, attributes)?;
    let inner = inside(&tag, place)?;
    let depth_left = depth_left.checked_sub(1)?;
    let children = children
        .iter()
        .map(|child| node(child, inner, depth_left))
        .collect::<Option<Vec<_>>>()?;
    Some(Node::Element(tag, children))
}

/// What may stand inside `tag`, if `tag` may stand in `place`.
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
        Tag::A(_) if words && !in_link => Some(Place::Words { in_link: true }),
        _ => None,
    }
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
        "a" => {
            let typed = attributes.get("href")?.as_str()?;
            let href = Href::parse(typed)?;
            (href.as_str() == typed && attributes.get("rel")?.as_str()? == REL).then_some(Tag::A(href))?
        }
        _ => return None,
    };
    // Whatever was not read above has no business here.
    (tag.attributes().len() == attributes.len()).then_some(tag)
}
