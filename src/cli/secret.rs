//! `afterword secret …`: go on with a database whose secret is lost.

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

/// See the module.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Let the database belong to the present secret, or to a new one where there is none.
    ///
    /// Edit links, votes and signatures that were made with another secret then belong to nobody. Stop the server first.
    Replace,
}

pub(super) fn run(config: &Config, command: &Command) -> Result<(), String> {
    let Command::Replace = command;
    open::folder(&config.data)?;
    // With SQLite's lock in hand no server is there, so that migrating is safe.
    let (_lock, migrate) = if store::is_postgres(&config.database) {
        (None, Migrate::Unserved)
    } else {
        let lock = DatabaseLock::take(&config.data.join(&config.database))?;
        (Some(lock), Migrate::Always)
    };
    let store = open::store(config, migrate)?;
    let file = open::secret_file(config);
    // What cannot be read is no secret any more.
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
