//! A comment's Markdown: the output is allowed, bounded, and unchanged by a second pass.
#![no_main]

use afterword::content::{SafeTree, from_html, from_markdown};
use afterword_fuzz::oracle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: oracle::see(), |source: &str| {
    let Ok(tree) = from_markdown(source) else { return };
    let html = tree.to_html().into_string();
    assert!(html.len() <= 64 * 1024, "{} bytes", html.len());
    assert_eq!(oracle::comment(&html), Vec::<String>::new(), "{html}");
    assert_eq!(from_html(&html).as_ref(), Ok(&tree), "{html}");
    assert_eq!(SafeTree::from_json(&tree.to_json()).as_ref(), Some(&tree), "{html}");
    assert!(tree.to_text().len() <= 2 * html.len() + 64, "{html}");
});
