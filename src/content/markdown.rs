//! Renders Markdown to HTML that is bounded but not yet safe.
//!
//! `blocks` finds quotations, lists and code, `inline` prepares the text of each block, pulldown-cmark parses it, and
//! this module writes both as one list of events: a newline breaks the line, addresses are links, raw HTML and links
//! without a valid target are shown as typed. Depth and size are checked on the way, before any HTML is written.

use super::blocks;
use super::emoticons;
use super::limits::{ContentError, MAX_DEPTH, MAX_OUTPUT, MAX_SOURCE, size};
use super::{autolinks, inline};
use crate::{
    content::{
        block::{Block, List},
        emoticons::Span,
    },
    model::text::characters,
};
use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset,
    html,
};
use std::ops::Range;

/// The HTML of `source`, to be sanitized by `policy`.
pub(super) fn to_html(source: &str) -> Result<String, ContentError> {
    if size(source) > MAX_SOURCE {
        return Err(ContentError::TooLarge);
    }
    let source = characters::clean_body(source);
    let source = emoticons::protect(&source);
    let mut pass = Pass {
        events: Vec::new(),
        depth: 0,
        bytes: 0,
        links: Vec::new(),
    };
    pass.blocks(blocks::parse(&source)?, false)?;
    let mut out = String::with_capacity(pass.bytes * 2);
    html::push_html(&mut out, pass.events.into_iter());
    Ok(out)
}

/// A link or image whose text is being read.
struct Link {
    /// `None` if the target is not allowed; the link is then shown as typed.
    target: Option<String>,
    title: String,
    /// End of its text read so far, in the prepared text.
    end: usize,
    has_words: bool,
    /// Images within it, which cannot be links themselves.
    images: Vec<String>,
}

/// One pass over the blocks: checks the limits and writes events.
struct Pass {
    events: Vec<Event<'static>>,
    depth: usize,
    /// Estimated bytes of HTML.
    bytes: usize,
    /// Enclosing links and images.
    links: Vec<Link>,
}

impl Pass {
    fn blocks(&mut self, blocks: Vec<Block>, tight: bool) -> Result<(), ContentError> {
        for block in blocks {
            self.block(block, tight)?;
        }
        Ok(())
    }

    fn block(&mut self, block: Block, tight: bool) -> Result<(), ContentError> {
        match block {
            Block::Paragraph(text) if tight => self.inline(&text),
            Block::Paragraph(text) => {
                self.open(Tag::Paragraph)?;
                self.inline(&text)?;
                self.close(TagEnd::Paragraph)
            }
            Block::Heading(text) => {
                self.open(Tag::Heading {
                    level: HeadingLevel::H3,
                    id: None,
                    classes: Vec::new(),
                    attrs: Vec::new(),
                })?;
                self.inline(&text)?;
                self.close(TagEnd::Heading(HeadingLevel::H3))
            }
            Block::Rule => self.push(Event::Rule),
            Block::Code { language, text } => {
                self.open(Tag::CodeBlock(CodeBlockKind::Fenced(
                    language.unwrap_or_default().into(),
                )))?;
                self.push(Event::Text(emoticons::restore(&text).into_owned().into()))?;
                self.close(TagEnd::CodeBlock)
            }
            Block::Quote(children) => {
                self.open(Tag::BlockQuote(None))?;
                self.blocks(children, false)?;
                self.close(TagEnd::BlockQuote(None))
            }
            Block::List(list) => self.list(list),
        }
    }

    fn list(&mut self, mut list: List) -> Result<(), ContentError> {
        self.open(Tag::List(list.start))?;
        for (index, item) in std::mem::take(&mut list.items).into_iter().enumerate() {
            self.open(Tag::Item)?;
            let before = self.events.len();
            self.blocks(item, !list.loose)?;
            let shows = self.events[before..].iter().any(|event| match event {
                Event::Text(text) | Event::Code(text) => characters::has_visible(text),
                event => matches!(event, Event::Rule),
            });
            // An item without visible content would lose its number.
            if let Some(number) = list.number(index).filter(|_| !shows) {
                self.push(Event::Text(number.into()))?;
            }
            self.close(TagEnd::Item)?;
        }
        self.close(TagEnd::List(list.start.is_some()))
    }

