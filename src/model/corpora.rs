//! Spoofed names, hostile addresses and awkward URLs from other projects' test suites, if `AFTERWORD_CORPORA` or a
//! folder beside the checkout has them. The unit tests hold the same rules without them.

use super::page::PageUrl;
use super::text::{AuthorName, CommentText, Email, ReservedNames, Title, Website};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn lines(name: &str) -> Vec<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = std::env::var_os("AFTERWORD_CORPORA").map_or(beside, PathBuf::from);
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a corpus that can be read"))
        .collect()
}

fn input(line: &Value) -> String {
    match line["input"].as_str() {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(
            &data_encoding::BASE64
                .decode(
                    line["input_b64"]
                        .as_str()
                        .expect("a corpus that can be read")
                        .as_bytes(),
                )
                .expect("a corpus that can be read"),
        )
        .into_owned(),
    }
}

#[test]
fn spoofed_names_are_refused_or_cleaned() {
    let (mut refused, mut cleaned, mut kept) = (0, Vec::new(), Vec::new());
    for line in lines("unicode_spoof.jsonl") {
        let (typed, title) = (
            input(&line),
            line["title"].as_str().unwrap_or_default().to_owned(),
        );
        let name = AuthorName::parse(&typed).and_then(|name| {
            name.iter()
                .try_for_each(|name| ReservedNames::default().check(name))?;
            Ok(name)
        });
        match name {
            Err(_) => refused += 1,
            Ok(name) => {
                let name = name.as_ref().map_or("", AuthorName::as_str).to_owned();
                // One of them begins with a mark without a base; without the mark it resembles no reserved name.
                assert!(
                    !title.starts_with("confusable of") || name != typed,
                    "{title}: {typed:?}"
                );
                if name == typed {
                    kept.push((title, typed))
                } else {
                    cleaned.push((title, typed, name))
                }
            }
        }
    }
    println!(
        "unicode_spoof: {refused} refused, {} cleaned, {} kept",
        cleaned.len(),
        kept.len()
    );
    cleaned.iter().for_each(|(title, typed, name)| {
        println!(
            "  cleaned {title}: {:?} -> {:?}",
            typed.chars().take(40).collect::<String>(),
            name.chars().take(40).collect::<String>()
        )
    });
    kept.iter()
        .for_each(|(title, typed)| println!("  kept {title}: {typed:?}"));
}

#[test]
fn mail_fields_hold_one_recipient_and_one_line() {
    for line in lines("mail_fields.jsonl") {
        let typed = input(&line);
        let one_line = |text: &str| {
            assert!(
                !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')),
                "{typed:?}"
            )
        };
        if let Ok(Some(email)) = Email::parse(&typed) {
            one_line(email.as_str());
            assert!(
                email.as_str().is_ascii()
                    && email.as_str().matches('@').count() == 1
                    && !email.as_str().contains([' ', ',', ';', '<', '>', '"']),
                "{typed:?}"
            );
            println!("mail_fields: {:.60?} accepted as {:.60}", typed, email.as_str());
        }
        if let Ok(Some(name)) = AuthorName::parse(&typed) {
            one_line(name.as_str())
        }
        if let Ok(Some(title)) = Title::parse(&typed) {
            one_line(title.as_str())
        }
    }
}

#[test]
fn urls_are_read_as_browsers_read_them() {
    let (mut failures, mut pages, mut others) = (0, 0, 0);
    for line in lines("urls.jsonl") {
        let typed = input(&line);
        let page = PageUrl::parse(&typed);
        if line["failure"] == true {
            assert!(page.is_err(), "{typed:?}");
            failures += 1;
        } else if let (Some(href), true) = (line["href"].as_str(), line["base"].is_null()) {
            let wanted = PageUrl::parse(href);
            assert_eq!(
                page.as_ref().map(PageUrl::key),
                wanted.as_ref().map(PageUrl::key),
                "{typed:?}"
            );
            if wanted.is_ok() { pages += 1 } else { others += 1 }
        }
        if let Ok(page) = page {
            assert_eq!(PageUrl::parse(page.as_str()).as_ref(), Ok(&page), "{typed:?}");
        }
        if let Ok(Some(site)) = Website::parse(&typed) {
            assert!(
                site.as_str().starts_with("http")
                    && site
                        .as_str()
                        .bytes()
                        .all(|b| b.is_ascii_graphic() && !b"\"'<>".contains(&b)),
                "{typed:?}"
            );
        }
    }
    println!(
        "urls: {failures} failures refused, {pages} pages with the key of their href, {others} of other schemes refused"
    );
}

#[test]
fn any_string_is_taken_or_refused_in_every_field() {
    for name in [
        "naughty_strings.jsonl",
        "html_xss.jsonl",
        "unicode_spoof.jsonl",
        "urls.jsonl",
    ] {
        for line in lines(name) {
            let typed = input(&line);
            let _ = (
                Email::parse(&typed),
                Website::parse(&typed),
                PageUrl::parse(&typed),
            );
            if let Ok(Some(name)) = AuthorName::parse(&typed) {
                assert_eq!(
                    AuthorName::parse(name.as_str()),
                    Ok(Some(name.clone())),
                    "{typed:?}"
                );
            }
            if let Ok(Some(title)) = Title::parse(&typed) {
                assert_eq!(Title::parse(title.as_str()), Ok(Some(title.clone())), "{typed:?}");
            }
            if let Ok(text) = CommentText::parse(&typed, 10_000) {
                assert_eq!(
                    CommentText::parse(text.as_str(), 10_000),
                    Ok(text.clone()),
                    "{typed:?}"
                );
            }
        }
    }
}
