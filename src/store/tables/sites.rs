//! The tables `sites` and `site_origins`.

use crate::{
    model::{
        id::SiteId,
        page::Origin,
        site::{Heading, Moderation, Rules, Site, Sort, Votes},
        text::SiteName,
        time::Millis,
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, created_at, moderation, require_name, require_email, votes, sort, edit_window, max_text, close_after, heading, html_folds FROM sites ",
            $rest
        )
    };
}

/// Stores a site without origins, with the default rules.
///
/// # Errors
/// `Conflict` if the name is taken.
pub fn add(tx: &mut dyn Tx, id: SiteId, name: &SiteName, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sites (id, name, created_at, html_folds) VALUES (?1, ?2, ?3, 1)",
        params![id.0, name.as_str(), now.0],
    )?;
    Ok(())
}

/// The site of this name, with its origins.
pub fn by_name(tx: &mut dyn Tx, name: &str) -> Result<Option<Site>, StoreError> {
    let site = row(tx, select!("WHERE name = ?1"), params![name], from_row)?;
    with_origins(tx, site)
}

/// The site of this id, with its origins.
pub fn by_id(tx: &mut dyn Tx, id: SiteId) -> Result<Option<Site>, StoreError> {
    let site = row(tx, select!("WHERE id = ?1"), params![id.0], from_row)?;
    with_origins(tx, site)
}

/// The site that registered this origin first, with its origins, apart from the site `except`.
pub fn by_origin(
    tx: &mut dyn Tx,
    origin: &Origin,
    except: Option<SiteId>,
) -> Result<Option<Site>, StoreError> {
    let found = row(
        tx,
        BY_ORIGIN,
        params![origin.as_str(), except.map_or(0, |site| site.0)],
        |row| Ok(SiteId(row.int(0)?)),
    )?;
    match found {
        Some(id) => by_id(tx, id),
        None => Ok(None),
    }
}

pub(crate) const BY_ORIGIN: &str = "SELECT site_id FROM site_origins WHERE origin = ?1 AND site_id <> ?2 ORDER BY created_at, site_id LIMIT 1";

/// All sites in the order of their registration.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<Site>, StoreError> {
    let mut sites = rows(tx, select!("ORDER BY id"), params![], from_row)?;
    for site in &mut sites {
        site.origins = origins(tx, site.id)?;
    }
    Ok(sites)
}

/// Returns true if there is a site.
pub fn any(tx: &mut dyn Tx) -> Result<bool, StoreError> {
    Ok(row(tx, "SELECT 1 FROM sites LIMIT 1", params![], |row| row.int(0))?.is_some())
}

/// Returns true if there is a site of another name.
pub fn any_but(tx: &mut dyn Tx, name: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM sites WHERE name <> ?1 LIMIT 1";
    Ok(row(tx, sql, params![name], |row| row.int(0))?.is_some())
}

/// Replaces a site's rules.
pub fn set_rules(tx: &mut dyn Tx, id: SiteId, rules: &Rules) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sites SET moderation = ?2, require_name = ?3, require_email = ?4, votes = ?5, sort = ?6, \
         edit_window = ?7, max_text = ?8, close_after = ?9, heading = ?10, html_folds = ?11 WHERE id = ?1",
        params![
            id.0,
            rules.moderation.as_str(),
            rules.require_name,
            rules.require_email,
            rules.votes.as_str(),
            rules.sort.as_str(),
            rules.edit_window,
            rules.max_text,
            rules.close_after,
            &rules.heading.written(),
            rules.html_folds,
        ],
    )?;
    Ok(())
}

/// Registers an origin. No effect if it is registered already.
pub fn add_origin(tx: &mut dyn Tx, id: SiteId, origin: &Origin, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO site_origins (site_id, origin, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (site_id, origin) DO NOTHING",
        params![id.0, origin.as_str(), now.0],
    )?;
    Ok(())
}

/// Removes an origin.
pub fn remove_origin(tx: &mut dyn Tx, id: SiteId, origin: &Origin) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM site_origins WHERE site_id = ?1 AND origin = ?2",
        params![id.0, origin.as_str()],
    )?;
    Ok(())
}

fn origins(tx: &mut dyn Tx, id: SiteId) -> Result<Vec<Origin>, StoreError> {
    let sql = "SELECT origin FROM site_origins WHERE site_id = ?1 ORDER BY created_at, origin";
    rows(tx, sql, params![id.0], |row| {
        Origin::parse(row.text(0)?).map_err(|_| invalid_column("site_origins.origin"))
    })
}

fn with_origins(tx: &mut dyn Tx, site: Option<Site>) -> Result<Option<Site>, StoreError> {
    let Some(mut site) = site else { return Ok(None) };
    site.origins = origins(tx, site.id)?;
    Ok(Some(site))
}

fn from_row(row: &dyn Row) -> Result<Site, StoreError> {
    Ok(Site {
        id: SiteId(row.int(0)?),
        name: SiteName::parse(row.text(1)?).map_err(|_| invalid_column("sites.name"))?,
        created_at: Millis(row.int(2)?),
        origins: Vec::new(),
        rules: Rules {
            moderation: Moderation::parse(row.text(3)?).ok_or_else(|| invalid_column("sites.moderation"))?,
            require_name: row.int(4)? != 0,
            require_email: row.int(5)? != 0,
            votes: Votes::parse(row.text(6)?).ok_or_else(|| invalid_column("sites.votes"))?,
            sort: Sort::parse(row.text(7)?).ok_or_else(|| invalid_column("sites.sort"))?,
            edit_window: row.int(8)?,
            max_text: row.int(9)?,
            close_after: row.int(10)?,
            heading: Heading::parse(row.text(11)?).map_err(|_| invalid_column("sites.heading"))?,
            html_folds: row.int(12)? != 0,
        },
    })
}

/// The error of a stored value that this program never writes.
pub(crate) fn invalid_column(column: &str) -> StoreError {
    StoreError::Failed(format!("{column} holds a value that Afterword never writes"))
}
