//! Parses the block structure of Markdown: quotations, lists, code, headings, rules, paragraphs.
//!
//! `CommonMark`, with differences that suit writers who have not read its specification;
//! `docs/decisions/0006-markdown.md` has each of them and its reason. In short: a quotation ends with its last `>`,
//! indentation makes no code, dashes make no heading of the line above, and no definition disappears.
//!
//! One pass over the lines, with the open containers on a stack; `inline` parses the text within the lines.

use super::fences::{Fence, FenceEnds};
use super::limits::{ContentError, MAX_DEPTH};
use crate::{
    content::{
        block::{Block, List},
        line_cursor::{Cursor, Marker},
    },
    model::text::characters,
};

/// Parses a text into blocks.
///
/// # Errors
/// [`ContentError::TooDeep`].
pub(super) fn parse(source: &str) -> Result<Vec<Block>, ContentError> {
    let lines: Vec<&str> = source.split('\n').collect();
    let mut parser = Parser {
        stack: vec![Open::new(Container::Document)],
        leaf: Leaf::None,
    };
    // Computed from the end, so that the parser knows at a fence whether a closing one follows.
    let mut ends = vec![FenceEnds::default(); lines.len() + 1];
    for (index, line) in lines.iter().enumerate().rev() {
        ends[index] = ends[index + 1].with(line);
    }
    for (index, line) in lines.iter().enumerate() {
        parser.line(Cursor::new(line), ends[index + 1])?;
    }
    parser.close_to(1);
    parser.end_leaf();
    Ok(parser
        .stack
        .pop()
        .map(|document| document.children)
        .unwrap_or_default())
}

enum Container {
    Document,
    Quote,
    List(List),
    /// Columns by which the lines of the item are indented.
    Item(usize),
}

struct Open {
    container: Container,
    children: Vec<Block>,
    /// True if the last line in it was blank.
    blank: bool,
}

impl Open {
    fn new(container: Container) -> Self {
        Open {
            container,
            children: Vec::new(),
            blank: false,
        }
    }
}

/// The leaf block whose text is being collected.
enum Leaf {
    None,
    Paragraph(String),
    Code(Fence, String),
}

struct Parser {
    /// Open containers from the document inwards. Items are direct children of their list.
    stack: Vec<Open>,
    leaf: Leaf,
}

impl Parser {
    fn line(&mut self, mut line: Cursor<'_>, ends: FenceEnds) -> Result<(), ContentError> {
        let (matched, last_quote) = self.matched(&mut line);
        let all = matched == self.stack.len();
        if all && matches!(self.leaf, Leaf::Code(..)) {
            self.code_line(line, ends);
            return Ok(());
        }
        if line.is_blank() {
            self.close_to(matched);
            self.end_leaf();
            for open in &mut self.stack[last_quote..] {
                open.blank = true;
            }
            return Ok(());
        }
        let mut in_paragraph = all && matches!(self.leaf, Leaf::Paragraph(_));
        let mut matched = matched;
        loop {
            if line.quote_mark() {
                self.begin(matched, Container::Quote)?;
            } else if line.is_rule() {
                self.add(matched, Block::Rule);
                return Ok(());
            } else if let Some(marker) = line.list_marker()
                && self.item(&mut line, matched, &marker, in_paragraph)?
            {
                if line.is_blank() {
                    return Ok(());
                }
            } else {
                break;
            }
            matched = self.stack.len();
            in_paragraph = false;
        }
        if let Some(fence) = line.fence()
            && (fence.mark == '`' || ends.of(&fence) >= fence.length)
        {
            self.prepare(matched);
            let text = fence.first_line.clone().unwrap_or_default();
            self.leaf = Leaf::Code(fence, text);
        } else if let Some(heading) = line.heading() {
            self.add(matched, Block::Heading(heading.to_owned()));
        } else if in_paragraph && let Leaf::Paragraph(text) = &mut self.leaf {
            text.push('\n');
            text.push_str(line.trimmed());
        } else {
            self.prepare(matched);
            self.leaf = Leaf::Paragraph(line.trimmed().to_owned());
        }
        Ok(())
    }

    /// The number of open containers that the line continues, and one more than the index of the last quotation among
    /// them.
    fn matched(&self, line: &mut Cursor<'_>) -> (usize, usize) {
        let mut last_quote = 0;
        for (index, open) in self.stack.iter().enumerate() {
            let is_in = match &open.container {
                Container::Document | Container::List(_) => true,
                Container::Quote => {
                    last_quote = index + 1;
                    line.quote_mark()
                }
                Container::Item(indent) if line.is_blank() || line.indent() >= *indent => {
                    line.skip(*indent);
                    true
                }
                Container::Item(_) => false,
            };
            if !is_in {
                return (index, last_quote.min(index));
            }
        }
        (self.stack.len(), last_quote)
    }

