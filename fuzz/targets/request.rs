//! Whole requests, head and body: paths, queries, cookies, forms, JSON. No response is a 5xx, none is unsafe.
#![no_main]

use afterword_fuzz::{oracle, server};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: oracle::see(), |input: &[u8]| {
    let Some(answer) = server::send(input) else { return };
    let shown = String::from_utf8_lossy(&answer.body);
    assert!(answer.status < 500, "{} {shown}", answer.status);
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = header("content-type");
    let plain = !answer.headers.contains_key("content-encoding");
    if kind.starts_with("application/json") && plain && !answer.body.is_empty() {
        let json: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        if answer.status >= 400 {
            assert!(json["error"]["message"].as_str().is_some_and(|message| message.len() > 6), "{shown}");
        }
    }
    if kind.starts_with("text/html") && plain {
        assert_eq!(oracle::page(&shown), Vec::<String>::new(), "{shown}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"));
    }
    let location = header("location");
    assert!(location.is_empty() || location.starts_with("http://127.0.0.1:8080/"), "{location}");
    // The planes are separate: responses that other origins may read do not depend on cookies.
    if header("access-control-allow-origin") == "*" {
        assert!(!answer.headers.contains_key("set-cookie"));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
});
