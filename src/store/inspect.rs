//! Inspects a database for `afterword doctor`.
//!
//! It changes nothing: the database is neither created nor migrated, so that a newer program can inspect one that an
//! older server uses. The command judges the results.

use std::path::Path;

use super::{
    engine::{postgres::PostgresEngine, sqlite},
    is_postgres, migrate,
};
use crate::{
    model::{id::created_at, site::Site, time::Millis},
    store::{
        Options, StoreError, Tx, params, row,
        tables::{account_roles, instance, sites},
    },
};

/// The result of an inspection.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The schema version of the database; none if it is empty.
    pub schema: Option<i64>,
    /// The schema version of this program.
    pub known: i64,
    /// SQLite's integrity check: `ok`, or the damage. None for PostgreSQL, which has checks of its own.
    pub integrity: Option<String>,
    /// Settings on which the durability of a commit depends, with their values.
    pub settings: Vec<(&'static str, String)>,
    /// The clock of the database server; none for SQLite.
    pub clock: Option<Millis>,
    /// The content, if the schema versions are equal.
    pub content: Option<InspectedContent>,
}

/// The content of a database, as far as it is inspected.
#[derive(Clone, Debug)]
pub struct InspectedContent {
    /// All sites with their origins.
    pub sites: Vec<Site>,
    /// True if an account is an owner of all sites.
    pub has_owner: bool,
    /// When the newest site or comment was created.
    pub newest: Option<Millis>,
    /// The purge clock; none if no server has run since it was introduced.
    pub purge_clock: Option<Millis>,
    /// The fingerprint of the secret that the database is bound to; none if it is not bound yet.
    pub secret: Option<i64>,
}

/// Reads from a database without creating or migrating it. Must not be called inside an async runtime.
///
/// # Errors
/// A sentence that names the database.
pub fn examine<T: Send + 'static>(
    database: &str,
    folder: &Path,
    options: &Options,
    read: impl FnOnce(&mut dyn Tx) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    if is_postgres(database) {
        PostgresEngine::examine(database, options, read)
    } else {
        sqlite::examine(&folder.join(database), |tx| read(tx))
    }
}

/// Inspects a database. Must not be called inside an async runtime.
///
/// # Errors
/// A sentence that names the database.
pub fn inspect(database: &str, folder: &Path, options: &Options) -> Result<Inspection, String> {
    if is_postgres(database) {
        return PostgresEngine::examine(database, options, |tx| {
            let clock = instance::postgres_clock(tx)?;
            let schema_there = row(
                tx,
                "SELECT 1 WHERE to_regclass('instance') IS NOT NULL",
                params![],
                |row| row.int(0),
            )?;
            let mut settings = Vec::new();
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.extend(text(tx, "SELECT current_setting(?1)", &[name])?.map(|value| (name, value)));
            }
            Ok(Inspection {
                clock,
                settings,
                ..common(tx, schema_there.is_some())?
            })
        });
    }
    sqlite::examine(&folder.join(database), |tx| {
        let schema_there = row(
            tx,
            "SELECT 1 FROM sqlite_schema WHERE name = 'instance'",
            params![],
            |row| row.int(0),
        )?;
        let mut settings = Vec::new();
        settings.extend(text(tx, "PRAGMA journal_mode", &[])?.map(|value| ("journal_mode", value)));
        Ok(Inspection {
            integrity: text(tx, "PRAGMA quick_check(1)", &[])?,
            settings,
            ..common(tx, schema_there.is_some())?
        })
    })
}

/// The part of the inspection that is the same on both engines.
fn common(tx: &mut dyn Tx, schema_there: bool) -> Result<Inspection, StoreError> {
    let known = migrate::current(migrate::STEPS);
    let schema = if schema_there {
        instance::get(tx, "schema")?
    } else {
        None
    };
    let content = if schema == Some(known) {
        Some(content(tx)?)
    } else {
        None
    };
    Ok(Inspection {
        schema,
        known,
        integrity: None,
        settings: Vec::new(),
        clock: None,
        content,
    })
}

fn content(tx: &mut dyn Tx) -> Result<InspectedContent, StoreError> {
    let (sites, has_owner) = (sites::all(tx)?, account_roles::has_owner(tx)?);
    let mut newest = None;
    for site in &sites {
        let last = "SELECT id FROM comments WHERE site_id = ?1 ORDER BY id DESC LIMIT 1";
        let comment = row(tx, last, params![site.id.0], |row| row.int(0))?.map(created_at);
        newest = newest.max(comment).max(Some(site.created_at));
    }
    Ok(InspectedContent {
        sites,
        has_owner,
        newest,
        purge_clock: instance::get(tx, "purge_clock")?.map(Millis),
        secret: instance::get(tx, "secret")?,
    })
}

fn text(tx: &mut dyn Tx, sql: &'static str, params: &[&str]) -> Result<Option<String>, StoreError> {
    let params: Vec<_> = params.iter().map(|param| (*param).into()).collect();
    row(tx, sql, &params, |row| Ok(row.text(0)?.to_owned()))
}
