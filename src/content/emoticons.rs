//! Protects emoticons and Windows paths from Markdown.
//!
//! To `CommonMark`, a line that begins with `>:(` is a quotation of `:(`, `*_*` is an emphasised `_`, and the shrug
//! loses its arm. During parsing, such characters are replaced by noncharacters of Unicode, which have no meaning in
//! Markdown; afterwards they are restored, in code as well as in text. `inline` marks addresses the same way.
//! Noncharacters in the input are dropped.

use std::borrow::Cow;

/// Each protected character and the noncharacter that replaces it (U+FDD0–FDEF are reserved for such use, Unicode
/// §23.7).
const STAND_INS: [(char, char); 13] = [
    ('>', '\u{FDD0}'),
    ('*', '\u{FDD1}'),
    ('\\', '\u{FDD2}'),
    ('_', '\u{FDD3}'),
    ('<', '\u{FDD4}'),
    ('~', '\u{FDD5}'),
    ('`', '\u{FDD6}'),
    ('&', '\u{FDD7}'),
    ('[', '\u{FDD8}'),
    (']', '\u{FDD9}'),
    ('(', '\u{FDDA}'),
    (')', '\u{FDDB}'),
    ('!', '\u{FDDC}'),
];

/// Marks around an address.
pub(super) const LINK_START: char = '\u{FDE0}';
pub(super) const LINK_END: char = '\u{FDE1}';

fn is_ours(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// The noncharacter that replaces `c`; `c` itself if it needs none.
pub(super) fn stand_in(c: char) -> char {
    STAND_INS
        .iter()
        .find(|(typed, _)| *typed == c)
        .map_or(c, |(_, stand_in)| *stand_in)
}

const EMOTICONS: &[&str] = &[
    ">:(",
    ">:)",
    ">:-(",
    ">:-)",
    ">:|",
    ">:[",
    ">:]",
    ">:/",
    ">:D",
    ">:O",
    ">:o",
    ">:P",
    ">:3",
    ">:<",
    ">:c",
    ">;)",
    ">;(",
    ">=(",
    ">=)",
    ">.<",
    ">_<",
    ">.>",
    ">_>",
    ">,<",
    ">o<",
    ">w<",
    ">^<",
    ">//<",
    ">///<",
    "<_<",
    "^_^",
    "-_-",
    ";_;",
    "=_=",
    "@_@",
    "._.",
    "u_u",
    "*_*",
    "*-*",
    "*.*",
    "*o*",
    "*O*",
    "*\\o/*",
    "¯\\_(ツ)_/¯",
    "¯\\(ツ)/¯",
    "\\(^o^)/",
    "\\(^_^)/",
    "\\(^.^)/",
];

/// Replaces the emoticons and Windows paths of a source. Each word is examined once.
pub(super) fn protect(source: &str) -> Cow<'_, str> {
    if !source.contains(['>', '*', '\\', '_']) && !source.contains(is_ours) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    for word in source.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?'));
        let kept = if EMOTICONS.contains(&bare) {
            bare
        } else if is_windows_path(bare) {
            // A quotation mark or backtick around it is not part of it.
            bare.trim_end_matches(['`', '"', '\'', ')'])
        } else {
            ""
        };
        out.extend(kept.chars().filter(|c| !is_ours(*c)).map(stand_in));
        out.extend(word[kept.len()..].chars().filter(|c| !is_ours(*c)));
    }
    Cow::Owned(out)
}

/// Returns true if this is `C:\x` or `\\server`.
fn is_windows_path(word: &str) -> bool {
    match word.as_bytes() {
        [drive, b':', b'\\', ..] => drive.is_ascii_alphabetic(),
        [b'\\', b'\\', name, ..] => name.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// Restores the typed characters in a piece of the parsed text.
pub(super) fn restore(text: &str) -> Cow<'_, str> {
    if !text.contains(is_ours) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|c| !matches!(*c, LINK_START | LINK_END))
            .map(|c| {
                STAND_INS
                    .iter()
                    .find(|(_, stand_in)| *stand_in == c)
                    .map_or(c, |(typed, _)| *typed)
            })
            .collect(),
    )
}

/// A part of the text, as typed.
pub(super) enum Span {
    Words(String),
    Address(String),
}

/// Splits a piece of the parsed text into text and the addresses that `inline` marked.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(LINK_START) {
        let (words, from_start) = rest.split_at(start);
        let end = from_start.find(LINK_END).unwrap_or(from_start.len());
        spans.push(Span::Words(restore(words).into_owned()));
        spans.push(Span::Address(restore(&from_start[..end]).into_owned()));
        rest = &from_start[end..];
    }
    spans.push(Span::Words(restore(rest).into_owned()));
    spans
}
