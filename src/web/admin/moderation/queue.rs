//! The queue: looking at comments by status, and deciding. What a decision does is [`crate::service::moderation::decide`]'s.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use crate::{
    app::{App, Error, ErrorKind},
    model::{
        account::Role,
        comment::Status,
        id::{CommentId, SiteId},
    },
    service::{
        moderation::{
            decide::{self, Decision},
            vote_stuffing,
        },
        threads::read,
    },
    view::admin::moderation::queue::{self, DecisionNotice, QueuePage},
    web::{
        admin::{ModeratorSession, session::real_sites},
        http::{form::Form, request::Incoming, response},
    },
};

/// `GET /admin`: the first site's queue, or the place to register one.
pub(crate) async fn first(app: &App, signed: &ModeratorSession) -> Result<Response, Error> {
    let base_url = &app.base_url;
    match real_sites(app).await?.first() {
        Some(site) => Ok(response::see_other(&format!(
            "{base_url}/admin/{}/comments",
            site.name.as_str()
        ))),
        None if signed.account().role_on(None) == Role::Owner => {
            Ok(response::see_other(&format!("{base_url}/admin/sites")))
        }
        None => {
            let frame = signed.frame(app, None, "").await?;
            Ok(response::page(StatusCode::OK, &queue::no_site(&frame)))
        }
    }
}

/// The query of the queue: which part of it, and what was done just now.
#[derive(Deserialize)]
struct QueueQuery {
    status: Option<String>,
    before: Option<String>,
    id: Option<String>,
    now: Option<String>,
    was: Option<String>,
    version: Option<String>,
    undone: Option<String>,
    discarded: Option<String>,
    edited: Option<String>,
    erased: Option<String>,
    seen: Option<String>,
}

/// `GET /admin/{site}/comments?status=&before=`.
pub(crate) async fn show(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
) -> Result<Response, Error> {
    let site = read::site(app, name).await?;
    let query: QueueQuery = request.query()?;
    let status = match &query.status {
        None => Status::Held,
        Some(word) => Status::parse(word).ok_or(ErrorKind::BadQuery)?,
    };
    let before = query.before.as_deref().and_then(CommentId::parse);
    let found = crate::service::moderation::queue::page(app, site.id, status, before).await?;
    let mut parents = Vec::new();
    for parent in found.items.iter().filter_map(|item| item.comment.parent_id) {
        if let Ok(item) = crate::service::moderation::queue::item(app, site.id, parent).await {
            parents.push(item.comment);
        }
    }
    let done = done(app, &query, site.id).await?;
    let frame = signed.frame(app, Some(&site), "comments").await?;
    let page = QueuePage {
        frame: &frame,
        queue: &found,
        parents: &parents,
        done: done.as_ref(),
        first: before.is_none(),
    };
    Ok(response::page(StatusCode::OK, &queue::page(&page)))
}

/// What the address says of what was done just now.
async fn done(app: &App, query: &QueueQuery, site: SiteId) -> Result<Option<DecisionNotice>, Error> {
    let word = |text: &Option<String>| text.as_deref().and_then(Status::parse);
    let number = |text: &Option<String>| text.as_deref().and_then(|number| number.parse::<i64>().ok());
    let Some(id) = query.id.as_deref().and_then(CommentId::parse) else {
        return Ok(None);
    };
    Ok(
        match (word(&query.now), word(&query.was), number(&query.version)) {
            (Some(now), Some(was), Some(version)) => Some(DecisionNotice::Status {
                id,
                now,
                was,
                version,
                undone: query.undone.is_some(),
            }),
            _ if number(&query.discarded).is_some() => {
                number(&query.discarded).map(DecisionNotice::VotesDiscarded)
            }
            _ if query.edited.is_some() => Some(DecisionNotice::Edited),
            _ if query.erased.is_some() => Some(DecisionNotice::Erased),
            _ => match number(&query.seen) {
                None => None,
                // Removed with its site since: then there is nothing to say of it.
                Some(seen) => crate::service::moderation::queue::changed_since(app, site, id, seen)
                    .await
                    .ok()
                    .map(|since| {
                        if since.item.details.is_erased() {
                            DecisionNotice::Erased
                        } else {
                            DecisionNotice::Changed(Box::new(since))
                        }
                    }),
            },
        },
    )
}

/// The id of a comment in an address. Errors: `comment_not_found`.
pub(crate) fn comment_id(id: &str) -> Result<CommentId, Error> {
    CommentId::parse(id).ok_or_else(|| ErrorKind::CommentNotFound.into())
}

/// The version of the comment that a form was made from. Errors: `field_invalid`.
pub(crate) fn version(form: &Form) -> Result<i64, Error> {
    form.get("version")
        .parse()
        .map_err(|_| Error::of_field(ErrorKind::FieldInvalid, "version"))
}

/// `POST /admin/{site}/comments/{id}/status`: `to`, the `version` that was looked at, and the `tab` to come back to.
pub(crate) async fn decide(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site(app, request, name).await?;
    let id = comment_id(id)?;
    let status = |name: &'static str| {
        Status::parse(form.get(name)).ok_or(Error::of_field(ErrorKind::FieldInvalid, name))
    };
    let (to, tab, seen) = (status("to")?, status("tab")?, version(&form)?);
    let done = match decide::decide(app, &signed.actor(), site.id, id, to, seen).await? {
        Decision::Decided { was, version } => {
            let undone = if form.get("undo").is_empty() {
                ""
            } else {
                "&undone=1"
            };
            format!(
                "now={}&was={}&version={version}{undone}",
                to.as_str(),
                was.as_str()
            )
        }
        Decision::Changed => format!("seen={seen}"),
        Decision::Erased => "erased=1".to_owned(),
    };
    let (base, site, tab) = (&app.base_url, site.name.as_str(), tab.as_str());
    Ok(response::see_other(&format!(
        "{base}/admin/{site}/comments?status={tab}&id={id}&{done}"
    )))
}

/// `POST /admin/{site}/comments/{id}/votes`: discards those of a `network`, and comes back to the `tab`.
pub(crate) async fn discard_votes(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site(app, request, name).await?;
    let id = comment_id(id)?;
    let tab = Status::parse(form.get("tab")).ok_or(Error::of_field(ErrorKind::FieldInvalid, "tab"))?;
    let count = vote_stuffing::discard(app, &signed.actor(), site.id, id, form.get("network")).await?;
    let (base, site, tab) = (&app.base_url, site.name.as_str(), tab.as_str());
    Ok(response::see_other(&format!(
        "{base}/admin/{site}/comments?status={tab}&id={id}&discarded={count}"
    )))
}
