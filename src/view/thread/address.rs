//! Addresses of the thread page and of what can be done on it.

use url::form_urlencoded::Serializer;

use crate::model::{
    id::CommentId,
    site::{Site, Sort},
};

/// The parameter that chooses a language.
pub const LANG: &str = "lang";

/// Which page's thread is shown, and how. Goes into every link and form, so that nobody loses their place.
#[derive(Clone, Debug)]
pub struct Address {
    /// The site's thread page: `{base_url}/thread/{site}`.
    pub site: String,
    /// The article's address.
    pub page: String,
    /// The page id that wins over it.
    pub page_id: Option<String>,
    /// The article's title, as a link gave it; counts only until the thread exists.
    pub title: String,
    /// The order that was chosen, if one was.
    pub sort: Option<Sort>,
    /// Where this page of comments begins.
    pub cursor: Option<String>,
    /// The language that was chosen, if one was; without it, the browser's own counts.
    pub lang: Option<&'static str>,
}

impl Address {
    /// The thread page of an article.
    #[must_use]
    pub fn of(base_url: &str, site: &Site, page: &str, page_id: Option<&str>) -> Self {
        Self {
            site: format!("{base_url}/thread/{}", site.name.as_str()),
            page: page.to_owned(),
            page_id: page_id.map(str::to_owned),
            title: String::new(),
            sort: None,
            cursor: None,
            lang: None,
        }
    }

    /// The pairs that name this view in a form. Its language is in the form's address.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = vec![("page", self.page.as_str())];
        pairs.extend(self.page_id.as_deref().map(|id| ("page_id", id)));
        if !self.title.is_empty() {
            pairs.push(("title", &self.title));
        }
        pairs.extend(self.sort.map(|sort| ("sort", sort.as_str())));
        pairs.extend(self.cursor.as_deref().map(|cursor| ("cursor", cursor)));
        pairs
    }

    /// This view with more parameters, at a place within it (empty: the top).
    #[must_use]
    pub fn here(&self, more: &[(&str, &str)], place: &str) -> String {
        let query = Serializer::new(String::new())
            .extend_pairs(self.pairs())
            .extend_pairs(self.lang.map(|lang| (LANG, lang)))
            .extend_pairs(more)
            .finish();
        let mark = if place.is_empty() { "" } else { "#" };
        format!("{}?{query}{mark}{place}", self.site)
    }

    /// The first page of the thread in an order; none: the site's own.
    #[must_use]
    pub fn sorted(&self, sort: Option<Sort>) -> String {
        Self {
            sort,
            cursor: None,
            ..self.clone()
        }
        .here(&[], "")
    }

    /// The next page.
    #[must_use]
    pub fn next(&self, cursor: String) -> String {
        Self {
            cursor: Some(cursor),
            ..self.clone()
        }
        .here(&[], "comments")
    }

    /// A comment with what stands above and below it, wherever it lies in a long thread.
    #[must_use]
    pub fn comment(&self, id: CommentId) -> String {
        Self {
            cursor: None,
            sort: None,
            ..self.clone()
        }
        .here(&[("comment", &id.to_string())], &anchor(id))
    }

    /// Where forms go.
    #[must_use]
    pub fn action(&self, what: &str, place: &str) -> String {
        let mark = if place.is_empty() { "" } else { "#" };
        let lang = self
            .lang
            .map(|lang| format!("?{LANG}={lang}"))
            .unwrap_or_default();
        format!("{}/{what}{lang}{mark}{place}", self.site)
    }
}

/// The fragment of a comment.
#[must_use]
pub fn anchor(id: CommentId) -> String {
    format!("comment-{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_view_and_encode_what_they_carry() {
        let address = Address {
            site: "https://c.example/thread/blog".into(),
            page: "https://blog.example/?a=1&b=2".into(),
            page_id: None,
            title: String::new(),
            sort: Some(Sort::Best),
            cursor: None,
            lang: None,
        };
        let page = "page=https%3A%2F%2Fblog.example%2F%3Fa%3D1%26b%3D2";
        assert_eq!(
            address.here(&[("reply", "7")], "write"),
            format!("https://c.example/thread/blog?{page}&sort=best&reply=7#write")
        );
        assert_eq!(
            address.comment(CommentId(7)),
            format!("https://c.example/thread/blog?{page}&comment=7#comment-7")
        );
        assert_eq!(address.action("vote", ""), "https://c.example/thread/blog/vote");
        let german = Address {
            lang: Some("de"),
            ..address
        };
        assert_eq!(
            german.sorted(None),
            format!("https://c.example/thread/blog?{page}&lang=de")
        );
        assert_eq!(
            german.action("post", "write"),
            "https://c.example/thread/blog/post?lang=de#write"
        );
    }
}
