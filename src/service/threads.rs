//! Threads as owners arrange them: their address and title, more addresses, pages that moved, threads that are joined.
//!
//! Every use case here is one unit of work. A thread keeps all its names: whatever moved, the old address still finds it.

use super::{
    app::App,
    audit::{self, Actor},
    error::{Error, Kind},
    read::Page,
};
use crate::{
    model::{
        id::{SiteId, ThreadId},
        log::Act,
        page::{PageKey, PageUrl},
        site::Site,
        text::Title,
        thread::Thread,
    },
    store::{StoreError, Tx, threads},
};

/// What became of a page that moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Its comments are now at the new address.
    Moved,
    /// They were there already.
    Already,
    /// The new address had comments too; both threads are one.
    Merged,
    /// Nobody has commented on it.
    NoComments,
}

/// A page that moves: from where, and to which page.
pub type Move = (PageKey, Page);

/// What a page's thread is found by: an address, of whichever origin, or `id:` and a page id.
/// Errors: `page_invalid`, `page_too_long`.
pub fn key_of(site: &Site, page: &str) -> Result<PageKey, Error> {
    Ok(match page.trim().strip_prefix(PageKey::ID) {
        Some(page_id) => PageKey::from_page_id(page_id)?,
        None => site.key_of(&PageUrl::parse(page.trim())?),
    })
}

/// The thread that a key leads to, whether or not readers see it.
pub async fn find(app: &App, site: SiteId, key: PageKey) -> Result<Option<Thread>, Error> {
    app.store
        .read(move |tx| Ok(threads::by_key(tx, site, key.as_str())?))
        .await
}

/// A thread with its names. Errors: `not_found`.
pub async fn with_keys(app: &App, site: SiteId, id: ThreadId) -> Result<(Thread, Vec<String>), Error> {
    app.store
        .read(move |tx| {
            let thread = threads::by_id(tx, site, id)?.ok_or(Error::from(Kind::NotFound))?;
            Ok((thread, threads::keys(tx, site, id)?))
        })
        .await
}

/// A site's newest threads, also those that wait for a first approved comment.
pub async fn newest(app: &App, site: SiteId) -> Result<Vec<Thread>, Error> {
    app.store.read(move |tx| Ok(threads::newest(tx, site, 50)?)).await
}

/// Gives a thread one more address or page id. Errors: `conflict` when it leads to another thread.
pub async fn add_alias(
    app: &App,
    actor: &Actor,
    site: SiteId,
    thread: ThreadId,
    key: PageKey,
) -> Result<(), Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    let keys = app
        .store
        .write(move |tx| {
            locked(tx, site, thread)?;
            let known = threads::by_key(tx, site, key.as_str())?.is_some_and(|found| found.id == thread);
            name(tx, site, thread, &key)?;
            if !known {
                let found = threads::by_id(tx, site, thread)?.ok_or(Error::from(Kind::NotFound))?;
                let (act, target) = (Act::AliasAdded, key.as_str());
                audit::record(&inner, tx, Some(site), &actor, act, target, &found.page_url)?;
            }
            threads::touch(tx, site, thread)?;
            Ok::<_, Error>(threads::keys(tx, site, thread)?)
        })
        .await?;
    app.changed(site, &keys);
    Ok(())
}

/// Sets where a thread is read and what its article is called; from then on no comment changes them. An address that
/// did not lead to the thread does so now. Errors: those of [`Page::of`] and [`Title::parse`]; `conflict` when the
/// address leads to another thread.
pub async fn edit(app: &App, site: &Site, id: ThreadId, address: &str, title: &str) -> Result<Thread, Error> {
    let page = Page::of(site, address.trim(), None)?;
    let title = Title::parse(title)?
        .map(|title| title.as_str().to_owned())
        .unwrap_or_default();
    let site = site.id;
    let (thread, keys) = app
        .store
        .write(move |tx| {
            locked(tx, site, id)?;
            let by_id = threads::keys(tx, site, id)?
                .iter()
                .any(|key| key.starts_with(PageKey::ID));
            match name(tx, site, id, &page.key) {
                // Pages that their id names may share an address.
                Err(error) if error.kind == Kind::Conflict && by_id => (),
                named => named?,
            }
            threads::set_page(tx, site, id, page.url.as_str(), &title)?;
            threads::touch(tx, site, id)?;
            let thread = threads::by_id(tx, site, id)?.ok_or(Error::from(Kind::NotFound))?;
            Ok::<_, Error>((thread, threads::keys(tx, site, id)?))
        })
        .await?;
    app.changed(site, &keys);
    Ok(thread)
}

