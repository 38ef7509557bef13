//! The queue: looking at comments by status, deciding, editing. What a decision does is
//! [`crate::service::moderate`]'s.

use warp::{http::StatusCode, reply::Response};

use super::{Signed, signed::real_sites};
use crate::{
    model::{comment::Status, id::CommentId, user::Role},
    service::{Error, Kind, draft::Raw, moderate, read},
    view::admin::queue::{self, Done, QueuePage},
    web::{
        reply::{self, Face},
        request::Incoming,
    },
};

/// `GET /admin`: the first site's queue, or the place to register one.
pub(super) async fn first(request: &Incoming, signed: &Signed) -> Result<Response, Error> {
    let base_url = &request.app.base_url;
    match real_sites(&request.app).await?.first() {
        Some(site) => Ok(reply::see_other(&format!(
            "{base_url}/admin/{}/comments",
            site.name.as_str()
        ))),
        None if signed.user().role == Role::Owner => Ok(reply::see_other(&format!("{base_url}/admin/sites"))),
        None => {
            let frame = signed.frame(request, None, "").await?;
            Ok(reply::page(StatusCode::OK, &queue::no_site(&frame)))
        }
    }
}

/// `GET /admin/{site}/comments?status=&before=`.
pub(super) async fn show(request: &Incoming, signed: &Signed, name: &str) -> Result<Response, Error> {
    let app = &request.app;
    let site = read::site(app, name).await?;
    let status = match request.parameter("status")? {
        None => Status::Held,
        Some(word) => Status::parse(&word).ok_or(Kind::BadQuery)?,
    };
    let before = request.parameter("before")?.and_then(|id| CommentId::parse(&id));
    let found = moderate::queue(app, site.id, status, before).await?;
    let mut parents = Vec::new();
    for parent in found.items.iter().filter_map(|item| item.comment.parent_id) {
        if let Ok(item) = moderate::item(app, site.id, parent).await {
            parents.push(item.comment);
        }
    }
    let word = |name: &str| -> Result<Option<Status>, Error> {
        Ok(request.parameter(name)?.and_then(|word| Status::parse(&word)))
    };
    let done = match (
        request.parameter("id")?.and_then(|id| CommentId::parse(&id)),
        word("now")?,
        word("was")?,
    ) {
        (Some(id), Some(now), Some(was)) => Some(Done::Status {
            id,
            now,
            was,
            undone: request.parameter("undone")?.is_some(),
        }),
        (Some(_), None, None) if request.parameter("edited")?.is_some() => Some(Done::Edited),
        (Some(_), None, None) if request.parameter("late")?.is_some() => Some(Done::TooLate),
        _ => None,
    };
    let frame = signed.frame(request, Some(&site), "comments").await?;
    let page = QueuePage {
        frame: &frame,
        queue: &found,
        parents: &parents,
        done,
        first: before.is_none(),
    };
    Ok(reply::page(StatusCode::OK, &queue::page(&page)))
}

/// `POST /admin/{site}/comments/{id}/status`: `to`, `expected`, and the `tab` to come back to.
pub(super) async fn set_status(
    request: &Incoming,
    signed: &Signed,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let form = signed.form(request)?;
    let app = &request.app;
    let site = read::site(app, name).await?;
    let id = CommentId::parse(id).ok_or(Kind::CommentNotFound)?;
    let status =
        |name: &'static str| Status::parse(form.get(name)).ok_or(Error::of_field(Kind::FieldInvalid, name));
    let (to, expected, tab) = (status("to")?, status("expected")?, status("tab")?);
    let undone = if form.get("undo").is_empty() {
        ""
    } else {
        "&undone=1"
    };
    let back = format!(
        "{}/admin/{}/comments?status={}&id={id}",
        app.base_url,
        site.name.as_str(),
        tab.as_str()
    );
    match moderate::set_status(app, signed.user(), site.id, id, to, Some(expected)).await {
        Ok(was) => Ok(reply::see_other(&format!(
            "{back}&now={}&was={}{undone}",
            to.as_str(),
            was.as_str()
        ))),
        // A conflict with a sentence of its own says why; the plain one: somebody was faster.
        Err(error) if error.kind == Kind::Conflict && error.message == Kind::Conflict.message() => {
            Ok(reply::see_other(&format!("{back}&late=1")))
        }
        Err(error) => Err(error),
    }
}

/// `GET /admin/{site}/comments/{id}/edit`.
pub(super) async fn edit_page(
    request: &Incoming,
    signed: &Signed,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let site = read::site(&request.app, name).await?;
    let item = moderate::item(
        &request.app,
        site.id,
        CommentId::parse(id).ok_or(Kind::CommentNotFound)?,
    )
    .await?;
    let raw = Raw {
        name: item.comment.author.name.clone(),
        email: String::new(),
        website: item.comment.author.website.clone(),
        text: item.details.source.clone(),
        format: Some(item.details.format),
    };
    let frame = signed.frame(request, Some(&site), "comments").await?;
    Ok(reply::page(
        StatusCode::OK,
        &queue::edit(&frame, &item, &raw, None),
    ))
}

/// `POST /admin/{site}/comments/{id}/edit`.
pub(super) async fn edit(
    request: &Incoming,
    signed: &Signed,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let form = signed.form(request)?;
    let app = &request.app;
    let site = read::site(app, name).await?;
    let id = CommentId::parse(id).ok_or(Kind::CommentNotFound)?;
    let get = |name| form.get(name).replace("\r\n", "\n");
    let raw = Raw {
        name: get("name"),
        email: String::new(),
        website: get("website"),
        text: get("text"),
        format: None,
    };
    match moderate::edit(app, signed.user(), site.id, id, raw.clone()).await {
        Ok(comment) => {
            let back = format!(
                "{}/admin/{}/comments?status={}",
                app.base_url,
                site.name.as_str(),
                comment.status.as_str()
            );
            Ok(reply::see_other(&format!("{back}&id={id}&edited=1#item-{id}")))
        }
        Err(error) => {
            let refusal = reply::error(&error, Face::Page, &app.base_url);
            let item = moderate::item(app, site.id, id).await?;
            let frame = signed.frame(request, Some(&site), "comments").await?;
            Ok(reply::page(
                refusal.status(),
                &queue::edit(&frame, &item, &raw, Some(&error)),
            ))
        }
    }
}
