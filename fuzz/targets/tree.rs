//! The stored tree: a modified row is refused or safe, and a parsed tree serialises back.
#![no_main]

use afterword::content::{SafeTree, from_html};
use afterword_fuzz::oracle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: oracle::see(), |json: &str| {
    let Some(tree) = SafeTree::from_json(json) else { return };
    assert_eq!(SafeTree::from_json(&tree.to_json()).as_ref(), Some(&tree), "{json}");
    let html = tree.to_html().into_string();
    assert_eq!(oracle::comment(&html), Vec::<String>::new(), "{html}");
    // What HTML cannot express (an empty element, for example) may be lost, but nothing may be added.
    if let Ok(again) = from_html(&html) {
        assert_eq!(oracle::comment(again.to_html().as_str()), Vec::<String>::new(), "{html}");
    }
});
