//! Parses HTML as a browser does: html5ever's parser over a small tree, stopped at the limits of `limits`.
//!
//! The cost of parsing HTML grows with the square of its depth, and misnested tags multiply nodes. Counting tags
//! beforehand would have to predict the parser; so the parser is fed in small pieces and the tree is checked in
//! between.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use super::limits::{ContentError, MAX_DOM_DEPTH, MAX_DOM_MOVES, MAX_DOM_NODES, MAX_TAG_PARTS};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ParseOpts, QualName, local_name, ns, parse_fragment};

/// Bytes between two checks of the limits.
const CHUNK_BYTES: usize = 512;

/// A node of parsed HTML.
pub(super) struct DomNode {
    pub(super) data: DomData,
    parent: RefCell<Weak<DomNode>>,
    pub(super) children: RefCell<Vec<Rc<DomNode>>>,
}

/// The kind of a node.
pub(super) enum DomData {
    Text(RefCell<String>),
    Element(QualName, RefCell<Vec<Attribute>>),
    /// The document, and nodes that are safe to skip, such as comments.
    Document,
    Comment,
}

impl DomNode {
    fn new(data: DomData) -> Rc<Self> {
        Rc::new(DomNode {
            data,
            parent: RefCell::default(),
            children: RefCell::default(),
        })
    }

    /// The name of an HTML element; `None` for SVG, `MathML` and other nodes.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.data {
            DomData::Element(name, _) if name.ns == ns!(html) => Some(&name.local),
            _ => None,
        }
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let DomData::Element(_, attributes) = &self.data else {
            return None;
        };
        attributes
            .borrow()
            .iter()
            .find(|a| &*a.name.local == wanted)
            .map(|a| a.value.to_string())
    }

    fn depth(self: &Rc<Self>) -> usize {
        std::iter::successors(Some(Rc::clone(self)), |node| node.parent.borrow().upgrade()).count()
    }
}

/// Parses a fragment as the content of a `div`, as ammonia does.
///
/// # Errors
/// [`ContentError`] if it is too deep, makes too many nodes, or has a tag with too many attributes.
pub(super) fn parse(html: &str) -> Result<Rc<DomNode>, ContentError> {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    let mut parser = parse_fragment(Sink::new(), ParseOpts::default(), context, vec![], false);
    let (mut rest, mut tag_parts) = (html, 0);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(CHUNK_BYTES.min(rest.len())));
        parser.process(StrTendril::from_slice(piece));
        let sink = &parser.tokenizer.sink.sink;
        sink.check()?;
        // While the sink is not called, the parser is within one tag, and compares each attribute with all earlier
        // ones.
        tag_parts = if sink.called.replace(false) { 0 } else { tag_parts };
        tag_parts += piece.bytes().filter(|b| b" \t\n\x0C\r/\"'".contains(b)).count();
        if tag_parts > MAX_TAG_PARTS {
            return Err(ContentError::TooLarge);
        }
        rest = after;
    }
    let (document, verdict) = parser.finish();
    verdict?;
    let root = document.children.borrow().first().cloned();
    Ok(root.unwrap_or(document))
}

/// Parses without limits, in any context, for the test oracle.
#[cfg(test)]
pub(super) fn parse_anything(html: &str, context: &str) -> Rc<DomNode> {
    let context = QualName::new(None, ns!(html), html5ever::LocalName::from(context));
    parse_fragment(Sink::new(), ParseOpts::default(), context, vec![], false)
        .one(html)
        .0
}

/// Receives the tree from the parser, and counts depth, nodes and moves.
struct Sink {
    document: Rc<DomNode>,
    deepest: Cell<usize>,
    nodes: Cell<usize>,
    moves: Cell<usize>,
    /// True if the parser has called the sink since this was last reset.
    called: Cell<bool>,
}

impl Sink {
    fn new() -> Self {
        Sink {
            document: DomNode::new(DomData::Document),
            deepest: Cell::new(0),
            nodes: Cell::new(0),
            moves: Cell::new(0),
            called: Cell::new(false),
        }
    }

    fn check(&self) -> Result<(), ContentError> {
        if self.deepest.get() > MAX_DOM_DEPTH || self.moves.get() > MAX_DOM_MOVES {
            Err(ContentError::TooDeep)
        } else if self.nodes.get() > MAX_DOM_NODES {
            Err(ContentError::TooLarge)
        } else {
            Ok(())
        }
    }

