//! A site's threads, closed and opened by moderators; named, moved and merged by owners; and the log.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use super::{ModeratorSession, OwnerSession};
use crate::{
    app::{App, Error, ErrorKind},
    model::{id::ThreadId, page::PageKey, site::Site},
    service::{
        moderation,
        sites::context,
        threads::{close, manage as service, page::Page},
    },
    view::admin::{log, threads},
    web::http::{request::Incoming, response},
};

/// The query of the list.
#[derive(Deserialize)]
struct ThreadsQuery {
    page: Option<String>,
    said: Option<String>,
}

/// `GET /admin/{site}/threads?page=`.
pub(super) async fn list(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
) -> Result<Response, Error> {
    let query: ThreadsQuery = request.query()?;
    let said = match query.said.as_deref() {
        Some("closed") => Some("The thread is closed: it takes no new comments."),
        Some("opened") => Some("The thread is open again."),
        Some("alias") => Some("The thread is found under that address too."),
        Some("page") => Some("Title and address are saved. Comments no longer change them."),
        Some("moved") => {
            Some("The page has moved. Its old address still finds the thread; to undo this, move it back.")
        }
        Some("merged") => Some("The two threads are one."),
        _ => None,
    };
    let wanted = query.page.unwrap_or_default();
    shown(app, signed, name, wanted.trim(), said, None).await
}

/// The list; with an error, as the refusal of one of its forms.
async fn shown(
    app: &App,
    signed: &ModeratorSession,
    site: &str,
    wanted: &str,
    said: Option<&str>,
    error: Option<&Error>,
) -> Result<Response, Error> {
    let (context, found) = service::list(app, site, wanted).await?;
    let frame = signed.frame(app, &context, "threads");
    let list = threads::list(&frame, &context.site, &found, wanted, said, error);
    let page = response::page(StatusCode::OK, &list);
    Ok(match error {
        Some(error) => response::form_again(error, page),
        None => page,
    })
}

/// `POST /admin/{site}/threads/{id}/closed`: `closed` is yes or no.
pub(super) async fn set_closed(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site(app, request, name).await?;
    let closed = form.get("closed") == "yes";
    close::set_closed(app, &signed.actor(), site.id, thread_id(id)?, closed).await?;
    Ok(back(app, name, if closed { "closed" } else { "opened" }))
}

/// `POST /admin/{site}/threads/{id}/alias`: `page` is an address, or a page id after `id:`.
pub(super) async fn add_alias(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let wanted = form.get("alias").trim();
    let key = match wanted.strip_prefix(PageKey::ID) {
        Some(page_id) => PageKey::from_page_id(page_id).map_err(Error::from),
        None => Page::of(&site, wanted, None).map(|page| page.key),
    };
    let id = thread_id(id)?;
    let added = match key {
        Ok(key) => service::add_alias(app, &owner.actor(), site.id, id, key).await,
        Err(error) => Err(error),
    };
    answered(app, owner, &site, added, "alias").await
}

/// `POST /admin/{site}/threads/{id}/page`: `address` and `title`.
pub(super) async fn edit_page(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let (address, title) = (form.get("address"), form.get("title"));
    let edited = service::edit(app, &owner.actor(), &site, thread_id(id)?, address, title).await;
    answered(app, owner, &site, edited.map(drop), "page").await
}

/// `POST /admin/{site}/threads/{id}/move`: `to` is the new address.
pub(super) async fn move_page(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let (thread, keys) = service::with_keys(app, site.id, thread_id(id)?).await?;
    let moved = match Page::of(&site, form.get("to").trim(), None) {
        Ok(to) => {
            let from = keys.first().and_then(|key| PageKey::stored(key));
            let from = from.ok_or_else(|| Error::internal(format!("thread {} has no name", thread.id)))?;
            service::move_pages(app, &owner.actor(), site.id, vec![(from, to)], false, false).await
        }
        Err(error) => Err(error),
    };
    answered(app, owner, &site, moved.map(drop), "moved").await
}

/// `POST /admin/{site}/threads/{id}/merge`: `into` is an address of the other thread. Asks first, and does it with
/// `confirmed`.
pub(super) async fn merge(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let (from, _) = service::with_keys(app, site.id, thread_id(id)?).await?;
    let into = match service::key_of(&site, form.get("into")) {
        Ok(key) => service::find(app, site.id, key)
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
        Ok(into) if form.get("confirmed").is_empty() => {
            let frame = owner.frame(app, &context::of(app, name).await?, "threads");
            return Ok(response::page(
                StatusCode::OK,
                &threads::confirm_merge(&frame, &from, &into, form.get("into")),
            ));
        }
        Ok(into) => service::merge(app, &owner.actor(), site.id, from.id, into.id).await,
        Err(error) => Err(error),
    };
    answered(app, owner, &site, merged, "merged").await
}

fn thread_id(id: &str) -> Result<ThreadId, Error> {
    ThreadId::parse(id).ok_or_else(|| ErrorKind::NotFound.into())
}

/// Back to the list with what was done, or the list with what is wrong.
async fn answered(
    app: &App,
    owner: &OwnerSession<'_>,
    site: &Site,
    done: Result<(), Error>,
    said: &str,
) -> Result<Response, Error> {
    match done {
        Ok(()) => Ok(back(app, site.name.as_str(), said)),
        Err(error) => shown(app, owner, site.name.as_str(), "", None, Some(&error)).await,
    }
}

fn back(app: &App, name: &str, said: &str) -> Response {
    response::see_other(&format!("{}/admin/{name}/threads?said={said}", app.base_url))
}

/// `GET /admin/{site}/log`: owners see what was done to the instance, too.
pub(super) async fn log(app: &App, signed: &ModeratorSession, name: &str) -> Result<Response, Error> {
    let is_owner = signed.owner().is_ok();
    let (context, found) = moderation::log::page(app, name, is_owner).await?;
    let frame = signed.frame(app, &context, "log");
    Ok(response::page(
        StatusCode::OK,
        &log::page(&frame, &found.site, found.instance.as_deref()),
    ))
}