/// Moves pages to new addresses, all or none: links lead to the new ones, and the old ones still find the threads.
/// With `join`, a thread that the new address has already becomes one with the page's own; with `dry`, nothing is
/// changed and the answer is what would be. Errors: `conflict` when both addresses have a thread and `join` is false.
pub async fn move_pages(
    app: &App,
    site: SiteId,
    moves: Vec<Move>,
    join: bool,
    dry: bool,
) -> Result<Vec<Moved>, Error> {
    enum End {
        Dry(Vec<Moved>),
        Failed(Error),
    }
    impl From<StoreError> for End {
        fn from(error: StoreError) -> Self {
            Self::Failed(error.into())
        }
    }
    let done = app
        .store
        .write(move |tx| {
            let (mut done, mut changed) = (Vec::with_capacity(moves.len()), Vec::new());
            for (from, to) in &moves {
                let (moved, keys) = move_page(tx, site, from, to, join).map_err(End::Failed)?;
                done.push(moved);
                changed.extend(keys);
            }
            // What fails leaves nothing: that is how a dry run is exact.
            if dry {
                Err(End::Dry(done))
            } else {
                Ok((done, changed))
            }
        })
        .await;
    match done {
        Ok((done, keys)) => {
            app.changed(site, &keys);
            Ok(done)
        }
        Err(End::Dry(done)) => Ok(done),
        Err(End::Failed(error)) => Err(error),
    }
}

fn move_page(
    tx: &mut dyn Tx,
    site: SiteId,
    from: &PageKey,
    to: &Page,
    join: bool,
) -> Result<(Moved, Vec<String>), Error> {
    let Some(found) = threads::by_key(tx, site, from.as_str())? else {
        return Ok((Moved::NoComments, Vec::new()));
    };
    let there = threads::by_key(tx, site, to.key.as_str())?;
    if let Some(there) = there.filter(|there| there.id != found.id) {
        if !join {
            let message = format!(
                "Both pages have a thread: {} with {} and {} with {}. Merge them into one instead.",
                found.page_url,
                comments(&found),
                there.page_url,
                comments(&there),
            );
            return Err(Error::with_message(Kind::Conflict, message));
        }
        return Ok((
            Moved::Merged,
            join_into(tx, site, found.id, there.id, Some(to.url.as_str()))?,
        ));
    }
    let thread = locked(tx, site, found.id)?;
    let is_there = threads::by_key(tx, site, to.key.as_str())?.is_some_and(|there| there.id == thread.id);
    if is_there && thread.page_url == to.url.as_str() {
        return Ok((Moved::Already, Vec::new()));
    }
    name(tx, site, thread.id, &to.key)?;
    if let Some(key) = to.unfolded() {
        threads::add_key(tx, site, key.as_str(), thread.id)?;
    }
    threads::set_page(tx, site, thread.id, to.url.as_str(), &thread.title)?;
    threads::touch(tx, site, thread.id)?;
    Ok((Moved::Moved, threads::keys(tx, site, thread.id)?))
}

/// Makes one thread of two: all comments of `from` with their replies, votes and links stand in `into`, in the order
/// in which they were written, and every address of either finds them. Errors: `not_found`; `conflict` for one thread.
pub async fn merge(app: &App, site: SiteId, from: ThreadId, into: ThreadId) -> Result<(), Error> {
    let keys = app
        .store
        .write(move |tx| join_into(tx, site, from, into, None))
        .await?;
    app.changed(site, &keys);
    Ok(())
}

/// The unit of work of a merge. The address is that of `into`, or the one given; the title is its title, or that of
/// the other where it has none. From then on no comment changes them: the earliest may be of the other page.
fn join_into(
    tx: &mut dyn Tx,
    site: SiteId,
    from: ThreadId,
    into: ThreadId,
    address: Option<&str>,
) -> Result<Vec<String>, Error> {
    if from == into {
        return Err(Error::with_message(
            Kind::Conflict,
            "Both addresses lead to the same thread already.",
        ));
    }
    // In one order everywhere, so that two merges cannot wait for each other.
    locked(tx, site, from.min(into))?;
    locked(tx, site, from.max(into))?;
    let gone = || Error::from(Kind::NotFound);
    let from = threads::by_id(tx, site, from)?.ok_or_else(gone)?;
    let into = threads::by_id(tx, site, into)?.ok_or_else(gone)?;
    threads::merge(tx, &from, &into)?;
    // A title that nobody approved counts for nothing.
    let says = |thread: &Thread| (thread.is_published() || thread.page_edited) && !thread.title.is_empty();
    let title = if says(&from) && !says(&into) {
        &from.title
    } else {
        &into.title
    };
    threads::set_page(tx, site, into.id, address.unwrap_or(&into.page_url), title)?;
    Ok(threads::keys(tx, site, into.id)?)
}

