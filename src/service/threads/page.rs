//! The page of a request: its address, and the key of its thread.

use crate::{
    app::error::{Error, ErrorKind},
    model::{
        page::{PageKey, PageUrl},
        site::Site,
    },
};

/// A page of a site.
#[derive(Clone, Debug)]
pub struct Page {
    /// The address at which readers see it.
    pub url: PageUrl,
    /// The key of its thread.
    pub key: PageKey,
}

impl Page {
    /// Parses the address of a page, and its page id if it has one; a page id wins over the address as the key.
    ///
    /// # Errors
    /// `page_invalid`, `page_too_long`, and `page_not_of_site` for an origin that is not the site's.
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

    /// The key of the address before the site's rules fold it; `None` if they do not change it, and for a page id.
    #[must_use]
    pub fn unfolded(&self) -> Option<PageKey> {
        let is_id = self.key.page_id().is_some();
        (!is_id).then(|| self.url.key()).filter(|key| *key != self.key)
    }
}
