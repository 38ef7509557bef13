//! Reads the moderation log for its page.

use crate::{
    app::{context::App, error::Error},
    model::moderation_log::LogEntry,
    service::{
        audit,
        sites::context::{self, SiteContext},
    },
};

/// The newest entries of the log.
#[derive(Clone, Debug)]
pub struct Log {
    /// Entries of the site, newest first.
    pub site: Vec<LogEntry>,
    /// Entries about accounts and sites, newest first; `None` for moderators, who may not see them.
    pub instance: Option<Vec<LogEntry>>,
}

/// Reads the log of a site, and for owners that of the instance.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn page(app: &App, site: &str, is_owner: bool) -> Result<(SiteContext, Log), Error> {
    context::read(app, site, move |tx, site| {
        let of_site = audit::newest_in(tx, Some(site.id))?;
        let instance = match is_owner {
            true => Some(audit::newest_in(tx, None)?),
            false => None,
        };
        Ok(Log {
            site: of_site,
            instance,
        })
    })
    .await
}
