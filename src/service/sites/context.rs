//! Reads the site of an admin page and the sites of its navigation, in one unit of work with the page's content.

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

/// The site of an admin page, and the sites of its navigation.
#[derive(Clone, Debug)]
pub struct SiteContext {
    /// The site of the page.
    pub site: Site,
    /// All registered sites, in the order of their registration, without the demo.
    pub registered: Vec<Site>,
}

/// Reads all registered sites, without the demo.
///
/// # Errors
/// Those of the store.
pub async fn registered(app: &App) -> Result<Vec<Site>, Error> {
    app.store.read(|tx| Ok(registered_in(tx)?)).await
}

/// Reads the site of this name, and all registered sites.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn of(app: &App, name: &str) -> Result<SiteContext, Error> {
    let (context, ()) = read(app, name, |_, _| Ok(())).await?;
    Ok(context)
}

/// Reads the site of this name, all registered sites, and the content that `unit` reads, in one unit of work.
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
