//! Fences around code: what stands behind their marks, and whether a line ends them.

use super::policy::Language;

/// What begins a block of code.
pub(super) struct Fence {
    /// A backtick or a tilde.
    pub(super) mark: char,
    pub(super) length: usize,
    /// Columns before it, which are taken from every line.
    pub(super) indent: usize,
    pub(super) language: Option<String>,
    pub(super) first_line: Option<String>,
}

impl Fence {
    pub(super) fn marks(&self) -> String {
        String::from(self.mark).repeat(self.length)
    }
}

/// The longest line of nothing but backticks, and of nothing but tildes, from some line on.
#[derive(Clone, Copy, Default)]
pub(super) struct FenceEnds {
    backticks: usize,
    tildes: usize,
}

impl FenceEnds {
    /// With the line before them.
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

    /// The longest line that may end this fence.
    pub(super) fn of(self, fence: &Fence) -> usize {
        if fence.mark == '`' {
            self.backticks
        } else {
            self.tildes
        }
    }
}

/// What stands behind the marks of a fence: the language, or else the first line of the code.
pub(super) fn language_or_code(info: &str) -> (Option<String>, Option<String>) {
    if info.is_empty() {
        (None, None)
    } else if Language::is_name(info) {
        (Some(info.to_owned()), None)
    } else {
        (None, Some(format!("{info}\n")))
    }
}
