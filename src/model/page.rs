//! Page addresses, and the keys by which threads are found.
//!
//! The widget sends the address in the reader's address bar, with any campaign, session or reply parameters.
//! [`PageUrl`] is the address to link to; [`PageKey`] identifies the page: many addresses have one key. Whether the
//! page may have a thread (its origin is registered) is not decided here.
//!
//! A change to the rules of the key separates threads from their pages: it needs a migration of stored keys.

mod credentials;
mod error;
mod key;
mod origin;
mod percent;
mod tracking;

pub use error::PageError;

use super::host;
use url::Url;

pub use key::PageKey;
pub use origin::{Origin, OriginError};

/// Longest normalised address, in bytes; browsers and proxies support about this much.
const MAX_URL: usize = 2048;
/// Longest input, in bytes.
const MAX_TYPED: usize = 8 * 1024;

/// The address of a page: absolute, http or https, without fragment, user information, tracking parameters and secrets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PageUrl(Url);

impl PageUrl {
    /// Parses an address as a browser does (WHATWG URL Standard): host in lower case and punycode, without default
    /// port and without the dot of the DNS root.
    ///
    /// # Errors
    /// [`PageError::TooLong`] over 8 KiB of input, 2,048 bytes normalised or 2,060 as a key; else
    /// [`PageError::Invalid`].
    pub fn parse(address: &str) -> Result<Self, PageError> {
        if address.len() > MAX_TYPED {
            return Err(PageError::TooLong);
        }
        let mut url = Url::parse(address).map_err(|_| PageError::Invalid)?;
        if !matches!(url.scheme(), "http" | "https") || !host::is_plain(&url) {
            return Err(PageError::Invalid);
        }
        host::without_root_dot(&mut url);
        url.set_fragment(None);
        url.set_username("").map_err(|()| PageError::Invalid)?;
        url.set_password(None).map_err(|()| PageError::Invalid)?;
        if let Some(path) = credentials::path_without(url.path()) {
            url.set_path(&path);
        }
        if let Some(query) = url.query() {
            let kept = credentials::query_without(&tracking::drop_tracking(query));
            url.set_query((!kept.is_empty()).then_some(&kept));
        }
        if url.as_str().len() > MAX_URL {
            return Err(PageError::TooLong);
        }
        let page = PageUrl(url);
        // The key encodes characters that browsers leave as they are, such as `|`: at most three bytes for one.
        if 3 * page.as_str().len() > key::MAX && page.key().as_str().len() > key::MAX {
            return Err(PageError::TooLong);
        }
        Ok(page)
    }

    /// The address to link to.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Drops query parameters that hold another address. For pages with a page id: their query is not part of the
    /// key, so the first commenter could put any address into the link to the page.
    #[must_use]
    pub fn without_addresses(mut self) -> Self {
        if let Some(query) = self.0.query() {
            let kept = credentials::query_without_addresses(query);
            self.0.set_query((!kept.is_empty()).then_some(&kept));
        }
        self
    }

    /// The origin, which must be registered for the site.
    pub fn origin(&self) -> Origin {
        Origin::of(&self.0)
    }

    /// The key of the page.
    pub fn key(&self) -> PageKey {
        PageKey::of(&self.0)
    }

