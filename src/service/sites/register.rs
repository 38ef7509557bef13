//! Registers sites and their origins, and writes the embed code of a site.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::SiteId,
        moderation_log::ModerationAction,
        page::Origin,
        site::{DEMO_SITE, Site},
        text::SiteName,
    },
    service::audit::{self, Actor},
    store::tables::sites,
};

/// Site names that cannot be registered: the demo's, and words in the addresses of admin pages.
const RESERVED_NAMES: [&str; 5] = [DEMO_SITE, "login", "logout", "setup", "sites"];

/// Registers a site with its origins; the first is the main one.
///
/// # Errors
/// `field_invalid` for a name or an origin, or without origins; `conflict` when the name is taken; and those of the store.
pub async fn register(app: &App, actor: &Actor, name: &str, origins: &[String]) -> Result<Site, Error> {
    if RESERVED_NAMES.contains(&name) {
        return Err(Error {
            field: Some("name"),
            ..Error::with_message(
                ErrorKind::FieldInvalid,
                format!("“{name}” is a word of Afterword's own; choose another name."),
            )
        });
    }
    add(app, Some(actor), name, origins).await
}

/// Registers a site, also of a reserved name. Without an actor nothing is recorded.
///
/// # Errors
/// Those of [`register`].
pub(crate) async fn add(
    app: &App,
    actor: Option<&Actor>,
    name: &str,
    origins: &[String],
) -> Result<Site, Error> {
    let name = SiteName::parse(name)?;
    if origins.is_empty() {
        return Err(Error {
            field: Some("origin"),
            ..Error::with_message(ErrorKind::FieldInvalid, "A site needs at least one origin.")
        });
    }
    let origins = origins
        .iter()
        .map(|text| origin(text))
        .collect::<Result<Vec<_>, _>>()?;
    let now = app.clock.now();
    let id = SiteId(app.ids.next(now, 0));
    let (inner, actor) = (app.clone(), actor.cloned());
    app.store
        .write(move |tx| {
            if sites::by_name(tx, name.as_str())?.is_some() {
                return Err(Error {
                    field: Some("name"),
                    ..Error::with_message(ErrorKind::Conflict, "A site of this name is registered already.")
                });
            }
            let ends_demo = name.as_str() != DEMO_SITE && !sites::any_but(tx, DEMO_SITE)?;
            sites::add(tx, id, &name, now)?;
            for (n, origin) in origins.iter().enumerate() {
                // Origins are ordered by their times; the first is the main one.
                sites::add_origin(tx, id, origin, now.plus(n as i64))?;
            }
            tx.emit(Event::of_site(id, Change::SiteRegistered));
            // So that cached responses of the demo become stale and its live readers are notified.
            if ends_demo && let Some(demo) = sites::by_name(tx, DEMO_SITE)? {
                tx.emit(Event::of_site(demo.id, Change::DemoEnded));
            }
            if let Some(actor) = &actor {
                audit::record(
                    &inner,
                    tx,
                    None,
                    actor,
                    ModerationAction::SiteRegistered,
                    name.as_str(),
                    "",
                )?;
            }
            sites::by_id(tx, id)?.ok_or_else(|| Error::internal("a site vanished"))
        })
        .await
}

/// Reads all sites, including the demo.
///
/// # Errors
/// Those of the store.
pub async fn all(app: &App) -> Result<Vec<Site>, Error> {
    app.store.read(|tx| Ok(sites::all(tx)?)).await
}

/// Returns true if there is a site, including the demo.
///
/// # Errors
/// Those of the store.
pub async fn any(app: &App) -> Result<bool, Error> {
    app.store.read(|tx| Ok(sites::any(tx)?)).await
}

/// Adds an origin to a site. An origin that the site has already changes nothing.
///
/// # Errors
/// `field_invalid`, `site_not_found`, and those of the store.
pub async fn add_origin(app: &App, actor: &Actor, site: SiteId, text: &str) -> Result<(), Error> {
    let (origin, now) = (origin(text)?, app.clock.now());
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let found = sites::by_id(tx, site)?.ok_or(Error::from(ErrorKind::SiteNotFound))?;
            if !found.has_origin(&origin) {
                sites::add_origin(tx, site, &origin, now)?;
                tx.emit(Event::of_site(site, Change::SiteChanged));
                audit::record(
                    &inner,
                    tx,
                    Some(site),
                    &actor,
                    ModerationAction::OriginAdded,
                    origin.as_str(),
                    "",
                )?;
            }
            Ok(())
        })
        .await
}

/// Removes an origin of a site. An origin that the site does not have changes nothing.
///
/// # Errors
/// `field_invalid`, `site_not_found`, `conflict` for the last origin, and those of the store.
pub async fn remove_origin(app: &App, actor: &Actor, site: SiteId, text: &str) -> Result<(), Error> {
    let origin = origin(text)?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let found = sites::by_id(tx, site)?.ok_or(Error::from(ErrorKind::SiteNotFound))?;
            if found.origins.len() < 2 {
                return Err(Error::with_message(
                    ErrorKind::Conflict,
                    "A site needs at least one origin.",
                ));
            }
            if found.has_origin(&origin) {
                sites::remove_origin(tx, site, &origin)?;
                tx.emit(Event::of_site(site, Change::SiteChanged));
                audit::record(
                    &inner,
                    tx,
                    Some(site),
                    &actor,
                    ModerationAction::OriginRemoved,
                    origin.as_str(),
                    "",
                )?;
            }
            Ok(())
        })
        .await
}

/// The embed code of a site.
#[must_use]
pub fn embed_code(base_url: &str, site: &Site) -> String {
    with_script(base_url, site, &format!("src=\"{base_url}/embed.js\""))
}

/// The embed code with a fixed version of the script: its address, and its hash for `integrity`.
#[must_use]
pub fn pinned_embed_code(base_url: &str, site: &Site, (address, integrity): &(String, String)) -> String {
    let script = format!("src=\"{address}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"");
    with_script(base_url, site, &script)
}

fn with_script(base_url: &str, site: &Site, script: &str) -> String {
    let name = site.name.as_str();
    format!(
        "<script async {script} data-site=\"{name}\"></script>\n\
         <noscript><a href=\"{base_url}/thread/{name}\" referrerpolicy=\"no-referrer-when-downgrade\">Read and write comments</a></noscript>"
    )
}

fn origin(text: &str) -> Result<Origin, Error> {
    Origin::parse(text.trim().trim_end_matches('/')).map_err(|_| Error {
        field: Some("origin"),
        ..Error::with_message(
            ErrorKind::FieldInvalid,
            "An origin is http:// or https://, a host and perhaps a port, as in https://blog.example.",
        )
    })
}
