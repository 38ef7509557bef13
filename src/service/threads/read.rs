//! Reads the pages of a thread, the counts of pages, and sites by name or page. [`super::conversation`] reads one
//! conversation.
//!
//! A thread of up to [`MAX_UNPAGED_COMMENTS`] comments is read in one scan of its rows. A larger one is read by pages of
//! top-level comments, so that a page takes the same time with ten thousand comments as with a hundred. Nothing here
//! writes.

use super::tree::{self, CommentNode, build_tree};
use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        comment::Comment,
        id::{CommentId, SiteId, ThreadId},
        page::{PageKey, PageUrl},
        site::{Site, Sort},
        text::SiteName,
        thread::Thread,
        time::{DAY, Millis},
    },
    service::{sites::demo, threads::page::Page},
    store::{
        StoreError, Tx,
        tables::{
            comments::{self, PagePosition},
            sites, threads,
        },
    },
};

/// Threads with at most this many rows are returned as one page.
pub const MAX_UNPAGED_COMMENTS: i64 = 200;
/// Top-level comments on a page of a larger thread. With [`MAX_REPLIES_PER_PAGE`], a page has at most a hundred comments.
pub const TOP_LEVEL_PER_PAGE: i64 = 40;
/// Replies below one top-level comment on a page of a larger thread.
pub const MAX_REPLIES_PER_CONVERSATION: i64 = 20;
/// Replies on a page of a larger thread.
pub const MAX_REPLIES_PER_PAGE: i64 = 60;
/// Bytes of comments on a page. The next page or “more replies” begins with the first comment that does not fit.
pub const MAX_PAGE_BYTES: usize = 512 * 1024;
/// Pages in one request for counts.
pub const MAX_COUNTED_PAGES: usize = 100;

/// A thread as readers see it.
#[derive(Clone, Debug)]
pub struct ThreadView {
    /// The site, with its rules.
    pub site: Site,
    /// The requested page, whether it has a thread or not.
    pub page: Page,
    /// The thread; `None` until it has an approved comment.
    pub thread: Option<Thread>,
    /// Id and version of the thread that the page's key leads to, published or not.
    pub state: Option<(ThreadId, i64)>,
    /// True if the thread takes new comments.
    pub open: bool,
    /// The order of the top-level comments.
    pub sort: Sort,
    /// The comments of this page.
    pub comments: Vec<CommentNode>,
    /// The beginning of the next page; `None` on the last one.
    pub next: Option<Cursor>,
}

impl ThreadView {
    /// The address at which readers see the page: the thread's own address, or the requested one without a thread.
    #[must_use]
    pub fn page_url(&self) -> &str {
        self.thread
            .as_ref()
            .map_or(self.page.url.as_str(), |thread| &thread.page_url)
    }

    /// The page id of the thread, or of the requested page without a thread.
    #[must_use]
    pub fn page_id(&self) -> Option<&str> {
        match &self.thread {
            Some(thread) => thread.page_id.as_deref(),
            None => self.page.key.page_id(),
        }
    }
}

/// The beginning of a page of top-level comments: the order, and the position after which the page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor(pub Sort, pub PagePosition);

impl Cursor {
    /// The cursor as a query parameter: `best.12.345`.
    #[must_use]
    pub fn written(self) -> String {
        format!("{}.{}.{}", self.0.as_str(), self.1.score, self.1.id)
    }

    /// Parses a query parameter.
    ///
    /// # Errors
    /// `bad_query`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::with_message(
                ErrorKind::BadQuery,
                "The cursor is not one that this server gave.",
            )
        };
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or_else(wrong);
        let sort = Sort::parse(next()?).ok_or_else(wrong)?;
        let score = next()?.parse().map_err(|_| wrong())?;
        let id = CommentId::parse(next()?).ok_or_else(wrong)?.0;
        Ok(Self(sort, PagePosition { id, score }))
    }
}

/// Finds a site by its name. A text that is no site name is not looked up, since PostgreSQL refuses some texts.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub async fn site(app: &App, name: &str) -> Result<Site, Error> {
    let name = SiteName::parse(name).map_err(|_| ErrorKind::SiteNotFound)?;
    let inner = app.clone();
    app.store.read(move |tx| site_by_name(&inner, tx, &name)).await
}

/// Finds a site by its name within a unit of work.
///
/// # Errors
/// `site_not_found`, and those of the store.
pub(crate) fn site_by_name(app: &App, tx: &mut dyn Tx, name: &SiteName) -> Result<Site, Error> {
    let found = sites::by_name(tx, name.as_str())?;
    demo::hide_if_over(app, tx, found)?.ok_or_else(|| ErrorKind::SiteNotFound.into())
}

