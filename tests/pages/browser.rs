//! A browser as the tests use it: it stores cookies, and reads forms and redirects from pages.

use super::support::{
    http::{Answer, send},
    server::{PAGE, TestServer, encoded},
};

/// A browser: stores cookies and sends `Origin` and fetch metadata.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a TestServer,
    pub(crate) cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a TestServer) -> Self {
        Self {
            server,
            cookies: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookie = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let mut all = headers.to_vec();
        if !cookie.is_empty() {
            all.push(("Cookie", &cookie));
        }
        let answer = send(self.server.address, method, path, &all, body.as_bytes());
        for (_, line) in answer
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from("same-origin", path, fields)
    }

    pub(crate) fn post_from(&mut self, site: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form(fields);
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", site),
        ];
        self.send("POST", path, &headers, &body)
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page
        .find(&mark)
        .unwrap_or_else(|| panic!("no field {name} in {page}"));
    page[at + mark.len()..].split('"').next().unwrap().to_owned()
}

/// The path of a `Location`.
pub(crate) fn location(server: &TestServer, answer: &Answer) -> String {
    let location = answer
        .header("location")
        .unwrap_or_else(|| panic!("{} is no redirect: {}", answer.status, answer.text()));
    location
        .strip_prefix(&format!("http://{}", server.address))
        .expect("a path on this server")
        .to_owned()
}

pub(crate) fn sign_in<'a>(server: &'a TestServer, name: &str, password: &str) -> Browser<'a> {
    let mut browser = Browser::new(server);
    let token = hidden(&browser.get("/admin/login").text(), "form_token");
    let answer = browser.post(
        "/admin/login",
        &[("form_token", &token), ("name", name), ("password", password)],
    );
    assert_eq!(answer.status, 303, "{}", answer.text());
    browser
}

/// The path of the thread page of [`PAGE`], with further parameters.
pub(crate) fn thread_page(more: &str) -> String {
    format!("/thread/blog?page={}{more}", encoded(PAGE))
}

/// A moderator's page of one comment: the form token, and the version that its forms are bound to.
pub(crate) fn loaded(browser: &mut Browser<'_>, path: &str) -> (String, String) {
    let page = browser.get(path).text();
    (hidden(&page, "form_token"), hidden(&page, "version"))
}
