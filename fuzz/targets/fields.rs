//! Names, addresses, titles: an accepted value is accepted again unchanged, and contains no deceptive characters.
#![no_main]

use afterword::model::text::{AuthorName, CommentText, Email, SiteName, Title, Website};
use libfuzzer_sys::fuzz_target;

/// Control characters, and those that change the direction of a text.
fn deceives(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Invisible characters in a line; in a comment, flags are made of them.
fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0000}'..='\u{e007f}')
}

macro_rules! line {
    ($kind:ident, $text:expr) => {
        if let Ok(Some(value)) = $kind::parse($text) {
            let value = value.as_str().to_owned();
            assert!(!value.contains(|c| deceives(c) || is_tag(c)), "{value:?}");
            let again = $kind::parse(&value).expect("taken again").expect("still something");
            assert_eq!(again.as_str(), value);
        }
    };
}

fuzz_target!(|text: &str| {
    line!(AuthorName, text);
    line!(Title, text);
    line!(Website, text);
    line!(Email, text);
    if let Ok(Some(website)) = Website::parse(text) {
        assert!(website.as_str().starts_with("https://") || website.as_str().starts_with("http://"));
    }
    if let Ok(Some(email)) = Email::parse(text) {
        assert!(!email.as_str().contains(['\r', '\n', ',', ';', ' ', '<', '>']), "{}", email.as_str());
        assert_eq!(email.as_str().matches('@').count(), 1);
    }
    if let Ok(name) = SiteName::parse(text) {
        assert_eq!(name.as_str(), text);
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic() && !b"/?#%\"'<>".contains(&byte)), "{text}");
    }
    if let Ok(comment) = CommentText::parse(text, 10_000) {
        let value = comment.as_str().to_owned();
        assert!(!value.contains(|c: char| deceives(c) && c != '\n' && c != '\t'), "{value:?}");
        assert_eq!(CommentText::parse(&value, 10_000).expect("taken again").as_str(), value);
    }
});
