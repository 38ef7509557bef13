//! Addresses of pages: every spelling of a page has the same key, and the key is stable.
#![no_main]

use afterword::model::page::{Origin, PageKey, PageUrl};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(url) = PageUrl::parse(text) {
        let again = PageUrl::parse(url.as_str()).expect("what was taken is taken again");
        assert_eq!(again.as_str(), url.as_str());
        assert_eq!(again.key().as_str(), url.key().as_str());
        let key = url.key();
        assert!(key.as_str().len() <= 4096, "{} bytes", key.as_str().len());
        assert!(!key.as_str().contains(['#', '\0', '\n', '\r', ' ']), "{:?}", key.as_str());
        let origin = url.origin();
        assert_eq!(Origin::parse(origin.as_str()).expect("an origin").as_str(), origin.as_str());
        // The fragment never matters. (Spaces and control characters are ignored at the end, but not within.)
        let text = text.trim_end_matches(|c| c <= ' ');
        if !text.contains('#') {
            let with = PageUrl::parse(&format!("{text}#part"));
            assert_eq!(with.expect("a fragment does not matter").key().as_str(), key.as_str());
        }
        let scheme = url.as_str();
        assert!(scheme.starts_with("https://") || scheme.starts_with("http://"), "{scheme}");
    }
    if let Ok(key) = PageKey::from_page_id(text) {
        assert_eq!(PageKey::from_page_id(text).expect("the same").as_str(), key.as_str());
        if let Ok(url) = PageUrl::parse(text) {
            // A page id is never taken for an address.
            assert_ne!(url.key().as_str(), key.as_str());
        }
    }
    if let Ok(origin) = Origin::parse(text) {
        assert_eq!(Origin::parse(origin.as_str()).expect("an origin").as_str(), origin.as_str());
    }
});
