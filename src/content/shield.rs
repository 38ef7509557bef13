//! Emoticons that Markdown would eat.
//!
//! A line that begins with `>:(` is a quotation of `:(` to `CommonMark`, `*_*` an emphasised `_`, and the shrug loses its arm.
//! While Markdown is parsed, the characters at stake are noncharacters of Unicode, which mean nothing to it;
//! afterwards they are put back, in code as well as in words. The same noncharacters, typed, are dropped.

use std::borrow::Cow;

/// What is typed, and the noncharacter that stands for it meanwhile (U+FDD0–FDEF are reserved for such use, Unicode §23.7).
const STAND_INS: [(char, char); 4] = [
    ('>', '\u{FDD0}'),
    ('*', '\u{FDD1}'),
    ('\\', '\u{FDD2}'),
    ('_', '\u{FDD3}'),
];

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

/// The source with its emoticons out of Markdown's reach. Every word is looked at once.
pub(super) fn hide(source: &str) -> Cow<'_, str> {
    if !source.contains(STAND_INS.map(|(typed, _)| typed)) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    for word in source.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '!' | '?'));
        if EMOTICONS.contains(&bare) {
            out.extend(bare.chars().map(|c| {
                STAND_INS
                    .iter()
                    .find(|(typed, _)| *typed == c)
                    .map_or(c, |(_, stand_in)| *stand_in)
            }));
            out.push_str(&word[bare.len()..]);
        } else {
            out.extend(
                word.chars()
                    .filter(|c| !STAND_INS.iter().any(|(_, stand_in)| stand_in == c)),
            );
        }
    }
    Cow::Owned(out)
}

/// A piece of the parsed text with what was typed put back.
pub(super) fn restore(text: &str) -> Cow<'_, str> {
    if !text.contains(STAND_INS.map(|(_, stand_in)| stand_in)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                STAND_INS
                    .iter()
                    .find(|(_, stand_in)| *stand_in == c)
                    .map_or(c, |(typed, _)| *typed)
            })
            .collect(),
    )
}