/// The name, in an address, of the site that the page belongs to, for clients that do not have the site's name.
pub const ANY_SITE: &str = "_";

/// Finds a site by its name; for [`ANY_SITE`], by the origin of `page`.
///
/// # Errors
/// `site_not_found`, `page_invalid`, `bad_query` for [`ANY_SITE`] without a page, and those of the store.
pub async fn site_of_page(app: &App, name: &str, page: Option<&str>) -> Result<Site, Error> {
    if name != ANY_SITE {
        return site(app, name).await;
    }
    let page = page.ok_or_else(|| {
        Error::with_message(
            ErrorKind::BadQuery,
            "The parameter page is missing: the site “_” is found by it.",
        )
    })?;
    let origin = PageUrl::parse(page)?.origin();
    let message = format!("The origin {} is not registered for any site.", origin.as_str());
    let inner = app.clone();
    app.store
        .read(move |tx| {
            let first = sites::by_origin(tx, &origin, None)?;
            let passed_over = first.as_ref().map(|site| site.id);
            let found = match demo::hide_if_over(&inner, tx, first)? {
                None if passed_over.is_some() => sites::by_origin(tx, &origin, passed_over)?,
                found => found,
            };
            found.ok_or_else(|| Error::with_message(ErrorKind::SiteNotFound, message.clone()))
        })
        .await
}

/// The state that a cached response is compared with.
#[derive(Clone, Debug)]
pub struct PageState {
    /// The site.
    pub site: Site,
    /// Id and version of the page's thread, published or not.
    pub thread: Option<(ThreadId, i64)>,
}

/// The present state of a page; `None` when there is no such site any more.
///
/// # Errors
/// Those of the store.
pub async fn state(app: &App, site: &str, page_key: &str) -> Result<Option<PageState>, Error> {
    let (site, page_key) = (site.to_owned(), page_key.to_owned());
    let inner = app.clone();
    app.store
        .read(move |tx| {
            let found = sites::by_name(tx, &site)?;
            let Some(site) = demo::hide_if_over(&inner, tx, found)? else {
                return Ok(None);
            };
            let thread = threads::by_key(tx, site.id, &page_key)?.map(|thread| (thread.id, thread.version));
            Ok(Some(PageState { site, thread }))
        })
        .await
}

/// Reads a page of a thread: from `cursor` on, in the cursor's order; otherwise the first page, in the order `sort` or the
/// site's.
///
/// # Errors
/// Those of the store.
pub async fn thread(
    app: &App,
    site: Site,
    page: Page,
    sort: Option<Sort>,
    cursor: Option<Cursor>,
) -> Result<ThreadView, Error> {
    let now = app.clock.now();
    app.store
        .read(move |tx| {
            let sort = cursor.map(|cursor| cursor.0).or(sort).unwrap_or(site.rules.sort);
            let thread = threads::by_key(tx, site.id, page.key.as_str())?;
            let open = is_open(&site, thread.as_ref(), now);
            let state = thread.as_ref().map(|thread| (thread.id, thread.version));
            let thread = thread.filter(Thread::is_published);
            let (mut comments, mut next) = (Vec::new(), None);
            if let Some(thread) = &thread {
                (comments, next) = page_of(tx, thread, sort, cursor.map(|cursor| cursor.1))?;
            }
            Ok(ThreadView {
                open,
                site: site.clone(),
                page: page.clone(),
                thread,
                state,
                sort,
                comments,
                next,
            })
        })
        .await
}

/// Returns true if a page takes new comments. By a rule of the site, a thread closes some days after its publication.
#[must_use]
pub fn is_open(site: &Site, thread: Option<&Thread>, now: Millis) -> bool {
    thread.is_none_or(|thread| {
        let too_old = site.rules.close_after > 0
            && thread
                .published_at
                .is_some_and(|at| now.since(at) > site.rules.close_after * DAY);
        !thread.closed && !too_old
    })
}

