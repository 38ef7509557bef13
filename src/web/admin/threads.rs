//! A site's threads: moderators close and open them, owners edit, move and merge them; and the moderation log.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use super::{ModeratorSession, OwnerSession};
use crate::{
    app::{App, Error, ErrorKind},
    model::{id::ThreadId, page::PageKey, site::Site},
    service::{
        moderation,
        sites::context,
        threads::{
            alias, close, edit,
            lookup::{self, ThreadKeys},
            merge, moves,
            page::Page,
        },
    },
    view::admin::{log, threads},
    web::http::{form, request::Incoming, response},
};

/// The query of the list: the page to find, and the notice to show.
#[derive(Deserialize)]
struct ThreadsQuery {
    page: Option<String>,
    said: Option<String>,
}

/// The notice on the list after a form.
#[derive(Clone, Copy, Debug)]
enum ListNotice {
    Closed,
    Opened,
    AliasAdded,
    PageEdited,
    Moved,
    Merged,
}

impl ListNotice {
    const ALL: [Self; 6] = [
        Self::Closed,
        Self::Opened,
        Self::AliasAdded,
        Self::PageEdited,
        Self::Moved,
        Self::Merged,
    ];

    /// The value of the query parameter `said`.
    fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Opened => "opened",
            Self::AliasAdded => "alias",
            Self::PageEdited => "page",
            Self::Moved => "moved",
            Self::Merged => "merged",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == word)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Closed => "The thread is closed: it takes no new comments.",
            Self::Opened => "The thread is open again.",
            Self::AliasAdded => "The thread is found under that address too.",
            Self::PageEdited => "Title and address are saved. Comments no longer change them.",
            Self::Moved => {
                "The page has moved. Its old address still finds the thread; to undo this, move it back."
            }
            Self::Merged => "The two threads are one.",
        }
    }
}

/// `GET /admin/{site}/threads?page=`.
pub(super) async fn list(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
) -> Result<Response, Error> {
    let query: ThreadsQuery = request.query()?;
    let notice = query.said.as_deref().and_then(ListNotice::parse);
    let wanted = query.page.unwrap_or_default();
    show_list(app, signed, name, wanted.trim(), notice, None).await
}

/// The list; with an error, the response to a refused form.
async fn show_list(
    app: &App,
    signed: &ModeratorSession,
    site: &str,
    wanted: &str,
    notice: Option<ListNotice>,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let (context, found) = lookup::list(app, site, wanted).await?;
    let frame = signed.frame(app, &context, "threads");
    let list = threads::list(
        &frame,
        &context.site,
        &found,
        wanted,
        notice.map(ListNotice::sentence),
        error,
    );
    let page = response::page(StatusCode::OK, &list);
    Ok(match error {
        Some(error) => response::form_again(error, page),
        None => page,
    })
}

/// The form that closes or opens a thread.
#[derive(Deserialize)]
struct ClosedForm {
    closed: ThreadAction,
}

/// The value of the button that was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum ThreadAction {
    #[serde(rename = "yes")]
    Close,
    /// `no`, and every other text.
    #[serde(other)]
    Open,
}

/// `POST /admin/{site}/threads/{id}/closed`.
pub(super) async fn set_closed(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site::<ClosedForm>(app, request, name).await?;
    let closed = form.closed == ThreadAction::Close;
    let notice = if closed {
        ListNotice::Closed
    } else {
        ListNotice::Opened
    };
    close::set_closed(app, &signed.actor(), site.id, thread_id(id)?, closed).await?;
    Ok(redirect_to_list(app, name, notice))
}

/// The form that adds an alias to a thread.
#[derive(Deserialize)]
struct AliasForm {
    /// An address, or a page id after `id:`.
    alias: String,
}

/// `POST /admin/{site}/threads/{id}/alias`.
pub(super) async fn add_alias(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<AliasForm>(app, request, name).await?;
    let alias = form.alias.trim();
    let key = match alias.strip_prefix(PageKey::ID) {
        Some(page_id) => PageKey::from_page_id(page_id).map_err(Error::from),
        None => Page::of(&site, alias, None).map(|page| page.key),
    };
    let id = thread_id(id)?;
    let added = match key {
        Ok(key) => alias::add(app, &owner.actor(), site.id, id, key).await,
        Err(error) => Err(error),
    };
    finish(app, owner, &site, added, ListNotice::AliasAdded).await
}

