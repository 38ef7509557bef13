//! The route of each spelling of a path.

use super::*;

#[test]
fn a_path_never_becomes_a_label() {
    for (method, path, expected) in [
        (Method::GET, "/api/v1/sites/blog/thread", "thread"),
        (Method::GET, "/api/v1/sites/blog/live", "live"),
        (Method::GET, "/api/v1/sites/blog/counts", "read"),
        (Method::POST, "/api/v1/sites/blog/comments", "write"),
        (Method::PUT, "/api/v1/sites/blog/comments/1/vote", "write"),
        (Method::POST, "/api/v1/sites/blog/preview", "preview"),
        (Method::OPTIONS, "/api/v1/sites/blog/comments", "preflight"),
        (Method::GET, "/api/%zz", "read"),
        (Method::GET, "/embed.js", "script"),
        (Method::GET, "/admin/setup/secret-token", "admin"),
        (Method::GET, "/", "other"),
        (Method::GET, "/wp-login.php", "other"),
    ] {
        assert_eq!(Route::parse(path).group(&method), expected, "{method} {path}");
    }
}

#[test]
fn each_listed_path_of_the_api_takes_the_methods_listed() {
    for (path, methods) in API_ROUTES {
        let route = Route::parse(&path.replace(':', ""));
        assert_eq!(route.methods(), Some(Methods(methods)), "{path}");
        let longer = Route::parse(&format!("{}/x", path.replace(':', "")));
        assert_ne!(longer.methods(), route.methods(), "{path}/x");
    }
}

#[test]
fn names_are_decoded_once_and_an_encoded_slash_separates_nothing() {
    let comment = |site: &str, id: &str| {
        Route::Api(Some(ApiRoute {
            site: site.into(),
            endpoint: ApiEndpoint::Comment(id.into()),
        }))
    };
    let at = |site: &str, id: &str| Route::parse(&format!("/api/v1/sites/{site}/comments/{id}"));
    assert_eq!(at("a%2Fb%20c", "%252F"), comment("a/b c", "%2F"));
    assert_eq!(at("bl%C3%B6g", "12"), comment("blög", "12"));
    for malformed in ["%zz", "%ff", "%", "%1", "a%2", "%2%46"] {
        assert_eq!(at(malformed, "12"), Route::Malformed(Area::Api), "{malformed}");
        assert_eq!(decode(malformed), None);
    }
    assert_eq!(Route::parse("/%61pi/v1/sites/blog/thread"), Route::Home(None));
}

#[test]
fn methods_are_whole_words_of_the_list() {
    assert!(Methods::READ.contain(&Method::HEAD));
    assert!(!Methods("PATCH").contain(&Method::from_bytes(b"PAT").unwrap()));
    assert!(!Methods::READ.contain(&Method::from_bytes(b"GET, HEAD").unwrap_or(Method::POST)));
}
