//! The page on which a moderator edits a comment.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use super::queue::{comment_id, version};
use crate::{
    app::{App, Error},
    service::{
        comments::input::CommentInput,
        moderation::{
            edit::EditOutcome,
            queue::{self, ChangedSince, QueueItem},
        },
        sites::context,
    },
    view::admin::moderation::edit::{self, EditPage},
    web::{
        admin::ModeratorSession,
        http::{request::Incoming, response},
    },
};

/// `GET /admin/{site}/comments/{id}/edit`.
pub(crate) async fn page(
    app: &App,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (context, item) = queue::item_page(app, name, comment_id(id)?).await?;
    let frame = signed.frame(app, &context, "comments");
    if item.details.is_erased() {
        return Ok(response::page(StatusCode::OK, &edit::erased(&frame)));
    }
    let raw = CommentInput {
        name: item.comment.author.name.clone(),
        email: String::new(),
        website: item.comment.author.website.clone(),
        text: item.details.source.clone(),
        format: Some(item.details.format),
    };
    let view = EditPage {
        frame: &frame,
        item: &item,
        raw: &raw,
        error: None,
        since: None,
    };
    Ok(response::page(StatusCode::OK, &edit::page(&view)))
}

/// The form that edits a comment.
#[derive(Deserialize)]
struct EditForm {
    text: String,
    name: String,
    website: String,
    /// The version of the comment that the form was made from.
    version: String,
}

/// `POST /admin/{site}/comments/{id}/edit`.
pub(crate) async fn save(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
    name: &str,
    id: &str,
) -> Result<Response, Error> {
    let (form, site) = signed.form_of_site::<EditForm>(app, request, name).await?;
    let id = comment_id(id)?;
    let plain = |text: &str| text.replace("\r\n", "\n");
    let raw = CommentInput {
        name: plain(&form.name),
        email: String::new(),
        website: plain(&form.website),
        text: plain(&form.text),
        format: None,
    };
    let seen = version(&form.version)?;
    let (item, error, since): (QueueItem, Option<Error>, Option<ChangedSince>) =
        match crate::service::moderation::edit::edit(app, &signed.actor(), site.id, id, seen, raw.clone())
            .await
        {
            Ok(EditOutcome::Saved(status)) => {
                let back = format!(
                    "{}/admin/{}/comments?status={}",
                    app.base_url,
                    site.name.as_str(),
                    status.as_str()
                );
                return Ok(response::see_other(&format!("{back}&id={id}&edited=1#item-{id}")));
            }
            Ok(EditOutcome::Erased) => {
                let frame = signed.frame(app, &context::of(app, name).await?, "comments");
                return Ok(response::page(StatusCode::CONFLICT, &edit::erased(&frame)));
            }
            Ok(EditOutcome::Changed) => {
                let since = queue::changed_since(app, site.id, id, seen).await?;
                (since.item.clone(), None, Some(since))
            }
            Err(error) => {
                let mut item = queue::item(app, site.id, id).await?;
                // The form stays bound to the version that the moderator saw, not to a later one.
                item.comment.version = seen;
                (item, Some(error), None)
            }
        };
    let frame = signed.frame(app, &context::of(app, name).await?, "comments");
    let view = EditPage {
        frame: &frame,
        item: &item,
        raw: &raw,
        error: error.as_ref(),
        since: since.as_ref(),
    };
    let page = edit::page(&view);
    Ok(match &error {
        Some(error) => response::form_again(error, response::page(StatusCode::OK, &page)),
        None => response::page(StatusCode::CONFLICT, &page),
    })
}
