//! The unit of work of a post, as in `service::comments::post`, without rendering and hashing: the store's part.

use afterword::{
    model::{
        comment::{Author, Details, Format, NewComment, Status},
        id::{CommentId, IdGenerator, SiteId, ThreadId},
        page::PageUrl,
        time::{Clock, Millis},
    },
    store::{
        StoreError, Tx,
        tables::{comments, details, post_keys, threads},
    },
};

use super::vocabulary::{Dice, hex};

/// The site of all benchmarks.
pub(crate) const SITE: SiteId = SiteId(1);
/// Its origin.
pub(crate) const ORIGIN: &str = "https://blog.example";

/// The key of a page of the site.
pub(crate) fn key(path: &str) -> String {
    let url = PageUrl::parse(&format!("{ORIGIN}{path}")).expect("a page");
    url.key().as_str().to_owned()
}

/// A comment with all its stored fields.
pub(crate) struct New {
    /// Its thread.
    pub(crate) page_key: String,
    /// The tree as JSON.
    pub(crate) body: String,
    /// The source text.
    pub(crate) source: String,
    /// Its author.
    pub(crate) name: String,
    /// A digest for all hash columns.
    pub(crate) hash: String,
}

/// A comment for a thread, with a random one of `texts`.
pub(crate) fn new(dice: &mut Dice, texts: &[(String, String)], page: &str) -> New {
    let n = usize::try_from(dice.below(texts.len() as u64)).unwrap_or(0);
    New {
        page_key: key(page),
        source: texts[n].0.clone(),
        body: texts[n].1.clone(),
        name: super::vocabulary::name(dice),
        hash: hex(dice, 64),
    }
}

/// A comment's row.
#[allow(clippy::too_many_arguments, reason = "it is a row")]
pub(crate) fn comment(
    thread: ThreadId,
    id: i64,
    parent: i64,
    root: i64,
    status: Status,
    name: &str,
    body: &str,
    at: Millis,
) -> NewComment {
    NewComment {
        site_id: SITE,
        thread_id: thread,
        id: CommentId(id),
        parent_id: (parent != 0).then_some(CommentId(parent)),
        root_id: CommentId(root),
        status,
        author: Author {
            name: name.to_owned(),
            website: String::new(),
            avatar: format!("{:08x}", id % 0xffff_ffff),
        },
        body: body.to_owned(),
        policy: afterword::content::POLICY,
        created_at: at,
    }
}

/// The details of a comment.
pub(crate) fn details_of(source: &str, hash: &str) -> Details {
    Details {
        source: source.to_owned(),
        format: Format::Markdown,
        author_email: String::new(),
        author_key: hash.to_owned(),
        token_hash: hash.to_owned(),
        address_key: hash[..32].to_owned(),
        removed_at: None,
        held_because: None,
        page_url: String::new(),
        page_title: String::new(),
    }
}

/// Posts a top-level comment.
pub(crate) fn post(tx: &mut dyn Tx, ids: &IdGenerator, new: &New) -> Result<(), StoreError> {
    let now = Clock::system().now();
    assert!(
        post_keys::find(tx, SITE, &new.hash)?.is_none(),
        "a key is used once"
    );
    let thread = threads::by_key(tx, SITE, &new.page_key)?.expect("a thread of this page");
    threads::lock(tx, SITE, thread.id)?;
    let id = ids.next(now, 0);
    let used = post_keys::UsedKey {
        body_hash: new.hash.clone(),
        comment: CommentId(id),
    };
    assert!(post_keys::claim(tx, SITE, &new.hash, &used, now)?);
    details::add(tx, SITE, CommentId(id), &details_of(&new.source, &new.hash))?;
    comments::add(
        tx,
        &comment(thread.id, id, 0, id, Status::Approved, &new.name, &new.body, now),
    )?;
    threads::keys(tx, SITE, thread.id).map(|_| ())
}
