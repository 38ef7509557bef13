//! Conditional requests (RFC 9110, 13) for threads, feeds and files: does the client have the response already?

use headers::{ETag, Header as _, HeaderMapExt as _, IfNoneMatch};
use warp::http::{HeaderMap, HeaderValue, header};

/// True if `If-None-Match` lists this entity tag, by the weak comparison, or is `*`. A malformed list matches none.
#[must_use]
pub fn is_known(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    if has_malformed_tag(asked) {
        return false;
    }
    let Some(known) = asked.typed_get::<IfNoneMatch>() else {
        return false;
    };
    ETag::decode(&mut std::iter::once(etag)).is_ok_and(|etag| !known.precondition_passes(&etag))
}

/// True if a tag of `If-None-Match` contains white space or has no end: the library panics over it in a debug build.
fn has_malformed_tag(asked: &HeaderMap) -> bool {
    asked.get_all(header::IF_NONE_MATCH).iter().any(|line| {
        let mut in_tag = false;
        for byte in line.as_bytes() {
            match byte {
                b'"' => in_tag = !in_tag,
                b' ' | b'\t' if in_tag => return true,
                _ => (),
            }
        }
        in_tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known_by(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_NONE_MATCH, line.parse().unwrap());
        }
        is_known(&headers, &HeaderValue::from_static("\"ab-br\""))
    }

    #[test]
    fn a_tag_is_known_however_it_is_listed() {
        for lines in [
            &["\"ab-br\""][..],
            &["W/\"ab-br\""],
            &["*"],
            &["\"x\", \"ab-br\""],
            &["\"x\" ,  W/\"ab-br\" , \"y\""],
            &["\"x,y\",\"ab-br\""],
            &["\"x\"", "\"ab-br\""],
        ] {
            assert!(is_known_by(lines), "{lines:?}");
        }
    }

    #[test]
    fn another_tag_is_not() {
        for lines in [
            &[][..],
            &[""],
            &["\"ab\""],
            &["\"ab-gzip\""],
            &["ab-br"],
            &["\"AB-BR\""],
            &["\"x,\"ab-br\"y\""],
            &["\"ab-br"],
            &["\"ab br\""],
            &["\"ab-\tbr\""],
            &["\"a b\", \"ab-br\""],
        ] {
            assert!(!is_known_by(lines), "{lines:?}");
        }
    }
}
