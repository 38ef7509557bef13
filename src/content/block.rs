//! Blocks of Markdown: paragraphs, headings, rules, code, quotations and lists.

use crate::content::line_cursor::Marker;

/// A block with its text as typed, without the marks that start a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(String),
    Heading(String),
    Rule,
    Code { language: Option<String>, text: String },
    Quote(Vec<Block>),
    List(List),
}

/// A list and its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    /// `-`, `+` or `*`; for a numbered list `.` or `)`.
    pub(super) mark: char,
    /// The number of the first item; `None` for bullets.
    pub(super) start: Option<u64>,
    /// True if every item has the first number: Markdown counts `1. 1. 1.` up.
    pub(super) repeats: bool,
    /// True if blank lines separate the items or their contents.
    pub(super) loose: bool,
    pub(super) items: Vec<Vec<Block>>,
}

impl List {
    /// The number of the item at this index as typed; `None` for bullets.
    pub(super) fn number(&self, index: usize) -> Option<String> {
        let offset = if self.repeats { 0 } else { index as u64 };
        self.start.map(|start| format!("{}{}", start + offset, self.mark))
    }

    /// Returns true if the next item may begin with this marker. A number out of sequence begins a new list, so that every
    /// number shows as typed.
    pub(super) fn goes_on_with(&mut self, marker: &Marker) -> bool {
        if self.mark != marker.mark || self.start.is_some() != marker.number.is_some() {
            return false;
        }
        let (Some(start), Some(number)) = (self.start, marker.number) else {
            return true;
        };
        // The last item is still open, so it is not yet in `items`.
        let count = self.items.len() as u64 + 1;
        if count == 1 && number == start && start <= 1 {
            self.repeats = true;
        }
        if self.repeats {
            number == start
        } else {
            number == start + count
        }
    }
}
