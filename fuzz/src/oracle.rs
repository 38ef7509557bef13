//! Checks HTML as a browser parses it. It shares no rule and no parser with the code under test.
//!
//! An oracle that detects nothing would accept everything: [`see`] is called once before the first input.

use scraper::{ElementRef, Html};

const ELEMENTS: &[&str] =
    &["p", "br", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"];

/// The violations in a comment; empty when there are none.
pub fn comment(html: &str) -> Vec<String> {
    let document = Html::parse_fragment(html);
    let mut faults = Vec::new();
    for element in document.root_element().descendants().filter_map(ElementRef::wrap).skip(1) {
        let name = element.value().name();
        if !ELEMENTS.contains(&name) {
            faults.push(format!("element {name}"));
        }
        for (attribute, value) in element.value().attrs() {
            let fine = match (name, attribute) {
                ("a", "href") => ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
                ("a", "rel") => value == "ugc nofollow noopener noreferrer",
                ("code", "class") => value.starts_with("language-") && !value.contains(char::is_whitespace),
                ("ol", "start") => value.parse::<u32>().is_ok(),
                _ => false,
            };
            if !fine {
                faults.push(format!("attribute {attribute}={value} of {name}"));
            }
        }
    }
    faults
}

/// The violations in a page of the comment origin, whatever the request.
pub fn page(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let mut faults = Vec::new();
    for element in document.root_element().descendants().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        let script = name == "script"
            && element.value().attr("src").is_none()
            && element.value().attr("type") != Some("application/ld+json");
        if script || ["iframe", "object", "embed", "base", "style", "math", "frame", "applet"].contains(&name) {
            faults.push(format!("element {name}"));
        }
        for (attribute, value) in element.value().attrs() {
            let scheme = value.trim_start().to_ascii_lowercase();
            let runs = scheme.starts_with("javascript:") || scheme.starts_with("vbscript:");
            if attribute.starts_with("on")
                || matches!(attribute, "style" | "srcdoc" | "formaction")
                || matches!(attribute, "href" | "src" | "action") && runs
            {
                faults.push(format!("attribute {attribute}={value} of {name}"));
            }
        }
    }
    faults
}

/// The control: the oracle detects known violations.
pub fn see() {
    for bad in ["<script>x</script>", "<p onclick=x>", "<a href=javascript:x>", "<svg>", "<code class=x>"] {
        assert!(!comment(bad).is_empty(), "the oracle does not see {bad}");
    }
    for bad in ["<script>x</script>", "<p onclick=x>", "<a href=' javascript:x'>", "<iframe>", "<p style=x>"] {
        assert!(!page(bad).is_empty(), "the oracle does not see {bad}");
    }
    assert_eq!(comment("<p>a<br>b</p><ol start=\"3\"><li>c</li></ol>"), Vec::<String>::new());
}
