//! The language of the thread page, its errors and the list; the admin pages are in English.

use serde_json::json;

use super::{
    browser::{Browser, hidden, location, thread_page},
    support::{
        http::send,
        server::{PAGE, TestServer},
    },
};

#[test]
fn the_thread_page_speaks_the_readers_language() {
    let server = TestServer::start();
    server.posted(json!({"name": "<b>Ann</b>", "title": "<i>Tea</i> {count}"}));
    let mut browser = Browser::new(&server);
    let mut ask = |accept: &str, more: &str| {
        let answer = browser.send("GET", &thread_page(more), &[("Accept-Language", accept)], "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("vary"), Some("Accept-Language"));
        let language = answer.header("content-language").unwrap().to_owned();
        (language, answer.text())
    };
    for (accept, more, language, html, sentence) in [
        ("", "", "en", "<html lang=\"en\">", "One thought on “"),
        ("sr, tlh", "", "en", "<html lang=\"en\">", "Back to the article"),
        (
            "de-AT, en;q=0.5",
            "",
            "de",
            "<html lang=\"de\">",
            "Zurück zum Artikel",
        ),
        (
            "en;q=0.2, ja;q=0.9",
            "",
            "ja",
            "<html lang=\"ja\">",
            "name=\"action\"",
        ),
        (
            "ar",
            "",
            "ar",
            "<html lang=\"ar\" dir=\"rtl\">",
            "فكرة واحدة حول «",
        ),
        (
            "de",
            "&lang=fa",
            "fa",
            "<html lang=\"fa\" dir=\"rtl\">",
            "name=\"action\"",
        ),
        (
            "de",
            "&lang=zh-TW",
            "zh-Hant",
            "<html lang=\"zh-Hant\">",
            "name=\"action\"",
        ),
        (
            "de",
            "&lang=tlh",
            "de",
            "<html lang=\"de\">",
            "Zurück zum Artikel",
        ),
    ] {
        let (said, text) = ask(accept, more);
        assert_eq!(said, language, "{accept} {more}");
        assert!(
            text.contains(html) && text.contains(sentence),
            "{accept} {more}: {text}"
        );
        assert!(
            text.contains("<bdi>&lt;i&gt;Tea&lt;/i&gt; {count}</bdi>")
                && text.contains("<bdi>&lt;b&gt;Ann&lt;/b&gt;</bdi>"),
            "what people wrote stays text in {language}: {text}"
        );
        assert!(!text.contains("<b>Ann") && !text.contains("<i>Tea"), "{text}");
        assert!(text.contains(">2026-09-21 14:13 UTC</time>"), "{text}");
        assert_eq!(
            text.contains("Back to the article"),
            language == "en",
            "{language}"
        );
    }
}

#[test]
fn a_chosen_language_stays_through_links_forms_and_refusals() {
    let server = TestServer::start();
    let mut reader = Browser::new(&server);
    let page = reader.get(&thread_page("&lang=de")).text();
    assert!(
        page.contains("action=\"") && page.contains("/thread/blog/post?lang=de#write\""),
        "{page}"
    );
    let (token, key) = (hidden(&page, "form_token"), hidden(&page, "key"));
    let mut post = |text: &str| {
        reader.post(
            "/thread/blog/post?lang=de",
            &[
                ("form_token", &token),
                ("page", PAGE),
                ("key", &key),
                ("name", "Ann"),
                ("text", text),
                ("action", "post"),
            ],
        )
    };
    let refused = post("");
    assert_eq!(
        (refused.status, refused.header("content-language")),
        (422, Some("de"))
    );
    let text = refused.text();
    assert!(
        text.contains("Schreiben Sie zuerst etwas.") && !text.contains("Write something first."),
        "{text}"
    );
    let posted = post("Blatt, lose.");
    let to = location(&server, &posted);
    assert!(to.contains("&lang=de&"), "{to}");
    let after = reader.get(to.split('#').next().unwrap()).text();
    assert!(after.contains("Ihr Kommentar wurde veröffentlicht."), "{after}");
    // The feed, the article, and files in the binary are the same in every language.
    let links: Vec<&str> = after
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|link| link.contains("/thread/"))
        .collect();
    assert!(links.len() >= 4, "control: {links:?}");
    for link in links {
        assert!(link.contains("&amp;lang=de"), "{link}");
    }
    assert!(
        !reader.get(&thread_page("")).text().contains("lang=de"),
        "not chosen, not carried on"
    );
}

#[test]
fn errors_and_the_list_are_in_the_readers_language() {
    let server = TestServer::start();
    let ask = |path: &str| send(server.address, "GET", path, &[("Accept-Language", "de")], b"");
    let list = ask("/thread/blog");
    assert_eq!((list.status, list.header("content-language")), (200, Some("de")));
    assert!(
        list.text().contains("Gespräche auf <bdi>blog</bdi>"),
        "{}",
        list.text()
    );
    server.posted(json!({}));
    let list = ask("/thread/blog").text();
    assert!(list.contains("Ein Gedanke · "), "{list}");
    let lang = ask("/thread/blog?lang=fr").text();
    assert!(lang.contains("&amp;lang=fr\""), "{lang}");
    for (path, status, sentence) in [
        (
            "/thread/nobody?page=x",
            404,
            "Für diese Seite sind keine Kommentare eingerichtet",
        ),
        (
            &thread_page("&comment=12"),
            404,
            "Der verlinkte Kommentar ist nicht mehr da.",
        ),
        (
            &thread_page("&comment=x"),
            400,
            "<span lang=\"en\" dir=\"ltr\">The parameter comment is not the id of a comment.</span>",
        ),
        ("/thread/blog/post", 405, "Das hat nicht geklappt"),
        ("/thread/blog/nothing", 404, "Nicht gefunden"),
    ] {
        let answer = ask(path);
        assert_eq!(
            (
                answer.status,
                answer.header("content-language"),
                answer.header("vary")
            ),
            (status, Some("de"), Some("Accept-Language")),
            "{path}"
        );
        assert!(answer.text().contains(sentence), "{path}: {}", answer.text());
    }
    // Also for requests that are refused before routing.
    let large = send(
        server.address,
        "POST",
        "/thread/blog/post?lang=ja",
        &[("Content-Type", "application/x-www-form-urlencoded")],
        &vec![b'a'; 1_100 * 1024],
    );
    assert_eq!(
        (large.status, large.header("content-language")),
        (413, Some("ja"))
    );
    assert!(large.text().contains("<html lang=\"ja\">"), "{}", large.text());
}

#[test]
fn the_admin_pages_are_in_english() {
    let server = TestServer::start();
    server.owner("keeper", "a long password");
    let answer = send(
        server.address,
        "GET",
        "/admin/login?lang=de",
        &[("Accept-Language", "de")],
        b"",
    );
    assert_eq!(answer.header("content-language"), None);
    assert!(answer.text().contains("<html lang=\"en\">") && answer.text().contains("Sign in"));
}
