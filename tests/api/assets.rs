//! The widget's files: each at its address, with the right type, cacheable for as long as its address allows.
//!
//! Reads `embed/dist` as build.rs does, so that files of later builds are covered, too.

use std::{fs, path::Path};

use super::support::{
    http::{Answer, send},
    server::TestServer,
};

const SHORT: &str = "public, max-age=600, stale-while-revalidate=604800";
const LONG: &str = "public, max-age=31536000, immutable";

/// `embed/HASH`, as in the loader.
fn folder(server: &TestServer) -> String {
    let text = server.get("/embed.js").text();
    let at = text
        .find("embed/")
        .unwrap_or_else(|| panic!("no folder in the loader: {text}"));
    let hash: String = text[at + "embed/".len()..]
        .chars()
        .take_while(char::is_ascii_hexdigit)
        .collect();
    format!("embed/{hash}")
}

/// Every file of `dist`, by its path there.
fn dist() -> Vec<String> {
    fn walk(folder: &Path, before: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{before}{}", path.file_name().unwrap().to_string_lossy());
            if path.is_dir() {
                walk(&path, &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("embed/dist"),
        "",
        &mut found,
    );
    found
}

fn is_for_everyone(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("cross-origin-resource-policy"),
        Some("cross-origin")
    );
}

#[test]
fn every_built_file_is_served_where_pages_look_for_it() {
    let server = TestServer::start();
    let folder = folder(&server);
    let files = dist();
    assert!(files.len() >= 4, "control: {files:?}");
    for file in files {
        let (path, caching) = match file.strip_prefix("compat/") {
            Some(path) => (path.to_owned(), SHORT),
            None if ["embed.js", "count.js", "recent.js"].contains(&file.as_str()) => (file.clone(), SHORT),
            None if file == "present.js" => ("embed/0/upgraded.js".to_owned(), "public, no-cache"),
            None => (format!("{folder}/{file}"), LONG),
        };
        let answer = send(
            server.address,
            "GET",
            &format!("/{path}"),
            &[("Accept-Encoding", "br")],
            b"",
        );
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), Some(caching), "{path}");
        assert_eq!(answer.header("content-encoding"), Some("br"), "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/javascript; charset=utf-8"),
            "{path}"
        );
        is_for_everyone(&answer);
        let text = server.get(&format!("/{path}")).text();
        assert!(!text.contains("__AFTERWORD_EMBED__"), "{path}");
        let same = [
            ("If-None-Match", answer.header("etag").unwrap()),
            ("Accept-Encoding", "br"),
        ];
        assert_eq!(
            send(server.address, "GET", &format!("/{path}"), &same, b"").status,
            304,
            "{path}"
        );
    }
}

#[test]
fn scripts_of_other_widgets_have_separate_areas() {
    let server = TestServer::start();
    // Programs request these, so a missing file returns a JSON error, readable from every origin.
    for path in [
        "/js/none.js",
        "/web/none.mjs",
        "/embed/none/none.js",
        "/embed/n-ne/core.js",
        "/embed/core.js",
        "/count.js/x",
        "/recent.js/x",
    ] {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
        is_for_everyone(&answer);
        assert_eq!(
            send(server.address, "POST", path, &[], b"").header("allow"),
            Some("GET, HEAD")
        );
    }
    assert!(
        server.get("/jsx/none.js").text().starts_with("<!DOCTYPE html>"),
        "control"
    );
}

#[test]
fn no_language_is_an_error() {
    let server = TestServer::start();
    let folder = folder(&server);
    let words = |tag: &str| server.get(&format!("/{folder}/i18n/{tag}.js"));
    for tag in ["en", "en-GB", "tlh", "nb-NO", "zz-ZZ"] {
        let answer = words(tag);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "export default {};\n"),
            "{tag}"
        );
        assert_eq!(answer.header("cache-control"), Some(LONG));
        assert_eq!(
            answer.header("content-type"),
            Some("text/javascript; charset=utf-8")
        );
        is_for_everyone(&answer);
    }
    for wrong in ["..", "de.more", "a", "%2F", ""] {
        assert_eq!(words(wrong).status, 404, "{wrong}");
    }
    for tag in ["de", "de-AT", "DE", "pt-PT", "zh-TW"] {
        let known: Vec<String> = dist()
            .iter()
            .filter_map(|file| file.strip_prefix("i18n/")?.strip_suffix(".js").map(str::to_owned))
            .collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let expected = match afterword::model::language::nearest(tag, &known) {
            Some(nearest) => words(nearest).text(),
            None => "export default {};\n".to_owned(),
        };
        assert_eq!(words(tag).text(), expected, "{tag}");
    }
}

#[test]
fn folders_of_other_builds_serve_the_present_files() {
    let server = TestServer::start();
    let embed = folder(&server);
    for name in [
        "core.js",
        "composer.js",
        "enhancements.js",
        "i18n/de.js",
        "i18n/de.write.js",
        "i18n/de-AT.js",
    ] {
        let present = server.get(&format!("/{embed}/{name}"));
        for other in ["0123456789ab", "_"] {
            let answer = server.get(&format!("/embed/{other}/{name}"));
            assert_eq!(
                (answer.status, answer.text()),
                (200, present.text()),
                "{other}/{name}"
            );
            // It must not be stored: the next response may be another build's.
            assert_eq!(answer.header("cache-control"), Some("public, no-cache"));
            assert_eq!(
                answer.header("content-type"),
                Some("text/javascript; charset=utf-8")
            );
            is_for_everyone(&answer);
        }
    }
    // A page that runs another build is given the present program; the present program is left alone.
    let way = server.get("/embed/0123456789ab/upgraded.js");
    assert_eq!(way.text(), format!("import\"../../{embed}/renew.js\";"));
    assert_eq!(way.header("cache-control"), Some("public, no-cache"));
    assert_eq!(server.get(&format!("/{embed}/upgraded.js")).text(), "");
    assert_eq!(server.get("/assets/0123456789ab/page.css").status, 200);
    for missing in ["/embed/0123456789ab/gone.js", "/assets/0123456789ab/core.js"] {
        let answer = server.get(missing);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (404, Some("no-store")),
            "{missing}"
        );
    }
}
