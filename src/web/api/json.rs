//! The JSON types of the API, and the conversion of model types into them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    model::{
        comment::{Comment, Status},
        site::Site,
        thread::Thread,
    },
    service::{
        comments::{own_comments::OwnComment, post::PostedComment},
        threads::{conversation::Conversation, read::ThreadView, tree::CommentNode},
    },
    view::thread::{Address, list},
};

/// The settings of a site that the widget needs.
#[derive(Serialize)]
pub struct SiteJson<'a> {
    name: &'a str,
    heading: Option<serde_json::Map<String, serde_json::Value>>,
    require_name: bool,
    require_email: bool,
    votes: &'a str,
    moderation: &'a str,
    edit_window: i64,
    max_text: i64,
}

impl<'a> SiteJson<'a> {
    fn of(site: &'a Site) -> Self {
        let rules = &site.rules;
        let heading: serde_json::Map<_, _> = rules
            .heading
            .forms()
            .iter()
            .map(|(category, wording)| (category.clone(), wording.clone().into()))
            .collect();
        Self {
            name: site.name.as_str(),
            heading: Some(heading).filter(|forms| !forms.is_empty()),
            require_name: rules.require_name,
            require_email: rules.require_email,
            votes: rules.votes.as_str(),
            moderation: rules.moderation.as_str(),
            edit_window: rules.edit_window,
            max_text: rules.max_text,
        }
    }
}

/// A thread.
#[derive(Serialize)]
pub struct ThreadJson {
    id: Option<i64>,
    page: String,
    title: String,
    open: bool,
    count: i64,
    link: String,
    feed: Option<String>,
}

impl ThreadJson {
    /// `address`: the thread page of the page, also without a thread.
    fn of(base_url: &str, site: &Site, thread: Option<&Thread>, address: Address, open: bool) -> Self {
        let name = site.name.as_str();
        Self {
            id: thread.map(|thread| thread.id.0),
            link: address.here(&[], ""),
            page: address.page,
            title: thread.map(|thread| thread.title.clone()).unwrap_or_default(),
            open,
            count: thread.map_or(0, |thread| thread.comment_count),
            feed: thread.map(|thread| format!("{base_url}/feeds/{name}/{}.atom", thread.id)),
        }
    }
}

/// The author of a comment.
#[derive(Serialize)]
pub struct AuthorJson<'a> {
    name: &'a str,
    website: Option<&'a str>,
    avatar: &'a str,
}

impl<'a> AuthorJson<'a> {
    pub(super) fn of(comment: &'a Comment) -> Self {
        Self {
            name: &comment.author.name,
            website: Some(comment.author.website.as_str()).filter(|website| !website.is_empty()),
            avatar: &comment.author.avatar,
        }
    }
}

/// A comment; `replies` and `more` are present in trees.
#[derive(Serialize)]
pub struct CommentJson<'a> {
    id: i64,
    parent: Option<i64>,
    status: &'static str,
    author: Option<AuthorJson<'a>>,
    created_at: i64,
    edited_at: Option<i64>,
    up: i64,
    down: i64,
    body: &'a RawValue,
    /// For its author alone: for others it would reveal the number of decisions on the comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replies: Option<Vec<CommentJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<i64>,
}

impl<'a> CommentJson<'a> {
    /// A comment without its replies. With `own`, as its author sees it: in the status of [`Status::to_author`]. Else as
    /// readers see it: deleted unless it is approved.
    #[must_use]
    pub fn of(comment: &'a Comment, own: bool) -> Self {
        let status = match comment.status {
            status if own => status.to_author(),
            Status::Approved => Status::Approved,
            Status::Held | Status::Spam | Status::Deleted => Status::Deleted,
        };
        let shown = status != Status::Deleted;
        let author = shown.then(|| AuthorJson::of(comment));
        let body = if shown { comment.body.as_str() } else { "[]" };
        Self {
            id: comment.id.0,
            parent: comment.parent_id.map(|parent| parent.0),
            status: status.as_str(),
            author,
            created_at: comment.created_at.0,
            edited_at: comment.edited_at.map(|at| at.0).filter(|_| shown),
            up: if shown { comment.up } else { 0 },
            down: if shown { comment.down } else { 0 },
            // A body that is not JSON was not written by this program; it is shown as an empty one.
            body: serde_json::from_str(body).unwrap_or(EMPTY.with(|empty| *empty)),
            version: own.then_some(comment.version),
            replies: None,
            more: None,
        }
    }

    /// A comment with its replies, nested to the depth limit of `service::threads::tree`.
    #[must_use]
    pub fn of_node(node: &'a CommentNode) -> Self {
        Self {
            replies: Some(node.replies.iter().map(Self::of_node).collect()),
            more: node.comment.parent_id.is_none().then_some(node.more),
            ..Self::of(&node.comment, false)
        }
    }
}

thread_local! {
    static EMPTY: &'static RawValue = serde_json::from_str("[]").unwrap_or_else(|_| unreachable!("an empty list is JSON"));
}

/// The response of GET thread.
#[derive(Serialize)]
pub struct ThreadAnswer<'a> {
    site: SiteJson<'a>,
    thread: ThreadJson,
    sort: &'static str,
    comments: Vec<CommentJson<'a>>,
    cursor: Option<String>,
}

