//! Prepares the text of a block for pulldown-cmark.
//!
//! Addresses are protected, and so are characters that are not meant as markup: `2*3*4`, `~5 minutes`, `<T>`, a
//! backslash at the end of a line. A block cannot begin at the start of a line. Code stays as typed. One pass, left
//! to right.

use super::autolinks;
use super::emoticons;
use crate::content::{
    autolinks::Surroundings,
    emoticons::{LINK_END, LINK_START},
};
use std::collections::HashMap;

/// Inserted before characters that would begin a block. To the rules of emphasis it is white space, to those of
/// blocks it is not; as a control character it cannot be typed, and it is removed from the output.
const BLOCK_GUARD: char = '\u{85}';

/// The text of a paragraph or heading, ready to be parsed as one paragraph.
pub(super) fn prepare(text: &str) -> String {
    let mut pass = Pass {
        text,
        at: 0,
        out: String::with_capacity(text.len() + text.len() / 8),
        here: Surroundings::default(),
        ticks: ticks(text),
    };
    while let Some(c) = pass.text[pass.at..].chars().next() {
        pass.step(c);
    }
    pass.out
}

/// The positions of the runs of backticks, by their length.
fn ticks(text: &str) -> HashMap<usize, Vec<usize>> {
    let mut runs: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut from = 0;
    while let Some(found) = text[from..].find('`') {
        let start = from + found;
        let length = run(&text[start..], '`');
        runs.entry(length).or_default().push(start);
        from = start + length;
    }
    runs
}

/// The number of `c` at the beginning of the text.
fn run(text: &str, c: char) -> usize {
    text.len() - text.trim_start_matches(c).len()
}

struct Pass<'t> {
    text: &'t str,
    at: usize,
    out: String,
    here: Surroundings,
    ticks: HashMap<usize, Vec<usize>>,
}

impl Pass<'_> {
    fn step(&mut self, c: char) {
        let rest = &self.text[self.at..];
        self.here.before = self.text[..self.at].chars().next_back();
        if self.here.before.is_none_or(|before| before == '\n') {
            self.guard(c);
        }
        if self.address(c) {
            return;
        }
        match c {
            '\\' => match rest[1..].chars().next() {
                Some(next) if next.is_ascii_punctuation() => self.copy(2),
                Some('\n') | None => self.hide(1),
                _ => self.copy(1),
            },
            '`' => self.code(),
            '<' => self.angle(),
            '*' | '_' | '~' => self.mark(c),
            c => self.copy(c.len_utf8()),
        }
    }

    fn guard(&mut self, c: char) {
        if c.is_ascii_digit() || "#>-+*=~`<[_|:".contains(c) {
            self.out.push(BLOCK_GUARD);
        }
    }

    fn copy(&mut self, bytes: usize) {
        self.out.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    fn hide(&mut self, bytes: usize) {
        self.out.extend(
            self.text[self.at..self.at + bytes]
                .chars()
                .map(emoticons::stand_in),
        );
        self.at += bytes;
    }

    /// Consumes an address that begins here; false if there is none.
    fn address(&mut self, c: char) -> bool {
        let rest = &self.text[self.at..];
        if matches!(c, 'h' | 'H' | 'w' | 'W') {
            let length = autolinks::length(rest, self.here);
            if length > 0 {
                self.link(length);
                return true;
            }
        }
        let begins_word = self
            .here
            .before
            .is_none_or(|before| before.is_whitespace() || "([{\"'<>,;".contains(before));
        if begins_word && (c.is_ascii_alphanumeric() || "._".contains(c)) {
            let length = autolinks::bare_length(rest, self.here);
            if length > 0 {
                self.hide(length);
                return true;
            }
        }
        false
    }

    /// Writes an address; one without a valid target is text.
    fn link(&mut self, bytes: usize) {
        let leads = autolinks::target(&self.text[self.at..self.at + bytes]).is_some();
        if leads {
            self.out.push(LINK_START);
        }
        self.hide(bytes);
        if leads {
            self.out.push(LINK_END);
        }
    }

    /// Consumes code up to the next run of as many backticks; without one the backticks are text.
    fn code(&mut self) {
        let length = run(&self.text[self.at..], '`');
        let end = self.ticks.get(&length).and_then(|starts| {
            let next = starts.partition_point(|start| *start <= self.at);
            starts.get(next).map(|start| start + length)
        });
        let Some(end) = end else {
            self.hide(length);
            return;
        };
        let code = &self.text[self.at..end];
        self.at = end;
        for line in code.split_inclusive('\n') {
            if self.out.is_empty() || self.out.ends_with('\n') {
                self.guard(line.chars().next().unwrap_or(' '));
            }
            self.out.push_str(line);
        }
    }

    /// Consumes a link `<https://…>` or `<name@host>`; every other `<` is a literal character.
    fn angle(&mut self) {
        let rest = &self.text[self.at + 1..];
        let inside = &rest[..rest.find(['<', '>', '\n']).unwrap_or(rest.len())];
        let closed = rest[inside.len()..].starts_with('>');
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| autolinks::has_prefix(inside, scheme));
        let is_mail = inside.contains('@') && !inside.contains(['/', '"', '\'']);
        let in_brackets = self.out.ends_with("](");
        if closed && in_brackets && (is_web || is_mail) {
            self.copy(1);
        } else if closed && is_web && !inside.contains(char::is_whitespace) {
            self.at += 1;
            self.link(inside.len());
            self.at += 1;
        } else if closed && is_mail && !inside.contains(char::is_whitespace) {
            self.copy(inside.len() + 2);
        } else {
            self.hide(1);
        }
    }

    /// Consumes a run of characters that may open or close emphasis.
    fn mark(&mut self, c: char) {
        let rest = &self.text[self.at..];
        let length = run(rest, c);
        let after = rest[length..].chars().next();
        let before = self.here.before;
        let is_text = match c {
            // In `~5` and `3~5` a tilde means “about”; a line of tildes is a line.
            '~' => length != 2,
            '*' => length <= 2 && self.multiplies(length, before, after),
            _ => false,
        };
        if is_text {
            self.hide(length);
            return;
        }
        let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let open = match c {
            '*' => &mut self.here.stars,
            '_' => &mut self.here.lines,
            _ => &mut self.here.tildes,
        };
        if *open && !blank(before) && !word(after) {
            *open = false;
        } else if !blank(after) && (c != '_' || !word(before)) {
            *open = true;
        }
        self.copy(length);
    }

    /// Returns true if stars are multiplication signs: between digits or one-letter names. In scripts without spaces, where
    /// emphasis is next to letters, they are left to Markdown.
    fn multiplies(&self, length: usize, before: Option<char>, after: Option<char>) -> bool {
        let operand = |c: &char| c.is_alphanumeric() && *c < '\u{E00}';
        let (Some(before), Some(after)) = (before.filter(operand), after.filter(operand)) else {
            return false;
        };
        if length == 2 {
            return before.is_numeric() && after.is_numeric();
        }
        let second_before = self.text[..self.at].chars().rev().nth(1);
        let second_after = self.text[self.at + 1..].chars().nth(1);
        let single = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        before.is_numeric()
            || after.is_numeric()
            || single(second_before) && second_before != Some('*')
            || single(second_after) && second_after.is_none_or(|c| c != '*')
    }
}
