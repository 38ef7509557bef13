//! A cursor over one line of Markdown: indentation, and the marks that begin a block.

use super::fences::{Fence, language_or_code};
use crate::model::text::characters;

/// A position in a line. Tabs extend to the next multiple of four columns.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'s> {
    rest: &'s str,
    column: usize,
    /// Columns of a tab not yet consumed.
    spaces: usize,
}

/// The marker of a list item.
pub(super) struct Marker {
    /// `-`, `+` or `*`; after a number `.` or `)`.
    pub(super) mark: char,
    pub(super) number: Option<u64>,
    /// Columns from the cursor to the text of the item.
    pub(super) indent: usize,
    /// True if the rest of the line is empty.
    pub(super) is_empty: bool,
}

const BLANK: [char; 2] = [' ', '\t'];

impl<'s> Cursor<'s> {
    pub(super) fn new(line: &'s str) -> Self {
        Cursor {
            rest: line,
            column: 0,
            spaces: 0,
        }
    }

    /// Columns of white space at the cursor.
    pub(super) fn indent(&self) -> usize {
        let mut column = self.column + self.spaces;
        for byte in self.rest.bytes() {
            match byte {
                b' ' => column += 1,
                b'\t' => column += 4 - column % 4,
                _ => break,
            }
        }
        column - self.column
    }

    /// Skips up to `columns` columns of white space.
    pub(super) fn skip(&mut self, columns: usize) {
        let mut left = columns;
        while left > 0 {
            if self.spaces == 0 {
                self.spaces = match self.rest.bytes().next() {
                    Some(b' ') => 1,
                    Some(b'\t') => 4 - self.column % 4,
                    _ => return,
                };
                self.rest = &self.rest[1..];
            }
            let taken = left.min(self.spaces);
            self.spaces -= taken;
            self.column += taken;
            left -= taken;
        }
    }

    /// Skips `count` characters of one byte and one column each.
    fn skip_marks(&mut self, count: usize) {
        self.rest = &self.rest[count..];
        self.column += count;
    }

    pub(super) fn is_blank(&self) -> bool {
        self.trimmed().is_empty()
    }

    pub(super) fn trimmed(&self) -> &'s str {
        self.rest.trim_start_matches(BLANK)
    }

    /// The rest of the line, with its white space.
    pub(super) fn text(&self) -> String {
        " ".repeat(self.spaces) + self.rest
    }

    /// Consumes a `>` and the space after it. `>=` is a comparison.
    pub(super) fn quote_mark(&mut self) -> bool {
        let text = self.trimmed();
        if !text.starts_with('>') || text.starts_with(">=") {
            return false;
        }
        self.skip(self.indent());
        self.skip_marks(1);
        self.skip(1);
        true
    }

    /// Returns true if the line is three or more of `-`, `*` or `_` and nothing else.
    pub(super) fn is_rule(&self) -> bool {
        let text = self.trimmed();
        let Some(mark) = text.chars().next().filter(|c| "-*_".contains(*c)) else {
            return false;
        };
        text.chars().all(|c| c == mark || BLANK.contains(&c)) && text.matches(mark).count() >= 3
    }

    /// The marker at the cursor: a bullet, or a number of at most three digits, since longer ones are years. `01.` is
    /// text: a list would lose its zero. To enter the item, skip `indent` columns.
    pub(super) fn list_marker(&self) -> Option<Marker> {
        let text = self.trimmed();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let mark = text[digits..].chars().next()?;
        let number = match digits {
            0 => None,
            1..=3 if digits == 1 || !text.starts_with('0') => text[..digits].parse().ok(),
            _ => return None,
        };
        let fits = if digits == 0 { "-+*" } else { ".)" };
        if !fits.contains(mark) {
            return None;
        }
        let before = self.indent();
        let mut behind = *self;
        behind.skip(before);
        behind.skip_marks(digits + 1);
        let gap = behind.indent();
        let is_empty = !characters::has_visible(behind.rest);
        if gap == 0 && !is_empty {
            return None;
        }
        let gap = if is_empty || gap > 4 { 1 } else { gap };
        Some(Marker {
            mark,
            number,
            indent: before + digits + 1 + gap,
            is_empty,
        })
    }

    /// Consumes the marker and the white space after it.
    pub(super) fn skip_marker(&mut self, marker: &Marker) {
        let before = self.indent();
        let marks = self.trimmed().bytes().take_while(u8::is_ascii_digit).count() + 1;
        self.skip(before);
        self.skip_marks(marks);
        self.skip(marker.indent - before - marks);
    }

    /// The fence at the cursor: three or more backticks or tildes, and the info string.
    pub(super) fn fence(&self) -> Option<Fence> {
        let text = self.trimmed();
        let mark = text.chars().next().filter(|c| "`~".contains(*c))?;
        let info = text.trim_start_matches(mark);
        let length = text.len() - info.len();
        if length < 3 || info.contains(mark) {
            return None;
        }
        let (language, first_line) = language_or_code(info.trim_matches(BLANK));
        Some(Fence {
            mark,
            length,
            indent: self.indent(),
            language,
            first_line,
        })
    }

    /// Returns true if the line closes a code block.
    pub(super) fn closes(&self, fence: &Fence) -> bool {
        let text = self.trimmed().trim_end_matches(BLANK);
        text.len() >= fence.length && text.chars().all(|c| c == fence.mark)
    }

    /// The text of a heading: after one to six `#` and a space, without closing `#`.
    pub(super) fn heading(&self) -> Option<&'s str> {
        let text = self.trimmed();
        let behind = text.trim_start_matches('#');
        if !(1..=6).contains(&(text.len() - behind.len())) || !behind.starts_with(BLANK) {
            return None;
        }
        let words = behind.trim_matches(BLANK);
        let open = words.trim_end_matches('#');
        let words = if open.ends_with(BLANK) || open.is_empty() {
            open.trim_end_matches(BLANK)
        } else {
            words
        };
        (!words.is_empty()).then_some(words)
    }
}
