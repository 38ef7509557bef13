//! `afterword thread …`: give a page's thread another address, close it, open it.

use clap::Subcommand as ClapSubcommand;

use super::open;
use crate::{
    config::Config,
    service::{
        App, Error, Kind,
        audit::Actor,
        moderate,
        read::{self, Page},
        sites,
    },
    store::Migrate,
};

/// See the module.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Let another address (or page id) lead to the thread of a page.
    Alias {
        /// The site.
        site: String,
        /// The page that has the thread.
        page: String,
        /// The address that leads to it too.
        other: String,
        /// The page id that leads to it, instead of the address.
        #[arg(long)]
        page_id: Option<String>,
    },
    /// Take no new comments on a page.
    Close {
        /// The site.
        site: String,
        /// The page.
        page: String,
    },
    /// Take comments again.
    Open {
        /// The site.
        site: String,
        /// The page.
        page: String,
    },
}

pub(super) fn run(config: Config, command: Command) -> Result<(), String> {
    let app = open::app(config, Migrate::Unserved)?;
    open::block_on(act(&app, command))?.map_err(|error| open::said(&app, error))
}

async fn act(app: &App, command: Command) -> Result<(), Error> {
    let (Command::Alias { site, page, .. } | Command::Close { site, page } | Command::Open { site, page }) =
        &command;
    let site = read::site(app, site).await?;
    let view = read::thread(app, site.clone(), Page::of(&site, page, None)?, None, None).await?;
    let thread = view.thread.ok_or_else(|| {
        Error::with_message(
            Kind::NotFound,
            format!("nobody has commented on {page}; there is no thread"),
        )
    })?;
    match &command {
        Command::Alias { other, page_id, .. } => {
            let key = Page::of(&site, other, page_id.as_deref())?.key;
            sites::add_alias(app, site.id, thread.id, key).await
        }
        Command::Close { .. } => {
            moderate::set_closed(app, &Actor::command_line(), site.id, thread.id, true).await
        }
        Command::Open { .. } => {
            moderate::set_closed(app, &Actor::command_line(), site.id, thread.id, false).await
        }
    }
}
