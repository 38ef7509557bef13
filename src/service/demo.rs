//! The demo: a site of its own on `/`, so that a first start shows a living thread at once.
//!
//! It exists while nothing else does: once a site is registered, or where strangers could reach it
//! (a listener that is not loopback), there is no demo.

use super::{app::App, error::Error, sites};

/// Is the demo shown? Registers its site the first time.
pub async fn is_on(app: &App) -> Result<bool, Error> {
    if !app.config.listen.ip().is_loopback() {
        return Ok(false);
    }
    let registered = sites::all(app).await?;
    if registered.iter().any(|site| site.name.as_str() != sites::DEMO) {
        return Ok(false);
    }
    if registered.is_empty() {
        sites::add(app, sites::DEMO, &origins(app)).await?;
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