/// Gives all threads of a site their names without `.html`. Threads of `/tea.html` and `/tea` become one.
/// Answers the names of those that changed.
pub(super) fn fold_html(tx: &mut dyn Tx, site: SiteId) -> Result<Vec<String>, Error> {
    let mut changed = Vec::new();
    for key in threads::html_keys(tx, site)? {
        // Asked again each time: a merge before may have moved it.
        let Some(thread) = threads::by_key(tx, site, &key)? else {
            continue;
        };
        let Some(folded) = PageKey::renewed(&key).map(|key| key.without_html()) else {
            continue;
        };
        if folded.as_str() != key {
            changed.extend(give(tx, site, thread.id, &folded)?);
        }
    }
    Ok(changed)
}

/// Gives a thread a name by which its page is found from now on; a thread that has it already becomes one with it.
/// Answers the names of the thread if anything changed.
fn give(tx: &mut dyn Tx, site: SiteId, thread: ThreadId, key: &PageKey) -> Result<Vec<String>, Error> {
    match threads::by_key(tx, site, key.as_str())? {
        Some(there) if there.id == thread => Ok(Vec::new()),
        Some(there) => {
            locked(tx, site, thread.min(there.id))?;
            locked(tx, site, thread.max(there.id))?;
            let gone = || Error::from(Kind::NotFound);
            let from = threads::by_id(tx, site, thread)?.ok_or_else(gone)?;
            let into = threads::by_id(tx, site, there.id)?.ok_or_else(gone)?;
            threads::merge(tx, &from, &into)?;
            Ok(threads::keys(tx, site, into.id)?)
        }
        None => {
            locked(tx, site, thread)?;
            threads::add_key(tx, site, key.as_str(), thread)?;
            threads::touch(tx, site, thread)?;
            Ok(threads::keys(tx, site, thread)?)
        }
    }
}

/// Brings names and addresses of some threads to today's rules: those with ids after `after`. Answers the last id, if
/// there may be more, and how many threads changed. Two threads whose addresses differ by a dropped parameter stay
/// two, since it may have told pages apart; all other pairs that are one page now become one thread.
pub(super) fn renew(
    tx: &mut dyn Tx,
    site: &Site,
    after: i64,
    limit: i64,
) -> Result<(Option<ThreadId>, u64), Error> {
    let found = threads::after(tx, site.id, after, limit)?;
    let mut renewed = 0;
    for thread in &found {
        let mut changed = false;
        for key in threads::keys(tx, site.id, thread.id)? {
            let Some(mut new) = PageKey::renewed(&key) else {
                continue;
            };
            if site.rules.html_folds {
                new = new.without_html();
            }
            if new.as_str() == key {
                continue;
            }
            let query = |key: &str| key.split_once('?').map(|(_, query)| query.to_owned());
            let is_free = threads::by_key(tx, site.id, new.as_str())?.is_none();
            if is_free || query(&key) == query(new.as_str()) {
                changed |= !give(tx, site.id, thread.id, &new)?.is_empty();
            }
        }
        if let Ok(url) = PageUrl::parse(&thread.page_url)
            && url.as_str() != thread.page_url
        {
            threads::set_address(tx, site.id, thread.id, url.as_str())?;
            changed = true;
        }
        renewed += u64::from(changed);
    }
    Ok((found.last().map(|thread| thread.id), renewed))
}

/// The thread, with its row locked. Errors: `not_found`.
fn locked(tx: &mut dyn Tx, site: SiteId, id: ThreadId) -> Result<Thread, Error> {
    threads::lock(tx, site, id)?;
    threads::by_id(tx, site, id)?.ok_or_else(|| Kind::NotFound.into())
}

/// Gives a locked thread a name. Errors: `conflict` when it is another thread's.
fn name(tx: &mut dyn Tx, site: SiteId, thread: ThreadId, key: &PageKey) -> Result<(), Error> {
    let is_mine = threads::add_key(tx, site, key.as_str(), thread)?
        || threads::by_key(tx, site, key.as_str())?.is_some_and(|found| found.id == thread);
    if is_mine {
        Ok(())
    } else {
        Err(Error::with_message(
            Kind::Conflict,
            "Another thread is found under this address already. Merge the two instead.",
        ))
    }
}

/// “59 comments”, all of them counted.
fn comments(thread: &Thread) -> String {
    match thread.total_count {
        1 => "one comment".to_owned(),
        count => format!("{count} comments"),
    }
}
