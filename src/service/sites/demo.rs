//! The demo: a site of its own on `/`, so that a first start shows a living thread at once.
//!
//! It is open while nothing else is: once a site is registered, or where strangers could reach it (a listener that is
//! not loopback), the demo is over. What is left of it is then found under no address, and `afterword site remove demo`
//! removes it.

use crate::{
    app::{context::App, error::Error},
    model::site::{self, Site},
    service::sites::register,
    store::{self, StoreError, Tx},
};

/// A site that was looked up; none where it is the demo's and the demo is over.
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

/// Is the demo shown? Registers its site the first time.
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

/// The comment origin itself, under the names by which people reach their own machine.
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
