//! HTML examples: well formed, with the widget's elements and attributes, and with addresses that the server serves.

use std::{cell::RefCell, collections::BTreeSet};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
};

use super::{blocks::read, support::server::TestServer};

/// Attributes of an element as declared in `embed/afterword.d.ts`.
fn declared(interface: &str) -> BTreeSet<String> {
    let text = read("embed/afterword.d.ts");
    let body = text
        .split_once(&format!("interface {interface} {{"))
        .unwrap_or_else(|| panic!("{interface} is not declared"))
        .1;
    let body = body.split_once("\n}").unwrap().0;
    let names = body.lines().filter_map(|line| line.trim().split_once("?:"));
    names.map(|(name, _)| name.trim_matches('"').to_owned()).collect()
}

#[derive(Default)]
struct Sink {
    tags: RefCell<Vec<Tag>>,
    errors: RefCell<Vec<String>>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tags.borrow_mut().push(tag),
            Token::ParseError(error) => self.errors.borrow_mut().push(error.into_owned()),
            _ => (),
        }
        TokenSinkResult::Continue
    }
}

pub(crate) fn check(text: &str, server: &TestServer) -> Result<(), String> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    let tokenizer = Tokenizer::new(Sink::default(), Default::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let (tags, errors) = (
        tokenizer.sink.tags.into_inner(),
        tokenizer.sink.errors.into_inner(),
    );
    if let Some(error) = errors.first() {
        return Err(error.clone());
    }
    if tags.is_empty() {
        return Err("no element".into());
    }
    let mut open: Vec<String> = Vec::new();
    for tag in &tags {
        let name = tag.name.to_string();
        match tag.kind {
            TagKind::EndTag if open.pop().as_ref() != Some(&name) => {
                return Err(format!("</{name}> closes nothing"));
            }
            TagKind::EndTag => continue,
            TagKind::StartTag if !["meta", "link", "img", "br", "input"].contains(&name.as_str()) => {
                open.push(name.clone())
            }
            TagKind::StartTag => (),
        }
        let attributes: Vec<(String, String)> = tag
            .attrs
            .iter()
            .map(|one| (one.name.local.to_string(), one.value.to_string()))
            .collect();
        element(&name, &attributes, server)?;
    }
    open.is_empty()
        .then_some(())
        .ok_or(format!("{open:?} are not closed"))
}

fn element(name: &str, attributes: &[(String, String)], server: &TestServer) -> Result<(), String> {
    let value = |wanted: &str| {
        attributes
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    let (mut known, mut prefix) = (BTreeSet::new(), "");
    match name {
        "afterword-thread" => known = declared("AfterwordThreadAttributes"),
        "afterword-count" => known = declared("AfterwordCountAttributes"),
        "afterword-recent" => known = declared("AfterwordRecentAttributes"),
        "script" => {
            let source = value("src").unwrap_or_default();
            if source.ends_with("/embed.js") {
                (known, prefix) = (declared("AfterwordThreadAttributes"), "data-");
                value("data-site").ok_or("the script names no site")?;
            } else if source.ends_with("/count.js") || source.ends_with("/recent.js") {
                (known, prefix) = (declared("AfterwordCountAttributes"), "data-");
                known.extend(declared("AfterwordRecentAttributes"));
            }
        }
        other if other.starts_with("afterword-") => return Err(format!("there is no <{other}>")),
        _ => (),
    }
    for (attribute, _) in attributes.iter().filter(|_| !known.is_empty()) {
        let plain = [
            "src",
            "async",
            "defer",
            "id",
            "class",
            "state",
            "integrity",
            "crossorigin",
        ]
        .contains(&attribute.as_str())
            || attribute.starts_with("t-");
        let ours = attribute
            .strip_prefix(prefix)
            .is_some_and(|name| known.contains(name));
        if !plain && !ours {
            return Err(format!("<{name}> has no attribute {attribute}"));
        }
    }
    for address in ["src", "href"].into_iter().filter_map(value) {
        if let Some(path) = address.strip_prefix("https://comments.example") {
            let answer = server.get(path);
            if answer.status != 200 {
                return Err(format!("{address} is answered {}", answer.status));
            }
            let integrity =
                value("integrity").map(|wanted| wanted == afterword::view::asset::integrity(&answer.body));
            if integrity == Some(false) {
                return Err(format!("{address} has another hash"));
            }
        }
    }
    Ok(())
}
