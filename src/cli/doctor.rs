//! `afterword doctor`: looks at everything that an installation needs, and says how to mend what is wrong.
//!
//! It changes nothing: what it cannot read it does not make. Each part answers findings; the rules for them are in
//! [`finding`]. Begin with [`local`] and [`database`]; [`server`] and [`origins`] ask the running server, through
//! `base_url` as browsers do.

mod database;
mod finding;
mod http_client;
mod local;
mod origins;
mod server;

use clap::Args;
use finding::{Findings, Level};

use super::{open, print::print};
use crate::config::Config;

/// See the module.
#[derive(Args)]
pub(super) struct Command {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Errors: how many findings are errors; then the exit code is 1, and 0 otherwise, also with warnings.
pub(super) fn run(config: &Config, command: &Command) -> Result<(), String> {
    let mut findings = Findings::default();
    local::check(config, &mut findings);
    let content = database::check(config, &mut findings);
    let secret = open::existing_secret(config);
    if let Some(door) = server::check(config, secret.ok().flatten().as_ref(), &mut findings) {
        let sites = content.map(|content| content.sites).unwrap_or_default();
        origins::check(&door, &sites, &mut findings);
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
