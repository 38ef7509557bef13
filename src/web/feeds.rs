//! Atom feeds (RFC 4287) with the newest comments of a site or of a thread.

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use warp::reply::Response;

use crate::{
    app::{App, Error, ErrorKind},
    content::SafeTree,
    model::{comment::Comment, id::ThreadId, site::Site, thread::Thread, time::Millis},
    service::threads::{
        feed::{self, Feed},
        read,
    },
    web::{
        http::{
            encoded_response::{EncodedResponse, Encoding},
            request::Incoming,
        },
        route::{FeedRoute, Methods},
    },
};

/// Answers `/feeds/…`.
pub(super) async fn handle(app: App, route: Option<FeedRoute>, request: Incoming) -> Result<Response, Error> {
    let app = &app;
    if let Some(refusal) = request.refuse_method(Methods::READ, app) {
        return Ok(refusal);
    }
    request.count(app)?;
    let FeedRoute { site, thread } = route.ok_or(ErrorKind::NotFound)?;
    let thread = thread
        .map(|id| ThreadId::parse(&id).ok_or(ErrorKind::NotFound))
        .transpose()?;
    let site = read::site(app, &site).await?;
    let feed = feed::newest(app, site.clone(), thread, feed::MAX_ENTRIES).await?;
    let encoding = Encoding::asked(&request.headers, Encoding::FRESH);
    let (bytes, base_url) = (feed.content_bytes(), app.base_url.clone());
    let prepared = app
        .run_cpu_bound_read(&request.client, bytes, bytes / 2, move || {
            let xml = atom(&base_url, &site, &feed)?;
            Ok::<_, std::io::Error>(EncodedResponse::new(
                xml,
                "application/atom+xml; charset=utf-8",
                encoding,
            ))
        })
        .await?
        .map_err(Error::internal)?;
    Ok(prepared.answer(&request.headers))
}

type Xml = Writer<Vec<u8>>;

fn atom(base_url: &str, site: &Site, Feed { thread, entries }: &Feed) -> std::io::Result<Vec<u8>> {
    let name = site.name.as_str();
    let (title, address, page) = match thread {
        Some(thread) => (
            format!("Comments on “{}”", title_of(thread)),
            format!("{base_url}/feeds/{name}/{}.atom", thread.id),
            thread.page_url.clone(),
        ),
        None => (
            format!("Comments on {name}"),
            format!("{base_url}/feeds/{name}.atom"),
            site.origins
                .first()
                .map(|origin| origin.as_str().to_owned())
                .unwrap_or_default(),
        ),
    };
    let updated = entries
        .iter()
        .map(|(comment, _)| comment.edited_at.unwrap_or(comment.created_at))
        .max()
        .unwrap_or(site.created_at);
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    xml.create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|xml| {
            text(xml, "id", &address)?;
            text(xml, "title", &title)?;
            text(xml, "updated", &time(updated))?;
            link(xml, "self", "application/atom+xml", &address)?;
            link(xml, "alternate", "text/html", &page)?;
            entries
                .iter()
                .try_for_each(|(comment, thread)| entry(xml, base_url, name, comment, thread))
        })?;
    Ok(xml.into_inner())
}

fn entry(
    xml: &mut Xml,
    base_url: &str,
    site: &str,
    comment: &Comment,
    thread: &Thread,
) -> std::io::Result<()> {
    let author = if comment.author.name.is_empty() {
        "Anonymous"
    } else {
        &comment.author.name
    };
    let body = SafeTree::from_json(&comment.body)
        .map(|tree| tree.to_html().into_string())
        .unwrap_or_default();
    xml.create_element("entry")
        .write_inner_content(|xml| {
            text(
                xml,
                "id",
                &format!("{base_url}/feeds/{site}/comment-{}", comment.id),
            )?;
            text(xml, "title", &format!("{author} on “{}”", title_of(thread)))?;
            text(xml, "published", &time(comment.created_at))?;
            text(
                xml,
                "updated",
                &time(comment.edited_at.unwrap_or(comment.created_at)),
            )?;
            xml.create_element("author")
                .write_inner_content(|xml| text(xml, "name", author))?;
            link(
                xml,
                "alternate",
                "text/html",
                &format!("{}#comment-{}", thread.page_url, comment.id),
            )?;
            let content = xml.create_element("content").with_attribute(("type", "html"));
            content.write_text_content(BytesText::new(&allowed(&body)))?;
            Ok(())
        })
        .map(|_| ())
}

fn text(xml: &mut Xml, element: &str, content: &str) -> std::io::Result<()> {
    xml.create_element(element)
        .write_text_content(BytesText::new(&allowed(content)))
        .map(|_| ())
}

fn link(xml: &mut Xml, rel: &str, kind: &str, href: &str) -> std::io::Result<()> {
    let href = allowed(href);
    let attributes = [("rel", rel), ("type", kind), ("href", href.as_str())];
    xml.create_element("link")
        .with_attributes(attributes)
        .write_empty()
        .map(|_| ())
}

/// The text without characters that XML 1.0 does not have (2.2): control characters and noncharacters.
fn allowed(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..))
        .collect()
}

fn title_of(thread: &Thread) -> &str {
    if thread.title.is_empty() {
        &thread.page_url
    } else {
        &thread.title
    }
}

fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map(|at| at.to_string())
        .unwrap_or_default()
}
