//! Which article a request is about: its address and the key of its thread.

use crate::{
    app::error::{Error, ErrorKind},
    model::{
        page::{PageKey, PageUrl},
        site::Site,
    },
};

/// Which article: its address and the key of its thread.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where people read it.
    pub url: PageUrl,
    /// What the thread is found by.
    pub key: PageKey,
}

impl Page {
    /// Reads what a request says: the address, and the page id that wins over it.
    /// Errors: `page_invalid`, `page_too_long`, and `page_not_of_site` for a foreign page.
    pub fn of(site: &Site, page: &str, page_id: Option<&str>) -> Result<Self, Error> {
        let url = PageUrl::parse(page)?;
        if !site.has_origin(&url.origin()) {
            let origin = url.origin();
            let message = format!("The origin {} is not registered for this site.", origin.as_str());
            return Err(Error {
                field: Some("page"),
                ..Error::with_message(ErrorKind::PageNotOfSite, message)
            });
        }
        Ok(match page_id.filter(|id| !id.is_empty()) {
            Some(id) => Self {
                key: PageKey::from_page_id(id)?,
                url: url.without_addresses(),
            },
            None => Self {
                key: site.key_of(&url),
                url,
            },
        })
    }

    /// The key of its address as it is, where the site's rules fold it to another one.
    #[must_use]
    pub fn unfolded(&self) -> Option<PageKey> {
        let is_id = self.key.page_id().is_some();
        (!is_id).then(|| self.url.key()).filter(|key| *key != self.key)
    }
}
