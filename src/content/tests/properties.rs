//! Properties that hold for every input.

use super::super::{SafeTree, checker, from_html, from_markdown};
use proptest::prelude::*;

const MARKDOWN: &[&str] = &[
    "a",
    "b c",
    " ",
    "\n",
    "\n\n",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```",
    "> ",
    "- ",
    "1. ",
    "12) ",
    "    ",
    "\t",
    "# ",
    "---",
    "===",
    "[",
    "]",
    "(",
    ")",
    "![",
    "](https://a.example/)",
    "<",
    ">",
    "&",
    "&amp;",
    "&#x202e;",
    "\\",
    "<div>",
    "</div>",
    "<!--",
    "https://a.example/x",
    "<https://a.example>",
    "|",
    "\"",
    "'",
    "é",
    "\u{301}",
    "👩‍💻",
    "\u{202e}",
    "\0",
    "\r\n",
    ">:(",
    "\u{fdd0}",
    "[a]: https://b.example\n",
    "\u{200b}",
];

const HTML: &[&str] = &[
    "a",
    " ",
    "\n",
    "<p>",
    "</p>",
    "<br>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<em>",
    "<strong>",
    "</strong>",
    "<s>",
    "<del>",
    "</del>",
    "<code>",
    "</code>",
    "<code class=language-c>",
    "<pre>",
    "</pre>",
    "\n\n",
    "<blockquote>",
    "</blockquote>",
    "<ul>",
    "</ul>",
    "<ol start=3>",
    "<ol>",
    "</ol>",
    "<li>",
    "</li>",
    "<a href=https://a.example/>",
    "<a href='mailto:a@b.example'>",
    "</a>",
    "<hr>",
    "<h1>",
    "</h1>",
    "<div>",
    "</div>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<img src=https://a.example/x alt='y\nz'>",
    "<img>",
    "<svg>",
    "<math>",
    "<style>",
    "</style>",
    "<title>",
    "<textarea>",
    "<template>",
    "<select>",
    "<option>",
    "<!--",
    "-->",
    "&lt;",
    "&nbsp;",
    "&#0;",
    "\u{202e}",
    "<u>",
    "<dl><dt>",
    "<button>",
    "<form>",
    "<noscript>",
    "<span>",
    "</span>",
];

fn text(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), 0..40).prop_map(|parts| parts.concat())
}

fn check(tree: &SafeTree) {
    let html = tree.to_html().into_string();
    assert_eq!(checker::faults(&html), Vec::<String>::new(), "{html}");
    assert_eq!(from_html(&html).as_ref(), Ok(tree), "{html}");
    assert_eq!(
        SafeTree::from_json(&tree.to_json()).as_ref(),
        Some(tree),
        "{html}"
    );
    let _ = tree.to_text();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if std::env::var_os("AFTERWORD_LONG").is_some() { 20_000 } else { 400 }) })]

    #[test]
    fn of_markdown(source in text(MARKDOWN)) {
        if let Ok(tree) = from_markdown(&source) {
            check(&tree);
            assert_eq!(super::lost(&source, &tree), Vec::<String>::new(), "{source:?}: {}", tree.to_json());
        }
    }

    #[test]
    fn of_html(html in text(HTML)) {
        if let Ok(tree) = from_html(&html) { check(&tree) }
    }

    #[test]
    fn of_any_text(text in any::<String>()) {
        if let Ok(tree) = from_markdown(&text) { check(&tree) }
        if let Ok(tree) = from_html(&text) { check(&tree) }
    }
}
