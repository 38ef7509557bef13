//! Removes a site with all its data.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        moderation_log::ModerationAction,
        site::DEMO_SITE,
        text::SiteName,
    },
    service::audit::{self, Actor},
    store::{
        StoreError,
        tables::{site_removal, sites},
    },
};

/// Rows that one unit of work removes.
const BATCH: i64 = 500;

/// Removes a site with its threads, comments and log. Returns the number of removed comments. `confirmed` must repeat the
/// name, except for the demo. An interrupted removal is completed by the next one.
///
/// # Errors
/// `site_not_found`, `conflict` when the name is not confirmed, and those of the store.
pub async fn remove(app: &App, actor: &Actor, name: &str, confirmed: Option<&str>) -> Result<u64, Error> {
    let wanted = SiteName::parse(name).map_err(|_| ErrorKind::SiteNotFound)?;
    let site = app
        .store
        .read(move |tx| {
            sites::by_name(tx, wanted.as_str())?.ok_or_else(|| Error::from(ErrorKind::SiteNotFound))
        })
        .await?;
    if name != DEMO_SITE && confirmed != Some(name) {
        return Err(Error::with_message(
            ErrorKind::Conflict,
            format!(
                "This removes the site “{name}” with all its threads and comments, for good. Nothing was removed. Make a backup, \
                 then run `afterword site remove {name} --confirm {name}`."
            ),
        ));
    }
    let id = site.id;
    app.store
        .write(move |tx| {
            site_removal::close(tx, id)?;
            tx.emit(Event::of_site(id, Change::SiteChanged));
            Ok::<_, StoreError>(())
        })
        .await?;
    let mut removed = 0;
    loop {
        let batch = app
            .store
            .write(move |tx| site_removal::comments(tx, id, BATCH))
            .await?;
        removed += batch;
        if batch == 0 {
            break;
        }
    }
    while app
        .store
        .write(move |tx| site_removal::threads(tx, id, BATCH))
        .await?
        > 0
    {}
    let (inner, actor, name) = (app.clone(), actor.clone(), name.to_owned());
    app.store
        .write(move |tx| {
            site_removal::site(tx, id)?;
            tx.emit(Event::of_site(id, Change::SiteRemoved));
            audit::record(&inner, tx, None, &actor, ModerationAction::SiteRemoved, &name, "")
        })
        .await?;
    Ok(removed)
}