    /// Begins an item, and a list unless an open one continues; false if the marker is text.
    fn item(
        &mut self,
        line: &mut Cursor<'_>,
        matched: usize,
        marker: &Marker,
        in_paragraph: bool,
    ) -> Result<bool, ContentError> {
        // The number of an empty item would not be shown.
        if marker.is_empty && marker.number.is_some() {
            return Ok(false);
        }
        let goes_on = match &mut self.stack[matched - 1].container {
            Container::List(list) => list.goes_on_with(marker),
            _ => false,
        };
        if goes_on {
            let blank = self.stack.get(matched).is_some_and(|item| item.blank);
            self.close_to(matched);
            if let Container::List(list) = &mut self.stack[matched - 1].container {
                list.loose |= blank;
            }
            self.clear_blanks();
        } else {
            // Line wrapping can put a number of the sentence at the beginning of a line.
            let interrupts = !in_paragraph || marker.number.is_none_or(|number| number == 1);
            if marker.is_empty || !interrupts {
                return Ok(false);
            }
            self.begin(
                matched,
                Container::List(List {
                    mark: marker.mark,
                    start: marker.number,
                    repeats: false,
                    loose: false,
                    items: Vec::new(),
                }),
            )?;
        }
        line.skip_marker(marker);
        self.push(Container::Item(marker.indent))?;
        Ok(true)
    }

    fn code_line(&mut self, mut line: Cursor<'_>, ends: FenceEnds) {
        let Leaf::Code(fence, text) = &mut self.leaf else {
            return;
        };
        if line.closes(fence) {
            self.end_leaf();
            return;
        }
        line.skip(fence.indent.min(line.indent()));
        let typed = line.text();
        // Without a closing line, a line that ends like a closing one counts as it.
        let unended = ends.of(fence) < fence.length;
        match typed
            .trim_end_matches([' ', '\t'])
            .strip_suffix(fence.marks().as_str())
        {
            Some(last) if unended && !last.contains(fence.mark) => {
                text.push_str(last);
                text.push('\n');
                self.end_leaf();
            }
            _ => {
                text.push_str(&typed);
                text.push('\n');
            }
        }
    }

    /// Closes the containers that the line does not continue, and prepares the innermost one for another block.
    fn prepare(&mut self, matched: usize) {
        self.close_to(matched);
        if matches!(
            self.stack.last().map(|open| &open.container),
            Some(Container::List(_))
        ) {
            self.close_to(self.stack.len() - 1);
        }
        self.end_leaf();
        if let [.., list, item] = self.stack.as_mut_slice()
            && let Container::List(list) = &mut list.container
        {
            list.loose |= item.blank && !item.children.is_empty();
        }
        self.clear_blanks();
    }

    fn clear_blanks(&mut self) {
        for open in &mut self.stack {
            open.blank = false;
        }
    }

    fn begin(&mut self, matched: usize, container: Container) -> Result<(), ContentError> {
        self.prepare(matched);
        self.push(container)
    }

    fn push(&mut self, container: Container) -> Result<(), ContentError> {
        if self.stack.len() > MAX_DEPTH {
            return Err(ContentError::TooDeep);
        }
        self.stack.push(Open::new(container));
        Ok(())
    }

    fn add(&mut self, matched: usize, block: Block) {
        self.prepare(matched);
        self.child(block);
    }

    fn child(&mut self, block: Block) {
        if let Some(parent) = self.stack.last_mut() {
            parent.children.push(block);
        }
    }

    fn end_leaf(&mut self) {
        match std::mem::replace(&mut self.leaf, Leaf::None) {
            Leaf::None => {}
            Leaf::Paragraph(text) => self.child(Block::Paragraph(text)),
            Leaf::Code(fence, text) => self.child(code_block(fence, text)),
        }
    }

    /// Closes containers until `count` are open.
    fn close_to(&mut self, count: usize) {
        if self.stack.len() > count {
            self.end_leaf();
        }
        while self.stack.len() > count
            && let Some(open) = self.stack.pop()
        {
            match open.container {
                Container::Document => {}
                Container::Quote => self.child(Block::Quote(open.children)),
                Container::List(list) => self.child(Block::List(list)),
                Container::Item(_) => {
                    if let Some(Container::List(list)) = self.stack.last_mut().map(|open| &mut open.container)
                    {
                        list.items.push(open.children);
                    }
                }
            }
        }
    }
}

/// The block of a fence with this text. If the text is empty, the presumed language name is the code.
fn code_block(fence: Fence, text: String) -> Block {
    match fence.language {
        Some(language) if !characters::has_visible(&text) => Block::Code {
            language: None,
            text: language + "\n",
        },
        language => Block::Code { language, text },
    }
}
