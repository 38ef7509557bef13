//! Test oracle: finds faults in HTML as a browser would read it. It shares no rule with the code under test.
//!
//! A control in `tests` runs it on raw attacks, which it must not pass.

use super::dom::{DomData, DomNode, parse_anything};
use html5ever::ns;

const ELEMENTS: &[&str] = &[
    "p",
    "br",
    "strong",
    "em",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "hr",
];

/// The faults in `html`; empty if there are none.
pub(super) fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for context in ["div", "body", "li", "td", "template"] {
        let document = parse_anything(html, context);
        judge(&document, true, &mut faults);
    }
    contained(html, &mut faults);
    faults
}

fn judge(node: &DomNode, top: bool, faults: &mut Vec<String>) {
    match &node.data {
        DomData::Element(name, attributes) if !(top && &*name.local == "html") => {
            if name.ns != ns!(html) || !ELEMENTS.contains(&&*name.local) {
                faults.push(format!("element {}", &*name.local));
            }
            for attribute in attributes.borrow().iter() {
                let value = &*attribute.value;
                let fine = match (&*name.local, &*attribute.name.local) {
                    ("a", "href") => {
                        ["http://", "https://", "mailto:"]
                            .iter()
                            .any(|scheme| value.starts_with(scheme))
                            && value.bytes().all(|b| (0x21..0x7F).contains(&b))
                    }
                    ("a", "rel") => value == "ugc nofollow noopener noreferrer",
                    ("code", "class") => value
                        .strip_prefix("language-")
                        .is_some_and(|l| !l.is_empty() && !l.contains([' ', '"', '\'', '<', '>', '&'])),
                    ("ol", "start") => !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()),
                    _ => false,
                };
                if !fine {
                    faults.push(format!("attribute {}={value}", &*attribute.name.local));
                }
            }
            let has = |wanted: &str| attributes.borrow().iter().any(|a| &*a.name.local == wanted);
            if &*name.local == "a" && !(has("href") && has("rel")) {
                faults.push("link without href and rel".to_owned());
            }
        }
        DomData::Comment => faults.push("comment".to_owned()),
        DomData::Text(text) if text.borrow().contains(acts) => faults.push("control character".to_owned()),
        _ => {}
    }
    for child in node.children.borrow().iter() {
        judge(child, top && matches!(node.data, DomData::Document), faults);
    }
}

fn acts(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// Adds a fault if `html` changes or swallows the content after it in a page.
fn contained(html: &str, faults: &mut Vec<String>) {
    let document = parse_anything(&format!("<div id=comment>{html}</div><i id=after></i>"), "body");
    let root = document.children.borrow().first().cloned();
    let names: Vec<Option<String>> = root
        .iter()
        .flat_map(|root| {
            root.children
                .borrow()
                .iter()
                .map(|child| child.attribute("id"))
                .collect::<Vec<_>>()
        })
        .collect();
    if names != [Some("comment".to_owned()), Some("after".to_owned())] {
        faults.push("not contained".to_owned());
    }
}
