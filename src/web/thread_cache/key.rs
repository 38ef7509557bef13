//! Which answer a request asks for, and what an answer depends on.

use super::Encoding;
use crate::{
    model::{
        id::SiteId,
        page::PageKey,
        site::{Site, Sort},
    },
    service::threads::{page::Page, read::Cursor},
};

/// What an answer is written as.
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

/// Which page of which thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CacheRequest {
    /// How it is written.
    pub form: ResponseFormat,
    /// The site's name.
    pub site: String,
    /// The article's address, as asked.
    pub page: String,
    /// The page id that wins over it.
    pub page_id: Option<String>,
    /// The order asked for.
    pub sort: Option<Sort>,
    /// Where the page begins; only first pages are kept.
    pub cursor: Option<Cursor>,
    /// How the answer is compressed.
    pub encoding: Encoding,
}

/// What an answer depends on beside what the database holds: requests with the same key get the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey {
    pub(super) form: ResponseFormat,
    pub(super) site: SiteId,
    pub(super) page: PageKey,
    /// The address as it was spelled, for a page without a thread: the answer repeats it. Else the thread's own is shown.
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

    /// The same for a page without a thread.
    pub(super) fn without_thread(&self, page: &Page) -> Self {
        Self {
            spelled: Some(page.url.as_str().to_owned()),
            ..self.clone()
        }
    }
}
