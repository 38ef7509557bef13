//! A site's threads, closed and opened by moderators, found under more addresses by owners; and the log.

use warp::{http::StatusCode, reply::Response};

use super::{Owner, Signed};
use crate::{
    model::{id::ThreadId, page::PageKey, site::Site},
    service::{
        Error, Kind, audit, moderate,
        read::{self, Page},
        sites,
    },
    view::admin::{log, threads},
    web::{reply, request::Incoming},
};

/// `GET /admin/{site}/threads?page=`.
pub(super) async fn list(request: &Incoming, signed: &Signed, name: &str) -> Result<Response, Error> {
    let site = read::site(&request.app, name).await?;
    let said = match request.parameter("said")?.as_deref() {
        Some("closed") => Some("The thread is closed: it takes no new comments."),
        Some("opened") => Some("The thread is open again."),
        Some("alias") => Some("The thread is found under that address too."),
        _ => None,
    };
    let wanted = request.parameter("page")?.unwrap_or_default();
    shown(request, signed, &site, wanted.trim(), said, None, StatusCode::OK).await
}

async fn shown(
    request: &Incoming,
    signed: &Signed,
    site: &Site,
    wanted: &str,
    said: Option<&str>,
    error: Option<&Error>,
    status: StatusCode,
) -> Result<Response, Error> {
    let app = &request.app;
    let found = if wanted.is_empty() {
        read::newest_threads(app, site.id).await?
    } else {
        match Page::of(site, wanted, None) {
            Ok(page) => read::thread(app, site.clone(), page, None, None)
                .await?
                .thread
                .into_iter()
                .collect(),
            Err(_) => Vec::new(),
        }
    };
    let frame = signed.frame(request, Some(site), "threads").await?;
    Ok(reply::page(
        status,
        &threads::list(&frame, site, &found, wanted, said, error),
    ))
}

/// `POST /admin/{site}/threads/{id}/closed`: `closed` is yes or no.
pub(super) async fn set_closed(
    request: &Incoming,
    signed: &Signed,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let form = signed.form(request)?;
    let site = read::site(&request.app, name).await?;
    let closed = form.get("closed") == "yes";
    moderate::set_closed(
        &request.app,
        &signed.actor(),
        site.id,
        ThreadId::parse(id).ok_or(Kind::NotFound)?,
        closed,
    )
    .await?;
    Ok(back(request, name, if closed { "closed" } else { "opened" }))
}

/// `POST /admin/{site}/threads/{id}/alias`: `page` is an address, or a page id after `id:`.
pub(super) async fn add_alias(
    request: &Incoming,
    owner: &Owner<'_>,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let form = owner.form(request)?;
    let site = read::site(&request.app, name).await?;
    let wanted = form.get("alias").trim();
    let key = match wanted.strip_prefix("id:") {
        Some(page_id) => PageKey::from_page_id(page_id).map_err(Error::from),
        None => Page::of(&site, wanted, None).map(|page| page.key),
    };
    let added = match key {
        Ok(key) => {
            sites::add_alias(
                &request.app,
                site.id,
                ThreadId::parse(id).ok_or(Kind::NotFound)?,
                key,
            )
            .await
        }
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => Ok(back(request, name, "alias")),
        Err(error) => {
            let refusal = reply::error(&error, reply::Face::Page, &request.app.base_url);
            shown(request, owner, &site, "", None, Some(&error), refusal.status()).await
        }
    }
}

fn back(request: &Incoming, name: &str, said: &str) -> Response {
    reply::see_other(&format!(
        "{}/admin/{name}/threads?said={said}",
        request.app.base_url
    ))
}

/// `GET /admin/{site}/log`: owners see what was done to the instance, too.
pub(super) async fn log(request: &Incoming, signed: &Signed, name: &str) -> Result<Response, Error> {
    let site = read::site(&request.app, name).await?;
    let entries = audit::newest(&request.app, Some(site.id)).await?;
    let instance = match signed.owner() {
        Ok(_) => Some(audit::newest(&request.app, None).await?),
        Err(_) => None,
    };
    let frame = signed.frame(request, Some(&site), "log").await?;
    Ok(reply::page(
        StatusCode::OK,
        &log::page(&frame, &entries, instance.as_deref()),
    ))
}
