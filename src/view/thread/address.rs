//! URLs of the thread page and of its actions.

use url::form_urlencoded::Serializer;

use crate::model::{
    id::CommentId,
    site::{Site, Sort},
};

/// The query parameter of the chosen language.
pub const LANG: &str = "lang";

/// The page whose thread is shown, and the state of the view. Part of every link and form, so that the state is kept.
#[derive(Clone, Debug)]
pub struct Address {
    /// The site's thread page: `{base_url}/thread/{site}`.
    pub site: String,
    /// The article's address.
    pub page: String,
    /// The page id, which takes precedence over the address.
    pub page_id: Option<String>,
    /// The article's title from the link; used until the thread exists.
    pub title: String,
    /// The chosen order, if any.
    pub sort: Option<Sort>,
    /// Cursor of the page of comments.
    pub cursor: Option<String>,
    /// The chosen language, if any; without it the browser's languages apply.
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

    /// The fields that identify this view in a form. Its language is in the form's address.
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

    /// The URL of this view with more parameters and a fragment (empty: none).
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

    /// The URL of the thread's first page in an order; `None`: the site's default.
    #[must_use]
    pub fn sorted(&self, sort: Option<Sort>) -> String {
        Self {
            sort,
            cursor: None,
            ..self.clone()
        }
        .here(&[], "")
    }

    /// The URL of the next page.
    #[must_use]
    pub fn next(&self, cursor: String) -> String {
        Self {
            cursor: Some(cursor),
            ..self.clone()
        }
        .here(&[], "comments")
    }

    /// The URL of one comment with its conversation.
    #[must_use]
    pub fn comment(&self, id: CommentId) -> String {
        Self {
            cursor: None,
            sort: None,
            ..self.clone()
        }
        .here(&[("comment", &id.to_string())], &anchor(id))
    }

    /// The URL that a form submits to.
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

/// The URL fragment of a comment.
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
