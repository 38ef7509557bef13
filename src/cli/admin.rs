//! `afterword admin …`: manages the accounts of the admin pages.

use std::io::Read as _;

use clap::{Subcommand as ClapSubcommand, ValueEnum};

use super::{open, print::print};
use crate::{
    app::{App, Error},
    config::Config,
    model::account::{Account, Role},
    service::{
        accounts::{
            directory,
            manage::{self, RoleChange, describe},
        },
        audit::Actor,
    },
    store::Migrate,
};

/// The subcommands of `afterword admin`.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// List the accounts with their roles.
    List,
    /// Create an account. An existing account of this name is not changed.
    Create {
        /// The user name.
        name: String,
        /// Read the password from standard input (required: other users can see arguments).
        #[arg(long, required = true)]
        password_stdin: bool,
        /// Create a moderator, who may not change sites.
        #[arg(long)]
        moderator: bool,
    },
    /// Remove an account and end its sessions. The last owner cannot be removed.
    Remove {
        /// The user name.
        name: String,
    },
    /// Set a new password and end the account's sessions.
    Password {
        /// The user name.
        name: String,
        /// Read the password from standard input (required: other users can see arguments).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Change the role of an account. The last owner stays an owner.
    Role {
        /// The user name.
        name: String,
        /// The role.
        role: RoleName,
    },
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum RoleName {
    /// May do everything.
    Owner,
    /// May moderate, but not change sites.
    Moderator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Moderator => Self::Moderator,
        }
    }
}

pub(super) fn run(config: Config, command: Command) -> Result<(), String> {
    let app = open::app(config, Migrate::Unserved)?;
    let password = match &command {
        Command::Create { .. } | Command::Password { .. } => password()?,
        _ => String::new(),
    };
    let output =
        open::block_on(act(&app, command, &password))?.map_err(|error| open::explain(&app, error))?;
    print(&output)
}

/// Runs the subcommand; returns its output.
async fn act(app: &App, command: Command, password: &str) -> Result<String, Error> {
    let actor = Actor::command_line();
    Ok(match command {
        Command::List => {
            let line = |account: &Account| describe(account) + "\n";
            directory::all(app).await?.iter().map(line).collect()
        }
        Command::Create { name, moderator, .. } => {
            let role = if moderator { Role::Moderator } else { Role::Owner };
            let account = manage::create(app, &actor, &name, role, password).await?;
            format!("Created {}.\n", describe(&account))
        }
        Command::Remove { name } => {
            let ended = manage::remove(app, &actor, &name).await?;
            format!(
                "Removed {}; {}.\n",
                describe(&ended.account),
                sessions(ended.count)
            )
        }
        Command::Password { name, .. } => {
            let ended = manage::set_password(app, &actor, &name, password).await?;
            format!(
                "Changed the password of {}; {}.\n",
                describe(&ended.account),
                sessions(ended.count)
            )
        }
        Command::Role { name, role } => match manage::set_role(app, &actor, &name, role.into()).await? {
            RoleChange::Unchanged(account) => format!(
                "{} is {} already; nothing was changed.\n",
                account.name,
                account.role_on(None).as_str()
            ),
            RoleChange::Changed { account, was } => format!(
                "{} is {} now, and was {}.\n",
                account.name,
                account.role_on(None).as_str(),
                was.as_str()
            ),
        },
    })
}

fn sessions(ended: u64) -> String {
    match ended {
        1 => "one session ended".to_owned(),
        _ => format!("{ended} sessions ended"),
    }
}

fn password() -> Result<String, String> {
    let mut password = String::new();
    std::io::stdin()
        .take(4_096)
        .read_to_string(&mut password)
        .map_err(|error| format!("cannot read the password from standard input: {error}"))?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}