/// The first page of a thread, or the page after `place`: whole trees, and the cursor of the next page.
pub(crate) fn page_of(
    tx: &mut dyn Tx,
    thread: &Thread,
    sort: Sort,
    place: Option<PagePosition>,
) -> Result<(Vec<CommentNode>, Option<Cursor>), StoreError> {
    if thread.total_count <= MAX_UNPAGED_COMMENTS && place.is_none() {
        let mut nodes = build_tree(comments::all_of_thread(
            tx,
            thread.site_id,
            thread.id,
            MAX_UNPAGED_COMMENTS,
        )?);
        // A few very long comments are shown by pages, too.
        if tree::content_bytes(&nodes) <= MAX_PAGE_BYTES {
            match sort {
                Sort::Oldest => (),
                Sort::Newest => nodes.reverse(),
                Sort::Best | Sort::Replies => nodes.sort_by_key(|node| {
                    std::cmp::Reverse((comments::rank(&node.comment, sort), node.comment.id))
                }),
            }
            return Ok((nodes, None));
        }
    }
    let mut tops = comments::roots(tx, thread.site_id, thread.id, sort, place, TOP_LEVEL_PER_PAGE + 1)?;
    let mut room = MAX_PAGE_BYTES;
    let shown = count_fitting(&tops, &mut room).clamp(1, TOP_LEVEL_PER_PAGE as usize);
    let more = tops.len() > shown;
    tops.truncate(shown);
    let next = tops.last().filter(|_| more).map(|last| {
        Cursor(
            sort,
            PagePosition {
                id: last.id.0,
                score: comments::rank(last, sort),
            },
        )
    });
    let below: Vec<i64> = tops.iter().map(|top| top.descendant_count).collect();
    let each = replies_each(&below);
    let mut found = Vec::new();
    for top in tops {
        let mut replies = if top.descendant_count > 0 && room > 0 {
            comments::descendants(tx, &top, top.id.0, each)?
        } else {
            Vec::new()
        };
        let shown = count_fitting(&replies, &mut room);
        if shown < replies.len() {
            replies.truncate(shown);
            room = 0;
        }
        found.push(top);
        found.extend(replies);
    }
    Ok((build_tree(found), next))
}

/// The number of comments, from the first on, that fit into `room` bytes; their size is subtracted from `room`.
pub(crate) fn count_fitting(comments: &[Comment], room: &mut usize) -> usize {
    let fits = |comment: &&Comment| match room.checked_sub(comment.body.len() + tree::COMMENT_OVERHEAD_BYTES)
    {
        Some(left) => {
            *room = left;
            true
        }
        None => false,
    };
    comments.iter().take_while(fits).count()
}

/// The number of replies that each conversation of a page shows: the greatest with which all replies fit, so that a long
/// conversation takes no room from those below it.
fn replies_each(below: &[i64]) -> i64 {
    let shown = |each: i64| below.iter().map(|replies| (*replies).min(each)).sum::<i64>();
    (1..=MAX_REPLIES_PER_CONVERSATION)
        .take_while(|&each| shown(each) <= MAX_REPLIES_PER_PAGE)
        .last()
        .unwrap_or(1)
}

/// The number of visible comments for each key, in the same order; 0 for an unknown page and for `None`.
///
/// # Errors
/// Those of the store.
pub async fn counts(app: &App, site: SiteId, keys: Vec<Option<PageKey>>) -> Result<Vec<i64>, Error> {
    app.store
        .read(move |tx| {
            let mut counts = Vec::with_capacity(keys.len());
            for key in &keys {
                let thread = match key {
                    Some(key) => threads::by_key(tx, site, key.as_str())?,
                    None => None,
                };
                counts.push(thread.map_or(0, |thread| thread.comment_count));
            }
            Ok(counts)
        })
        .await
}

/// The newest published threads of a site, newest first.
///
/// # Errors
/// Those of the store.
pub async fn newest_threads(app: &App, site: SiteId) -> Result<Vec<Thread>, Error> {
    app.store
        .read(move |tx| Ok(threads::newest_published(tx, site, 50)?))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_share_the_room_for_replies() {
        for (below, each) in [
            (vec![], MAX_REPLIES_PER_CONVERSATION),
            (vec![0; 40], MAX_REPLIES_PER_CONVERSATION),
            (vec![1_000; 3], 20),
            (vec![1_000; 4], 15),
            (vec![30; 30], 2),
            (vec![30; 31], 1),
            (vec![1_000; 40], 1),
            // A long conversation takes no room from those below it, and uses what they leave.
            ([vec![1_000], vec![1; 39]].concat(), 20),
            ([vec![1_000], vec![2; 22]].concat(), 16),
        ] {
            assert_eq!(replies_each(&below), each, "{below:?}");
        }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor(
            Sort::Best,
            PagePosition {
                id: 77,
                score: 206_549,
            },
        );
        assert_eq!(Cursor::parse(&cursor.written()).unwrap(), cursor);
        for bad in [
            "",
            "best",
            "best.1",
            "best.x.1",
            "worst.1.1",
            "best.1.0",
            "best.1.2.3",
        ] {
            assert!(Cursor::parse(bad).is_err(), "{bad}");
        }
    }
}
