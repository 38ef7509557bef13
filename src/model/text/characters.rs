//! Cleaning of text: which characters are allowed in a comment and in a single line such as a name.
//!
//! [`clean_body`] leaves a text as typed except for characters that act outside of it or corrupt storage;
//! [`clean_line`] is strict, for names and titles that appear beside the words of the page. Both are idempotent and
//! linear. Neither judges meaning: that is `reserved`.

use icu_properties::props::{
    DefaultIgnorableCodePoint, ExtendedPictographic, GeneralCategory, PrependedConcatenationMark,
};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed, CodePointSetData};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

const CATEGORIES: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();

/// Maximum numbers of combining marks after one base character: those that stack above or below it, and all.
///
/// There are two numbers because marks that take their own space (Burmese, Tibetan vowels) come in legitimate runs of
/// six, while stacks that cover the lines above consist of marks with a combining class.
struct MarkLimit {
    stacking: usize,
    all: usize,
}

/// Fully pointed Hebrew with cantillation needs five stacking marks; zalgo text has more than eight.
const BODY_MARKS: MarkLimit = MarkLimit { stacking: 8, all: 16 };
const LINE_MARKS: MarkLimit = MarkLimit { stacking: 4, all: 8 };

/// The current run of marks.
#[derive(Default)]
struct MarkRun {
    stacking: usize,
    all: usize,
    full: bool,
}

impl MarkRun {
    /// Returns true if `c` may be written. Once a run is full, the rest of it is dropped: a prefix of NFC text is NFC.
    fn admits(&mut self, c: char, limit: &MarkLimit) -> bool {
        if c.is_ascii() || !is_combining_mark(c) {
            *self = MarkRun::default();
            return true;
        }
        self.all += 1;
        self.stacking += usize::from(canonical_combining_class(c) != 0);
        self.full |= self.all > limit.all || self.stacking > limit.stacking;
        !self.full
    }
}

/// Cleans the text of a comment, which stays as typed except that:
///
/// - CRLF and lone CR become LF;
/// - C0 and C1 controls and DEL are removed, except LF and tab (a database may refuse NUL, a terminal obeys the
///   others);
/// - U+FFFE and U+FFFF are removed: XML, and so a feed, may not hold them;
/// - bidi embeddings, overrides and isolates (U+202A–202E, U+2066–2069) are removed: unbalanced, they would reorder
///   the text after the comment. The marks U+200E, U+200F and U+061C stay, since they act in place;
/// - runs of more than 8 stacking marks, or of more than 16 marks of any kind, are cut.
///
/// No normalisation: a comment may be about the difference.
pub fn clean_body(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|b| b == b'\n' || b == b'\t' || (b' '..=b'~').contains(&b))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut marks = MarkRun::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = match c {
            '\r' if chars.peek() == Some(&'\n') => continue,
            '\r' => '\n',
            '\n' | '\t' => c,
            '\u{FFFE}' | '\u{FFFF}' => continue,
            _ if c.is_control() || reorders(c) => continue,
            _ => c,
        };
        if marks.admits(c, &BODY_MARKS) {
            out.push(c);
        }
    }
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

/// Cleans one line: NFC, white space collapsed and trimmed, nothing invisible, at most 4 stacking marks and 8 marks
/// of any kind in a run.
///
/// Joiners and the emoji variation selector stay where they change the picture: within emoji, between Arabic letters
/// (ZWNJ, for Persian), after a virama (Indic scripts; RFC 5892 A.1 and A.2 have the same two rules). The caller
/// limits the length of `text` first; NFC can triple it.
pub fn clean_line(text: &str) -> String {
    let visible = drop_invisible(text);
    let mut out = String::with_capacity(visible.len());
    let mut marks = MarkRun::default();
    for c in visible.nfc() {
        if c.is_whitespace() {
            marks = MarkRun::default();
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if out.is_empty() && is_combining_mark(c) {
            // A mark without a base would join the punctuation before the name.
        } else if marks.admits(c, &LINE_MARKS) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Returns true if `text` contains anything visible: not only white space, invisible characters, marks without a base and
/// code points without a glyph in any font.
pub fn has_visible(text: &str) -> bool {
    text.chars().any(leaves_ink)
}

fn leaves_ink(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    if c.is_whitespace() || is_invisible(c) {
        return false;
    }
    match CATEGORIES.get(c) {
        GeneralCategory::Control
        | GeneralCategory::Surrogate
        | GeneralCategory::PrivateUse
        | GeneralCategory::NonspacingMark
        | GeneralCategory::SpacingMark
        | GeneralCategory::EnclosingMark => false,
        // Reserved by Unicode for emoji: newer systems show one there.
        GeneralCategory::Unassigned => CodePointSetData::new::<ExtendedPictographic>().contains(c),
        _ => true,
    }
}

/// Bidi controls that act beyond the text that holds them (UAX #9, explicit formatting).
fn reorders(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Letters and symbols with an empty glyph, although no Unicode property says so: the object replacement character,
/// the blank Braille pattern, a musical note without a head, two blank hieroglyphs.
const BLANKS: [char; 5] = ['\u{FFFC}', '\u{2800}', '\u{1D159}', '\u{13441}', '\u{13442}'];

/// Characters without a visible glyph: default ignorable ones (UAX #44), format characters, blanks, noncharacters.
fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    BLANKS.contains(&c)
        || is_noncharacter(c)
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CATEGORIES.get(c) == GeneralCategory::Format
            && !CodePointSetData::new::<PrependedConcatenationMark>().contains(c)
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || (c as u32) & 0xFFFE == 0xFFFE
}

fn drop_invisible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let keep = match c {
            _ if c.is_whitespace() => true,
            '\u{200C}' | '\u{200D}' | '\u{FE0F}' => joins(out.chars().next_back(), c, chars.peek().copied()),
            _ => !c.is_control() && !is_invisible(c),
        };
        if keep {
            out.push(c);
        }
    }
    out
}

/// Returns true if a joiner or the emoji variation selector changes the picture between these neighbours.
fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    let emoji_before = is_pictographic(before) || before == '\u{FE0F}';
    match (c, after) {
        ('\u{FE0F}', Some('\u{20E3}')) => before.is_ascii_digit() || matches!(before, '#' | '*'),
        ('\u{FE0F}', _) => is_pictographic(before),
        (_, Some(after)) if canonical_combining_class(before) == 9 => after.is_alphabetic(),
        ('\u{200D}', Some(after)) => emoji_before && is_pictographic(after),
        ('\u{200C}', Some(after)) => is_arabic_letter(before) && is_arabic_letter(after),
        _ => false,
    }
}

