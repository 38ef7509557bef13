//! New rows of the table `comments`: inserts of one or many, and the recount of a thread after many.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    model::{
        comment::{History, ImportedComment, NewComment, Status},
        id::{SiteId, ThreadId},
        score::score,
        time::Millis,
    },
    store::{
        StoreError, Tx, Value,
        multi_row::{self, Insert, ROWS},
        params, rows,
        tables::threads,
    },
};

/// Every column but the counts, which are counted, and the version, which begins at 1.
const COLUMNS: [&str; 16] = [
    "site_id",
    "thread_id",
    "id",
    "parent_id",
    "root_id",
    "status",
    "author_name",
    "author_website",
    "author_avatar",
    "body",
    "policy",
    "created_at",
    "edited_at",
    "up",
    "down",
    "score",
];

static INSERT: LazyLock<Insert> = LazyLock::new(|| Insert::new("comments", &COLUMNS));

/// The values of [`COLUMNS`].
fn values<'a>(comment: &'a NewComment, history: &History) -> [Value<'a>; COLUMNS.len()] {
    [
        comment.site_id.0.into(),
        comment.thread_id.0.into(),
        comment.id.0.into(),
        comment.parent_id.map_or(0, |parent| parent.0).into(),
        comment.root_id.0.into(),
        comment.status.as_str().into(),
        (&comment.author.name).into(),
        (&comment.author.website).into(),
        (&comment.author.avatar).into(),
        (&comment.body).into(),
        comment.policy.into(),
        comment.created_at.0.into(),
        history.edited_at.map_or(0, |at| at.0).into(),
        history.up.into(),
        history.down.into(),
        score(history.up, history.down).into(),
    ]
}

/// Stores the row alone. No count changes.
pub(super) fn insert(tx: &mut dyn Tx, comment: &NewComment, history: &History) -> Result<(), StoreError> {
    INSERT.add(tx, &values(comment, history))
}

/// Stores comments with their ids, times, statuses and votes, in any order, and recounts their threads once
/// ([`recount`]). The caller has stored their details and holds the locks of the threads. The result equals that of
/// [`super::add`] and changes for each comment, at a fraction of the statements.
///
/// # Errors
/// `Conflict` when an id is taken, a reply is older than its parent, or the conversation of a reply does not have its
/// parent.
pub fn add_all(tx: &mut dyn Tx, comments: &[ImportedComment]) -> Result<(), StoreError> {
    let rows: Vec<_> = comments
        .iter()
        .map(|imported| values(&imported.comment, &imported.history))
        .collect();
    INSERT.add_all(tx, &rows)?;
    let mut threads: Vec<(SiteId, ThreadId)> = comments
        .iter()
        .map(|imported| (imported.comment.site_id, imported.comment.thread_id))
        .collect();
    threads.sort_unstable();
    threads.dedup();
    threads
        .into_iter()
        .try_for_each(|(site, thread)| recount(tx, site, thread))
}

/// Numbers of visible comments.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    /// Direct replies.
    replies: i64,
    /// Comments below a top-level comment.
    descendants: i64,
}

/// The columns that counts depend on, and the counts that are stored.
struct CountedRow {
    id: i64,
    parent: i64,
    root: i64,
    is_approved: bool,
    created_at: Millis,
    stored: Counts,
}

/// The rows of a thread, each reply before its parent: its id is greater.
pub(crate) const COUNTED: &str = "SELECT id, parent_id, root_id, status, created_at, reply_count, descendant_count \
     FROM comments WHERE site_id = ?1 AND thread_id = ?2 ORDER BY id DESC";

/// Sets the counts of [`ROWS`] comments. Each row has its site, since SQLite would walk along all comments of a site that
/// is given once. PostgreSQL takes a parameter of unknown type for a TEXT.
pub(crate) static SET_COUNTS: LazyLock<String> = LazyLock::new(|| {
    let values = multi_row::values(ROWS, 4, 1, |parameter| format!("CAST({parameter} AS BIGINT)"));
    format!(
        "UPDATE comments SET reply_count = counted.column3, descendant_count = counted.column4 \
         FROM (VALUES {values}) AS counted WHERE comments.site_id = counted.column1 AND comments.id = counted.column2"
    )
});

/// Counts the comments of a thread and the replies to each from its rows, and stores what differs. The thread's version
/// rises when a count that readers see differs. The caller holds the thread's lock.
///
/// # Errors
/// `Conflict` when the conversation of a reply does not have its parent.
pub fn recount(tx: &mut dyn Tx, site: SiteId, thread: ThreadId) -> Result<(), StoreError> {
    let all = rows(tx, COUNTED, params![site.0, thread.0], |row| {
        Ok(CountedRow {
            id: row.int(0)?,
            parent: row.int(1)?,
            root: row.int(2)?,
            is_approved: row.text(3)? == Status::Approved.as_str(),
            created_at: Millis(row.int(4)?),
            stored: Counts {
                replies: row.int(5)?,
                descendants: row.int(6)?,
            },
        })
    })?;
    check_conversations(&all)?;
    let counts = count(&all);
    let different: Vec<[Value<'_>; 4]> = all
        .iter()
        .filter_map(|row| {
            let counted = counts.get(&row.id).copied().unwrap_or_default();
            let values = [site.0, row.id, counted.replies, counted.descendants];
            (row.stored != counted).then(|| values.map(Value::from))
        })
        .collect();
    for chunk in different.chunks(ROWS) {
        // The last chunk is filled up by its own rows, which set the same counts again.
        let values: Vec<Value<'_>> = chunk.iter().cycle().take(ROWS).flatten().copied().collect();
        tx.execute(&SET_COUNTS, &values)?;
    }
    let approved = all.iter().filter(|row| row.is_approved);
    let counted = threads::Counted {
        comments: approved.clone().count() as i64,
        total: all.len() as i64,
        first_approved: approved.map(|row| row.created_at).min(),
        replies_changed: !different.is_empty(),
    };
    threads::set_counts(tx, site, thread, &counted)
}

/// The counts of each comment that has visible replies. `all` has each reply before its parent.
fn count(all: &[CountedRow]) -> HashMap<i64, Counts> {
    let mut counts: HashMap<i64, Counts> = HashMap::new();
    for row in all.iter().filter(|row| row.parent != 0) {
        let is_visible = row.is_approved || counts.get(&row.id).is_some_and(|counts| counts.replies > 0);
        if is_visible {
            counts.entry(row.parent).or_default().replies += 1;
            counts.entry(row.root).or_default().descendants += 1;
        }
    }
    counts
}

/// Errors: `Conflict` when a row is in another conversation than its parent, or its parent is not in the thread.
fn check_conversations(all: &[CountedRow]) -> Result<(), StoreError> {
    let roots: HashMap<i64, i64> = all.iter().map(|row| (row.id, row.root)).collect();
    let is_misplaced = |row: &&CountedRow| match row.parent {
        0 => row.root != row.id,
        parent => roots.get(&parent) != Some(&row.root),
    };
    match all.iter().find(is_misplaced) {
        None => Ok(()),
        Some(row) => Err(StoreError::Conflict(format!(
            "comment {} is in the conversation {}, which does not have its parent {}",
            row.id, row.root, row.parent
        ))),
    }
}