    /// The key under the current rules for the page of a stored key; `None` for a page id, which no rule changes.
    #[must_use]
    pub fn current_key(stored: &str) -> Option<PageKey> {
        let address = stored.strip_prefix("//")?;
        Self::parse(&format!("https://{address}"))
            .ok()
            .map(|url| url.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        PageUrl::parse(address)
            .unwrap_or_else(|e| panic!("{address}: {e}"))
            .key()
            .as_str()
            .to_owned()
    }

    #[test]
    fn one_page_has_many_addresses() {
        let table: &[&[&str]] = &[
            &[
                "https://blog.example/posts/tea/",
                "http://blog.example/posts/tea",
                "HTTPS://Blog.Example:443/posts/tea/#c12",
                "http://blog.example:80/posts/tea/",
                "https://u:p@blog.example/posts/tea/index.html",
                "https://blog.example/posts/tea/index.php?utm_source=x&UTM_Medium=y",
                "https://blog.example/posts/x/../tea/?fbclid=1",
                "https://blog.example/posts/tea?",
                "https://blog.example/posts/%74ea/?replytocom=7",
                "  https://blog.example/posts/tea/  ",
                "https:\\\\blog.example\\posts\\tea",
                "https://blog.example/posts//tea//",
                "https://blog.example//posts/./tea/index.htm",
                "https://blog.example/posts/tea;jsessionid=1A2B?access_token=x&Session=y",
                "https://blog.example/posts/tea/?code=4/0AX&state=xyz",
                "https://blog.example/posts/tea?X-Amz-Signature=f00&X-Amz-Date=2026&sig=x",
            ],
            &[
                "https://blog.example",
                "https://blog.example/",
                "https://blog.example/index.html",
                "http://blog.example/?gclid=a&gbraid=b",
            ],
            &[
                "https://blog.example/?p=12",
                "https://blog.example/?utm_campaign=a&p=12&_ga=1",
                "https://blog.example/index.php?p=12",
            ],
            &[
                "https://blog.example/~ann",
                "https://blog.example/%7Eann",
                "https://blog.example/%7eann/",
            ],
            &[
                "https://blog.example/café",
                "https://blog.example/caf%C3%A9",
                "https://blog.example/caf%c3%a9/",
            ],
            &[
                "https://bücher.example/a",
                "https://xn--bcher-kva.example/a",
                "https://BÜCHER.example/a",
            ],
            &["https://blog.example/a|b", "https://blog.example/a%7cb"],
            &["https://blog.example/?q=é", "https://blog.example/?q=%c3%a9"],
            &["https://blog.example:8443/a", "http://blog.example:8443/a/"],
            &["https://[::1]/a", "https://[0:0::1]/a"],
        ];
        for row in table {
            for address in *row {
                assert_eq!(key(address), key(row[0]), "{address}");
            }
        }
        let firsts: std::collections::HashSet<String> = table.iter().map(|row| key(row[0])).collect();
        assert_eq!(firsts.len(), table.len());
    }

    #[test]
    fn different_pages_stay_different() {
        for (a, b) in [
            ("https://blog.example/tea", "https://blog.example/Tea"),
            ("https://blog.example/?p=1", "https://blog.example/?p=2"),
            ("https://blog.example/?a=1&b=2", "https://blog.example/?b=2&a=1"),
            ("https://blog.example/a", "https://www.blog.example/a"),
            ("https://blog.example/a", "https://blog.example:8443/a"),
            ("https://blog.example/a%2Fb", "https://blog.example/a/b"),
            ("https://blog.example/a+b", "https://blog.example/a%20b"),
            ("https://blog.example/a%2F%2Fb", "https://blog.example/a/b"),
            ("https://blog.example/a;lang=de", "https://blog.example/a"),
            ("https://blog.example/?state=open", "https://blog.example/"),
            ("https://blog.example/?q=a//b", "https://blog.example/?q=a/b"),
            ("https://blog.example/myindex.html", "https://blog.example/my"),
            ("https://blog.example/?utm=1", "https://blog.example/"),
            ("https://blog.example/a%3Fb", "https://blog.example/a?b"),
        ] {
            assert_ne!(key(a), key(b));
        }
    }

    #[test]
    fn the_link_keeps_what_matters() {
        let page = PageUrl::parse("HTTPS://u@Blog.Example:443/Tea/?p=1&utm_source=x&q=%7e#c1").unwrap();
        assert_eq!(page.as_str(), "https://blog.example/Tea/?p=1&q=%7e");
        assert_eq!(page.origin().as_str(), "https://blog.example");
        assert_eq!(page.key().as_str(), "//blog.example/Tea?p=1&q=~");
    }

    #[test]
    fn secrets_are_not_in_the_link() {
        for address in [
            "https://ann:pass@blog.example/a;JSESSIONID=12/b;PHPSESSID=3;v=2?p=1&Token=t&id_token=u&api-key=w#access_token=x",
            "https://blog.example/a/b;v=2?%74oken=t&p=1&password[]=x&resetPasswordToken=y",
        ] {
            let page = PageUrl::parse(address).unwrap();
            assert_eq!(page.as_str(), "https://blog.example/a/b;v=2?p=1", "{address}");
            assert_eq!(page.key().as_str(), "//blog.example/a/b;v=2?p=1");
        }
    }

    #[test]
    fn html_at_the_end_folds_where_the_site_says_so() {
        for (address, folded) in [
            ("https://blog.example/tea.html", "//blog.example/tea"),
            (
                "https://blog.example/tea.htm/?p=1.html",
                "//blog.example/tea?p=1.html",
            ),
            ("https://blog.example/v1.2%2Ehtml", "//blog.example/v1.2"),
            ("https://blog.example/tea", "//blog.example/tea"),
            ("https://blog.example/.html", "//blog.example/.html"),
            (
                "https://blog.example/tea.html/more",
                "//blog.example/tea.html/more",
            ),
            ("https://shop.html/", "//shop.html/"),
        ] {
            let key = PageUrl::parse(address).unwrap().key();
            assert_eq!(key.without_html().as_str(), folded, "{address}");
            assert_eq!(key.without_html().without_html(), key.without_html());
        }
        let id = PageKey::from_page_id("/tea.html").unwrap();
        assert_eq!(id.without_html(), id, "a page id is its author's own");
    }

    #[test]
    fn an_address_within_the_query_is_dropped_where_it_is_asked() {
        for address in [
            "https://blog.example/a?go=https://evil.example/&p=1",
            "https://blog.example/a?p=1&go=%68ttps%3A%2F%2Fevil.example",
            "https://blog.example/a?p=1&go=%2568ttps%253A%252F%252Fevil.example",
            "https://blog.example/a?p=1&go=//evil.example&x=%5C%5Cevil.example",
            "https://blog.example/a?p=1&go=javascript:alert(1)",
            "https://blog.example/a?p=1&https://evil.example",
        ] {
            let page = PageUrl::parse(address).unwrap().without_addresses();
            assert_eq!(page.as_str(), "https://blog.example/a?p=1", "{address}");
        }
        let page = PageUrl::parse("https://blog.example/a?q=tea:+green/black").unwrap();
        assert_eq!(page.clone().without_addresses(), page);
    }

    /// Found by fuzzing: a host of a thousand letters was accepted, with an invalid origin.
    #[test]
    fn the_origin_of_a_page_is_an_origin() {
        for length in [1, 63, 253, 254, 500, 1_500] {
            let host = "w".repeat(length);
            if let Ok(page) = PageUrl::parse(&format!("https://{host}:65535/tea")) {
                let origin = page.origin();
                assert_eq!(Origin::parse(origin.as_str()), Ok(origin));
            } else {
                assert!(length > 253, "{length}");
            }
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for address in [
            "",
            "/posts/tea",
            "blog.example/a",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://a.example/",
            "https://",
            "http://a b/",
            "about:blank",
        ] {
            assert_eq!(PageUrl::parse(address), Err(PageError::Invalid), "{address}");
        }
        let long = format!("https://blog.example/{}", "é".repeat(700));
        assert_eq!(PageUrl::parse(&long), Err(PageError::TooLong));
        assert_eq!(PageUrl::parse(&"x".repeat(9000)), Err(PageError::TooLong));
        // Short enough as an address, three times as long as a key.
        for (bars, taken) in [(600, true), (1_000, false)] {
            let page = PageUrl::parse(&format!("https://blog.example/{}", "|".repeat(bars)));
            assert_eq!(page.is_ok(), taken, "{bars}");
            if let Ok(page) = page {
                assert!(
                    page.as_str().len() < 1_000 && page.key().as_str().len() > 1_800,
                    "{bars}"
                );
            }
        }
        let tracked = format!("https://blog.example/a?utm_x={}", "y".repeat(4000));
        assert_eq!(
            PageUrl::parse(&tracked).unwrap().as_str(),
            "https://blog.example/a"
        );
    }
}
