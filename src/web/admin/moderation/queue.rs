//! The queue: looking at comments by status, and deciding. What a decision does is [`crate::service::moderation::decide`]'s.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use crate::{
    app::{App, Error, ErrorKind},
    model::{account::Role, comment::Status, id::CommentId},
    service::{
        moderation::{
            decide::{self, Decision},
            queue::{self as service, QueueQuery},
            vote_stuffing,
        },
        sites::context,
    },
    view::admin::moderation::queue::{self, DecisionNotice, QueuePage},
    web::{
        admin::ModeratorSession,
        http::{form::Form, request::Incoming, response},
    },
};

/// `GET /admin`: the first site's queue, or the place to register one.
pub(crate) async fn first(app: &App, signed: &ModeratorSession) -> Result<Response, Error> {
    let base_url = &app.base_url;
    let sites = context::registered(app).await?;
    match sites.first() {
        Some(site) => Ok(response::see_other(&format!(
            "{base_url}/admin/{}/comments",
            site.name.as_str()
        ))),
        None if signed.account().role_on(None) == Role::Owner => {
            Ok(response::see_other(&format!("{base_url}/admin/sites")))
        }
        None => {
            let frame = signed.frame_of_none(app, &sites, "");
            Ok(response::page(StatusCode::OK, &queue::no_site(&frame)))
        }
    }
}

/// The query of the queue: which part of it, and what was done just now.
#[derive(Deserialize)]
struct PageQuery {
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
    let query: PageQuery = request.query()?;
    let status = match &query.status {
        None => Status::Held,
        Some(word) => Status::parse(word).ok_or(ErrorKind::BadQuery)?,
    };
    let before = query.before.as_deref().and_then(CommentId::parse);
    let done = done(&query);
    let seen = match done {
        Some(Done::Stale(id, version)) => Some((id, version)),
        _ => None,
    };
    let wanted = QueueQuery { status, before, seen };
    let (context, mut found) = service::page(app, name, wanted).await?;
    let notice = match done {
        Some(Done::Notice(notice)) => Some(notice),
        _ => found.changed.take().map(|since| {
            if since.item.details.is_erased() {
                DecisionNotice::Erased
            } else {
                DecisionNotice::Changed(Box::new(since))
            }
        }),
    };
    let frame = signed.frame(app, &context, "comments");
    let page = QueuePage {
        frame: &frame,
        queue: &found,
        done: notice.as_ref(),
        first: before.is_none(),
    };
    Ok(response::page(StatusCode::OK, &queue::page(&page)))
}

/// What the address says of what was done just now.
enum Done {
    /// This.
    Notice(DecisionNotice),
    /// Nothing, since the comment has another version than this one, which was looked at.
    Stale(CommentId, i64),
}

fn done(query: &PageQuery) -> Option<Done> {
    let status = |text: &Option<String>| text.as_deref().and_then(Status::parse);
    let number = |text: &Option<String>| text.as_deref().and_then(|number| number.parse::<i64>().ok());
    let id = query.id.as_deref().and_then(CommentId::parse)?;
    let notice = match (status(&query.now), status(&query.was), number(&query.version)) {
        (Some(now), Some(was), Some(version)) => DecisionNotice::Status {
            id,
            now,
            was,
            version,
            undone: query.undone.is_some(),
        },
        _ => match number(&query.discarded) {
            Some(count) => DecisionNotice::VotesDiscarded(count),
            None if query.edited.is_some() => DecisionNotice::Edited,
            None if query.erased.is_some() => DecisionNotice::Erased,
            None => return number(&query.seen).map(|seen| Done::Stale(id, seen)),
        },
    };
    Some(Done::Notice(notice))
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
