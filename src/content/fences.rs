//! Fenced code blocks: the info string of a fence, and its closing line.

use super::policy::Language;

/// The opening line of a code block.
pub(super) struct Fence {
    /// A backtick or a tilde.
    pub(super) mark: char,
    pub(super) length: usize,
    /// Columns of indentation, which are removed from each line.
    pub(super) indent: usize,
    pub(super) language: Option<String>,
    pub(super) first_line: Option<String>,
}

impl Fence {
    pub(super) fn marks(&self) -> String {
        String::from(self.mark).repeat(self.length)
    }
}

/// The length of the longest line of backticks only, and of tildes only, from a given line on.
#[derive(Clone, Copy, Default)]
pub(super) struct FenceEnds {
    backticks: usize,
    tildes: usize,
}

impl FenceEnds {
    /// Adds the line before them.
    pub(super) fn with(self, line: &str) -> Self {
        let bare = line
            .trim_start_matches([' ', '\t', '>'])
            .trim_end_matches([' ', '\t']);
        let run = |mark: char| {
            if bare.chars().all(|c| c == mark) {
                bare.len()
            } else {
                0
            }
        };
        FenceEnds {
            backticks: self.backticks.max(run('`')),
            tildes: self.tildes.max(run('~')),
        }
    }

    /// The length of the longest line that can close this fence.
    pub(super) fn of(self, fence: &Fence) -> usize {
        if fence.mark == '`' {
            self.backticks
        } else {
            self.tildes
        }
    }
}

/// Splits an info string: the language, or else the first line of the code.
pub(super) fn language_or_code(info: &str) -> (Option<String>, Option<String>) {
    if info.is_empty() {
        (None, None)
    } else if Language::is_name(info) {
        (Some(info.to_owned()), None)
    } else {
        (None, Some(format!("{info}\n")))
    }
}