/// Returns true if `c` is an emoji, can become one, or is an emoji's skin tone (UTS #51).
fn is_pictographic(c: char) -> bool {
    !c.is_ascii()
        && (matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
            || CodePointSetData::new::<ExtendedPictographic>().contains(c))
}

fn is_arabic_letter(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64A}' | '\u{66E}'..='\u{6D3}' | '\u{6FA}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{8A0}'..='\u{8C9}')
}

/// Maximum average of code points per character. A family emoji has 7 and the longest 11, a letter with its marks a
/// few, a hostile grapheme thousands.
const CODE_POINTS_PER_CHARACTER: usize = 10;

/// The length in characters, the unit of all limits shown to people: graphemes, or a tenth of the code points if that
/// is more. The widget's counter (`embed/src/compose/text-length.ts`) computes the same.
pub fn length(text: &str) -> usize {
    by_code_points(text).max(text.graphemes(true).count())
}

/// A lower bound of [`length`] without segmentation, for texts of any size.
pub(crate) fn by_code_points(text: &str) -> usize {
    text.chars().count().div_ceil(CODE_POINTS_PER_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_stays_as_typed() {
        for text in [
            "“Curly” … — it’s",
            ":-) >:( <3 :* ¯\\_(ツ)_/¯",
            "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣",
            "שָׁלוֹם עליכם‏!",
            "می‌خواهم",
            "e\u{301} é",
            "tab\there\nline",
            "𝒳 \u{10FFFD}",
        ] {
            assert_eq!(clean_body(text), text);
        }
    }

    #[test]
    fn a_body_cannot_act_outside_of_itself() {
        assert_eq!(
            clean_body("a\r\nb\rc\0d\u{1b}[31m\u{9b}1m\u{7f}"),
            "a\nb\ncd[31m1m"
        );
        assert_eq!(clean_body("x\u{202e}y\u{2066}z\u{ffff}"), "xyz");
        let zalgo = format!("z{}", "\u{300}".repeat(500));
        assert_eq!(clean_body(&zalgo).chars().count(), 9);
        assert_eq!(clean_body(&clean_body(&zalgo)), clean_body(&zalgo));
    }

    #[test]
    fn a_line_is_nfc_single_spaced_and_visible() {
        assert_eq!(clean_line("  Ann\t \u{a0}e\u{301}\u{2028}b\u{200b} "), "Ann é b");
        assert_eq!(clean_line("e\u{200b}\u{301}"), "é");
        assert_eq!(clean_line("\u{301}Ann"), "Ann");
        assert_eq!(clean_line("user\u{202e}nimda\u{E0041}"), "usernimda");
        assert_eq!(
            clean_line(&format!("z{}", "\u{316}".repeat(500))).chars().count(),
            5
        );
    }

    #[test]
    fn joiners_stay_where_they_show() {
        for name in ["👩‍💻", "❤️", "1️⃣", "علی‌رضا", "क्‍ष", "لျှော်", "👩🏽‍🚀"]
        {
            assert_eq!(clean_line(name), name, "{name:?}");
        }
        assert_eq!(clean_line("ad\u{200d}min\u{200c}x\u{fe0f}"), "adminx");
    }

    #[test]
    fn visible_text_is_distinguished_from_blank() {
        for blank in [
            "",
            " \n\u{a0}\u{3000}\u{1680}",
            "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}",
            "\u{3164}",
            "\u{115f}\u{1160}\u{ffa0}",
            "\u{2800}\u{ad}",
            "\u{fffc}",
            "\u{fff9}\u{fffa}\u{fffb}",
            "\u{180e}\u{180b}",
            "\u{17b4}\u{17b5}",
            "\u{fe0f}\u{fe00}\u{E0100}",
            "\u{301}",
            "\u{20dd}\u{903}",
            "\u{fffe}\u{fdd0}",
            "\u{E0001}\u{E0041}",
            "\u{e000}\u{f8ff}\u{10fffd}",
            "\u{378}\u{50000}",
            "\u{1d159}\u{1d173}",
            "\u{202e}\u{2069}",
            "\0\u{1b}",
        ] {
            assert!(!has_visible(blank), "{blank:?}");
            assert!(!has_visible(&clean_line(blank)), "{blank:?}");
        }
        for ink in [
            "\u{200b}.",
            "👍",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "1️⃣",
            "🇺🇦",
            "字",
            "ไ",
            "\u{600}",
            "\u{fffd}",
            "^",
            "ー",
            "・",
            "…",
            "ʰ",
            "\u{1fadb}",
        ] {
            assert!(has_visible(ink), "{ink:?}");
        }
    }
}
