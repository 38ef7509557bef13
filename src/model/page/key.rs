//! The key of a page, by which its thread is found.
//!
//! A key folds what servers treat alike: http and https, a dot at the host's end, a trailing slash, doubled slashes,
//! an index file, the spelling of percent-encoding (RFC 3986 §6.2.2), and `.html` at the end if the site's settings
//! say so. It never folds letter case of the path, the order of parameters, or `www.`: those can be other pages.

use crate::model::{
    page::{PageError, percent::decode},
    text::characters,
};
use std::fmt::Write;
use url::{Position, Url};

const MAX_PAGE_ID: usize = 512;
/// Longest key of an address, in bytes: the limit of the column `thread_keys.key` (schema.sql).
pub(super) const MAX: usize = 2060;
const INDEX_FILES: &[&str] = &["/index.html", "/index.htm", "/index.php"];

/// `//host[:port]/path[?query]` or `id:…`. At most 2,060 bytes: [`super::PageUrl`] refuses addresses with longer
/// keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageKey(String);

impl PageKey {
    /// Prefix of the key of a page id.
    pub const ID: &'static str = "id:";

    /// The key of a page id, which the page's author chose and which takes precedence over the address.
    ///
    /// Cleaned like a name, so that ids that look the same are the same.
    ///
    /// # Errors
    /// [`PageError::Invalid`] if nothing visible is left, [`PageError::TooLong`] over 512 bytes.
    pub fn from_page_id(id: &str) -> Result<Self, PageError> {
        if id.len() > 8 * MAX_PAGE_ID {
            return Err(PageError::TooLong);
        }
        let id = characters::clean_line(id);
        if !characters::has_visible(&id) {
            return Err(PageError::Invalid);
        }
        if id.len() > MAX_PAGE_ID {
            return Err(PageError::TooLong);
        }
        Ok(PageKey(format!("{}{id}", Self::ID)))
    }

    /// The key of a URL normalised by [`super::PageUrl`].
    pub(super) fn of(url: &Url) -> Self {
        let mut key = format!("//{}", &url[Position::BeforeHost..Position::AfterPort]);
        let path = single_slashes(url.path());
        let path = fold_end(&path);
        write_normal(&mut key, if path.is_empty() { "/" } else { path });
        if let Some(query) = url.query() {
            key.push('?');
            write_normal(&mut key, query);
        }
        PageKey(key)
    }

    /// The page id; `None` for the key of an address.
    #[must_use]
    pub fn page_id(&self) -> Option<&str> {
        self.0.strip_prefix(Self::ID)
    }

    /// Parses a stored key; `None` if it is not the key of a page.
    #[must_use]
    pub fn stored(key: &str) -> Option<Self> {
        (key.starts_with("//") || key.starts_with(Self::ID)).then(|| PageKey(key.to_owned()))
    }

    /// The key without `.html` or `.htm` at the end of its path, for sites whose server answers both.
    #[must_use]
    pub fn without_html(&self) -> Self {
        let (path, query) = self.0.split_at(self.0.find('?').unwrap_or(self.0.len()));
        let folded = Self::HTML
            .iter()
            .find_map(|end| path.strip_suffix(end))
            // A file of this name alone and a host are not pages with an extension.
            .filter(|left| !left.ends_with('/') && left.matches('/').count() > 2 && left.starts_with("//"));
        match folded {
            Some(left) => PageKey(format!("{left}{query}")),
            None => self.clone(),
        }
    }

    /// The extensions that [`PageKey::without_html`] drops.
    pub const HTML: [&'static str; 2] = [".html", ".htm"];

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Folds `/a//b` to `/a/b`.
fn single_slashes(path: &str) -> String {
    let mut single = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !single.ends_with('/') {
            single.push(c);
        }
    }
    single
}

/// Folds `/a/index.html` and `/a/` to `/a`.
fn fold_end(path: &str) -> &str {
    let folder = INDEX_FILES
        .iter()
        .find_map(|file| path.strip_suffix(file))
        .unwrap_or(path);
    folder.trim_end_matches('/')
}

/// Percent-encoding normal form: unreserved characters plain, all others that a URL may not hold encoded, hex in
/// upper case. Delimiters stay as they are, plain or encoded, since the two may differ in meaning.
fn write_normal(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let encoded = bytes[at..].first_chunk::<3>().and_then(decode);
        match (bytes[at], encoded) {
            (_, Some(byte)) if is_unreserved(byte) => out.push(char::from(byte)),
            (_, Some(byte)) => write_encoded(out, byte),
            (byte, None) if is_unreserved(byte) || b"%/?:@!$&'()*+,;=".contains(&byte) => {
                out.push(char::from(byte))
            }
            (byte, None) => write_encoded(out, byte),
        }
        at += if encoded.is_some() { 3 } else { 1 };
    }
}

fn write_encoded(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

/// An unreserved character (RFC 3986 §2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_ids_are_cleaned_and_bounded() {
        assert_eq!(
            PageKey::from_page_id(" post-12\u{200b} ").unwrap().as_str(),
            "id:post-12"
        );
        assert_eq!(PageKey::from_page_id("\u{200b}"), Err(PageError::Invalid));
        assert_eq!(PageKey::from_page_id(&"x".repeat(513)), Err(PageError::TooLong));
        assert!(PageKey::from_page_id(&"x".repeat(512)).is_ok());
    }

    #[test]
    fn percent_encoding_has_one_spelling() {
        let normal = |text: &str| {
            let mut out = String::new();
            write_normal(&mut out, text);
            out
        };
        assert_eq!(normal("/%7e%41%2f%c3%a9|%7C%zz%"), "/~A%2F%C3%A9%7C%7C%zz%");
        assert_eq!(normal(&normal("/a%2541")), "/a%2541");
    }
}
