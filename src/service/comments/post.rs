//! Posts a comment or a reply exactly once, also when the response is lost.
//!
//! The idempotency key, the thread (for its first comment), the comment and the counts are one unit of work. The same key
//! with the same content returns the same comment again.

use crate::{
    app::{
        context::{App, Client},
        error::{Error, ErrorKind},
        secret::{Purpose, hash, hash_parts},
    },
    config::Action,
    content,
    model::{
        comment::{Author, Comment, Details, Format, NewComment, Status},
        event::{Change, Event},
        id::{CommentId, SiteId, ThreadId},
        site::Site,
        text::Title,
        thread::Thread,
        time::{Millis, SECOND},
    },
    service::{
        accounts::directory,
        comments::input::{CommentInput, NameRules, ValidatedComment},
        moderation::hold::{self, Candidate},
        threads::{page::Page, read::is_open},
    },
    store::{
        StoreError, Tx,
        tables::{comments, details, post_keys, threads},
    },
};

/// A request to post a comment.
#[derive(Clone, Debug)]
pub struct PostRequest {
    /// The article's address.
    pub page: String,
    /// The page id, which wins over the address.
    pub page_id: Option<String>,
    /// The article's title; used when the thread is created.
    pub title: String,
    /// The parent, for a reply.
    pub parent: Option<CommentId>,
    /// The idempotency key.
    pub key: String,
    /// The secret of the reader's browser; without one, the key is used.
    pub reader: Option<String>,
    /// The fields as typed.
    pub raw: CommentInput,
}

/// A comment that was stored.
#[derive(Clone, Debug)]
pub struct PostedComment {
    /// The comment, approved or held.
    pub comment: Comment,
    /// The edit token.
    pub token: String,
    /// The end of the edit window.
    pub edit_until: Millis,
    /// True if an earlier request with the same key stored it.
    pub replayed: bool,
}

/// Units of work that are tried for one post.
const MAX_ATTEMPTS: u32 = 4;

/// Reasons for which a unit of work stored no comment.
#[derive(Debug)]
enum PostFailure {
    /// Another unit got in the way: it made the same id, is using the same key, or merged the thread. A retry helps.
    Raced(StoreError),
    /// The comment is refused, or the store failed.
    Refused(Error),
}

impl From<StoreError> for PostFailure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::Raced(error),
            other => Self::Refused(other.into()),
        }
    }
}

impl From<Error> for PostFailure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<ErrorKind> for PostFailure {
    fn from(kind: ErrorKind) -> Self {
        Self::Refused(kind.into())
    }
}

