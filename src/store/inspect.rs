//! What can be told of a database by looking at it, for `afterword doctor`.
//!
//! It changes nothing: a database is neither made nor migrated, so that a newer program can look at one that an
//! older server is using. Judging what is found is the command's affair.

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

/// What was found.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The schema that the database has; none: it is empty.
    pub schema: Option<i64>,
    /// The schema that this program makes.
    pub known: i64,
    /// What SQLite says of the file: `ok`, or what is wrong. PostgreSQL looks after its own.
    pub integrity: Option<String>,
    /// Settings that decide whether a commit lasts, with their values.
    pub settings: Vec<(&'static str, String)>,
    /// The database server's clock, where it has one.
    pub clock: Option<Millis>,
    /// What is in it, if its schema is this program's.
    pub content: Option<InspectedContent>,
}

/// What is in a database.
#[derive(Clone, Debug)]
pub struct InspectedContent {
    /// All sites with their origins.
    pub sites: Vec<Site>,
    /// Whether anybody is an owner.
    pub has_owner: bool,
    /// When the newest site or comment was made.
    pub newest: Option<Millis>,
    /// The time to purge by; none: no server has run since the database has one.
    pub purge_clock: Option<Millis>,
    /// The fingerprint of the secret that it belongs to; none: to none yet.
    pub secret: Option<i64>,
}

/// Reads from a database that is neither made nor migrated. Must not be called inside an async runtime.
/// Errors: a sentence that names the database.
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

/// Looks. Must not be called inside an async runtime. Errors: a sentence that names the database.
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

/// What is asked of both engines in the same words.
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