impl<'a> ThreadAnswer<'a> {
    /// The response for a page of a thread.
    #[must_use]
    pub fn of(base_url: &str, view: &'a ThreadView) -> Self {
        let (site, thread) = (&view.site, view.thread.as_ref());
        let address = Address::of(base_url, site, view.page_url(), view.page_id());
        Self {
            site: SiteJson::of(site),
            thread: ThreadJson::of(base_url, site, thread, address, view.open),
            sort: view.sort.as_str(),
            comments: view.comments.iter().map(CommentJson::of_node).collect(),
            cursor: view.next.map(|cursor| cursor.written()),
        }
    }
}

/// The response of GET comment: its conversation.
#[derive(Serialize)]
pub struct BranchAnswer<'a> {
    id: i64,
    thread: ThreadJson,
    comments: Vec<CommentJson<'a>>,
}

impl<'a> BranchAnswer<'a> {
    /// The response for a conversation.
    #[must_use]
    pub fn of(base_url: &str, branch: &'a Conversation) -> Self {
        let (site, thread) = (&branch.site, &branch.thread);
        let address = list::of(base_url, site, thread);
        Self {
            id: branch.id.0,
            thread: ThreadJson::of(base_url, site, Some(thread), address, branch.open),
            comments: branch.comments.iter().map(CommentJson::of_node).collect(),
        }
    }
}

/// The response of GET replies.
#[derive(Serialize)]
pub struct RepliesAnswer<'a> {
    /// The replies, by id.
    pub comments: Vec<CommentJson<'a>>,
    /// The number of further replies.
    pub more: i64,
}

/// The response of GET counts.
#[derive(Serialize)]
pub struct CountsAnswer {
    /// The numbers of comments, in the order of the request.
    pub counts: Vec<i64>,
}

/// The body of POST comment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostBody {
    /// The address of the page.
    pub page: String,
    /// The page id, which identifies the page instead of its address.
    pub page_id: Option<String>,
    /// The title of the page.
    pub title: Option<String>,
    /// The comment that is replied to.
    pub parent: Option<i64>,
    /// The idempotency key.
    #[serde(default)]
    pub key: String,
    /// The secret of the reader's browser.
    pub reader: Option<String>,
    /// The name field.
    pub name: Option<String>,
    /// The e-mail field.
    pub email: Option<String>,
    /// The website field.
    pub website: Option<String>,
    /// The text field.
    pub text: String,
}

/// The response of POST comment.
#[derive(Serialize)]
pub struct PostAnswer<'a> {
    comment: CommentJson<'a>,
    token: &'a str,
    edit_until: i64,
    replayed: bool,
}

impl<'a> PostAnswer<'a> {
    /// The response for a stored comment.
    #[must_use]
    pub fn of(posted: &'a PostedComment) -> Self {
        Self {
            comment: CommentJson::of(&posted.comment, true),
            token: &posted.token,
            edit_until: posted.edit_until.0,
            replayed: posted.replayed,
        }
    }
}

/// The body of PATCH comment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    /// The new text.
    pub text: String,
    /// The new name; absent: unchanged.
    pub name: Option<String>,
    /// The new website; absent: unchanged.
    pub website: Option<String>,
    /// The version that is edited; absent: the present one.
    pub version: Option<i64>,
}

/// The response of PATCH and DELETE comment.
#[derive(Serialize)]
pub struct CommentAnswer<'a> {
    /// The comment as it is now.
    pub comment: CommentJson<'a>,
}

/// The body of PUT vote.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteBody {
    /// The secret of the reader's browser.
    pub reader: String,
    /// 1, -1 or 0.
    pub value: i64,
}

/// The response of PUT vote.
#[derive(Serialize)]
pub struct VoteAnswer {
    /// The number of votes up.
    pub up: i64,
    /// The number of votes down.
    pub down: i64,
    /// The reader's own vote: 1, -1 or 0.
    pub value: i64,
}

/// The body of POST preview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The text field.
    pub text: String,
}

/// The response of POST preview.
#[derive(Serialize)]
pub struct PreviewAnswer<'a> {
    /// The safe tree.
    pub body: &'a RawValue,
}

/// The body of POST own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnBody {
    /// The comments, with their edit tokens.
    pub comments: Vec<OwnAsked>,
}

/// A comment of [`OwnBody`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnAsked {
    /// The comment's id.
    pub id: i64,
    /// Its edit token.
    pub token: String,
}

/// The response of POST own.
#[derive(Serialize)]
pub struct OwnAnswer<'a> {
    comments: Vec<OwnJson<'a>>,
}

#[derive(Serialize)]
struct OwnJson<'a> {
    comment: CommentJson<'a>,
    text: &'a str,
    edit_until: i64,
}

impl<'a> OwnAnswer<'a> {
    /// The response for the comments that were found.
    #[must_use]
    pub fn of(found: &'a [OwnComment]) -> Self {
        let one = |own: &'a OwnComment| OwnJson {
            comment: CommentJson::of(&own.comment, true),
            text: &own.source,
            edit_until: own.edit_until.0,
        };
        Self {
            comments: found.iter().map(one).collect(),
        }
    }
}
