//! The table `comments`: reads of whole threads or of pages, and writes that keep the counts true.
//!
//! “Visible” means approved, or a tombstone that keeps visible replies in place. Every unit that changes comments of a
//! thread calls [`super::threads::lock`] first. A change that readers see raises the thread's version here, and no
//! other change does: a version reveals nothing of held comments.

mod insert;

#[cfg(test)]
pub(crate) use insert::{COUNTED, SET_COUNTS};
pub use insert::{add_all, recount};

use super::{sites::invalid_column, threads};
use crate::{
    model::{
        comment::{Author, Comment, History, NewComment, Status},
        id::{CommentId, SiteId, ThreadId},
        score::score,
        site::Sort,
        time::Millis,
    },
    store::{Row, StoreError, Tx, params, row, rows},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT site_id, thread_id, id, parent_id, root_id, status, author_name, author_website, author_avatar, \
             body, policy, created_at, edited_at, up, down, reply_count, descendant_count, version FROM comments ",
            $rest
        )
    };
}

pub(crate) const BY_ID: &str = select!("WHERE site_id = ?1 AND id = ?2");
pub(crate) const BY_THREAD: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND (status = 'approved' OR reply_count > 0) ORDER BY root_id, id LIMIT ?3"
);
pub(crate) const BY_ROOT: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND root_id = ?3 AND id > ?4 AND (status = 'approved' OR reply_count > 0) ORDER BY id LIMIT ?5"
);
pub(crate) const OLDEST: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND parent_id = 0 AND id > ?3 AND (status = 'approved' OR reply_count > 0) ORDER BY id LIMIT ?4"
);
pub(crate) const NEWEST: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND parent_id = 0 AND id < ?3 AND (status = 'approved' OR reply_count > 0) ORDER BY id DESC LIMIT ?4"
);
pub(crate) const BEST: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND parent_id = 0 AND (score, id) < (?5, ?3) AND (status = 'approved' OR reply_count > 0) \
     ORDER BY score DESC, id DESC LIMIT ?4"
);
pub(crate) const REPLIES: &str = select!(
    "WHERE site_id = ?1 AND thread_id = ?2 AND parent_id = 0 AND (descendant_count, id) < (?5, ?3) AND (status = 'approved' OR reply_count > 0) \
     ORDER BY descendant_count DESC, id DESC LIMIT ?4"
);
pub(crate) const BY_STATUS: &str =
    select!("WHERE site_id = ?1 AND status = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4");
pub(crate) const THREAD_FEED: &str =
    select!("WHERE site_id = ?1 AND thread_id = ?2 AND status = 'approved' ORDER BY id DESC LIMIT ?3");
pub(crate) const STALE: &str = select!(
    "WHERE policy < ?1 AND (site_id, thread_id, root_id, id) > (?2, ?3, ?4, ?5) ORDER BY site_id, thread_id, root_id, id LIMIT ?6"
);

/// A position in the list of top-level comments, after which a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PagePosition {
    /// The last comment before the page; 0 for the first page.
    pub id: i64,
    /// Its [`rank`].
    pub score: i64,
}

/// The value that orders top-level comments before their id: the score, or the number of comments below.
#[must_use]
pub fn rank(comment: &Comment, sort: Sort) -> i64 {
    match sort {
        Sort::Replies => comment.descendant_count,
        Sort::Oldest | Sort::Newest | Sort::Best => score(comment.up, comment.down),
    }
}

/// The comment of this id, in any status.
pub fn by_id(tx: &mut dyn Tx, site: SiteId, id: CommentId) -> Result<Option<Comment>, StoreError> {
    row(tx, BY_ID, params![site.0, id.0], from_row)
}

/// The visible comments of a thread by conversation, then by id, up to `limit`.
pub fn all_of_thread(
    tx: &mut dyn Tx,
    site: SiteId,
    thread: ThreadId,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    rows(tx, BY_THREAD, params![site.0, thread.0, limit], from_row)
}

/// The visible comments of the conversation of `root` with ids after `after`, by id, up to `limit`. The root has the
/// smallest id. As a parent comes before its replies, every prefix of the list is a tree.
pub fn descendants(
    tx: &mut dyn Tx,
    root: &Comment,
    after: i64,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    rows(
        tx,
        BY_ROOT,
        params![root.site_id.0, root.thread_id.0, root.id.0, after, limit],
        from_row,
    )
}

