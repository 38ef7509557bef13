//! Cookies of the comment origin's own pages. The API neither reads nor sets any.
//!
//! Written by hand: three names and one line of attributes need neither the date parser nor the jar of the `cookie` crate.
//! Over https they are `__Host-` cookies (RFC 6265bis, 4.1.3.2): bound to this host, to `/`, to https.

use warp::{
    http::{HeaderValue, header},
    reply::Response,
};

use super::request::Incoming;
use crate::app::App;

/// A cookie of this server.
#[derive(Clone, Copy, Debug)]
pub enum Cookie {
    /// The session of an account in the admin pages.
    Session,
    /// The accounts that have signed in on this device.
    Device,
    /// The reader's secret and recent comments, on the thread pages.
    Reader,
}

impl Cookie {
    fn name(self, secure: bool) -> String {
        let name = match self {
            Self::Session => "afterword-session",
            Self::Device => "afterword-device",
            Self::Reader => "afterword-reader",
        };
        if secure {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// The value of this cookie in a request; `None` if it is absent or empty.
    #[must_use]
    pub fn read(self, app: &App, request: &Incoming) -> Option<String> {
        let name = self.name(is_secure(&app.base_url));
        let lines = request
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    /// Sets this cookie in a response, for the browser to keep for `seconds`; an empty value deletes it.
    pub fn set(self, response: &mut Response, base_url: &str, value: &str, seconds: i64) {
        let secure = is_secure(base_url);
        let seconds = if value.is_empty() { 0 } else { seconds };
        let site = match self {
            Self::Session | Self::Device => "Strict",
            Self::Reader => "Lax",
        };
        let flag = if secure { "; Secure" } else { "" };
        let line = format!(
            "{}={value}; Path=/; HttpOnly; SameSite={site}; Max-Age={seconds}{flag}",
            self.name(secure)
        );
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
}

fn is_secure(base_url: &str) -> bool {
    base_url.starts_with("https://")
}
