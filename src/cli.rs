//! The command line: one file per command. Translates arguments into use cases; contains no rules.

mod admin;
mod config;
mod doctor;
mod healthcheck;
mod open;
mod open_files;
mod print;
mod redirect_map;
mod secret;
mod serve;
mod signals;
mod site;
mod thread;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Loaded, load},
    store::files,
};

/// Comment threads for any web page.
///
/// Without a command it serves. Every setting can be given in a TOML file, in the environment (`AFTERWORD_LISTEN`, …)
/// or with --set; `afterword config` lists them.
#[derive(Parser)]
#[command(name = "afterword", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args)]
struct Settings {
    /// Configuration file (TOML); also `AFTERWORD_CONFIG`.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Folder for the database, the secret and the lock.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<String>,
    /// The comment origin as browsers see it.
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// Any setting; may be repeated.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve comments (the default).
    Serve,
    /// Register sites and change their settings.
    #[command(subcommand)]
    Site(site::Command),
    /// Manage threads: add addresses, move, merge, close, open.
    #[command(subcommand)]
    Thread(thread::Command),
    /// Manage the accounts of the admin pages.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Replace the secret of a database whose secret is lost.
    #[command(subcommand)]
    Secret(secret::Command),
    /// Show every setting, its value and its source.
    Config,
    /// Check the installation and suggest fixes: database, disk, clock, proxy, origins.
    ///
    /// Changes nothing. The exit code is 1 if there is an error, else 0.
    Doctor(doctor::Command),
    /// Check that a running server responds (for containers).
    Healthcheck,
}

/// Runs the command.
///
/// # Errors
/// One sentence for the user.
pub fn run(cli: Cli) -> Result<(), String> {
    files::restrict_new_files_to_owner();
    let loaded = cli.settings.load()?;
    match cli.command {
        None | Some(Command::Serve) => serve::run(loaded),
        Some(Command::Site(command)) => site::run(loaded.config, command),
        Some(Command::Thread(command)) => thread::run(loaded.config, command),
        Some(Command::Admin(command)) => admin::run(loaded.config, command),
        Some(Command::Secret(command)) => secret::run(&loaded.config, &command),
        Some(Command::Config) => config::run(&loaded),
        Some(Command::Doctor(command)) => doctor::run(&loaded.config, &command),
        Some(Command::Healthcheck) => healthcheck::run(&loaded.config),
    }
}

impl Settings {
    fn load(&self) -> Result<Loaded, String> {
        let mut flags = Vec::new();
        let named = [
            ("listen", "--listen", &self.listen),
            ("data", "--data", &self.data),
            ("base_url", "--base-url", &self.base_url),
        ];
        for (key, flag, value) in named {
            if let Some(value) = value {
                flags.push((key.to_owned(), value.clone(), flag.to_owned()));
            }
        }
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| format!("--set {pair}: write it as --set KEY=VALUE"))?;
            flags.push((key.trim().to_owned(), value.trim().to_owned(), "--set".to_owned()));
        }
        let file = self
            .config
            .clone()
            .or_else(|| std::env::var_os("AFTERWORD_CONFIG").map(PathBuf::from));
        let mut environment = Vec::new();
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => environment.push((name, value)),
                (Ok(name), Err(_)) if name.starts_with("AFTERWORD_") => {
                    return Err(format!("the value of {name} is not UTF-8"));
                }
                _ => (),
            }
        }
        load(file.as_deref(), environment, &flags)
    }
}