/// Visible top-level comments after `place` in this order, up to `limit`.
pub fn roots(
    tx: &mut dyn Tx,
    site: SiteId,
    thread: ThreadId,
    sort: Sort,
    place: Option<PagePosition>,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    match sort {
        Sort::Oldest => rows(
            tx,
            OLDEST,
            params![site.0, thread.0, place.map_or(0, |p| p.id), limit],
            from_row,
        ),
        Sort::Newest => rows(
            tx,
            NEWEST,
            params![site.0, thread.0, place.map_or(i64::MAX, |p| p.id), limit],
            from_row,
        ),
        Sort::Best | Sort::Replies => {
            let place = place.unwrap_or(PagePosition {
                id: i64::MAX,
                score: i64::MAX,
            });
            rows(
                tx,
                if sort == Sort::Best { BEST } else { REPLIES },
                params![site.0, thread.0, place.id, limit, place.score],
                from_row,
            )
        }
    }
}

/// Comments of a site in one status with ids before `before`, newest first.
pub fn by_status(
    tx: &mut dyn Tx,
    site: SiteId,
    status: Status,
    before: i64,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    rows(
        tx,
        BY_STATUS,
        params![site.0, status.as_str(), before, limit],
        from_row,
    )
}

/// The number of comments of a site in a status, counted up to `limit`.
pub fn count_status(tx: &mut dyn Tx, site: SiteId, status: Status, limit: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM comments WHERE site_id = ?1 AND status = ?2 LIMIT ?3) AS counted";
    Ok(row(tx, sql, params![site.0, status.as_str(), limit], |row| row.int(0))?.unwrap_or(0))
}

/// The number of visible comments of the conversation of `root` with ids after `after`.
pub fn count_descendants(tx: &mut dyn Tx, root: &Comment, after: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM comments WHERE site_id = ?1 AND thread_id = ?2 AND root_id = ?3 AND id > ?4 \
               AND (status = 'approved' OR reply_count > 0)";
    let found = row(
        tx,
        sql,
        params![root.site_id.0, root.thread_id.0, root.id.0, after],
        |row| row.int(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The newest approved comments of a thread, newest first, up to `limit`.
pub fn newest_in(
    tx: &mut dyn Tx,
    site: SiteId,
    thread: ThreadId,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    rows(tx, THREAD_FEED, params![site.0, thread.0, limit], from_row)
}

/// The greatest id of a site, in any thread and status; 0 if it has no comment.
pub fn newest_id(tx: &mut dyn Tx, site: SiteId) -> Result<i64, StoreError> {
    Ok(row(tx, NEWEST_ID, params![site.0], |row| row.int(0))?.unwrap_or(0))
}

pub(crate) const NEWEST_ID: &str = "SELECT id FROM comments WHERE site_id = ?1 ORDER BY id DESC LIMIT 1";

/// Comments whose body was rendered by an older policy, in primary key order after `after`, up to `limit`.
pub fn stale(
    tx: &mut dyn Tx,
    policy: i64,
    after: Option<&Comment>,
    limit: i64,
) -> Result<Vec<Comment>, StoreError> {
    let (site, thread, root, id) = after.map_or((0, 0, 0, 0), |comment| {
        (
            comment.site_id.0,
            comment.thread_id.0,
            comment.root_id.0,
            comment.id.0,
        )
    });
    rows(
        tx,
        STALE,
        params![policy, site, thread, root, id, limit],
        from_row,
    )
}

/// Stores a new comment and raises the counts. The caller has stored its details and holds the lock of the thread.
///
/// # Errors
/// `Conflict` when the id is taken.
pub fn add(tx: &mut dyn Tx, new: &NewComment) -> Result<(), StoreError> {
    insert::insert(tx, new, &History::default())?;
    let approved = i64::from(new.status == Status::Approved);
    threads::add_to_counts(tx, new.site_id, new.thread_id, approved, 1, new.created_at)?;
    propagate_visibility(tx, &Comment::from(new.clone()), false)
}

/// Replaces the text and the author of a comment, and raises its version.
pub fn set_content(
    tx: &mut dyn Tx,
    comment: &Comment,
    author: &Author,
    body: &str,
    policy: i64,
    edited_at: Option<Millis>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comments SET author_name = ?3, author_website = ?4, author_avatar = ?5, body = ?6, policy = ?7, edited_at = ?8, version = version + 1 WHERE site_id = ?1 AND id = ?2",
        params![
            comment.site_id.0,
            comment.id.0,
            &author.name,
            &author.website,
            &author.avatar,
            body,
            policy,
            edited_at.map_or(0, |at| at.0),
        ],
    )?;
    if comment.status == Status::Approved {
        threads::lock_and_bump(tx, comment.site_id, comment.thread_id)?;
    }
    Ok(())
}

/// Replaces the body by the same source rendered with another content policy. The version of the comment stays.
pub fn set_body(tx: &mut dyn Tx, comment: &Comment, body: &str, policy: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comments SET body = ?3, policy = ?4 WHERE site_id = ?1 AND id = ?2",
        params![comment.site_id.0, comment.id.0, body, policy],
    )?;
    if comment.status == Status::Approved {
        threads::lock_and_bump(tx, comment.site_id, comment.thread_id)?;
    }
    Ok(())
}

/// Sets the status of a comment, raises its version and updates the counts.
pub fn set_status(tx: &mut dyn Tx, comment: &Comment, status: Status, now: Millis) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comments SET status = ?3, version = version + 1 WHERE site_id = ?1 AND id = ?2",
        params![comment.site_id.0, comment.id.0, status.as_str()],
    )?;
    let moved = i64::from(status == Status::Approved) - i64::from(comment.status == Status::Approved);
    if moved != 0 {
        threads::add_to_counts(tx, comment.site_id, comment.thread_id, moved, 0, now)?;
    }
    let was_visible = comment.is_visible();
    propagate_visibility(
        tx,
        &Comment {
            status,
            ..comment.clone()
        },
        was_visible,
    )
}