/// The form that sets the address and the title of a thread's page.
#[derive(Deserialize)]
struct PageForm {
    address: String,
    title: String,
}

/// `POST /admin/{site}/threads/{id}/page`.
pub(super) async fn edit_page(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<PageForm>(app, request, name).await?;
    let (address, title) = (form.address.as_str(), form.title.as_str());
    let edited = edit::set_page(app, &owner.actor(), &site, thread_id(id)?, address, title).await;
    finish(app, owner, &site, edited.map(drop), ListNotice::PageEdited).await
}

/// The form that moves a page.
#[derive(Deserialize)]
struct MoveForm {
    /// The new address.
    to: String,
}

/// `POST /admin/{site}/threads/{id}/move`.
pub(super) async fn move_page(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<MoveForm>(app, request, name).await?;
    let ThreadKeys { thread, keys } = lookup::with_keys(app, site.id, thread_id(id)?).await?;
    let moved = match Page::of(&site, form.to.trim(), None) {
        Ok(to) => {
            let from = keys.first().and_then(|key| PageKey::stored(key));
            let from = from.ok_or_else(|| Error::internal(format!("thread {} has no name", thread.id)))?;
            moves::move_pages(app, &owner.actor(), site.id, vec![(from, to)], false, false).await
        }
        Err(error) => Err(error),
    };
    finish(app, owner, &site, moved.map(drop), ListNotice::Moved).await
}

/// The form that merges a thread into another one.
#[derive(Deserialize)]
struct MergeForm {
    /// An address of the other thread, or its page id after `id:`.
    into: String,
    #[serde(deserialize_with = "form::is_filled")]
    confirmed: bool,
}

/// `POST /admin/{site}/threads/{id}/merge`: merges if it is confirmed; the answer is a page that asks if it is not.
pub(super) async fn merge(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<MergeForm>(app, request, name).await?;
    let from = lookup::with_keys(app, site.id, thread_id(id)?).await?.thread;
    let into = match lookup::key_of(&site, &form.into) {
        Ok(key) => lookup::find(app, site.id, key)
            .await?
            .filter(|into| into.id != from.id)
            .ok_or_else(|| {
                Error::with_message(
                    ErrorKind::NotFound,
                    "There is no other thread under this address.",
                )
            }),
        Err(error) => Err(error),
    };
    let merged = match into {
        Ok(into) if !form.confirmed => {
            let frame = owner.frame(app, &context::of(app, name).await?, "threads");
            return Ok(response::page(
                StatusCode::OK,
                &threads::confirm_merge(&frame, &from, &into, &form.into),
            ));
        }
        Ok(into) => merge::merge(app, &owner.actor(), site.id, from.id, into.id).await,
        Err(error) => Err(error),
    };
    finish(app, owner, &site, merged, ListNotice::Merged).await
}

/// The id of a thread in a path. Errors: `not_found`.
fn thread_id(id: &str) -> Result<ThreadId, Error> {
    ThreadId::parse(id).ok_or_else(|| ErrorKind::NotFound.into())
}

/// The response to a form of owners: redirects to the list with a notice, or shows the list with the error.
async fn finish(
    app: &App,
    owner: &OwnerSession<'_>,
    site: &Site,
    outcome: Result<(), Error>,
    notice: ListNotice,
) -> Result<Response, Error> {
    match outcome {
        Ok(()) => Ok(redirect_to_list(app, site.name.as_str(), notice)),
        Err(error) => show_list(app, owner, site.name.as_str(), "", None, Some(&error)).await,
    }
}

/// Redirects to the list with a notice.
fn redirect_to_list(app: &App, name: &str, notice: ListNotice) -> Response {
    let (base_url, said) = (&app.base_url, notice.as_str());
    response::see_other(&format!("{base_url}/admin/{name}/threads?said={said}"))
}

/// `GET /admin/{site}/log`: the log of a site; for owners with that of the instance.
pub(super) async fn log(app: &App, signed: &ModeratorSession, name: &str) -> Result<Response, Error> {
    let is_owner = signed.owner().is_ok();
    let (context, found) = moderation::log::page(app, name, is_owner).await?;
    let frame = signed.frame(app, &context, "log");
    Ok(response::page(
        StatusCode::OK,
        &log::page(&frame, &found.site, found.instance.as_deref()),
    ))
}
