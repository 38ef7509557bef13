//! `afterword site …`: registers, lists and removes sites, and changes their settings.

use clap::Subcommand as ClapSubcommand;

use super::{open, print::print};
use crate::{
    app::{App, Error, ErrorKind},
    config::Config,
    model::site::Site,
    service::{
        audit::Actor,
        sites::{register, removal, rules},
        threads::read,
    },
    store::Migrate,
    view::asset,
};

/// The subcommands of `afterword site`.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Register a site and print the embed code for its pages.
    Add {
        /// Its name in the embed code: a-z, 0-9, -
        name: String,
        /// The origin of its pages, as in <https://blog.example>; may be repeated.
        #[arg(long = "origin", required = true, value_name = "URL")]
        origins: Vec<String>,
    },
    /// List the sites with their origins and settings.
    List,
    /// Change settings, as in `site set blog moderation=first edit_window=600`.
    Set {
        /// The site.
        name: String,
        /// RULE=VALUE; `site list` shows all settings.
        #[arg(required = true, value_name = "RULE=VALUE")]
        rules: Vec<String>,
    },
    /// Add an origin to a site, or remove one.
    Origin {
        /// The site.
        name: String,
        /// The origin.
        origin: String,
        /// Remove the origin.
        #[arg(long)]
        remove: bool,
    },
    /// Print the embed code of a site.
    Tag {
        /// The site.
        name: String,
        /// Pin the script to this version by its hash. Paste the code again after every upgrade.
        #[arg(long)]
        integrity: bool,
    },
    /// Remove a site with all its threads and comments, permanently; `site remove demo` removes the demo's data.
    Remove {
        /// The site.
        name: String,
        /// The name again, to confirm; not needed for the demo.
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
}

pub(super) fn run(config: Config, command: Command) -> Result<(), String> {
    let app = open::app(config, Migrate::Unserved)?;
    let output = open::block_on(act(&app, command))?.map_err(|error| open::explain(&app, error))?;
    print(&output)
}

/// Runs the subcommand; returns its output.
async fn act(app: &App, command: Command) -> Result<String, Error> {
    let actor = Actor::command_line();
    Ok(match command {
        Command::Add { name, origins } => {
            let site = register::register(app, &actor, &name, &origins).await?;
            register::embed_code(&app.base_url, &site) + "\n"
        }
        Command::List => register::all(app).await?.iter().map(shown).collect(),
        Command::Set { name, rules } => {
            let site = read::site(app, &name).await?;
            let pairs = rules.iter().map(|pair| {
                let pair = pair.split_once('=').ok_or_else(|| {
                    Error::with_message(
                        ErrorKind::FieldInvalid,
                        format!("“{pair}” is not of the form RULE=VALUE."),
                    )
                })?;
                Ok((pair.0.to_owned(), pair.1.to_owned()))
            });
            shown(&rules::set_rules(app, &actor, site.id, pairs.collect::<Result<_, Error>>()?).await?)
        }
        Command::Origin { name, origin, remove } => {
            let site = read::site(app, &name).await?;
            if remove {
                register::remove_origin(app, &actor, site.id, &origin).await?;
            } else {
                register::add_origin(app, &actor, site.id, &origin).await?;
            }
            shown(&read::site(app, &name).await?)
        }
        Command::Remove { name, confirm } => {
            let removed = removal::remove(app, &actor, &name, confirm.as_deref()).await?;
            format!("Removed the site {name} with its comments ({removed}).\n")
        }
        Command::Tag { name, integrity } => {
            let site = read::site(app, &name).await?;
            let tag = if integrity {
                register::pinned_embed_code(&app.base_url, &site, &asset::pinned_loader(&app.base_url))
            } else {
                register::embed_code(&app.base_url, &site)
            };
            tag + "\n"
        }
    })
}

fn shown(site: &Site) -> String {
    let origins = site
        .origins
        .iter()
        .map(|origin| ("origin", origin.as_str().to_owned()));
    let rules = rules::rule_values(&site.rules);
    let lines = origins
        .chain(rules)
        .map(|(rule, value)| format!("  {rule:<15} {value}\n"));
    format!("{}\n", site.name.as_str()) + &lines.collect::<String>()
}
