//! Folds a name to forms that can be compared by appearance.
//!
//! Two names look alike if their skeletons are equal (UTS #39 §4). Skeletons keep letter case and do not cover small
//! capitals, boxed letters and digits that stand for letters, so those are folded here.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_security::confusable_detection::skeleton;

/// Latin small capitals and others that pass for a Latin letter but are not in the table of confusables, each
/// followed by its letter.
const SMALL_CAPITALS: &str = "ⲁaɐa∂dдdвbкkмmнhтtᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpꞯqʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz";

/// The plain letters of compatibility forms, small capitals, and letters in boxes and circles.
pub(super) fn plain_letters(name: &str) -> String {
    name.nfkc().map(plain_letter).collect()
}

fn plain_letter(c: char) -> char {
    // Letters in negative circles and squares, and the letters of flags, which NFKC keeps.
    for first in ['\u{1F150}', '\u{1F170}', '\u{1F1E6}'] {
        if let Some(index @ 0..26) = (c as u32).checked_sub(first as u32) {
            return char::from(b'A' + index as u8);
        }
    }
    if c.is_ascii() {
        return c;
    }
    let mut pairs = SMALL_CAPITALS.chars();
    while let (Some(small), Some(letter)) = (pairs.next(), pairs.next()) {
        if small == c {
            return letter;
        }
    }
    c
}

/// All readings of a name in which digits and symbols may stand for letters, and `i`, `l` and `1` are one.
///
/// Case is folded both before the skeleton (`I` looks like `l`, yet `ADMIN` is `admin`) and after it (a mathematical
/// `𝐀` has no lower case but looks like `A`).
pub(super) fn loose_readings(name: &str) -> Vec<String> {
    let plain = plain_letters(name);
    let mut readings = Vec::with_capacity(8);
    for text in [name, &plain] {
        for text in [text.to_lowercase(), text.to_owned()] {
            for symbols in [false, true] {
                let reading = loose(&text, symbols);
                if !reading.is_empty() && !readings.contains(&reading) {
                    readings.push(reading);
                }
            }
        }
    }
    readings
}

fn loose(text: &str, symbols: bool) -> String {
    let letters = shapes(text).flat_map(char::to_lowercase).filter_map(|c| match c {
        // Older versions of the table mapped the ogonek to `i`.
        'l' | '1' | 'ı' | '˛' => Some('i'),
        '!' if symbols => Some('i'),
        '@' if symbols => Some('a'),
        '$' if symbols => Some('s'),
        '0' => Some('o'),
        '3' => Some('e'),
        '4' => Some('a'),
        '5' => Some('s'),
        '7' => Some('t'),
        '8' => Some('b'),
        '9' => Some('g'),
        c => is_letter(c).then_some(c),
    });
    letters.collect::<String>().replace("vv", "w")
}

/// The two readings of a name at a glance: by its letters in either case, and by their shapes.
///
/// By shape `I`, `l` and `1` are one, but `L` is not: `Lan` is not `Ian`.
pub(super) fn close_readings(name: &str) -> [String; 2] {
    let plain = plain_letters(name);
    let by_letters = shapes(&plain.to_lowercase())
        .flat_map(char::to_lowercase)
        .filter(|c| is_letter(*c))
        .collect();
    let by_shapes = shapes(&plain)
        .flat_map(|c| {
            let kept = (c == 'L').then_some('L');
            let lower = (c != 'L').then(|| c.to_lowercase()).into_iter().flatten();
            kept.into_iter().chain(lower)
        })
        .map(|c| match c {
            'l' | '1' | 'ı' => 'i',
            '0' => 'o',
            c => c,
        })
        .filter(|c| is_letter(*c))
        .collect();
    [by_letters, by_shapes]
}

/// The skeleton, with small capitals replaced, since the table itself maps some Cyrillic letters to them.
fn shapes(text: &str) -> impl Iterator<Item = char> + '_ {
    // The table maps `m` to `rn`.
    skeleton(text).map(plain_letter).flat_map(|letter| {
        let (first, second) = if letter == 'm' {
            ('r', Some('n'))
        } else {
            (letter, None)
        };
        std::iter::once(first).chain(second)
    })
}

/// Returns true if `c` distinguishes names: accents do not; the vowel signs of Indic scripts, Thai and Lao do.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && (!is_combining_mark(c) || matches!(canonical_combining_class(c), 0 | 84..=132))
}

/// Returns true if the name contains a digit or symbol that may stand for a letter.
pub(super) fn may_disguise(name: &str) -> bool {
    plain_letters(name).contains(|c: char| c.is_ascii_digit() || "@$!|".contains(c))
}

/// The words of a name, split at separators and within `CamelCase`. Symbols that may be letters are tried as both.
/// Words are not yet folded.
pub(super) fn words(name: &str) -> Vec<String> {
    let plain = plain_letters(name);
    let mut words = Vec::new();
    for symbols in ["", "@$!|"] {
        let is_part = |c: char| c.is_alphanumeric() || is_combining_mark(c) || symbols.contains(c);
        for word in plain.split(|c| !is_part(c)).filter(|word| !word.is_empty()) {
            words.push(word.to_owned());
            words.extend(humps(word));
            let bare = word.trim_matches(char::is_numeric);
            words.push(bare.to_owned());
        }
    }
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words.dedup();
    words
}

/// The words of a name in order, each once, with `CamelCase` split.
pub(super) fn words_in_order(name: &str) -> Vec<String> {
    plain_letters(name)
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .flat_map(humps)
        .collect()
}

/// The parts of a name in brackets.
pub(super) fn bracketed(name: &str) -> Vec<String> {
    let (opening, closing) = ("([{<【〔《「", ")]}>】〕》」");
    let mut inner: Option<String> = None;
    let mut found = Vec::new();
    for c in plain_letters(name).chars() {
        if opening.contains(c) {
            inner = Some(String::new());
        } else if closing.contains(c) {
            found.extend(inner.take());
        } else if let Some(inner) = &mut inner {
            inner.push(c);
        }
    }
    found
}

fn humps(word: &str) -> Vec<String> {
    let mut humps: Vec<String> = Vec::new();
    let mut after_lower = true;
    for c in word.chars() {
        match humps.last_mut() {
            Some(hump) if !(c.is_uppercase() && after_lower) => hump.push(c),
            _ => humps.push(c.to_string()),
        }
        after_lower = c.is_lowercase();
    }
    humps
}
