//! Small grammars: cursors, ids in links, limits, bodies of the API.
#![no_main]

use afterword::{config::RateLimit, model::id::CommentId, service::threads::{conversation::CommentRef, read::Cursor}, web::api::json::{EditBody, OwnBody, PostBody, PreviewBody, VoteBody}};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // Bodies: refused or accepted, never a panic; an accepted one is an object without unknown fields.
    if let Ok(body) = serde_json::from_slice::<PostBody>(data) {
        let whole: serde_json::Value = serde_json::from_slice(data).expect("JSON");
        if let Some(object) = whole.as_object() {
            assert_eq!(object.get("text").and_then(|text| text.as_str()), Some(body.text.as_str()));
            assert!(object.len() <= 10, "{object:?}");
        }
    }
    let _ = serde_json::from_slice::<EditBody>(data);
    let _ = serde_json::from_slice::<VoteBody>(data);
    let _ = serde_json::from_slice::<PreviewBody>(data);
    let _ = serde_json::from_slice::<OwnBody>(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(Cursor::parse(&cursor.written()).ok(), Some(cursor));
    }
    if let Some(id) = CommentId::parse(text) {
        assert!(id.0 > 0);
        assert_eq!(id.to_string(), text);
    }
    if let Ok(CommentRef::Legacy(name)) = CommentRef::parse(text) {
        assert_eq!(name, text);
        assert!(CommentId::parse(&name).is_none());
    }
    if let Ok(limit) = RateLimit::parse(text) {
        for rate in [limit.address, limit.site, limit.global].into_iter().flatten() {
            assert!(rate.count > 0 && !rate.per.is_zero());
        }
    }
});