    fn inline(&mut self, text: &str) -> Result<(), ContentError> {
        let prepared = inline::prepare(text);
        let parser = Parser::new_ext(&prepared, Options::ENABLE_STRIKETHROUGH).into_offset_iter();
        for (event, range) in TextMergeWithOffset::new(parser) {
            self.event(event, &range, &prepared)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, range: &Range<usize>, prepared: &str) -> Result<(), ContentError> {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            }) => {
                let marks = if matches!(link_type, LinkType::Autolink | LinkType::Email) {
                    "<"
                } else {
                    "["
                };
                return self.open_link(marks, &link_type, &dest_url, &title, range);
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                ..
            }) => return self.open_link("![", &link_type, &dest_url, &title, range),
            Event::End(end @ (TagEnd::Link | TagEnd::Image)) => self.close_link(end, range, prepared)?,
            Event::Start(tag @ (Tag::Emphasis | Tag::Strong | Tag::Strikethrough)) => {
                return self.open(tag.into_static());
            }
            Event::End(end @ (TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)) => {
                self.close(end)?
            }
            // The single paragraph of a prepared text.
            Event::Start(_) | Event::End(_) => return Ok(()),
            Event::Text(text) => self.text(&text)?,
            Event::Html(html) | Event::InlineHtml(html) => self.text(&html)?,
            Event::Code(code) => {
                self.words();
                self.push(Event::Code(emoticons::restore(&code).into_owned().into()))?;
            }
            Event::SoftBreak | Event::HardBreak => self.push(Event::HardBreak)?,
            other => self.push(other.into_static())?,
        }
        if let Some(link) = self.links.last_mut() {
            link.end = link.end.max(range.end);
        }
        Ok(())
    }

    fn open_link(
        &mut self,
        marks: &str,
        link_type: &LinkType,
        typed: &str,
        title: &str,
        range: &Range<usize>,
    ) -> Result<(), ContentError> {
        if self.links.len() >= MAX_DEPTH {
            return Err(ContentError::TooDeep);
        }
        let mut typed = emoticons::restore(typed).into_owned();
        if matches!(link_type, LinkType::Email) {
            typed.insert_str(0, "mailto:");
        }
        let is_image = marks == "![";
        let outer = self.links.iter_mut().find(|link| link.target.is_some());
        let within = outer.is_some();
        let target = autolinks::target(&typed).map(|href| href.as_str().to_owned());
        if let (Some(outer), Some(target), true) = (outer, &target, is_image) {
            outer.images.push(target.clone());
        }
        let tag = match &target {
            Some(target) if !within => {
                self.bytes += target.len();
                let (dest_url, title, id) = (CowStr::from(target.clone()), "".into(), "".into());
                let link_type = LinkType::Inline;
                Some(if is_image {
                    Tag::Image {
                        link_type,
                        dest_url,
                        title,
                        id,
                    }
                } else {
                    Tag::Link {
                        link_type,
                        dest_url,
                        title,
                        id,
                    }
                })
            }
            _ => None,
        };
        let is_kept = tag.is_some();
        match tag {
            Some(tag) => self.open(tag)?,
            // An image within a link is reduced to its text.
            None if is_image && target.is_some() => {}
            None => self.text(marks)?,
        }
        self.links.push(Link {
            target: target.filter(|_| is_kept || is_image),
            title: emoticons::restore(title).into_owned(),
            end: range.start + marks.len(),
            has_words: false,
            images: Vec::new(),
        });
        Ok(())
    }

    fn close_link(&mut self, end: TagEnd, range: &Range<usize>, prepared: &str) -> Result<(), ContentError> {
        let Some(link) = self.links.pop() else {
            return Ok(());
        };
        let Some(target) = link.target else {
            return self.text(prepared.get(link.end..range.end).unwrap_or_default());
        };
        if self.links.iter().any(|outer| outer.target.is_some()) {
            if link.has_words {
                self.words();
            }
        } else {
            if !link.has_words {
                self.push(Event::Text(target.into()))?;
            }
            self.close(end)?;
        }
        // A title is not visible without a pointing device, and a link within a link is not allowed.
        if characters::has_visible(&link.title) {
            self.push(Event::Text(format!(" ({})", link.title).into()))?;
        }
        for image in link.images {
            self.push(Event::Text(" (".into()))?;
            self.address(image)?;
            self.push(Event::Text(")".into()))?;
        }
        Ok(())
    }

    /// Marks the enclosing links as having visible text.
    fn words(&mut self) {
        for link in &mut self.links {
            link.has_words = true;
        }
    }

    /// Writes running text, with its addresses as links.
    fn text(&mut self, text: &str) -> Result<(), ContentError> {
        if characters::has_visible(&emoticons::restore(text)) {
            self.words();
        }
        if self.links.iter().any(|link| link.target.is_some()) {
            return self.push(Event::Text(emoticons::restore(text).into_owned().into()));
        }
        for span in emoticons::spans(text) {
            match span {
                Span::Words(words) => self.push(Event::Text(words.into()))?,
                Span::Address(address) => self.address(address)?,
            }
        }
        Ok(())
    }

    fn address(&mut self, address: String) -> Result<(), ContentError> {
        let Some(target) = autolinks::target(&address) else {
            return self.push(Event::Text(address.into()));
        };
        self.bytes += target.as_str().len();
        self.open(Tag::Link {
            link_type: LinkType::Inline,
            dest_url: target.as_str().to_owned().into(),
            title: "".into(),
            id: "".into(),
        })?;
        self.push(Event::Text(address.into()))?;
        self.close(TagEnd::Link)
    }

    fn open(&mut self, tag: Tag<'static>) -> Result<(), ContentError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ContentError::TooDeep);
        }
        self.push(Event::Start(tag))
    }

    fn close(&mut self, end: TagEnd) -> Result<(), ContentError> {
        self.depth -= 1;
        self.push(Event::End(end))
    }

    fn push(&mut self, event: Event<'static>) -> Result<(), ContentError> {
        self.bytes += match &event {
            Event::Text(text) | Event::Code(text) => size(text),
            _ => 8,
        };
        self.events.push(event);
        if self.bytes > MAX_OUTPUT {
            Err(ContentError::TooLarge)
        } else {
            Ok(())
        }
    }
}
