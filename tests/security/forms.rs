//! Accepted forms: fetch metadata × origin × content type, each cell asserted.

use super::support::{
    http::send,
    server::{ORIGIN, PAGE, TestServer, encoded, key},
};

/// Forms: fetch metadata × origin × content type, with the right cookie and the right token throughout.
#[test]
fn every_cell_of_the_form_matrix_follows_the_rule() {
    let server = TestServer::start();
    let base = server.app.base_url.clone();
    let (secret, form) = ("reader-of-the-matrix-00", "application/x-www-form-urlencoded");
    let token = server
        .app
        .secret
        .token(afterword::app::secret::Purpose::PageForm, &[secret]);
    let fetched: &[Option<&str>] = &[
        None,
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
        Some("none"),
        Some(""),
        Some("SAME-ORIGIN"),
    ];
    let origins: Vec<Option<&str>> = vec![
        None,
        Some(&base),
        Some("https://blog.example"),
        Some("null"),
        Some("http://127.0.0.1"),
        Some("https://evil.example"),
    ];
    let kinds: &[Option<&str>] = &[
        Some(form),
        Some("Application/X-WWW-Form-URLencoded; charset=utf-8"),
        None,
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        Some("application/json"),
    ];
    let (mut cells, mut taken, mut by_origin_alone) = (0, 0, 0);
    for site in fetched {
        for origin in &origins {
            for kind in kinds {
                let body = format!(
                    "form_token={token}&page={}&key={}&name=Ann&text=Tea&action=post",
                    encoded(PAGE),
                    key()
                );
                let cookie = format!("afterword-reader={secret}");
                let mut headers = vec![("Cookie", cookie.as_str())];
                headers.extend(site.map(|site| ("Sec-Fetch-Site", site)));
                headers.extend(origin.map(|origin| ("Origin", origin)));
                headers.extend(kind.map(|kind| ("Content-Type", kind)));
                let answer = send(
                    server.address,
                    "POST",
                    "/thread/blog/post",
                    &headers,
                    body.as_bytes(),
                );
                let ours = *site == Some("same-origin") || site.is_none() && *origin == Some(base.as_str());
                let is_form = kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(form));
                assert_eq!(
                    answer.status == 303,
                    ours && is_form,
                    "{site:?} {origin:?} {kind:?}: {}",
                    answer.status
                );
                assert!(
                    [303, 403, 415].contains(&answer.status),
                    "{site:?} {origin:?} {kind:?}: {}",
                    answer.status
                );
                assert_eq!(answer.header("access-control-allow-origin"), None);
                cells += 1;
                taken += usize::from(answer.status == 303);
                by_origin_alone +=
                    usize::from(is_form && *origin == Some(base.as_str()) && answer.status != 303);
            }
        }
    }
    assert!(taken > 10, "control: only {taken} were taken");
    assert!(
        by_origin_alone > 0,
        "control: nothing tells the rule from one that goes by Origin alone"
    );
    // A preflight does not open them either.
    server.owner("owner", "correct horse battery staple");
    for path in [
        "/thread/blog/post",
        "/admin/login",
        "/admin/blog/origins",
        "/thread/blog",
    ] {
        let headers = [("Origin", ORIGIN), ("Access-Control-Request-Method", "POST")];
        let answer = send(server.address, "OPTIONS", path, &headers, b"");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert!(
            answer.status >= 400 || answer.status == 303,
            "{path}: {}",
            answer.status
        );
    }
    println!("{cells} cells of the forms, {taken} let in");
}
