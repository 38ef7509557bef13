//! Markdown to HTML: not yet safe, but bounded.
//!
//! `CommonMark` as pulldown-cmark reads it, with strikethrough and four changes that fit people who type into a small box:
//! a single newline breaks the line, bare web addresses are links, raw HTML is shown as it was typed, emoticons survive.
//! Depth and size are watched while events arrive, before a byte of HTML exists.

use super::limits::{ContentError, MAX_DEPTH, MAX_OUTPUT, MAX_SOURCE, size};
use super::links::{self, Span};
use super::shield;
use crate::model::text::characters;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// HTML of `source`, for `policy` to clean.
pub(super) fn to_html(source: &str) -> Result<String, ContentError> {
    if size(source) > MAX_SOURCE {
        return Err(ContentError::TooLarge);
    }
    let source = characters::clean_body(source);
    let source = shield::hide(&source);
    let mut pass = Pass {
        events: Vec::new(),
        depth: 0,
        bytes: 0,
        in_link: 0,
        in_code: false,
    };
    for event in TextMergeStream::new(Parser::new_ext(&source, Options::ENABLE_STRIKETHROUGH)) {
        pass.take(event)?;
    }
    let mut out = String::with_capacity(pass.bytes * 2);
    html::push_html(&mut out, pass.events.into_iter());
    Ok(out)
}

/// One walk over the events: counts, and changes what our dialect changes.
struct Pass<'s> {
    events: Vec<Event<'s>>,
    depth: usize,
    /// About how much HTML the events will make.
    bytes: usize,
    /// Links and images around this place.
    in_link: usize,
    in_code: bool,
}

impl<'s> Pass<'s> {
    fn take(&mut self, event: Event<'s>) -> Result<(), ContentError> {
        match event {
            // A block of raw HTML has no paragraph of its own.
            Event::Start(Tag::HtmlBlock) => self.open(Tag::Paragraph)?,
            Event::End(TagEnd::HtmlBlock) => self.close(TagEnd::Paragraph),
            Event::Start(tag) => self.open(tag)?,
            Event::End(end) => self.close(end),
            Event::Text(text) if self.in_code || self.in_link > 0 => self.push(Event::Text(restore(text))),
            Event::Text(text) => self.text(&shield::restore(&text))?,
            Event::Html(html) | Event::InlineHtml(html) => self.lines(&shield::restore(&html)),
            Event::Code(code) => self.push(Event::Code(restore(code))),
            Event::SoftBreak => self.push(Event::HardBreak),
            other => self.push(other),
        }
        if self.bytes > MAX_OUTPUT {
            Err(ContentError::TooLarge)
        } else {
            Ok(())
        }
    }

    fn open(&mut self, tag: Tag<'s>) -> Result<(), ContentError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ContentError::TooDeep);
        }
        match &tag {
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.in_link += 1;
                self.bytes += dest_url.len();
            }
            Tag::CodeBlock(_) => self.in_code = true,
            _ => {}
        }
        self.push(Event::Start(tag));
        Ok(())
    }

    fn close(&mut self, end: TagEnd) {
        self.depth -= 1;
        match end {
            TagEnd::Link | TagEnd::Image => self.in_link -= 1,
            TagEnd::CodeBlock => self.in_code = false,
            _ => {}
        }
        self.push(Event::End(end));
    }

    /// Running text, its bare addresses made links.
    fn text(&mut self, text: &str) -> Result<(), ContentError> {
        for span in links::spans(text) {
            match span {
                Span::Words(words) => self.push(Event::Text(words.to_owned().into())),
                Span::Address(url) => {
                    let url: CowStr<'s> = url.to_owned().into();
                    self.open(Tag::Link {
                        link_type: LinkType::Autolink,
                        dest_url: url.clone(),
                        title: "".into(),
                        id: "".into(),
                    })?;
                    self.push(Event::Text(url));
                    self.close(TagEnd::Link);
                }
            }
        }
        Ok(())
    }

    /// Raw HTML as text, line by line.
    fn lines(&mut self, html: &str) {
        for line in html.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            self.push(Event::Text(bare.to_owned().into()));
            if bare.len() < line.len() {
                self.push(Event::HardBreak);
            }
        }
    }

    fn push(&mut self, event: Event<'s>) {
        self.bytes += match &event {
            Event::Text(text) | Event::Code(text) => size(text),
            _ => 8,
        };
        self.events.push(event);
    }
}

fn restore(text: CowStr<'_>) -> CowStr<'_> {
    match shield::restore(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(restored) => restored.into(),
    }
}
