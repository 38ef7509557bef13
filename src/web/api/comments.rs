//! The writes of the API: JSON from a registered origin, without cookies.

use warp::{http::StatusCode, reply::Response};

use super::json::{
    CommentAnswer, CommentJson, EditBody, OwnAnswer, OwnBody, PostAnswer, PostBody, PreviewAnswer,
    PreviewBody, VoteAnswer, VoteBody,
};
use crate::{
    app::{App, Error, ErrorKind},
    config::Action,
    model::{
        comment::Format,
        id::{CommentId, MAX_ID},
        site::Site,
    },
    service::{
        comments::{
            edit::{self, CommentChanges},
            input::{self, CommentInput},
            own_comments,
            post::{self, PostRequest},
            vote,
        },
        threads::read,
    },
    web::http::{request::Incoming, response},
};

/// `POST …/comments`: posts a comment or a reply.
pub(super) async fn post(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let body: PostBody = request.json()?;
    let parent = match body.parent {
        None => None,
        Some(id) if (1..=MAX_ID).contains(&id) => Some(CommentId(id)),
        Some(_) => return Err(Error::of_field(ErrorKind::ParentNotFound, "parent")),
    };
    let post = PostRequest {
        page: body.page,
        page_id: body.page_id,
        title: body.title.unwrap_or_default(),
        parent,
        key: body.key,
        reader: body.reader,
        raw: CommentInput {
            name: body.name.unwrap_or_default(),
            email: body.email.unwrap_or_default(),
            website: body.website.unwrap_or_default(),
            text: body.text,
            format: None,
        },
    };
    let posted = post::post(app, site, &request.client, post).await?;
    Ok(response::json(StatusCode::CREATED, &PostAnswer::of(&posted)))
}

/// `PATCH …/comments/{id}`: edits the author's own comment.
pub(super) async fn edit(app: &App, request: Incoming, site: &str, id: CommentId) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let body: EditBody = request.json()?;
    let change = CommentChanges {
        text: body.text,
        name: body.name,
        website: body.website,
        version: body.version,
    };
    let comment = edit::edit(app, site, &request.client, id, request.bearer()?, change).await?;
    Ok(response::json(
        StatusCode::OK,
        &CommentAnswer {
            comment: CommentJson::of(&comment, true),
        },
    ))
}

/// `DELETE …/comments/{id}`: deletes the author's own comment.
pub(super) async fn delete(
    app: &App,
    request: Incoming,
    site: &str,
    id: CommentId,
) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let comment = edit::delete(app, site, &request.client, id, request.bearer()?).await?;
    Ok(response::json(
        StatusCode::OK,
        &CommentAnswer {
            comment: CommentJson::of(&comment, true),
        },
    ))
}

/// `PUT …/comments/{id}/vote`: sets or takes back a reader's vote.
pub(super) async fn vote(app: &App, request: Incoming, site: &str, id: CommentId) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let body: VoteBody = request.json()?;
    let voted = vote::vote(app, site, &request.client, id, &body.reader, body.value).await?;
    Ok(response::json(
        StatusCode::OK,
        &VoteAnswer {
            up: voted.up,
            down: voted.down,
            value: voted.value,
        },
    ))
}

/// `POST …/preview`: renders a text without storing it.
pub(super) async fn preview(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let body: PreviewBody = request.json()?;
    let limits = &app.limits;
    limits.check(Action::Preview, request.client.network)?;
    let _permit = app.admit(&request.client)?;
    let reserved = limits.reserve(Action::Preview, Some(site.id))?;
    let (_, tree) = app
        .run_cpu_bound(body.text.len(), move || {
            input::validate_text(&body.text, Format::Markdown, &site.rules)
        })
        .await??;
    reserved.keep();
    let json = tree.to_json();
    let body = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(response::json(StatusCode::OK, &PreviewAnswer { body }))
}

/// `POST …/own`: the comments of which the browser has edit tokens, with their sources.
pub(super) async fn own(app: &App, request: Incoming, site: &str) -> Result<Response, Error> {
    let site = writable(app, &request, site).await?;
    let body: OwnBody = request.json()?;
    if body.comments.len() > own_comments::MAX_OWN_COMMENTS {
        return Err(Error::with_message(
            ErrorKind::FieldInvalid,
            "Ask for 50 comments at the most.",
        ));
    }
    let asked = body
        .comments
        .into_iter()
        .map(|one| (CommentId(one.id), one.token))
        .collect();
    let found = own_comments::find(app, site, asked).await?;
    Ok(response::json(StatusCode::OK, &OwnAnswer::of(&found)))
}

/// The site, for a write from a page of it; counts the request. Errors: `rate_limited`, `site_not_found`, `origin_missing`,
/// `origin_not_allowed`.
async fn writable(app: &App, request: &Incoming, name: &str) -> Result<Site, Error> {
    request.count(app)?;
    let site = read::site(app, name).await?;
    request.require_origin(&site)?;
    Ok(site)
}
