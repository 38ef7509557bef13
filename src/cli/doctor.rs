//! `afterword doctor`: checks everything that an installation needs, and suggests a fix for each problem.
//!
//! It changes nothing and creates nothing. Each part adds findings; [`finding`] has their rules. Start with [`local`]
//! and [`database`]; [`server`] and [`origins`] send requests to the running server, through `base_url` as browsers
//! do.

mod database;
mod finding;
mod local;
mod origins;
mod server;

use clap::Args;
use finding::{Findings, Level};

use super::{open, print::print};
use crate::config::Config;

/// The arguments of `afterword doctor`.
#[derive(Args)]
pub(super) struct Command {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the findings.
///
/// # Errors
/// The number of findings that are errors; the exit code is then 1. With warnings only it is 0.
pub(super) fn run(config: &Config, command: &Command) -> Result<(), String> {
    let mut findings = Findings::default();
    local::check(config, &mut findings);
    let content = database::check(config, &mut findings);
    let secret = open::existing_secret(config);
    if let Some(server) = server::check(config, secret.ok().flatten().as_ref(), &mut findings) {
        let sites = content.map(|content| content.sites).unwrap_or_default();
        origins::check(&server, &sites, &mut findings);
    }
    print(&if command.json {
        findings.json() + "\n"
    } else {
        findings.text()
    })?;
    let (errors, warnings) = (findings.count(Level::Error), findings.count(Level::Warning));
    if errors == 0 {
        return Ok(());
    }
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    Err(format!(
        "{}, {}",
        plural(errors, "error"),
        plural(warnings, "warning")
    ))
}
