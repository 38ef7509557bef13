//! The queue: the comments of a site by status, and decisions on them ([`crate::service::moderation::decide`]).

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
        http::{form, request::Incoming, response},
    },
};

/// `GET /admin`: redirects to the queue of the first site, or to the registration of one.
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
            let frame = signed.frame_without_site(app, &sites, "");
            Ok(response::page(StatusCode::OK, &queue::no_site(&frame)))
        }
    }
}

/// The query of the queue: the part to show, and the notice about the last decision.
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
    let from_query = query_notice(&query);
    let seen = match from_query {
        Some(QueryNotice::Stale(id, version)) => Some((id, version)),
        _ => None,
    };
    let wanted = QueueQuery { status, before, seen };
    let (context, mut found) = service::page(app, name, wanted).await?;
    let notice = match from_query {
        Some(QueryNotice::Notice(notice)) => Some(notice),
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

/// The notice that the query describes.
enum QueryNotice {
    /// This notice.
    Notice(DecisionNotice),
    /// A notice about the difference to this version, which the moderator saw: the comment has another one.
    Stale(CommentId, i64),
}

/// The notice that a query describes; `None` without one.
fn query_notice(query: &PageQuery) -> Option<QueryNotice> {
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
            None => return number(&query.seen).map(|seen| QueryNotice::Stale(id, seen)),
        },
    };
    Some(QueryNotice::Notice(notice))
}

/// The id of a comment in a path. Errors: `comment_not_found`.
pub(crate) fn comment_id(id: &str) -> Result<CommentId, Error> {
    CommentId::parse(id).ok_or_else(|| ErrorKind::CommentNotFound.into())
}

/// The version of the comment that a form was made from. Errors: `field_invalid`.
pub(crate) fn version(text: &str) -> Result<i64, Error> {
    text.parse()
        .map_err(|_| Error::of_field(ErrorKind::FieldInvalid, "version"))
}

/// A status in a field of a form. Errors: `field_invalid`.
fn status(field: &'static str, text: &str) -> Result<Status, Error> {
    Status::parse(text).ok_or_else(|| Error::of_field(ErrorKind::FieldInvalid, field))
}

/// The form that decides on a comment.
#[derive(Deserialize)]
struct StatusForm {
    /// The new status.
    to: String,
    /// The tab of the queue to return to.
    tab: String,
    /// The version of the comment that the moderator saw.
    version: String,
    /// The form takes back an earlier decision.
    #[serde(deserialize_with = "form::is_filled")]
    undo: bool,
}

/// `POST /admin/{site}/comments/{id}/status`.
pub(crate) async fn decide(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site::<StatusForm>(app, request, name).await?;
    let id = comment_id(id)?;
    let (to, tab) = (status("to", &form.to)?, status("tab", &form.tab)?);
    let seen = version(&form.version)?;
    let done = match decide::decide(app, &signed.actor(), site.id, id, to, seen).await? {
        Decision::Decided { was, version } => {
            let undone = if form.undo { "&undone=1" } else { "" };
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

/// The form that discards the votes of one network for a comment.
#[derive(Deserialize)]
struct VotesForm {
    /// The keyed hash of the network.
    network: String,
    /// The tab of the queue to return to.
    tab: String,
}

/// `POST /admin/{site}/comments/{id}/votes`.
pub(crate) async fn discard_votes(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site::<VotesForm>(app, request, name).await?;
    let id = comment_id(id)?;
    let tab = status("tab", &form.tab)?;
    let count = vote_stuffing::discard(app, &signed.actor(), site.id, id, &form.network).await?;
    let (base, site, tab) = (&app.base_url, site.name.as_str(), tab.as_str());
    Ok(response::see_other(&format!(
        "{base}/admin/{site}/comments?status={tab}&id={id}&discarded={count}"
    )))
}