    fn make(&self, data: DomData) -> Rc<DomNode> {
        self.called.set(true);
        self.nodes.set(self.nodes.get() + 1);
        DomNode::new(data)
    }

    /// Inserts a node or text at `index` among the children of `parent`; text joins the text before it.
    fn insert(&self, parent: &Rc<DomNode>, index: usize, child: NodeOrText<Rc<DomNode>>) {
        let mut children = parent.children.borrow_mut();
        let child = match child {
            NodeOrText::AppendNode(node) => node,
            NodeOrText::AppendText(text) => {
                if let Some(DomData::Text(before)) = index.checked_sub(1).map(|i| &children[i].data) {
                    before.borrow_mut().push_str(&text);
                    return;
                }
                self.make(DomData::Text(RefCell::new(text.to_string())))
            }
        };
        *child.parent.borrow_mut() = Rc::downgrade(parent);
        children.insert(index, Rc::clone(&child));
        drop(children);
        self.deepest.set(self.deepest.get().max(child.depth()));
    }
}

/// The parent of a node and its index there.
fn place(node: &Rc<DomNode>) -> Option<(Rc<DomNode>, usize)> {
    let parent = node.parent.borrow().upgrade()?;
    // Searched from the end: the parser mostly asks for the node added last.
    let index = parent
        .children
        .borrow()
        .iter()
        .rposition(|child| Rc::ptr_eq(child, node))?;
    Some((parent, index))
}

impl TreeSink for Sink {
    type Handle = Rc<DomNode>;
    type Output = (Rc<DomNode>, Result<(), ContentError>);
    type ElemName<'a> = html5ever::ExpandedName<'a>;

    fn finish(self) -> Self::Output {
        let verdict = self.check();
        (self.document, verdict)
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Rc<DomNode> {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<DomNode>) -> html5ever::ExpandedName<'a> {
        self.called.set(true);
        match &target.data {
            DomData::Element(name, _) => name.expanded(),
            _ => unreachable!("TreeSink::elem_name is only called on elements"),
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _flags: ElementFlags,
    ) -> Rc<DomNode> {
        self.make(DomData::Element(name, RefCell::new(attributes)))
    }

    fn create_comment(&self, _text: StrTendril) -> Rc<DomNode> {
        self.make(DomData::Comment)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Rc<DomNode> {
        self.make(DomData::Comment)
    }

    fn append(&self, parent: &Rc<DomNode>, child: NodeOrText<Rc<DomNode>>) {
        let end = parent.children.borrow().len();
        self.insert(parent, end, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Rc<DomNode>,
        previous: &Rc<DomNode>,
        child: NodeOrText<Rc<DomNode>>,
    ) {
        if place(element).is_some() {
            self.append_before_sibling(element, child)
        } else {
            self.append(previous, child)
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    /// A template's contents are kept as its children: nothing is executed here.
    fn get_template_contents(&self, target: &Rc<DomNode>) -> Rc<DomNode> {
        Rc::clone(target)
    }

    fn same_node(&self, x: &Rc<DomNode>, y: &Rc<DomNode>) -> bool {
        Rc::ptr_eq(x, y)
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Rc<DomNode>, node: NodeOrText<Rc<DomNode>>) {
        if let NodeOrText::AppendNode(node) = &node {
            self.remove_from_parent(node);
        }
        if let Some((parent, index)) = place(sibling) {
            self.insert(&parent, index, node);
        }
    }

    fn add_attrs_if_missing(&self, target: &Rc<DomNode>, attributes: Vec<Attribute>) {
        let DomData::Element(_, present) = &target.data else {
            return;
        };
        let mut present = present.borrow_mut();
        for attribute in attributes {
            if !present.iter().any(|a| a.name == attribute.name) {
                present.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &Rc<DomNode>) {
        if let Some((parent, index)) = place(target) {
            parent.children.borrow_mut().remove(index);
            *target.parent.borrow_mut() = Weak::new();
        }
    }

    fn reparent_children(&self, node: &Rc<DomNode>, new_parent: &Rc<DomNode>) {
        self.moves.set(self.moves.get() + 1);
        let moved = std::mem::take(&mut *node.children.borrow_mut());
        for child in &moved {
            *child.parent.borrow_mut() = Rc::downgrade(new_parent);
        }
        new_parent.children.borrow_mut().extend(moved);
    }
}