/// Sets the votes and the score.
pub fn set_votes(tx: &mut dyn Tx, comment: &Comment, up: i64, down: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE comments SET up = ?3, down = ?4, score = ?5 WHERE site_id = ?1 AND id = ?2",
        params![comment.site_id.0, comment.id.0, up, down, score(up, down)],
    )?;
    threads::lock_and_bump(tx, comment.site_id, comment.thread_id)
}

/// Propagates a change of visibility upwards: to the counts of the parent and of the top-level comment, and to the
/// visibility of tombstones that lost their last reply or got their first.
fn propagate_visibility(tx: &mut dyn Tx, comment: &Comment, was_visible: bool) -> Result<(), StoreError> {
    let (mut comment, mut was_visible) = (comment.clone(), was_visible);
    while comment.is_visible() != was_visible {
        let Some(parent_id) = comment.parent_id else { break };
        let step = if was_visible { -1 } else { 1 };
        tx.execute(
            "UPDATE comments SET descendant_count = descendant_count + ?3 WHERE site_id = ?1 AND id = ?2",
            params![comment.site_id.0, comment.root_id.0, step],
        )?;
        tx.execute(
            "UPDATE comments SET reply_count = reply_count + ?3 WHERE site_id = ?1 AND id = ?2",
            params![comment.site_id.0, parent_id.0, step],
        )?;
        let parent = by_id(tx, comment.site_id, parent_id)?
            .ok_or_else(|| StoreError::Failed("a reply has no parent".into()))?;
        was_visible = Comment {
            reply_count: parent.reply_count - step,
            ..parent.clone()
        }
        .is_visible();
        comment = parent;
    }
    Ok(())
}

fn from_row(row: &dyn Row) -> Result<Comment, StoreError> {
    Ok(Comment {
        site_id: SiteId(row.int(0)?),
        thread_id: ThreadId(row.int(1)?),
        id: CommentId(row.int(2)?),
        parent_id: Some(row.int(3)?).filter(|id| *id != 0).map(CommentId),
        root_id: CommentId(row.int(4)?),
        status: Status::parse(row.text(5)?).ok_or_else(|| invalid_column("comments.status"))?,
        author: Author {
            name: row.text(6)?.to_owned(),
            website: row.text(7)?.to_owned(),
            avatar: row.text(8)?.to_owned(),
        },
        body: row.text(9)?.to_owned(),
        policy: row.int(10)?,
        created_at: Millis(row.int(11)?),
        edited_at: Some(row.int(12)?).filter(|at| *at != 0).map(Millis),
        up: row.int(13)?,
        down: row.int(14)?,
        reply_count: row.int(15)?,
        descendant_count: row.int(16)?,
        version: row.int(17)?,
    })
}
