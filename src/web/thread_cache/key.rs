//! The request for a cached response, and the key of an entry.

use super::Encoding;
use crate::{
    model::{
        id::SiteId,
        page::PageKey,
        site::{Site, Sort},
    },
    service::threads::{page::Page, read::Cursor},
};

/// The format of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseFormat {
    /// JSON, for the widget and for programs.
    Json,
    /// A fragment of HTML, for builds.
    Html,
}

impl ResponseFormat {
    pub(super) fn kind(self) -> &'static str {
        match self {
            ResponseFormat::Json => "application/json",
            ResponseFormat::Html => "text/html; charset=utf-8",
        }
    }
}

/// A request for a page of a thread, as it is spelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheRequest {
    /// The format of the response.
    pub form: ResponseFormat,
    /// The site's name.
    pub site: String,
    /// The address of the page, as in the request.
    pub page: String,
    /// The page id, which identifies the page instead of its address.
    pub page_id: Option<String>,
    /// The order; `None`: the site's default.
    pub sort: Option<Sort>,
    /// The start of the page; only first pages are cached.
    pub cursor: Option<Cursor>,
    /// The encoding of the response.
    pub encoding: Encoding,
}

/// The key of an entry: requests with the same key get the same bytes while the database is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey {
    pub(super) form: ResponseFormat,
    pub(super) site: SiteId,
    pub(super) page: PageKey,
    /// The address as it is spelled, for a page without a thread, since the response repeats it; else the response has the
    /// address of the thread.
    pub(super) spelled: Option<String>,
    pub(super) sort: Option<Sort>,
    pub(super) encoding: Encoding,
}

impl CacheKey {
    pub(super) fn of(wanted: &CacheRequest, site: &Site, page: &Page) -> Self {
        Self {
            form: wanted.form,
            site: site.id,
            page: page.key.clone(),
            spelled: None,
            sort: wanted.sort,
            encoding: wanted.encoding,
        }
    }

    /// The key for the same page without a thread.
    pub(super) fn without_thread(&self, page: &Page) -> Self {
        Self {
            spelled: Some(page.url.as_str().to_owned()),
            ..self.clone()
        }
    }
}
