//! `afterword thread …`: manages threads: aliases, title and address, move, merge, close, open.

use std::path::PathBuf;

use clap::Subcommand as ClapSubcommand;

use super::{open, print::print, redirect_map};
use crate::{
    app::{App, Error, ErrorKind},
    config::Config,
    model::{site::Site, thread::Thread},
    service::{
        audit::Actor,
        threads::{
            alias, close, edit,
            lookup::{self, ThreadKeys},
            merge,
            moves::{self, MoveOutcome},
            page::Page,
            read,
        },
    },
    store::Migrate,
};

/// The subcommands of `afterword thread`. A page is an address, or `id:` and a page id.
#[derive(ClapSubcommand)]
pub(super) enum Command {
    /// Add another address (or page id) to the thread of a page; either of the two may have the thread.
    Alias {
        /// The site.
        site: String,
        /// A page that has the thread.
        page: String,
        /// The address to add.
        other: String,
        /// The page id to add, instead of an address.
        #[arg(long)]
        page_id: Option<String>,
    },
    /// Set the title and the address of a thread; comments no longer change them.
    Edit {
        /// The site.
        site: String,
        /// The page.
        page: String,
        /// The article's title.
        #[arg(long, required_unless_present = "address")]
        title: Option<String>,
        /// The address to which links to the thread lead.
        #[arg(long)]
        address: Option<String>,
    },
    /// Move the thread of a page to its new address, or the threads of many pages listed in a file.
    Move {
        /// The site.
        site: String,
        /// The old address of the page.
        #[arg(required_unless_present = "map")]
        old: Option<String>,
        /// The new address of the page.
        #[arg(required_unless_present = "map")]
        new: Option<String>,
        /// A file with an old and a new address on each line, separated by a comma or a tab.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["old", "new"])]
        map: Option<PathBuf>,
        /// Merge the threads if both addresses have comments.
        #[arg(long)]
        merge: bool,
        /// Print what would be done, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Merge two threads: all comments of the first move to the second.
    Merge {
        /// The site.
        site: String,
        /// The page whose comments move.
        from: String,
        /// The page that receives them.
        into: String,
    },
    /// Close a thread to new comments.
    Close {
        /// The site.
        site: String,
        /// The page.
        page: String,
    },
    /// Open a thread to new comments.
    Open {
        /// The site.
        site: String,
        /// The page.
        page: String,
    },
}

pub(super) fn run(config: Config, command: Command) -> Result<(), String> {
    let app = open::app(config, Migrate::Unserved)?;
    let output = open::block_on(act(&app, command))?.map_err(|error| open::explain(&app, error))?;
    print(&output)
}

/// Runs the subcommand; returns its output.
async fn act(app: &App, command: Command) -> Result<String, Error> {
    match command {
        Command::Alias {
            site,
            page,
            other,
            page_id,
        } => {
            let site = read::site(app, &site).await?;
            let key = Page::of(&site, &other, page_id.as_deref())?.key;
            let known = lookup::key_of(&site, &page)?;
            // The order of the two is easily confused, and only one of them has a thread.
            let (thread, key) = match lookup::find(app, site.id, known.clone()).await? {
                Some(thread) => (thread, key),
                None => match lookup::find(app, site.id, key).await? {
                    Some(thread) => (thread, Page::of(&site, &page, None)?.key),
                    None => return Err(no_thread(&page)),
                },
            };
            alias::add(app, &Actor::command_line(), site.id, thread.id, key).await?;
            Ok(String::new())
        }
        Command::Edit {
            site,
            page,
            title,
            address,
        } => {
            let site = read::site(app, &site).await?;
            let thread = of_page(app, &site, &page).await?;
            let (title, address) = (title.unwrap_or(thread.title), address.unwrap_or(thread.page_url));
            let thread =
                edit::set_page(app, &Actor::command_line(), &site, thread.id, &address, &title).await?;
            Ok(format!("{}\n{}\n", thread.title, thread.page_url))
        }
        Command::Move {
            site,
            old: Some(old),
            new: Some(new),
            merge,
            dry_run,
            ..
        } => move_pages(app, &site, vec![(1, old, new)], merge, dry_run).await,
        Command::Move {
            site,
            map,
            merge,
            dry_run,
            ..
        } => {
            let lines = redirect_map::read(&map.unwrap_or_default())
                .map_err(|wrong| Error::with_message(ErrorKind::FieldInvalid, wrong))?;
            move_pages(app, &site, lines, merge, dry_run).await
        }
        Command::Merge { site, from, into } => {
            let site = read::site(app, &site).await?;
            let (from, into) = (
                of_page(app, &site, &from).await?,
                of_page(app, &site, &into).await?,
            );
            merge::merge(app, &Actor::command_line(), site.id, from.id, into.id).await?;
            let ThreadKeys { thread, keys } = lookup::with_keys(app, site.id, into.id).await?;
            Ok(format!(
                "{} now has {} comments and is found under {} addresses.\n",
                thread.page_url,
                thread.comment_count,
                keys.len()
            ))
        }
        Command::Close { site, page } => set_closed(app, &site, &page, true).await,
        Command::Open { site, page } => set_closed(app, &site, &page, false).await,
    }
}

async fn set_closed(app: &App, site: &str, page: &str, closed: bool) -> Result<String, Error> {
    let site = read::site(app, site).await?;
    let thread = of_page(app, &site, page).await?;
    close::set_closed(app, &Actor::command_line(), site.id, thread.id, closed).await?;
    Ok(String::new())
}

/// Moves the threads of pages; prints the result of each line, and at the end the number of each result.
async fn move_pages(
    app: &App,
    site: &str,
    lines: Vec<redirect_map::Line>,
    merge: bool,
    dry_run: bool,
) -> Result<String, Error> {
    let site = read::site(app, site).await?;
    let (mut moves, mut wrong): (Vec<moves::PageMove>, _) = (Vec::with_capacity(lines.len()), String::new());
    for (number, old, new) in &lines {
        let problem = match (lookup::key_of(&site, old), Page::of(&site, new.trim(), None)) {
            // A page cannot have moved to two addresses.
            (Ok(from), Ok(to))
                if moves
                    .iter()
                    .any(|(known, page)| *known == from && page.key != to.key) =>
            {
                "An earlier line moves this page to another address.".into()
            }
            (Ok(from), Ok(to)) => {
                moves.push((from, to));
                continue;
            }
            (Err(error), _) | (_, Err(error)) => error.message,
        };
        wrong.push_str(&format!("line {number}: {old} {new}: {problem}\n"));
    }
    if !wrong.is_empty() {
        return Err(Error::with_message(
            ErrorKind::FieldInvalid,
            format!("{wrong}nothing was moved"),
        ));
    }
    let done = moves::move_pages(app, &Actor::command_line(), site.id, moves, merge, dry_run).await?;
    let mut output = String::new();
    for ((_, old, new), moved) in lines.iter().zip(&done) {
        let what = match moved {
            MoveOutcome::Moved => "moved",
            MoveOutcome::Already => "already there",
            MoveOutcome::Merged => "merged",
            MoveOutcome::NoComments => "no comments",
        };
        output.push_str(&format!("{what:<13} {old} → {new}\n"));
    }
    let count = |kind| done.iter().filter(|moved| **moved == kind).count();
    output.push_str(&format!(
        "{}: {} moved, {} merged, {} already there, {} without comments\n",
        if dry_run {
            "dry run, nothing changed"
        } else {
            "done"
        },
        count(MoveOutcome::Moved),
        count(MoveOutcome::Merged),
        count(MoveOutcome::Already),
        count(MoveOutcome::NoComments),
    ));
    if lines.len() == 1 && done == [MoveOutcome::NoComments] {
        return Err(no_thread(&lines[0].1));
    }
    Ok(output)
}

async fn of_page(app: &App, site: &Site, page: &str) -> Result<Thread, Error> {
    let key = lookup::key_of(site, page)?;
    lookup::find(app, site.id, key)
        .await?
        .ok_or_else(|| no_thread(page))
}

fn no_thread(page: &str) -> Error {
    Error::with_message(
        ErrorKind::NotFound,
        format!("nobody has commented on {page}; there is no thread"),
    )
}
