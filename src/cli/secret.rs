//! `afterword secret …`: replaces the lost secret of a database.

use std::{fs, path::Path};

use clap::Subcommand as ClapSubcommand;

use super::{open, print::print};
use crate::{
    app::{
        secret::{Secret, random_root},
        secret_binding,
    },
    config::Config,
    store::{
        self, Migrate,
        files::{self, DatabaseLock},
    },
};

/// The subcommands of `afterword secret`.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Bind the database to the current secret, or to a new one if there is none.
    ///
    /// Edit links, votes and signatures made with the old secret become invalid. Stop the server first.
    Replace,
}

pub(super) fn run(config: &Config, command: &Command) -> Result<(), String> {
    let Command::Replace = command;
    open::folder(&config.data)?;
    // Holding SQLite's lock means that no server is running, so migrating is safe.
    let (_lock, migrate) = if store::is_postgres(&config.database) {
        (None, Migrate::Unserved)
    } else {
        let lock = DatabaseLock::take(&config.data.join(&config.database))?;
        (Some(lock), Migrate::Always)
    };
    let store = open::store(config, migrate)?;
    let file = open::secret_file(config);
    // An unreadable secret is replaced.
    let secret = match open::existing_secret(config) {
        Ok(Some(secret)) => secret,
        _ => new(&file)?,
    };
    open::block_on(secret_binding::rebind(&store, &secret))?
        .map_err(|error| format!("{} cannot be used: {error}", open::database(config)))?;
    let place = if config.secret.is_empty() {
        file.display().to_string()
    } else {
        "AFTERWORD_SECRET".to_owned()
    };
    print(&format!(
        "{} now belongs to the secret in {place}.\n",
        open::database(config)
    ))
}

/// Writes a new secret.
fn new(file: &Path) -> Result<Secret, String> {
    let hex = random_root()?;
    files::replace(file, |unfinished| {
        fs::write(unfinished, &hex).map_err(|error| {
            format!(
                "cannot write {}: {}",
                unfinished.display(),
                files::explain_error(unfinished, &error)
            )
        })
    })?;
    files::restrict_to_owner(file);
    Secret::from_hex(&hex)
}
