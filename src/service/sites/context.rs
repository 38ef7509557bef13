//! The site that an admin page is about, and all sites that one can go to from there, read in one unit of work with the
//! page's own content.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        site::{DEMO_SITE, Site},
        text::SiteName,
    },
    service::threads::read,
    store::{StoreError, Tx, tables::sites},
};

/// A site among all sites.
#[derive(Clone, Debug)]
pub struct SiteContext {
    /// The site that the page is about.
    pub site: Site,
    /// Those that somebody registered, in that order.
    pub registered: Vec<Site>,
}

/// All sites but the demo, which nobody registered and which ends when somebody does.
///
/// # Errors
/// Those of the store.
pub async fn registered(app: &App) -> Result<Vec<Site>, Error> {
    app.store.read(|tx| Ok(registered_in(tx)?)).await
}

/// The site of this name among all sites.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn of(app: &App, name: &str) -> Result<SiteContext, Error> {
    let (context, ()) = read(app, name, |_, _| Ok(())).await?;
    Ok(context)
}

/// Looks a site up by its name and reads something of it, in one unit of work.
///
/// # Errors
/// `site_not_found`, those of `unit`, and those of the store.
pub(crate) async fn read<T, F>(app: &App, name: &str, mut unit: F) -> Result<(SiteContext, T), Error>
where
    T: Send + 'static,
    F: FnMut(&mut dyn Tx, &Site) -> Result<T, Error> + Send + 'static,
{
    let name = SiteName::parse(name).map_err(|_| ErrorKind::SiteNotFound)?;
    let inner = app.clone();
    app.store
        .read(move |tx| {
            let site = read::site_by_name(&inner, tx, &name)?;
            let found = unit(tx, &site)?;
            let registered = registered_in(tx)?;
            Ok((SiteContext { site, registered }, found))
        })
        .await
}

fn registered_in(tx: &mut dyn Tx) -> Result<Vec<Site>, StoreError> {
    let mut all = sites::all(tx)?;
    all.retain(|site| site.name.as_str() != DEMO_SITE);
    Ok(all)
}
