//! The demo: a site on `/` that shows a working thread at the first start.
//!
//! It ends when a site is registered, and there is none on a listener that is not loopback, where strangers could reach it.
//! Its data is then found under no address; `afterword site remove demo` removes it.

use crate::{
    app::{context::App, error::Error},
    model::site::{self, Site},
    service::sites::register,
    store::{self, StoreError, Tx},
};

/// Filters a site that was looked up: `None` for the demo after its end.
///
/// # Errors
/// Those of the store.
pub(crate) fn hide_if_over(
    app: &App,
    tx: &mut dyn Tx,
    site: Option<Site>,
) -> Result<Option<Site>, StoreError> {
    match site {
        Some(site) if site.name.as_str() == site::DEMO_SITE && is_over(app, tx)? => Ok(None),
        site => Ok(site),
    }
}

fn is_over(app: &App, tx: &mut dyn Tx) -> Result<bool, StoreError> {
    Ok(!app.config.listen.ip().is_loopback() || store::tables::sites::any_but(tx, site::DEMO_SITE)?)
}

/// Returns true if the demo is shown. Registers its site the first time.
///
/// # Errors
/// Those of the store.
pub async fn is_on(app: &App) -> Result<bool, Error> {
    if !app.config.listen.ip().is_loopback() {
        return Ok(false);
    }
    let registered = register::all(app).await?;
    if registered
        .iter()
        .any(|site| site.name.as_str() != site::DEMO_SITE)
    {
        return Ok(false);
    }
    if registered.is_empty() {
        register::add(app, None, site::DEMO_SITE, &origins(app)).await?;
    }
    Ok(true)
}

/// The origins of the demo: the comment origin, and the names and addresses of the local machine.
fn origins(app: &App) -> Vec<String> {
    let mut origins: Vec<String> = url::Url::parse(&app.base_url)
        .map(|url| vec![url.origin().ascii_serialization()])
        .unwrap_or_default();
    let port = app.config.listen.port();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let origin = format!("http://{host}:{port}");
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}