/// Returns true for an idempotency key (`min_length` 16) or a reader's secret (`min_length` 22): at most 64 letters, digits,
/// `-` and `_`.
#[must_use]
pub fn is_idempotency_key(text: &str, min_length: usize) -> bool {
    (min_length..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Posts a comment.
///
/// # Errors
/// `key_invalid`, `key_reused`; `page_…`, `title_too_long`; `field_invalid` for the reader; those of
/// [`ValidatedComment::check`]; `parent_not_found`, `thread_closed`; `rate_limited`, `busy`; and those of the store.
pub async fn post(app: &App, site: Site, client: &Client, post: PostRequest) -> Result<PostedComment, Error> {
    app.limits.check(Action::Post, client.network)?;
    let _permit = app.admit(client)?;
    if !is_idempotency_key(&post.key, 16) {
        return Err(Error::of_field(ErrorKind::KeyInvalid, "key"));
    }
    let reader = post
        .reader
        .as_deref()
        .filter(|reader| !reader.is_empty())
        .unwrap_or(&post.key)
        .to_owned();
    if reader != post.key && !is_idempotency_key(&reader, 22) {
        return Err(Error::of_field(ErrorKind::FieldInvalid, "reader"));
    }
    let page = Page::of(&site, &post.page, post.page_id.as_deref())?;
    let title = Title::parse(&post.title)?;
    let (raw, rules) = (post.raw.clone(), site.rules.clone());
    let naming = NameRules {
        reserved: directory::reserved_names(app).await?,
        present: String::new(),
        own: String::new(),
    };
    let draft = app
        .run_cpu_bound(raw.text.len(), move || {
            ValidatedComment::check(&raw, &rules, &naming)
        })
        .await??;

    let site_id = site.id.to_string();
    let parent = post.parent.map_or(0, |parent| parent.0).to_string();
    let write = PostUnit {
        author_key: app.secret.key(Purpose::Author, &[&site_id, &reader]),
        avatar: app.secret.key(Purpose::Avatar, &[&site_id, &reader, &draft.name])[..8].to_owned(),
        address_key: client.address_key(app),
        key_hash: hash(&post.key),
        body_hash: hash_parts(&[
            page.key.as_str(),
            &parent,
            &draft.name,
            &draft.email,
            &draft.website,
            &draft.source,
        ]),
        title: title.map(|title| title.as_str().to_owned()).unwrap_or_default(),
        parent: post.parent,
        site,
        page,
        draft,
        reader,
    };
    let reserved = app.limits.reserve(Action::Post, Some(write.site.id))?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let (unit, inner) = (write.clone(), app.clone());
        match app.store.write(move |tx| unit.run(&inner, tx)).await {
            Ok(posted) => {
                reserved.keep_if(!posted.replayed);
                return Ok(posted);
            }
            Err(PostFailure::Raced(_)) if attempts < MAX_ATTEMPTS => app.ids.leap(),
            Err(PostFailure::Raced(error)) => return Err(error.into()),
            Err(PostFailure::Refused(error)) => return Err(error),
        }
    }
}

/// The unit of work of a post, with everything that does not depend on the database.
#[derive(Clone)]
struct PostUnit {
    site: Site,
    page: Page,
    title: String,
    parent: Option<CommentId>,
    draft: ValidatedComment,
    reader: String,
    author_key: String,
    avatar: String,
    address_key: String,
    key_hash: String,
    body_hash: String,
}

impl PostUnit {
    fn run(&self, app: &App, tx: &mut dyn Tx) -> Result<PostedComment, PostFailure> {
        let (site, now) = (&self.site, app.clock.now());
        if let Some(used) = post_keys::find(tx, site.id, &self.key_hash)? {
            if used.body_hash != self.body_hash {
                return Err(ErrorKind::KeyReused.into());
            }
            let comment = comments::by_id(tx, site.id, used.comment)?
                .ok_or_else(|| Error::internal("a key without its comment"))?;
            // Another node may have stored it, so that cached responses of this one are stale.
            tx.emit(Event::of_comment(&comment, Change::ThreadStale));
            return Ok(self.posted(app, comment, true));
        }
        let thread = self.thread(app, tx, now)?;
        if !is_open(site, Some(&thread), now) {
            return Err(ErrorKind::ThreadClosed.into());
        }
        if !threads::lock(tx, site.id, thread.id)? {
            return Err(StoreError::Conflict("the thread was merged into another one".into()).into());
        }
        let parent = match self.parent {
            None => None,
            Some(parent) => Some(
                comments::by_id(tx, site.id, parent)?
                    .filter(|parent| parent.thread_id == thread.id && parent.status == Status::Approved)
                    .ok_or_else(|| Error::of_field(ErrorKind::ParentNotFound, "parent"))?,
            ),
        };
        let verdict = hold::verdict(tx, site, &self.author_key, Candidate::New)?;
        // Above all ids of the site, and so above the parent's, whatever the clocks of the nodes show: readers ask for
        // comments after an id.
        let id = CommentId(app.ids.next(now, comments::newest_id(tx, site.id)?));
        let new = NewComment {
            site_id: site.id,
            thread_id: thread.id,
            id,
            parent_id: self.parent,
            root_id: parent.map_or(id, |parent| parent.root_id),
            status: verdict.status,
            author: Author {
                name: self.draft.name.clone(),
                website: self.draft.website.clone(),
                avatar: self.avatar.clone(),
            },
            body: self.draft.tree.to_json(),
            policy: content::POLICY,
            created_at: now,
        };
        let used = post_keys::UsedKey {
            body_hash: self.body_hash.clone(),
            comment: id,
        };
        if !post_keys::claim(tx, site.id, &self.key_hash, &used, now)? {
            return Err(StoreError::Conflict("the key is being used".into()).into());
        }
        let posted = self.posted(app, Comment::from(new.clone()), false);
        details::add(
            tx,
            site.id,
            id,
            &Details {
                source: self.draft.source.clone(),
                format: Format::Markdown,
                author_email: self.draft.email.clone(),
                author_key: self.author_key.clone(),
                token_hash: hash(&posted.token),
                address_key: self.address_key.clone(),
                removed_at: None,
                held_because: verdict.held_because(),
                page_url: self.page.url.as_str().to_owned(),
                page_title: self.title.clone(),
            },
        )?;
        comments::add(tx, &new)?;
        // So that the page is still found if the site's rules stop folding its address.
        if let Some(key) = self.page.unfolded() {
            threads::add_key(tx, site.id, key.as_str(), thread.id)?;
        }
        let change = Change::CommentPosted {
            parent: self.parent,
            status: posted.comment.status,
        };
        tx.emit(Event::of_comment(&posted.comment, change));
        Ok(posted)
    }

    /// The page's thread, which is created for its first comment. A reply creates none.
    fn thread(&self, app: &App, tx: &mut dyn Tx, now: Millis) -> Result<Thread, PostFailure> {
        if let Some(thread) = threads::by_key(tx, self.site.id, self.page.key.as_str())? {
            return Ok(thread);
        }
        if self.parent.is_some() {
            return Err(Error::of_field(ErrorKind::ParentNotFound, "parent").into());
        }
        let thread = Thread {
            site_id: self.site.id,
            id: ThreadId(app.ids.next(now, 0)),
            page_url: self.page.url.as_str().to_owned(),
            title: self.title.clone(),
            created_at: now,
            closed: false,
            comment_count: 0,
            total_count: 0,
            version: 0,
            published_at: None,
            page_edited: false,
            page_id: self.page.key.page_id().map(str::to_owned),
        };
        Ok(threads::add(tx, &thread, self.page.key.as_str())?)
    }

    fn posted(&self, app: &App, comment: Comment, replayed: bool) -> PostedComment {
        let token = edit_token(app, comment.site_id, comment.id, &self.reader);
        let edit_until = comment.created_at.plus(self.site.rules.edit_window * SECOND);
        PostedComment {
            comment,
            token,
            edit_until,
            replayed,
        }
    }
}

/// The edit token of a comment, derived from the secret of the reader who posted it.
#[must_use]
pub fn edit_token(app: &App, site: SiteId, id: CommentId, reader: &str) -> String {
    app.secret
        .token(Purpose::Edit, &[&site.to_string(), &id.to_string(), reader])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_conflict_is_tried_again() {
        let reason = || "a reason".to_owned();
        let raced = PostFailure::from(StoreError::Conflict(reason()));
        assert!(matches!(raced, PostFailure::Raced(_)));
        for (error, kind) in [
            (StoreError::Busy(reason()), ErrorKind::Busy),
            (StoreError::Failed(reason()), ErrorKind::Internal),
            (StoreError::Unknown(reason()), ErrorKind::Busy),
        ] {
            let refused = PostFailure::from(error);
            assert!(
                matches!(&refused, PostFailure::Refused(error) if error.kind == kind),
                "{refused:?}"
            );
        }
        // A use case's own conflict is an answer, not a race.
        let refused = PostFailure::from(ErrorKind::Conflict);
        assert!(matches!(&refused, PostFailure::Refused(error) if error.kind == ErrorKind::Conflict));
    }

    #[test]
    fn idempotency_keys_have_their_form() {
        assert!(is_idempotency_key("0b5e2f0e-8d5c-4a43-9d6c-6f1b2f7f9a10", 16));
        assert!(!is_idempotency_key("short", 16));
        assert!(!is_idempotency_key(&"a".repeat(65), 16));
        assert!(!is_idempotency_key("0b5e2f0e 8d5c 4a43", 16));
        assert!(!is_idempotency_key("0b5e2f0e-8d5c-4a43-\u{e9}", 16));
    }
}
