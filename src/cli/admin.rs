//! `afterword admin …`: create people who sign in, or give them a new password.

use std::io::Read as _;

use clap::Subcommand as ClapSubcommand;

use super::{open, print::print};
use crate::{
    config::Config,
    model::user::{Role, User},
    service::people,
    store::Migrate,
};

/// See the module.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Create somebody who signs in, or set the password of one who exists.
    Create {
        /// The name to sign in with.
        name: String,
        /// Read the password from standard input (the only way: arguments are seen by others).
        #[arg(long, required = true)]
        password_stdin: bool,
        /// May moderate, but not change sites.
        #[arg(long)]
        moderator: bool,
    },
    /// List who can sign in.
    List,
}

pub(super) fn run(config: Config, command: Command) -> Result<(), String> {
    let app = open::app(config, Migrate::Unserved)?;
    let shown = |error| open::said(&app, error);
    match command {
        Command::Create { name, moderator, .. } => {
            let mut password = String::new();
            std::io::stdin()
                .take(4_096)
                .read_to_string(&mut password)
                .map_err(|error| format!("cannot read the password from standard input: {error}"))?;
            let role = if moderator { Role::Moderator } else { Role::Owner };
            let user = open::block_on(people::create(
                &app,
                &name,
                role,
                password.trim_end_matches(['\r', '\n']),
            ))?
            .map_err(shown)?;
            print(&line(&user))
        }
        Command::List => {
            let users = open::block_on(people::all(&app))?.map_err(shown)?;
            print(&users.iter().map(line).collect::<String>())
        }
    }
}

fn line(user: &User) -> String {
    format!("{} ({})\n", user.name, user.role.as_str())
}
